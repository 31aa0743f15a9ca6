// Files that hold their model: every later release opens them, and goes on to the bits that were right then. storedFiles.browser.test.ts
// does the same in a page. `UPDATE_OWN_FILES=1` writes those that are missing.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { type KnownOfFile, knownOf, STORED_FILES } from "./storedFiles.ts";

const folder = fileURLToPath(new URL("../data/withModel/", import.meta.url));
const expectedPath = `${folder}expected.json`;
const expectedOf = (): Record<string, KnownOfFile> =>
  existsSync(expectedPath) ? (JSON.parse(readFileSync(expectedPath, "utf8")) as Record<string, KnownOfFile>) : {};

/** What made the files. No test calls it: they are read without it. */
async function made(name: string): Promise<Uint8Array> {
  const side = 16;
  const values = Float64Array.from({ length: side * side }, (_, i) => ((i * 7919) % 251) / 250);
  const image = po.tensor(values, { shape: [1, 1, side, side], dtype: "float64" });
  const taps = po.tensor([0.25, 0.5, 0.25], { dtype: "float64" });
  const mask = image.mul(7).sin().cast("complex128").detach();
  const model = po.model("bands", (x) => {
    const bands = po.ifft2(po.fft2(x.cast("complex128")).mul(mask)).abs();
    return po.concat([po.correlateSeparable(x, taps, taps).square().reshape([-1]), bands.reshape([-1])], 0);
  });
  const lossFunction = (x: po.Tensor, y: po.Tensor): po.Tensor => x.sub(y).square().add(0.01).sqrt().sum();
  const penaltyFunction = (x: po.Tensor): po.Tensor => x.sub(0.5).square().max();
  const options = { lossFunction, penaltyFunction, penaltyLambda: 0.3 };
  po.setSeed(1);
  const keep = { withModel: true };
  if (name === "eigendistortion") return new po.Eigendistortion(image, model).toBytes(keep);
  const scaled = {
    name: "blocks",
    scales: ["lo", "hi"],
    forward(x: po.Tensor, { scales = null }: { readonly scales?: readonly string[] | null } = {}): po.Tensor {
      const parts = [po.avgPool2d(x, 4).reshape([-1]), x.square().reshape([-1])];
      return po.concat(
        parts.filter((_, i) => scales === null || scales.includes(this.scales[i])),
        0,
      );
    },
  };
  const object =
    name === "metamer"
      ? new po.Metamer(image, model, options)
      : name === "ctf"
        ? new po.MetamerCTF(image, scaled, options)
        : new po.MADCompetition(
            image,
            (x, y) => lossFunction(x, y).sub(lossFunction(x, x)),
            po.metric.oneMinusSsim,
            "min",
            {
              metricTradeoffLambda: 3,
              penaltyFunction,
            },
          );
  const ctf = name === "ctf" ? { changeScaleCriterion: null, ctfItersToCheck: 2 } : {};
  await object.synthesize({ maxIter: 3, stopCriterion: null, ...ctf });
  return object.toBytes(keep);
}

if (process.env.UPDATE_OWN_FILES === "1") {
  mkdirSync(folder, { recursive: true });
  const expected = expectedOf();
  for (const name of STORED_FILES) {
    const path = `${folder}${name}.pt`;
    if (existsSync(path)) continue;
    writeFileSync(path, await made(name));
    expected[name] = await knownOf(name, readFileSync(path));
  }
  writeFileSync(expectedPath, `${JSON.stringify(expected, null, 2)}\n`);
}

test.each(STORED_FILES)("%s", async (name) => {
  const known = await knownOf(name, readFileSync(`${folder}${name}.pt`));
  expect(known).toEqual(expectedOf()[name]);
  expect(known.verified).toMatch(/^identical: /);
});
