// All models, in the order in which they are listed: the one line that each adds outside of its folder, besides its export.

import type { ModelCard } from "./card.ts";
import { centerSurroundCard } from "./centerSurround/card.ts";
import {
  linearNonlinearCard,
  luminanceContrastGainControlCard,
  luminanceGainControlCard,
  onOffCard,
} from "./frontEnd/cards.ts";
import { gaussianCard } from "./gaussian/card.ts";
import { identityCard } from "./identity/card.ts";
import { linearCard } from "./linear/card.ts";
import { portillaSimoncelliCard } from "./portillaSimoncelli/card.ts";

export const modelCards: readonly ModelCard[] = [
  gaussianCard,
  linearCard,
  centerSurroundCard,
  linearNonlinearCard,
  luminanceGainControlCard,
  luminanceContrastGainControlCard,
  onOffCard,
  portillaSimoncelliCard,
  identityCard,
];
