// What saving holds beside the synthesis itself, counted in arrays of the image's size, with all garbage collected, at every piece that is
// written. What an optimizer remembers can be hundreds of such arrays.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "saving-"));
afterAll(() => rmSync(folder, { recursive: true }));

const SIDE = 384;
setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;
const arrays = (): number => {
  // The first frees arrays beside what goes on, the second waits for that.
  gc();
  gc();
  return process.memoryUsage().arrayBuffers / (8 * SIDE * SIDE);
};

const image = po.tensor(
  Float64Array.from({ length: SIDE * SIDE }, (_, i) => ((i * 7919) % 251) / 250),
  { shape: [1, 1, SIDE, SIDE], dtype: "float64" },
);

async function most(
  synthesis: po.Metamer | po.MADCompetition,
): Promise<{ readonly held: number; readonly written: number }> {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { open } = fs;
  const seen: number[] = [];
  let written = 0;
  // No mocks of vitest: they keep what they are given.
  const counting = async (...args: Parameters<typeof open>): ReturnType<typeof open> => {
    const handle = await open(...args);
    const { writeFile } = handle;
    const counted = async (piece: Uint8Array): Promise<void> => {
      written += piece.length;
      if (piece.length > 1e5) seen.push(arrays());
      await writeFile.call(handle, piece);
    };
    return Object.assign(handle, { writeFile: counted });
  };
  const before = arrays();
  Object.assign(fs, { open: counting });
  try {
    await synthesis.save(join(folder, "m.pt"));
  } finally {
    Object.assign(fs, { open });
  }
  return { held: Math.max(...seen) - before, written: written / (8 * SIDE * SIDE) };
}

test("L-BFGS: the image, and one array of what it remembers", async () => {
  po.setSeed(0);
  // Another objective than a parabola: it would be done at once.
  const lossFunction = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).square().square().sum();
  const metamer = new po.Metamer(image, new po.models.Identity(), { lossFunction });
  const never = { toleranceChange: 0, toleranceGrad: 0 };
  await metamer.setup({ optimizer: po.optim.LBFGS({ maxIter: 4, historySize: 20, lr: 0.1, ...never }) });
  await metamer.synthesize({ maxIter: 7, stopCriterion: 0 });
  const { held, written } = await most(metamer);
  // Pairs, the last move, the image, its target, and both of them as a model sees them.
  expect(written).toBeGreaterThan(2 * 20 + 4);
  expect(held).toBeGreaterThan(0.9);
  expect(held).toBeLessThan(2.5);
});

test("the constrained competition: the image, and one array of what it remembers", async () => {
  po.setSeed(0);
  const mad = new po.MADCompetition(image, po.metric.mse, po.metric.oneMinusSsim, "max", { constrained: true });
  await mad.synthesize({ maxIter: 6 });
  const { held, written } = await most(mad);
  expect(written).toBeGreaterThan(2 * 5 + 4);
  expect(held).toBeLessThan(2.5);
});
