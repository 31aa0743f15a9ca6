// What does not fit into memory is refused by its plan: nothing is compiled, drawn or made for it, and the advice fits the case.

import { MemoryError, optim, setSeed, type Tensor, tensor, zeros } from "@plenoptic-js/tensor";
import { deferred, programsMade } from "@plenoptic-js/tensor/engine";
import { describe, expect, it } from "vitest";
import * as po from "../src/index.ts";

const image = (side: number, dtype: "float32" | "float64" = "float64", batch = 1): Tensor<"float32" | "float64"> => {
  const size = batch * side * side;
  return tensor(dtype === "float32" ? new Float32Array(size) : new Float64Array(size), {
    shape: [batch, 1, side, side],
    dtype,
  });
};

/** The message of a refusal, which takes nothing. */
async function refusal(x: Tensor, work: () => unknown): Promise<string> {
  const before = { programs: programsMade(), arrays: process.memoryUsage().arrayBuffers };
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (error: unknown) => error,
    );
  expect(error).toBeInstanceOf(MemoryError);
  expect(programsMade()).toBe(before.programs);
  // The image is looked at, and copied once for that.
  const bytes = x.size * (x.dtype === "float64" ? 8 : 4);
  expect(process.memoryUsage().arrayBuffers - before.arrays).toBeLessThan(4 * bytes);
  return (error as MemoryError).message;
}

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
    const [, kept] = /needs 6\.\d\d GiB .*: a history of (\d+) steps instead of 400 \(historySize\); float32/.exec(
      message,
    )!;
    // The advice is exact, but for a step.
    await synthesis.setup({ optimizer: optim.LBFGS({ historySize: Number(kept) }) });
    expect(synthesis.metamer.shape).toEqual(x.shape);
    const other = new po.Metamer(x, gaussian);
    await refusal(x, () => other.setup({ optimizer: optim.LBFGS({ historySize: Number(kept) + 2 }) }));
  });

  it("is refused for a texture before its tables are made, without what would not help", async () => {
    const x = image(3136);
    const message = await refusal(x, async () => {
      const model = new po.models.PortillaSimoncelli([3136, 3136]);
      await new po.Metamer(x, model).setup();
    });
    expect(message).toMatch(/^the program needs 7\.9\d GiB of memory, and WebAssembly has at most 4 GiB\. /);
    expect(message).toMatch(/What would do: a smaller image, of about \d+ x \d+ pixels\.$/);
    expect(message).not.toMatch(/float32|history|batch/);
  });

  it("is refused with a smaller batch where there is one", async () => {
    const x = image(512, "float32", 64);
    const message = await refusal(x, async () => {
      const model = new po.models.PortillaSimoncelli([512, 512]);
      await new po.Metamer(x, model).setup();
    });
    expect(message).toMatch(/What would do: a batch of \d+ instead of 64 images; or a smaller image/);
    expect(message).not.toMatch(/float32|history/);
  });

  it("is refused in a competition before its random images are drawn", async () => {
    const x = image(6400);
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
    const exact = new po.Eigendistortion(x, gaussian);
    const before = programsMade();
    await expect(exact.synthesize({ method: "exact" })).rejects.toThrow(/the Jacobian of 4194304 outputs/);
    expect(programsMade()).toBe(before);
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
    const x = unseen(6400);
    expect(await refusal(x, () => new po.Metamer(x, model))).toMatch(/^the program needs/);
    const { oneMinusSsim, mse } = po.metric;
    expect(await refusal(x, () => new po.MADCompetition(x, oneMinusSsim, mse, "min"))).toMatch(/^the program needs/);
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
      ).toThrow(
        /^the program needs \d+ MiB of memory, and this system does not give it\. That is little: end other workers/,
      );
    } finally {
      WebAssembly.Memory = Memory;
    }
  });
});
