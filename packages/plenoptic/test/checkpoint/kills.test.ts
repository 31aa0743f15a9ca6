// A process that is killed at each stage of writing, or between: the next one goes on to the bits of a run that nobody killed. Fifty kills
// at drawn times are in kills.slow.test.ts.

import { describe, expect, test } from "vitest";
import { killAndGoOn } from "./killing.ts";
import { STAGES } from "./scenario.ts";

describe.skipIf(process.platform === "win32")("a process that is killed", () => {
  const scenario = { method: "Metamer", optimizer: "LBFGS", steps: 9, every: 2 };

  // Of the second file: the first one is there, and must stay.
  test.each(STAGES)(
    "%s of a checkpoint: the file is the one before, or the new one, and the run goes on",
    async (stage) => {
      expect(await killAndGoOn(scenario, [{ dies: { stage, file: 2 } }])).toEqual([stage === "after rename" ? 4 : 2]);
    },
  );

  test("before there is a checkpoint, and between two of them, once in each process", async () => {
    const mad = { method: "MADCompetition, constrained", optimizer: null, steps: 12, every: 3 };
    expect(await killAndGoOn(mad, [{ after: 2 }, { after: 7 }])).toEqual([0, 6]);
  });
});
