// `npm run fuzz -- --reader NAME --count N --seed S`: damaged inputs of one reader, or of all, as in the tests, and how far they came.
// `npm run fuzz -- --reader NAME --seed S --write INDEX FILE` writes one of them, to look at.

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { fuzz } from "@plenoptic-js/proof/fuzz/campaign";
import { damagedInput } from "@plenoptic-js/proof/fuzz/inputs";
import { readers } from "@plenoptic-js/proof/fuzz/readers/index";
import { problemsOf, tableOf } from "@plenoptic-js/proof/fuzz/report";

const { values, positionals } = parseArgs({
  options: {
    reader: { type: "string" },
    count: { type: "string" },
    seed: { type: "string", default: "1" },
    write: { type: "string" },
  },
  allowPositionals: true,
});
const seed = Number(values.seed);
const chosen = readers.filter(({ name }) => values.reader === undefined || values.reader === name);
if (chosen.length === 0 || !Number.isInteger(seed) || !Number.isInteger(Number(values.count ?? 0))) {
  console.error(
    `usage: npm run fuzz -- [--reader NAME] [--count N] [--seed S]; readers: ${readers.map(({ name }) => name).join(", ")}`,
  );
  process.exit(1);
}

if (values.write !== undefined) {
  const [reader] = chosen;
  const { bytes, where } = damagedInput(reader, reader.files(), seed, Number(values.write));
  writeFileSync(positionals[0], bytes);
  console.log(`${positionals[0]}: input ${values.write} of ${reader.name}, ${bytes.length} bytes, damaged ${where}`);
} else {
  for (const reader of chosen) {
    const result = await fuzz([{ reader: reader.name, seed, from: 0, to: Number(values.count ?? reader.count) }]);
    console.log(tableOf(result));
    for (const problem of problemsOf(result)) {
      console.log(`FOUND ${problem}`);
      process.exitCode = 1;
    }
  }
}
