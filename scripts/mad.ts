// `npm run mad [-- SIDE [ITERATIONS]]`: compares the two ways to a MAD competition, as a table for docs/mad.md. SIDE is that of the
// squares cut from the photographs, 256 by default: the whole. ITERATIONS are those of the weighted way, 400 by default.

import { advantage, contests } from "./mad/contests.ts";

const [sideText = "256", iterationsText = "400"] = process.argv.slice(2);
const side = Number(sideText);
const weightedIterations = Number(iterationsText);
if (!(Number.isInteger(side) && side >= 16 && side <= 256)) {
  throw new RangeError(`the side is ${sideText}; it must be a whole number from 16 to 256`);
}

if (!(Number.isInteger(weightedIterations) && weightedIterations > 0)) {
  throw new RangeError(`the number of iterations is ${iterationsText}; it must be a whole number above 0`);
}

console.log("| photograph | direction | start | weighted | constrained | better by | steps | largest change |");
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
let [all, better, worse, skipped] = [0, 0, 0, 0];
for await (const contest of contests({ side, weightedIterations, constrainedSteps: 400 })) {
  const { photograph, direction, start, weighted, constrained, steps, largestChange, ending } = contest;
  const gain = advantage(contest);
  all++;
  if (gain === null) skipped++;
  else if (gain > 0) better++;
  if (gain !== null && gain < -0.01) worse++;
  const cells = [
    photograph,
    direction.name,
    start.toPrecision(4),
    weighted === null ? "none" : weighted.toPrecision(6),
    constrained.toPrecision(6),
    gain === null ? "" : `${Number((100 * gain).toPrecision(2))} %`,
    `${steps}, ${ending}`,
    largestChange.toExponential(0),
  ];
  console.log(`| ${cells.join(" | ")} |`);
}
console.log(`\nbetter in ${better} of ${all}, worse by more than 1 % in ${worse}, not comparable in ${skipped}`);
