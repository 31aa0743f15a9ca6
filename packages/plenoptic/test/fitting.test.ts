// What does not fit into memory is refused by its plan: nothing is compiled, drawn or made for it, and the advice fits the case.

import { MemoryError, optim, setSeed, type Tensor, tensor, zeros } from "@plenoptic-js/tensor";
import { deferred, madeSoFar } from "@plenoptic-js/tensor/engine";
import { describe, expect, it } from "vitest";
import * as po from "../src/index.ts";
import { refuseTooLargeDescent } from "../src/synthesis/mad/fits.ts";
import { image, refusal } from "./refusal.ts";

const gaussian = new po.models.Gaussian(5, { std: 1 });

describe("what does not fit", () => {
  it("is not what an optimizer remembers: that goes where there is room", async () => {
    const synthesis = new po.Metamer(image(1024), gaussian);
    await synthesis.setup({ optimizer: optim.LBFGS({ historySize: 400 }) });
    await synthesis.synthesize({ maxIter: 1 });
    expect(synthesis.losses.at(-1)).toBeLessThan(synthesis.losses[0]);
  });

  it("is refused for a texture before its start is drawn", async () => {
    const x = image(4096);
    setSeed(3);
    const state = po.defaultGenerator().getState().join();
    let drawn = "";
    const message = await refusal(x, async () => {
      const made = po.presets.texture(x);
      drawn = po.defaultGenerator().getState().join();
      await made;
    });
    expect(message).toMatch(/needs 1\d\.\d\d GiB .* What would do: a smaller image/);
    expect(drawn).toBe(state);
  });

  it("is refused by exact eigendistortions", async () => {
    const x = image(2048);
    const exact = new po.Eigendistortion(x, gaussian);
    const before = madeSoFar().programs;
    await expect(exact.synthesize({ method: "exact" })).rejects.toThrow(/the Jacobian of 4194304 outputs/);
    expect(madeSoFar().programs).toBe(before);
  });

  it("is refused by shape before its pixels are made, looked at or traced", async () => {
    const unseen = (side: number): Tensor<"float64"> =>
      deferred<"float64">(
        () => {
          throw new Error("pixels were asked for");
        },
        { shape: [1, 1, side, side], dtype: "float64" },
      );
    const model = new po.models.OnOff([31, 31]);
    setSeed(3);
    const state = po.defaultGenerator().getState().join();
    const untraced = (): Tensor => {
      throw new Error("the model was traced");
    };
    const methods: readonly ((x: Tensor, f: () => Tensor) => unknown)[] = [
      (x, f) => new po.Metamer(x, f),
      (x, f) => new po.Eigendistortion(x, f),
      (x, f) => new po.MADCompetition(x, f, f, "min"),
      (x, f) => po.MADCompetition.all(x, f, f),
    ];
    for (const make of methods) {
      const x = unseen(20000);
      expect(await refusal(x, () => make(x, untraced))).toMatch(
        /^an image of \[1, 1, 20000, 20000\] in float64 is too large: .* takes 8\.94 GiB at least.* about 8\d\d\d x 8\d\d\d pixels/,
      );
    }
    // What shapes alone do not tell, the traced graph does.
    const x = unseen(7000);
    expect(await refusal(x, () => new po.Metamer(x, model))).toMatch(/^the program needs/);
    const { oneMinusSsim, mse } = po.metric;
    expect(await refusal(x, () => new po.MADCompetition(x, oneMinusSsim, mse, "min"))).toMatch(/^the program needs/);
    // Held exactly, it takes more: what the metrics alone would take fits here.
    const held = { constrained: true };
    const large = unseen(4096);
    expect(await refusal(large, () => new po.MADCompetition(large, oneMinusSsim, mse, "min", held))).toMatch(
      /^the program needs 7\.\d\d GiB .*float32 instead of float64; or a smaller image/,
    );
    expect(await refusal(large, () => po.MADCompetition.all(large, oneMinusSsim, mse))).toMatch(/^the program needs 7/);
    // Weighed, what the default optimizer remembers is too much; another may remember nothing.
    const middling = unseen(5900);
    expect(
      await refusal(middling, () => po.MADCompetition.all(middling, oneMinusSsim, mse, { metricTradeoffLambda: 1 })),
    ).toMatch(/^the program needs 4\.\d\d GiB .*float32 instead of float64; or a smaller image/);
    const metrics = [oneMinusSsim, mse] as const;
    expect(() => refuseTooLargeDescent(middling, metrics, po.optim.SGD({ lr: 1 }))).not.toThrow();
    expect(() => refuseTooLargeDescent(middling, metrics, po.optim.Adam({ lr: 1 }))).toThrow(MemoryError);
    expect(po.defaultGenerator().getState().join()).toBe(state);
  });

  it("is refused by krylov before it draws vectors that cannot be held", async () => {
    const x = deferred<"float64">(() => new Float64Array(5000 * 5000), { shape: [1, 1, 5000, 5000], dtype: "float64" });
    const synthesis = new po.Eigendistortion(x, (y) => y.square());
    const state = po.defaultGenerator().getState().join();
    await expect(synthesis.synthesize({ k: 8 })).rejects.toThrow(
      /krylov" needs 11\.\d+ GiB for 64 vectors .* a smaller image, or a smaller k/i,
    );
    expect(po.defaultGenerator().getState().join()).toBe(state);
  });

  it("never needs 0.00 GiB", () => {
    const { Memory } = WebAssembly;
    WebAssembly.Memory = class extends Memory {
      constructor(limits: WebAssembly.MemoryDescriptor) {
        super(limits);
        throw new RangeError("no memory");
      }
    };
    try {
      expect(() =>
        zeros([600, 600], { dtype: "float64" })
          .add(tensor(new Float64Array(360000), { shape: [600, 600] }))
          .exp()
          .dataSync(),
      ).toThrow(/^the program needs \d+ MiB of memory, and this system does not give it\. That is little/);
    } finally {
      WebAssembly.Memory = Memory;
    }
  });
});
