// The interpreter and the compiled program agree bit for bit on random graphs, on one thread and on two: many more graphs than
// in agreement.test.ts, and other ones.

import { describe, it } from "vitest";
import { checkAgreement } from "./agreement.ts";

const FIRST = 1_000_000;
const GRAPHS = 20_000;
const BATCH = 500;

describe("interpreter = compiled program, bit for bit", () => {
  for (let start = FIRST; start < FIRST + GRAPHS; start += BATCH) {
    it(`on random graphs ${start} to ${start + BATCH - 1}`, () => checkAgreement(start, BATCH));
  }
});
