// The interpreter and the compiled program agree bit for bit on random graphs, on one thread and on two.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { watchCompilations } from "../../src/compile/counts.ts";
import { setDear } from "../../src/compile/fuse.ts";
import { checkAgreement } from "./agreement.ts";

const GRAPHS = 2000;
const BATCH = 250;

/** Plans in which one image after the other goes through the steps. */
let loops = 0;

beforeAll(() => {
  watchCompilations(({ plans }) => {
    loops += plans.filter((plan) => plan.loops.some((loop) => loop !== undefined)).length;
  });
});

afterAll(() => watchCompilations());

describe("interpreter = compiled program, bit for bit", () => {
  for (let start = 0; start < GRAPHS; start += BATCH) {
    it(`on random graphs ${start} to ${start + BATCH - 1}`, () => checkAgreement(start, BATCH));
  }

  it.each([2, 3, 4])("on random graphs that work on batches of %d images", async (images) => {
    const before = loops;
    await checkAgreement(GRAPHS + images * BATCH, BATCH, images);
    expect(loops - before).toBeGreaterThan(BATCH);
  });

  it("on random graphs in which every result counts as very large", async () => {
    setDear(0);
    try {
      await checkAgreement(GRAPHS, BATCH);
    } finally {
      setDear();
    }
  });
});
