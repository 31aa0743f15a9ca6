// Metamers with every optimizer and scheduler: what holds for all of them.

import { hashTensor } from "@plenoptic-js/tensor";
import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { startDescent } from "../../src/synthesis/frame/startDescent.ts";

afterAll(po.warnings.on(() => {}));

const SIDE = 16;
const picture = (salt: number, dtype: "float32" | "float64" = "float64"): po.Tensor => {
  const values = Float64Array.from({ length: SIDE * SIDE }, (_, i) => (((i + salt) * 7919) % 251) / 250);
  return po.tensor(values, { shape: [1, 1, SIDE, SIDE], dtype });
};
const model = new po.models.Gaussian(5, { std: 1.5 });

const optimizers: readonly po.optim.Optimizer[] = [
  po.optim.Adam({ lr: 0.02 }),
  po.optim.AdamW({ lr: 0.02 }),
  po.optim.SGD({ lr: 5, momentum: 0.5 }),
  po.optim.RMSprop({ lr: 0.02, centered: true, momentum: 0.3 }),
  po.optim.Adagrad({ lr: 0.04, initialAccumulatorValue: 1e-6 }),
  po.optim.Adadelta({ lr: 20 }),
  po.optim.Adamax({ lr: 0.03 }),
  po.optim.NAdam({ lr: 0.02 }),
  po.optim.RAdam({ lr: 0.05, betas: [0.8, 0.9] }),
  po.optim.Rprop({ lr: 0.02 }),
  po.optim.ASGD({ lr: 10, t0: 4 }),
  po.optim.LBFGS({ maxIter: 4 }),
  po.optim.LBFGS({ maxIter: 10, maxEval: 10, lineSearchFn: "strong_wolfe", historySize: 7 }),
];

const start = async (
  optimizer: po.optim.Optimizer,
  options: { scheduler?: po.optim.Scheduler; dtype?: "float32" | "float64"; model?: po.ModelLike } = {},
): Promise<po.Metamer> => {
  const { dtype = "float64" } = options;
  const metamer = new po.Metamer(picture(0, dtype), options.model ?? model);
  await metamer.setup({ initialImage: picture(40, dtype), optimizer, scheduler: options.scheduler ?? null });
  return metamer;
};

describe.each(optimizers.map((optimizer) => [String(optimizer), optimizer] as const))("%s", (_, optimizer) => {
  test.each(["float32", "float64"] as const)("makes the loss smaller (%s)", async (dtype) => {
    const metamer = await start(optimizer, { dtype });
    await metamer.synthesize({ maxIter: 12, stopCriterion: 0 });
    expect(metamer.losses.at(-1)).toBeLessThan(metamer.losses[0] / 2);
    expect(metamer.metamer.dtype).toBe(dtype);
  });

  test("6 iterations are 2, 1 and 3, bit for bit", async () => {
    const once = await start(optimizer);
    await once.synthesize({ maxIter: 6, stopCriterion: 0 });
    const parts = await start(optimizer);
    for (const maxIter of [2, 1, 3]) {
      await parts.synthesize({ maxIter, stopCriterion: 0 });
      // Looking does not change what follows.
      expect(parts.losses.length).toBe(parts.numIter + 1);
    }
    expect(parts.losses).toEqual(once.losses);
    expect(await hashTensor(parts.metamer)).toBe(await hashTensor(once.metamer));
  });

  test("losses, penalties and gradients belong to the stored images", async () => {
    const metamer = await start(optimizer);
    await metamer.synthesize({ maxIter: 4, storeProgress: true, stopCriterion: 0 });
    const images = metamer.savedMetamer;
    for (let i = 0; i <= 4; i++) {
      const image = images
        .slice(0, i, i + 1)
        .squeeze([0])
        .detach();
      const objective = metamer.objectiveFunction(image);
      expect(objective.itemSync()).toBe(metamer.losses[i]);
      expect(po.regularize.penalizeRange(image).itemSync()).toBe(metamer.penalties[i]);
      if (i === 4) continue;
      expect(po.gradient(objective, image).norm().itemSync()).toBe(metamer.gradientNorm[i]);
      const next = images.slice(0, i + 1, i + 2).squeeze([0]);
      expect(next.sub(image).norm().itemSync()).toBe(metamer.pixelChangeNorm[i]);
    }
  });

  test("a loss that is not finite ends it, and the image stays", async () => {
    // Finite at the start, and not where pixels come near 0.9: every optimizer is drawn there.
    const edge = (x: po.Tensor): po.Tensor => x.neg().add(0.9).sqrt();
    const target = po.tensor(new Float64Array(4), { shape: [1, 1, 2, 2], dtype: "float64" });
    const metamer = new po.Metamer(target.add(0.899).detach(), edge, { penaltyLambda: 0 });
    const first = po.tensor([0.1, 0.2, 0.3, 0.4], { shape: [1, 1, 2, 2], dtype: "float64" });
    await metamer.setup({ initialImage: first, optimizer });
    const before = async (): Promise<string> => hashTensor(metamer.metamer);
    let kept = await before();
    let failed = false;
    for (let i = 0; i < 400 && !failed; i++) {
      try {
        await metamer.synthesize({ maxIter: 1, stopCriterion: 0 });
        kept = await before();
      } catch (error) {
        expect(error).toBeInstanceOf(po.NonFiniteError);
        failed = true;
      }
    }
    if (failed) {
      expect(await before()).toBe(kept);
      // The last one is that of the image which could not be left.
      expect(metamer.losses.slice(0, -1).every(Number.isFinite)).toBe(true);
    } else expect(Array.from(metamer.metamer.dataSync()).every((v) => v < 0.9)).toBe(true);
  });
});

