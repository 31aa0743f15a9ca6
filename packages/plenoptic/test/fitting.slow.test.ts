// What does not fit into memory, on images so large that they take long to make: fitting.test.ts has the others.

import { setSeed } from "@plenoptic-js/tensor";
import { describe, expect, it } from "vitest";
import * as po from "../src/index.ts";
import { image, refusal } from "./refusal.ts";

describe("what does not fit", () => {
  // Arrays of bands from 128 MiB on are computed again rather than kept: with what the optimizer remembers, the program of a quarter of
  // 3136 x 3136 pixels takes 1.81 GiB where 32 MiB are the limit, and gives the same bits.
  it.each([
    [
      3136,
      /needs 6\.0\d GiB of memory, and WebAssembly has at most 4 GiB\. What would do: float32 .* image, of about \d+ x \d+ pixels\.$/,
    ],
    [
      3584,
      /needs 7\.9\d GiB of memory, and WebAssembly has at most 4 GiB\. What would do: a smaller image, of about \d+ x \d+ pixels\.$/,
    ],
  ])(
    "is refused for a texture of side %d before its tables are made, without what would not help",
    async (side, words) => {
      const x = image(side);
      const message = await refusal(x, async () => {
        const model = new po.models.PortillaSimoncelli([side, side]);
        await new po.Metamer(x, model).setup();
      });
      expect(message).toMatch(words);
      expect(message).not.toMatch(/batch/);
    },
  );

  it("is refused with a smaller batch where there is one", async () => {
    const x = image(512, "float32", 64);
    const message = await refusal(x, async () => {
      const model = new po.models.PortillaSimoncelli([512, 512]);
      await new po.Metamer(x, model).setup();
    });
    expect(message).toMatch(/What would do: a batch of \d+ instead of 64 images; or a smaller image/);
    expect(message).not.toMatch(/float32/);
  });

  it("is refused in a competition before its random images are drawn", async () => {
    const x = image(4096);
    setSeed(3);
    const state = po.defaultGenerator().getState().join();
    const message = await refusal(
      x,
      () => new po.MADCompetition(x, po.metric.oneMinusSsim, po.metric.mse, "min", { constrained: true }),
    );
    expect(message).toMatch(/float32 instead of float64; or a smaller image/);
    expect(po.defaultGenerator().getState().join()).toBe(state);
  });

  it("is refused by eigendistortions, with the Jacobian or without", async () => {
    const x = image(2048);
    const model = new po.models.PortillaSimoncelli([2048, 2048]);
    expect(await refusal(x, () => new po.Eigendistortion(x, model).synthesize())).toMatch(/a smaller image/);
  });
});
