// The card of `Identity`.

import type { ModelCard } from "../card.ts";
import { Identity } from "./identity.ts";

export const identityCard: ModelCard<never, Identity> = {
  name: "identity",
  class: Identity,
  className: "Identity",
  pythonName: "plenoptic.models.naive.Identity",
  summary: "sees every pixel as it is, so that only the image itself is a metamer",
  options: {},
  leastSide: () => 1,
  remake: () => new Identity(),
  create: () => new Identity(),
};
