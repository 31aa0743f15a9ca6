// The interpreter and the compiled program agree bit for bit on random graphs, on one thread and on two.

import { describe, it } from "vitest";
import { setDear } from "../../src/compile/fuse.ts";
import { checkAgreement } from "./agreement.ts";

const GRAPHS = 2000;
const BATCH = 250;

describe("interpreter = compiled program, bit for bit", () => {
  for (let start = 0; start < GRAPHS; start += BATCH) {
    it(`on random graphs ${start} to ${start + BATCH - 1}`, () => checkAgreement(start, BATCH));
  }

  it("on random graphs in which every result counts as very large", async () => {
    setDear(0);
    try {
      await checkAgreement(GRAPHS, BATCH);
    } finally {
      setDear();
    }
  });
});
