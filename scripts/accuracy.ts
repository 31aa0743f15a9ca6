// Measures how exact the elementary functions are: node --import tsx scripts/accuracy.ts [samples] [function ...]
//
// Prints, for every function and precision, the largest error found in units of the last place, and where.

import { SUBJECTS } from "@plenoptic-js/proof/accuracy/functions";
import { measure } from "@plenoptic-js/proof/accuracy/measure";

const [samples = "20000", ...names] = process.argv.slice(2);
const count = Number(samples);
if (!(Number.isInteger(count) && count > 0)) {
  throw new RangeError(`the number of samples is ${samples}; it must be a whole number above 0`);
}
const unknown = names.filter((name) => !SUBJECTS.some((s) => s.name === name));
if (unknown.length > 0) {
  throw new RangeError(`no function ${unknown.join(", ")}; choose from ${SUBJECTS.map((s) => s.name).join(", ")}`);
}

let failures = 0;
for (const subject of SUBJECTS) {
  if (names.length > 0 && !names.includes(subject.name)) continue;
  for (const type of ["f64", "f32"] as const) {
    const { worst, args, result, exact } = measure(subject, type, count);
    const bound = subject.bound[type];
    if (!(worst <= bound)) failures++;
    const verdict = worst <= bound ? "" : "  TOO MUCH";
    console.log(
      `${subject.name.padEnd(8)} ${type}  ${worst.toFixed(4)} ulp (promised ${bound})${verdict}` +
        `  at ${args.join(", ")}: ${result}, exactly ${exact}`,
    );
  }
}
if (failures > 0) process.exitCode = 1;