describe("schedulers", () => {
  const adam = po.optim.Adam({ lr: 0.04 });

  test("change the learning rate after every iteration", async () => {
    const metamer = await start(adam, { scheduler: po.optim.StepLR({ stepSize: 2, gamma: 0.5 }) });
    await metamer.synthesize({ maxIter: 3 });
    await metamer.synthesize({ maxIter: 2 });
    expect(Array.from(metamer.learningRates)).toEqual([0.04, 0.04, 0.02, 0.02, 0.01]);
  });

  test("ReduceLROnPlateau is given the loss before each step", async () => {
    const scheduler = po.optim.ReduceLROnPlateau({ patience: 0, threshold: 0.5, factor: 0.5 });
    const metamer = await start(adam, { scheduler });
    await metamer.synthesize({ maxIter: 6, stopCriterion: 0 });
    let state = scheduler.start(0.04);
    const expected = Array.from(metamer.losses.slice(0, 6), (loss) => {
      const { lr } = state;
      state = scheduler.next(state, loss);
      return lr;
    });
    expect(Array.from(metamer.learningRates)).toEqual(expected);
    expect(new Set(expected).size).toBeGreaterThan(2);
  });

  test("that act at once and move the momentum do so in a synthesis", async () => {
    const scheduler = po.optim.OneCycleLR({ maxLr: 0.05, totalSteps: 6 });
    const cycled = await start(po.optim.SGD({ lr: 9 }), { scheduler });
    await cycled.synthesize({ maxIter: 3, stopCriterion: 0 });
    await cycled.synthesize({ maxIter: 3, stopCriterion: 0 });
    const states = [scheduler.start(9)];
    for (let i = 0; i < 5; i++) states.push(scheduler.next(states[i], 0));
    expect(Array.from(cycled.learningRates)).toEqual(states.map(({ lr }) => lr));
    // The same descent by hand.
    let image = picture(40);
    let buffer = picture(40).mul(0);
    for (const { lr, momentum } of states) {
      const slope = po.gradient(cycled.objectiveFunction(image), image);
      buffer = buffer.mul(momentum).add(slope).detach();
      image = image.add(buffer.mul(-lr)).detach();
    }
    expect(await hashTensor(cycled.metamer)).toBe(await hashTensor(image));
  });

  test("that move the momentum refuse an optimizer without, and nothing has happened", async () => {
    const metamer = new po.Metamer(picture(0), model);
    const scheduler = po.optim.CyclicLR({ baseLr: 0.01, maxLr: 0.1 });
    await expect(metamer.setup({ optimizer: po.optim.Rprop(), scheduler })).rejects.toThrow(
      /CyclicLR moves the momentum, and Rprop has none/,
    );
    await metamer.setup({ scheduler });
    expect(String(metamer.optimizer)).toMatch(/^Adam\(/);
  });

  test("a learning rate of 0 moves nothing", async () => {
    const metamer = await start(po.optim.SGD({ lr: 1 }), { scheduler: po.optim.ExponentialLR({ gamma: 0 }) });
    await metamer.synthesize({ maxIter: 3, stopCriterion: -1 });
    expect(metamer.pixelChangeNorm[0]).toBeGreaterThan(0);
    expect(Array.from(metamer.pixelChangeNorm.slice(1))).toEqual([0, 0]);
  });

  test("are made by optim", async () => {
    const metamer = new po.Metamer(picture(0), model);
    await expect(metamer.setup({ scheduler: {} as po.optim.Scheduler })).rejects.toThrow(/made by optim/);
    await expect(metamer.setup({ optimizer: {} as po.optim.Optimizer })).rejects.toThrow(/made by optim/);
    const [Adam, StepLR] = [po.optim.Adam(), po.optim.StepLR({ stepSize: 3 })] as const;
    await expect(metamer.setup({ optimizer: StepLR as unknown as po.optim.Optimizer })).rejects.toThrow(
      "Metamer: optimizer is StepLR(...), a scheduler; give it as scheduler",
    );
    await expect(metamer.setup({ scheduler: Adam as unknown as po.optim.Scheduler })).rejects.toThrow(
      "Metamer: scheduler is Adam(...), an optimizer; give it as optimizer",
    );
    await metamer.setup({ scheduler: po.optim.ExponentialLR({ gamma: 0.9 }) });
    expect(String(metamer.scheduler)).toBe("ExponentialLR(gamma: 0.9)");
  });
});

test("makers take their options alone, and not what they are made for in Python", () => {
  const { Adam, ExponentialLR } = po.optim as unknown as Record<string, (...given: unknown[]) => unknown>;
  expect(() => ExponentialLR(Adam(), 0.9)).toThrow(
    "ExponentialLR(): options are given as one object, not Adam(...); its options are gamma",
  );
  expect(() => Adam(picture(0), { lr: 0.1 })).toThrow(/^Adam\(\): options are given as one object, not a Tensor; its/);
});

test("while L-BFGS steps, the image and its loss are those before the step", async () => {
  // A model slow enough that the step gives way in between.
  const slow = new po.models.Gaussian(31, { std: 3 });
  const side = 384;
  const big = (salt: number): po.Tensor =>
    po.tensor(
      Float64Array.from({ length: side * side }, (_, i) => (((i + salt) * 7919) % 251) / 250),
      { shape: [1, 1, side, side], dtype: "float64" },
    );
  const sumOfSquares = (a: po.Tensor, b: po.Tensor): po.Tensor => a.sub(b).square().sum();
  const metamer = new po.Metamer(big(0), slow, { lossFunction: sumOfSquares });
  await metamer.setup({ initialImage: big(9), optimizer: po.optim.LBFGS({ lineSearchFn: "strong_wolfe" }) });
  const seen = new Set<number>();
  const losses = new Set<number>();
  let running = true;
  const run = metamer.synthesize({ maxIter: 3, stopCriterion: 0 }).finally(() => {
    running = false;
  });
  while (running) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!running) break;
    seen.add(metamer.numIter);
    const loss = metamer.objectiveFunction(metamer.metamer.detach()).itemSync();
    expect(metamer.losses.at(-1)).toBe(loss);
    losses.add(loss);
  }
  await run;
  expect(seen.size).toBeGreaterThan(1);
  for (const loss of losses) expect(Array.from(metamer.losses)).toContain(loss);
});

test("in the middle of a step, L-BFGS refuses to be saved, and goes on", () => {
  const terms = (x: po.Tensor) => ({ loss: x.sub(1).square().mul(x.add(2)).sum(), penalty: x.sum().mul(0) });
  const start = po.tensor([0.3, 0.6], { dtype: "float64" });
  const descent = startDescent(start, po.optim.LBFGS({ lineSearchFn: "strong_wolfe" }), { stages: 1, terms });
  const step = descent.step({ lr: 1 }, 0);
  // Before the step, and before its first search.
  step.next();
  expect(descent.snapshot().kind).toBe("lbfgs");
  step.next();
  expect(() => descent.snapshot()).toThrow(/in the middle of a step; save when synthesize\(\) has returned/);
  let next = step.next();
  while (!next.done) next = step.next();
  expect(next.value.pixelChangeNorm).toBeGreaterThan(0);
  expect(descent.snapshot().kind).toBe("lbfgs");
});
