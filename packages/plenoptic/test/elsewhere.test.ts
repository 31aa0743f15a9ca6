// Names of Python's plenoptic that do not exist here say what to use instead.

import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import * as po from "../src/index.ts";

describe("a name that does not exist here", () => {
  const call = (f: unknown): unknown => (f as () => unknown)();
  test.each<[string, () => unknown, RegExp]>([
    ["removeGrad", () => call(po.removeGrad), /no learnable parameters/],
    ["toNumpy", () => call(po.toNumpy), /await x\.data\(\)/],
    ["imshow", () => call(po.imshow), /po\.plot\.imshow/],
    ["data.einstein", () => call(po.data.einstein), /po\.data\.house\(\).*loadImages reads your own copy of einstein/],
    ["data.fetchData", () => call(po.data.fetchData), /nothing is downloaded/],
    ["simul.Gaussian", () => po.simul.Gaussian, /simul\.Gaussian is a name of plenoptic 1: models are in po\.models/],
    ["synth.Metamer", () => po.synth.Metamer, /po\.Metamer/],
    ["tools.set_seed", () => po.tools.set_seed, /setSeed and loadImages are in po itself/],
  ])("%s says what to use", (_, use, message) => {
    expect(use).toThrow(TypeError);
    expect(use).toThrow(message);
  });

  test("does not get in the way of printing", () => {
    expect(() => inspect(po.simul)).not.toThrow();
    expect(() => JSON.stringify(po.simul)).not.toThrow();
  });
});
