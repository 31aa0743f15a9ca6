// `npm run bench:eigendistortions`: whole searches for eigendistortions at a photograph of 256 x 256 pixels, in float64 on one
// thread, beside the time that each may take. Each runs once: they take long. Option: --only TEXT.

import { parseArgs } from "node:util";
import * as po from "plenoptic-js";

interface Search {
  readonly name: string;
  readonly make: () => po.Model;
  /** Seconds on one core that it may take. */
  readonly bar: number;
}

const front = { pretrained: true };
const searches: readonly Search[] = [
  { name: "OnOff", make: () => new po.models.OnOff([31, 31], front), bar: 40 },
  // Their smallest eigenvalues lie without a gap: these may say what they could not resolve.
  { name: "LuminanceGainControl", make: () => new po.models.LuminanceGainControl([31, 31], front), bar: 60 },
  {
    name: "LuminanceContrastGainControl",
    make: () => new po.models.LuminanceContrastGainControl([31, 31], front),
    bar: 60,
  },
];

const { values } = parseArgs({ options: { only: { type: "string", default: "" } } });
const image = (await po.data.sheep({ dtype: "float64" })).slice(2, 0, 256).slice(3, 0, 256).detach();
for (const { name, make, bar } of searches.filter((search) => search.name.includes(values.only))) {
  po.setSeed(0);
  const eig = new po.Eigendistortion(image, make());
  const start = performance.now();
  const cpu = process.cpuUsage();
  const { products, words, eigenvalues, residuals } = await eig.synthesize({ k: 3 });
  const { user, system } = process.cpuUsage(cpu);
  const seconds = (performance.now() - start) / 1000;
  console.log(
    `${name}: ${seconds.toFixed(1)} s, of which the processor ${((user + system) / 1e6).toFixed(1)} s; at most ${bar} s. ` +
      `${products} products.`,
  );
  const share = (x: number): string => (x / eigenvalues[0]).toPrecision(4);
  console.log(`  eigenvalues, of the largest ${eigenvalues[0]}: ${Array.from(eigenvalues, share).join(" ")}`);
  console.log(`  residuals: ${Array.from(residuals, share).join(" ")}`);
  console.log(`  ${words.replaceAll("\n", "\n  ")}`);
}
