// All metrics that have a card, in the order in which they are listed: the one line that each adds outside of its folder, besides
// its export.

import type { MetricCard } from "./card.ts";
import { mseCard } from "./mse/card.ts";
import { msSsimCard } from "./msSsim/card.ts";
import { nlpdCard } from "./nlpd/card.ts";
import { ssimCard } from "./ssim/card.ts";

export const metricCards: readonly MetricCard[] = [mseCard, ssimCard, msSsimCard, nlpdCard];
