// An image that a step was marked by is not held: only who asks for the metamer holds it.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { setSeed, setThreads } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import { expect, test } from "vitest";

const SIDE = 1024;

test.each([
  ["Adam", po.optim.Adam()],
  ["L-BFGS", po.optim.LBFGS({ maxIter: 1, historySize: 1 })],
])("%s", async (_, optimizer) => {
  setFlagsFromString("--expose-gc");
  const gc = runInNewContext("gc") as () => void;
  const arrays = async (): Promise<number> => {
    for (let i = 0; i < 3; i++) {
      gc();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return process.memoryUsage().arrayBuffers / (8 * SIDE * SIDE);
  };
  setThreads(1);
  setSeed(0);
  const image = po.ones([1, 1, SIDE, SIDE], { dtype: "float64" }).mul(0.5);
  const metamer = new po.Metamer(image, (x) => x.square());
  await metamer.setup({ optimizer });
  await metamer.synthesize({ maxIter: 1, stopCriterion: 0 });
  const before = await arrays();
  const held = metamer.metamer;
  expect((await arrays()) - before).toBeCloseTo(1, 1);
  expect(metamer.metamer).toBe(held);
});
