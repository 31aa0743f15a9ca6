// What does not fit into memory is refused by its plan: nothing is compiled, drawn or made for it, and the advice fits the case.

import { optim, setSeed, tensor, zeros } from "@plenoptic-js/tensor";
import { programsMade } from "@plenoptic-js/tensor/engine";
import { describe, expect, it } from "vitest";
import * as po from "../src/index.ts";
import { image, refusal } from "./refusal.ts";

const gaussian = new po.models.Gaussian(5, { std: 1 });

describe("what does not fit", () => {
  it("is refused with a shorter history where that is enough, and draws nothing", async () => {
    const x = image(1024);
    setSeed(3);
    const synthesis = new po.Metamer(x, gaussian);
    const state = po.defaultGenerator().getState().join();
    const optimizer = optim.LBFGS({ historySize: 400 });
    const message = await refusal(x, () => synthesis.setup({ optimizer }));
    expect(po.defaultGenerator().getState().join()).toBe(state);
    expect(message).toMatch(/needs 6\.\d\d GiB .*: a history of \d+ steps instead of 400 \(historySize\); float32/);
  });

  it("is refused for a texture before its start is drawn", async () => {
    const x = image(2048);
    setSeed(3);
    const state = po.defaultGenerator().getState().join();
    let drawn = "";
    const message = await refusal(x, async () => {
      const made = po.presets.texture(x);
      drawn = po.defaultGenerator().getState().join();
      await made;
    });
    expect(message).toMatch(/: a history of \d+ steps instead of 100 \(historySize\)/);
    // The check of the model draws one image, and the start would be another.
    po.setSeed(3);
    expect(po.defaultGenerator().getState().join()).toBe(state);
    po.defaultGenerator().rand(x.size, "float64");
    expect(drawn).toBe(po.defaultGenerator().getState().join());
  });

  it("is refused by exact eigendistortions", async () => {
    const x = image(2048);
    const exact = new po.Eigendistortion(x, gaussian);
    const before = programsMade();
    await expect(exact.synthesize({ method: "exact" })).rejects.toThrow(/the Jacobian of 4194304 outputs/);
    expect(programsMade()).toBe(before);
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
