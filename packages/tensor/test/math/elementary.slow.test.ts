// The elementary functions at full size: what elementary.test.ts measures on a sample, on as many arguments as
// scripts/accuracy.ts takes, and with other draws.

import { SUBJECTS } from "@plenoptic-js/proof/accuracy/functions";
import { measure } from "@plenoptic-js/proof/accuracy/measure";
import { describe, expect, test } from "vitest";

const ARGUMENTS = 20_000;
const CASES = SUBJECTS.flatMap((subject) =>
  (["f64", "f32"] as const).map((type) => ({ subject, type, name: subject.name, bound: subject.bound[type] })),
);

describe.each([1, 2])("draw %i", (seed) => {
  test.each(CASES)("$name $type is within $bound ulp of the exact value", ({ subject, type, name, bound }) => {
    const { worst, args, result, exact } = measure(subject, type, ARGUMENTS, seed);
    console.log(`${name} ${type}: ${worst.toFixed(4)} ulp, at ${args.join(", ")}`);
    expect(worst, `at ${args}: ${result}, exactly ${exact}`).toBeLessThanOrEqual(bound);
    expect(worst).toBeGreaterThan(0.3);
  });
});
