// Metamer: histories, stored images, the stop rule, going on after a stop of any kind, and errors.

import { afterAll, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

type Image = po.Tensor<"float32" | "float64">;

const DTYPES = ["float64", "float32"] as const;
const blur = new po.models.Gaussian(5, { std: 1 });

/** A picture-like image without random numbers. */
function picture(dtype: "float32" | "float64" = "float64"): Image {
  const values = Array.from({ length: 144 }, (_, i) => ((i * 37) % 101) / 100);
  return po.tensor(values, { shape: [1, 1, 12, 12], dtype });
}

const bytes = (tensor: po.Tensor): Uint8Array => new Uint8Array(tensor.dataSync().buffer);

/** Everything a synthesis has recorded, as bytes. */
function record(m: po.Metamer): Record<string, Uint8Array> {
  const series = { losses: m.losses, penalties: m.penalties, gradientNorm: m.gradientNorm, change: m.pixelChangeNorm };
  const all = Object.entries(series).map(([name, values]) => [name, new Uint8Array(values.buffer)]);
  return { ...Object.fromEntries(all), metamer: bytes(m.metamer), saved: bytes(m.savedMetamer) };
}

beforeEach(() => po.setSeed(0));

// Some of the images lie outside [0, 1], as they should.
afterAll(po.warnings.on(() => {}));

describe("histories", () => {
  test("are empty before setup, have one entry after it, and N + 1 or N after N iterations", async () => {
    const m = new po.Metamer(picture(), blur);
    const lengths = () =>
      [m.losses, m.penalties, m.gradientNorm, m.pixelChangeNorm, m.learningRates].map((s) => s.length);
    expect(lengths()).toEqual([0, 0, 0, 0, 0]);
    expect(m.metamer.shape).toEqual([0]);
    expect(m.objectiveFunction().shape).toEqual([0]);
    expect(m.optimizer).toBeNull();
    expect(m.storeProgress).toBeNull();
    await m.setup();
    expect(lengths()).toEqual([1, 1, 0, 0, 0]);
    await m.synthesize({ maxIter: 3 });
    expect(lengths()).toEqual([4, 4, 3, 3, 3]);
    await m.synthesize({ maxIter: 2 });
    expect(lengths()).toEqual([6, 6, 5, 5, 5]);
    expect(m.numIter).toBe(5);
    expect(Array.from(m.learningRates)).toEqual([0.01, 0.01, 0.01, 0.01, 0.01]);
    m.objectiveFunction(picture()).itemSync();
    expect(lengths()).toEqual([6, 6, 5, 5, 5]);
    expect(m.storeProgress).toBe(false);
  });

  test("are copies", async () => {
    const m = new po.Metamer(picture(), blur);
    await m.synthesize({ maxIter: 2 });
    const before = m.losses[0];
    m.losses[0] = 7;
    expect(m.losses[0]).toBe(before);
  });

  test.each(DTYPES)("losses are the objective of the stored images, bit for bit (%s)", async (dtype) => {
    for (const every of [1, 2, 3]) {
      const m = new po.Metamer(picture(dtype), blur, { lossFunction: po.loss.l2Norm });
      await m.setup({ initialImage: picture(dtype).mul(1.7).sub(0.3) });
      await m.synthesize({ maxIter: 4, storeProgress: every });
      await m.synthesize({ maxIter: 3 });
      expect(m.storeProgress).toBe(every);
      expect(m.savedMetamer.shape).toEqual([Math.ceil(7 / every) + 1, 1, 1, 12, 12]);
      for (let j = 0; j < m.savedMetamer.shape[0]; j++) {
        const image = m.savedMetamer.slice(0, j, j + 1).squeeze([0]);
        expect(m.objectiveFunction(image).itemSync()).toBe(m.losses[Math.min(j * every, 7)]);
        const penalty = po.regularize.penalizeRange(image).itemSync();
        expect(penalty).toBe(m.penalties[Math.min(j * every, 7)]);
        expect(penalty).toBeGreaterThan(0);
      }
      expect(m.objectiveFunction().itemSync()).toBe(m.losses[7]);
    }
  });

  test("norms are those of the gradient and of the change", async () => {
    const m = new po.Metamer(picture(), blur);
    await m.synthesize({ maxIter: 3, storeProgress: true });
    const saved = (i: number): po.Tensor =>
      m.savedMetamer
        .slice(0, i, i + 1)
        .squeeze([0])
        .detach();
    for (let i = 0; i < 3; i++) {
      const x = saved(i);
      expect(po.gradient(m.objectiveFunction(x), x).norm().itemSync()).toBe(m.gradientNorm[i]);
      expect(
        saved(i + 1)
          .sub(x)
          .norm()
          .itemSync(),
      ).toBe(m.pixelChangeNorm[i]);
    }
  });

  test("a penalty of more weight leaves a smaller penalty", async () => {
    const start = picture().mul(2);
    const after = async (penaltyLambda: number): Promise<number> => {
      const m = new po.Metamer(picture(), blur, { penaltyLambda });
      await m.setup({ initialImage: start });
      await m.synthesize({ maxIter: 5 });
      return m.penalties[5];
    };
    const [none, some] = [await after(0), await after(0.5)];
    expect(some).toBeLessThan(none);
    expect(none).toBeGreaterThan(0);
  });
});

describe("going on", () => {
  test.each(DTYPES)("10 iterations are 5 and 5, bit for bit (%s)", async (dtype) => {
    const run = async (...parts: number[]): Promise<po.Metamer> => {
      po.setSeed(3);
      const m = new po.Metamer(picture(dtype), blur);
      for (const maxIter of parts) await m.synthesize({ maxIter, storeProgress: 2 });
      return m;
    };
    const whole = await run(10);
    expect(record(await run(5, 5))).toEqual(record(whole));
    expect(record(await run(1, 0, 2, 7))).toEqual(record(whole));
    expect(whole.losses[10]).toBeLessThan(whole.losses[0]);
  });

  test("after a signal, to the same bits", async () => {
    const whole = new po.Metamer(picture(), blur);
    await whole.synthesize({ maxIter: 40, storeProgress: 3 });

    po.setSeed(0);
    const m = new po.Metamer(picture(), blur);
    const controller = new AbortController();
    const reason = new Error("enough");
    const stopped = m.synthesize({
      maxIter: 40,
      storeProgress: 3,
      signal: controller.signal,
      onProgress: ({ iteration }) => {
        if (iteration === 17) controller.abort(reason);
      },
    });
    await expect(stopped).rejects.toBe(reason);
    expect(m.numIter).toBe(17);
    expect(m.losses.length).toBe(18);
    expect(m.savedMetamer.shape[0]).toBe(7);
    expect(m.objectiveFunction().itemSync()).toBe(m.losses[17]);
    await m.synthesize({ maxIter: 23 });
    expect(record(m)).toEqual(record(whole));
  });

  test("a signal that is aborted already changes nothing", async () => {
    const m = new po.Metamer(picture(), blur);
    const before = po.defaultGenerator().getState();
    await expect(m.synthesize({ signal: AbortSignal.abort() })).rejects.toThrow(/aborted/);
    expect(po.defaultGenerator().getState()).toEqual(before);
    expect(m.losses.length).toBe(0);
  });

  test("after onProgress threw", async () => {
    const m = new po.Metamer(picture(), blur);
    const failing = m.synthesize({
      maxIter: 5,
      storeProgress: true,
      onProgress: ({ iteration }) => {
        if (iteration === 2) throw new Error("the page is gone");
      },
    });
    await expect(failing).rejects.toThrow("the page is gone");
    await m.synthesize({ maxIter: 3 });
    po.setSeed(0);
    const whole = new po.Metamer(picture(), blur);
    await whole.synthesize({ maxIter: 5, storeProgress: true });
    expect(record(m)).toEqual(record(whole));
  });

  test("other work gets its turn during a long run", async () => {
    const m = new po.Metamer(picture(), blur);
    let turns = 0;
    const timer = setInterval(() => turns++, 1);
    const start = performance.now();
    while (performance.now() - start < 200) await m.synthesize({ maxIter: 500, stopItersToCheck: 1e6 });
    clearInterval(timer);
    // How many depends on the machine's load; without pauses there would be none.
    expect(turns).toBeGreaterThan(0);
  });

  test("two calls at once are refused", async () => {
    const m = new po.Metamer(picture(), blur);
    const first = m.synthesize({ maxIter: 5 });
    await expect(m.synthesize()).rejects.toThrow(/running already/);
    await first;
    expect(m.numIter).toBe(5);
  });
});

describe("the seeded start", () => {
  test.each(DTYPES)("is the second image of the stream, stretched to [0, 1] (%s)", async (dtype) => {
    po.setSeed(11);
    const m = new po.Metamer(picture(dtype), blur);
    await m.setup();
    const generator = new po.TorchGenerator(11);
    generator.rand(144, dtype);
    const u = generator.rand(144, dtype);
    const low = Math.min(...u);
    const round = dtype === "float32" ? Math.fround : (x: number) => x;
    const range = round(Math.max(...u) - low);
    const expected = Array.from(u, (x) => round(round(x - low) / range));
    const start = Array.from(m.metamer.dataSync());
    expect(start).toEqual(expected);
    expect(Math.min(...start)).toBe(0);
    expect(Math.max(...start)).toBe(1);
    expect(po.defaultGenerator().getState()).toEqual(generator.getState());
  });

  test("is drawn before the first await", () => {
    const m = new po.Metamer(picture(), blur);
    const running = m.synthesize({ maxIter: 1 });
    const generator = new po.TorchGenerator(0);
    generator.rand(288, "float64");
    expect(po.defaultGenerator().getState()).toEqual(generator.getState());
    return running;
  });
});

describe("the stop rule", () => {
  test("stops at the first iteration at which the loss changed by less than the criterion", async () => {
    const m = new po.Metamer(picture(), blur);
    const criterion = 2e-3;
    const summary = await m.synthesize({ maxIter: 500, stopCriterion: criterion, stopItersToCheck: 5 });
    const { losses } = m;
    expect(summary.stopReason).toBe("converged");
    expect(summary.iterations).toBe(m.numIter);
    expect(m.numIter).toBeLessThan(500);
    expect(Math.abs(losses.at(-6)! - losses.at(-2)!)).toBeLessThan(criterion);
    expect(Math.abs(losses.at(-7)! - losses.at(-3)!)).toBeGreaterThan(criterion);
    expect(summary.loss).toBe(losses.at(-1));
    expect(summary.penalty).toBe(m.penalties.at(-1));
    // A converged one takes one more iteration.
    expect(await m.synthesize({ maxIter: 9, stopCriterion: criterion, stopItersToCheck: 5 })).toMatchObject({
      iterations: 1,
      numIter: losses.length,
      stopReason: "converged",
    });
  });

  test("a window of 1 stops after two iterations, one of 0 after one, one of maxIter never", async () => {
    const run = async (stopItersToCheck: number): Promise<number> => {
      const m = new po.Metamer(picture(), blur);
      await m.synthesize({ maxIter: 6, stopItersToCheck, stopCriterion: 1e9 });
      return m.numIter;
    };
    expect([await run(1), await run(0), await run(6)]).toEqual([2, 1, 6]);
  });
});

describe("a loss that is not finite", () => {
  // Square roots of what Adam pushes below 0.
  const root = (x: po.Tensor): po.Tensor => x.sqrt();

  test("stops with the last finite image, and names the iteration", async () => {
    const target = po.full([1, 1, 4, 4], 0, { dtype: "float64" });
    const m = new po.Metamer(target, root, { penaltyLambda: 0 });
    await m.setup({ initialImage: po.full([1, 1, 4, 4], 0.035, { dtype: "float64" }) });
    const failing = m.synthesize({ storeProgress: true, stopItersToCheck: 1000 });
    await expect(failing).rejects.toThrow(po.NonFiniteError);
    await expect(failing).rejects.toThrow(/the loss is NaN after 4 iterations.*smaller learning rate/);
    expect(m.numIter).toBe(4);
    expect(Array.from(m.losses.slice(0, 4)).every(Number.isFinite)).toBe(true);
    expect(m.losses[4]).toBeNaN();
    expect(m.gradientNorm.length).toBe(4);
    expect(m.savedMetamer.shape[0]).toBe(5);
    expect(Array.from(m.metamer.dataSync()).every((x) => x < 0 && x > -0.01)).toBe(true);
    await expect(m.synthesize()).rejects.toThrow(/after 4 iterations/);
    expect(m.numIter).toBe(4);
  });

  test("a gradient that is not finite stops before it destroys the image", async () => {
    const target = po.full([1, 1, 4, 4], 0.25, { dtype: "float32" });
    const m = new po.Metamer(target, root);
    await m.setup({ initialImage: po.zeros([1, 1, 4, 4], { dtype: "float32" }) });
    await expect(m.synthesize()).rejects.toThrow(/the norm of the gradient is Infinity before the first step/);
    expect(Array.from(m.metamer.dataSync())).toEqual(Array.from({ length: 16 }, () => 0));
    expect(m.losses[0]).toBe(0.25);
  });

  test("so does a step that is not finite", async () => {
    const m = new po.Metamer(picture("float32"), blur);
    await m.setup({ initialImage: picture("float32").mul(0.5), optimizer: po.optim.Adam({ lr: 1e300 }) });
    const before = bytes(m.metamer);
    await expect(m.synthesize()).rejects.toThrow(
      /the step would change pixels by (Infinity|NaN) before the first step/,
    );
    expect(bytes(m.metamer)).toEqual(before);
  });
});

describe("getProgress", () => {
  async function made(storeProgress: number | boolean): Promise<po.Metamer> {
    const m = new po.Metamer(picture(), blur);
    await m.synthesize({ maxIter: 5, storeProgress });
    return m;
  }
  const same = (a: po.Tensor | undefined, b: po.Tensor): void => expect(bytes(a as po.Tensor)).toEqual(bytes(b));

  test("gives the entries of one iteration", async () => {
    const m = await made(false);
    expect(m.getProgress(2)).toEqual({
      losses: m.losses[2],
      iteration: 2,
      penalties: m.penalties[2],
      pixelChangeNorm: m.pixelChangeNorm[2],
      gradientNorm: m.gradientNorm[2],
    });
    expect(m.getProgress(-3)).toEqual(m.getProgress(3));
    for (const current of [null, -1, 5]) {
      expect(m.getProgress(current)).toMatchObject({ iteration: 5, losses: m.losses[5], gradientNorm: null });
    }
    for (const wrong of [6, -7, 1.5, Number.NaN]) {
      expect(() => m.getProgress(wrong)).toThrow(/from -6 to 5/);
    }
  });

  test.each([
    ["floor", [0, 0, 2, 2, 4]],
    ["round", [0, 0, 2, 4, 4]],
    ["ceiling", [0, 2, 2, 4, 4]],
  ] as const)("chooses a stored image by %s, and warns when it is another iteration's", async (selection, stored) => {
    const m = await made(2);
    const codes: string[] = [];
    const off = po.warnings.on(({ code }) => codes.push(code));
    stored.forEach((expected, iteration) => {
      codes.length = 0;
      const got = m.getProgress(iteration, { iterationSelection: selection });
      expect(got.storeProgressIteration).toBe(expected);
      same(got.savedMetamer, m.savedMetamer.slice(0, expected / 2, expected / 2 + 1));
      expect(codes).toEqual(expected === iteration ? [] : ["stored-iteration"]);
    });
    codes.length = 0;
    for (const current of [null, -1, 5]) {
      const got = m.getProgress(current, { iterationSelection: selection });
      expect(got.storeProgressIteration).toBe(5);
      same(got.savedMetamer, m.metamer);
    }
    expect(codes).toEqual([]);
    off();
  });

  test("the image after the last stored one may be the current one", async () => {
    const m = await made(3);
    const off = po.warnings.on(() => {});
    const got = m.getProgress(4, { iterationSelection: "ceiling" });
    off();
    expect(got.storeProgressIteration).toBe(5);
    same(got.savedMetamer, m.metamer);
  });

  test("before setup, and with an unknown selection, says what to do", async () => {
    expect(() => new po.Metamer(picture(), blur).getProgress(0)).toThrow(/call setup\(\) or synthesize\(\) first/);
    const m = await made(false);
    // @ts-expect-error no such selection
    expect(() => m.getProgress(0, { iterationSelection: "nearest" })).toThrow(/"nearest".*floor, ceiling, round/);
  });
});

describe("options", () => {
  const m = (): po.Metamer => new po.Metamer(picture(), blur);

  test("mistyped ones are refused with the list", async () => {
    // @ts-expect-error a mistyped option
    await expect(m().synthesize({ maxIters: 5 })).rejects.toThrow(
      /synthesize\(\) has no option "maxIters"; did you mean "maxIter"\? Its options are maxIter, storeProgress, stopCriterion/,
    );
    // @ts-expect-error a mistyped option
    await expect(m().setup({ initialimage: picture() })).rejects.toThrow(/Its options are initialImage, optimizer/);
    // @ts-expect-error a mistyped option
    expect(() => new po.Metamer(picture(), blur, { lambda: 1 })).toThrow(/has no option "lambda".*penaltyLambda/);
    // @ts-expect-error a mistyped option
    expect(() => po.optim.Adam({ learningRate: 1 })).toThrow(/has no option "learningRate"; its options are lr/);
    // @ts-expect-error options are one object
    await expect(m().synthesize(100)).rejects.toThrow(/options are given as one object, not 100/);
  });

  test.each([
    [{ maxIter: -1 }, /maxIter is -1; it must be a whole number, 0 or more/],
    [{ maxIter: 1.5 }, /maxIter is 1.5/],
    [{ stopItersToCheck: Number.NaN }, /stopItersToCheck is NaN/],
    [{ stopCriterion: Number.NaN }, /stopCriterion is NaN/],
    [{ storeProgress: -2 }, /storeProgress is -2/],
    [{ storeProgress: 0.5 }, /storeProgress is 0.5/],
  ])("synthesize(%o) is refused", async (options, message) => {
    const metamer = m();
    await expect(metamer.synthesize(options)).rejects.toThrow(message);
    expect(metamer.losses.length).toBe(0);
  });

  test("storeProgress holds for later calls, and cannot change", async () => {
    const metamer = m();
    await metamer.synthesize({ maxIter: 2, storeProgress: true });
    await metamer.synthesize({ maxIter: 1 });
    await metamer.synthesize({ maxIter: 1, storeProgress: 1 });
    expect(metamer.savedMetamer.shape[0]).toBe(5);
    await expect(metamer.synthesize({ storeProgress: 2 })).rejects.toThrow(/storeProgress is 2, but it was 1/);
    await expect(metamer.synthesize({ storeProgress: false })).rejects.toThrow(/storeProgress is false, but it was 1/);
    expect(metamer.numIter).toBe(4);
  });

  test.each([-0.1, Number.NaN, Number.POSITIVE_INFINITY])("penaltyLambda %s is refused first", (penaltyLambda) => {
    const wrong = "not an image" as unknown as po.Tensor;
    expect(() => new po.Metamer(wrong, blur, { penaltyLambda })).toThrow(
      `penaltyLambda is ${penaltyLambda}; it must be a finite number, 0 or more`,
    );
  });

  test.each([
    [{ lr: -1 }, /lr is -1/],
    [{ betas: [0.9, 1] }, /betas\[1\] is 1; it must be at least 0 and below 1/],
    [{ betas: [0.9] }, /betas is \[0\.9\]; it must be two numbers/],
    [{ eps: Number.NaN }, /eps is NaN/],
    [{ weightDecay: -1 }, /weightDecay is -1/],
    [{ amsgrad: "yes" }, /amsgrad is "yes"; it must be true or false/],
  ])("Adam(%o) is refused", (options, message) => {
    expect(() => po.optim.Adam(options as po.optim.AdamOptions)).toThrow(message);
  });

  test("without an optimizer it is Adam with lr 0.01 and amsgrad, an explicit Adam has none", async () => {
    const metamer = m();
    await metamer.setup();
    expect(metamer.optimizer?.options).toEqual({
      lr: 0.01,
      betas: [0.9, 0.999],
      eps: 1e-8,
      weightDecay: 0,
      amsgrad: true,
      maximize: false,
    });
    expect(po.optim.Adam().options).toMatchObject({ lr: 0.01, amsgrad: false });
  });
});

describe("setup", () => {
  test("is refused the second time, and after synthesize", async () => {
    const m = new po.Metamer(picture(), blur);
    await m.setup();
    const before = bytes(m.metamer);
    await expect(m.setup()).rejects.toThrow(/once, before synthesize/);
    expect(bytes(m.metamer)).toEqual(before);
    const other = new po.Metamer(picture(), blur);
    await other.synthesize({ maxIter: 1 });
    await expect(other.setup()).rejects.toThrow(/once, before synthesize/);
  });

  test("that is refused may be tried again", async () => {
    const m = new po.Metamer(picture(), blur);
    await expect(m.setup({ initialImage: picture("float32") })).rejects.toThrow(
      /the initial image is float32 and the image float64; use initialImage.cast\("float64"\)/,
    );
    // @ts-expect-error not an optimizer
    await expect(m.setup({ optimizer: "Adam" })).rejects.toThrow(/optim.Adam/);
    await m.setup({ initialImage: picture() });
    expect(bytes(m.metamer)).toEqual(bytes(picture()));
  });

  test("takes an initial image of another shape where model and loss do, with a warning", async () => {
    const codes: string[] = [];
    const off = po.warnings.on(({ code }) => codes.push(code));
    const m = new po.Metamer(
      picture(),
      po.model("mean", (x) => x.mean([-2, -1])),
    );
    await m.setup({ initialImage: po.full([1, 1, 6, 9], 0.9, { dtype: "float64" }) });
    off();
    expect(codes).toEqual(["initial-image-shape"]);
    await m.synthesize({ maxIter: 60, stopItersToCheck: 60 });
    expect(m.metamer.shape).toEqual([1, 1, 6, 9]);
    expect(m.losses[60]).toBeLessThan(m.losses[0] / 100);
  });
});

describe("shapes", () => {
  test.each([[[5]], [[6, 5]], [[2, 6, 5]], [[2, 3, 6, 5]], [[2, 2, 1, 6, 5]]])("%o is preserved", async (shape) => {
    const off = po.warnings.on(() => {});
    const m = new po.Metamer(po.full(shape, 0.5, { dtype: "float32" }), new po.models.Identity());
    await m.synthesize({ maxIter: 2, storeProgress: true });
    off();
    expect(m.metamer.shape).toEqual(shape);
    expect(m.metamer.dtype).toBe("float32");
    expect(m.savedMetamer.shape).toEqual([3, ...shape]);
  });
});

describe("what it tells of itself", () => {
  test("the text does not change during the synthesis", async () => {
    const m = new po.Metamer(picture(), blur, { lossFunction: po.loss.l2Norm });
    const text = [
      "Metamer",
      "  image: Tensor float64 [1, 1, 12, 12]",
      '  model: Gaussian(kernelSize: [5, 5], std: [1], padMode: "reflect")',
      "  lossFunction: l2Norm",
      "  penaltyFunction: penalizeRange",
      "  penaltyLambda: 0.1",
    ].join("\n");
    expect(String(m)).toBe(text);
    await m.synthesize({ maxIter: 2 });
    expect(String(m)).toBe(text);
  });

  test("models as functions, under a name, and as objects", () => {
    const line = (model: po.ModelLike): string => String(new po.Metamer(picture(), model)).split("\n")[2];
    expect(line(po.model("energy-v1", (x) => x.square()))).toBe("  model: energy-v1");
    expect(
      line(function halve(x) {
        return x.mul(0.5);
      }),
    ).toBe("  model: halve");
    expect(line({ forward: (x) => x.mul(0.5) })).toBe("  model: (a model without a name)");
    expect(line({ name: "half", forward: (x) => x.mul(0.5) })).toBe("  model: half");
  });

  test("fingerprints are those of the computation, not of the name", () => {
    const of = (model: po.ModelLike): string => new po.Metamer(picture(), model).fingerprints.model;
    expect(of((x) => x.mul(0.5))).toBe(of(po.model("half", (image) => image.mul(0.5))));
    expect(of((x) => x.mul(0.5))).not.toBe(of((x) => x.mul(0.25)));
    expect(of(new po.models.Gaussian(5, { std: 1 }))).toBe(of(blur));
    expect(of(new po.models.Gaussian(5, { std: 1.5 }))).not.toBe(of(blur));
  });

  test("figures can be made of it", async () => {
    const m = new po.Metamer(picture(), blur);
    await m.synthesize({ maxIter: 3, storeProgress: true });
    const figure = await po.plot.synthesisStatus(m, { iteration: 1 });
    expect(figure.svg).toContain("<svg");
  });
});
