// `npm run pictures`: makes the pictures of the README and the guides anew.

import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { roundAndClip, writeFileAtomic, writePng } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";

const FOLDER = fileURLToPath(new URL("../docs/images/", import.meta.url));
const GAP = 8;

/** Images of one size side by side, on white. */
async function row(name: string, images: readonly po.Tensor[]): Promise<void> {
  const [height, width] = images[0].shape.slice(-2);
  const whole = images.length * (width + GAP) - GAP;
  const data = new Uint8Array(height * whole).fill(255);
  for (const [i, image] of images.entries()) {
    const pixels = roundAndClip(await image.data(), 255).data;
    for (let y = 0; y < height; y++) {
      data.set(pixels.subarray(y * width, (y + 1) * width), y * whole + i * (width + GAP));
    }
  }
  await writeFileAtomic(FOLDER + name, writePng({ width: whole, height, channels: 1, maxValue: 255, data }));
  console.log(`docs/images/${name}`);
}

mkdirSync(FOLDER, { recursive: true });

// A photograph, its metamer under a Gaussian model, and what that model sees of the two.
po.setSeed(0);
const house = await po.data.house({ dtype: "float64" });
const gaussian = new po.models.Gaussian(31, { std: 3 });
const metamer = new po.Metamer(house, gaussian);
await metamer.synthesize({ maxIter: 600, stopCriterion: 0 });
await row("metamer.png", [house, metamer.metamer, gaussian.forward(house), gaussian.forward(metamer.metamer)]);

// Two textures, each beside its metamer under the model of Portilla and Simoncelli.
const textures: po.Tensor[] = [];
for (const texture of [po.data.gravel, po.data.grass]) {
  po.setSeed(0);
  const target = await texture({ dtype: "float64" });
  const synthesis = await po.presets.texture(target);
  await synthesis.synthesize({ maxIter: 100, stopCriterion: 0 });
  textures.push(target, synthesis.metamer);
}
await row("textures.png", textures);
