// The states of torch's optimizers and schedulers: what torch 2.13 has kept after three steps is what we keep after the same
// three steps, key by key; what we read of it goes on; and what is in it twice is said twice the same.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PtCounter, type PtDict, PtTensor, PtTuple, type PtValue, readPt, writePt } from "@plenoptic-js/formats";
import { optim, type Tensor, tensor } from "@plenoptic-js/tensor";
import {
  optimizers as allOptimizers,
  schedulers as allSchedulers,
  type Maker,
  scheduled,
} from "@plenoptic-js/tensor/engine";
import { describe, expect, test } from "vitest";
import { toTensor } from "../../src/io/tensors.ts";
import { Drive } from "../../src/synthesis/frame/drive.ts";
import { startDescent } from "../../src/synthesis/frame/startDescent.ts";
import { resume } from "../../src/synthesis/saving/resume.ts";
import { saveDrive as statesOf } from "../../src/synthesis/saving/saveDrive.ts";
import { TORCH_OPTIMIZERS } from "../../src/synthesis/saving/torch/optimizerTable.ts";
import { schedulerName, schedulerTakesLoss } from "../../src/synthesis/saving/torch/schedulers.ts";
import { TORCH_SCHEDULERS } from "../../src/synthesis/saving/torch/schedulerTable.ts";

const FILE = "optim_states.pt";
const path = fileURLToPath(new URL(`../../../formats/test/data/pt/format/${FILE}`, import.meta.url));
const states = readPt(readFileSync(path), { name: FILE }).value as Map<string, PtDict>;

const SHAPE = [2, 3];
/** What torch descended: the sum of (column + 1) (x - 0.25)^2, from -1 to 1. */
const start = tensor([-1, -0.6, -0.2, 0.2, 0.6, 1], { shape: SHAPE, dtype: "float32" });
const weights = tensor([1, 2, 3], { dtype: "float32" });
const objective = {
  stages: 1,
  terms: (x: Tensor) => ({ loss: x.sub(0.25).square().mul(weights).sum(), penalty: x.sum().mul(0) }),
};

interface Run {
  readonly param: PtTensor;
  readonly optimizer: PtTuple;
  readonly scheduler: PtTuple;
}

const runOf = (name: string): Run => {
  const kept = states.get(name) as PtDict;
  const scheduler = kept.get("scheduler");
  return {
    param: kept.get("param") as PtTensor,
    optimizer: new PtTuple([kept.get("class") as string, kept.get("state_dict") as PtDict]),
    scheduler: new PtTuple([scheduler ?? null, kept.get("scheduler_state_dict") ?? new Map()]),
  };
};

/** What a file says, as `resume` takes it. */
const savedRun = ({ optimizer, scheduler }: Omit<Run, "param">, dtype: "float32" | "float64" = "float32") => ({
  file: FILE,
  optimizer: { name: optimizer.items[0] as string, dict: optimizer.items[1], raw: optimizer },
  scheduler: { name: scheduler.items[0] as string | null, dict: scheduler.items[1], raw: scheduler },
  layout: { dtype, shape: SHAPE },
});

/** As a file holds them. */
function saveDrive(drive: Drive): Omit<Run, "param"> {
  const { optimizer, scheduler } = statesOf(drive);
  return { optimizer: optimizer.raw as PtTuple, scheduler: scheduler.raw as PtTuple };
}

function steps(drive: Drive, count: number): void {
  for (let i = 0; i < count; i++) {
    const pace = drive.pace(false);
    const step = drive.descent.step(pace, 0);
    let next = step.next();
    while (!next.done) next = step.next();
    drive.advance(pace.lr, next.value.loss);
  }
}

/** Kinds, keys and their order exactly; numbers to within rounding with fused multiply-adds. */
function expectSame(got: PtValue | undefined, want: PtValue | undefined, place: string): void {
  const expectNear = (a: number, b: number, where: string, size = Math.abs(b)): void =>
    expect(Math.abs(a - b), where).toBeLessThanOrEqual(1e-6 * size);
  if (want instanceof PtTensor) {
    expect(got, place).toBeInstanceOf(PtTensor);
    const tensor = got as PtTensor;
    expect([tensor.dtype, tensor.shape], place).toEqual([want.dtype, want.shape]);
    const numbers = Array.from(tensor.data() as Float32Array);
    const wanted = Array.from(want.data() as Float32Array);
    const size = Math.max(...wanted.map(Math.abs));
    for (const [i, value] of wanted.entries()) expectNear(numbers[i], value, `${place}[${i}]`, size);
  } else if (want instanceof Map) {
    expect(got, place).toBeInstanceOf(want instanceof PtCounter ? PtCounter : Map);
    expect([...(got as PtDict).keys()], place).toEqual([...want.keys()]);
    for (const [key, value] of want) expectSame((got as PtDict).get(key), value, `${place}.${String(key)}`);
  } else if (want instanceof PtTuple || Array.isArray(want)) {
    expect(got instanceof PtTuple, place).toBe(want instanceof PtTuple);
    const [parts, wanted] = [[...(got as PtTuple)], [...want]];
    expect(parts.length, place).toBe(wanted.length);
    for (const [i, value] of wanted.entries()) expectSame(parts[i], value, `${place}[${i}]`);
  } else if (typeof want === "number" && Number.isFinite(want)) {
    expect(typeof got, place).toBe("number");
    expectNear(got as number, want, place);
  } else expect(got, place).toBe(want);
}

const names = [...states.keys()].filter((name) => !name.startsWith("lbfgs"));

describe("what torch keeps after three steps", () => {
  test.each(names)("%s is what we keep", (name) => {
    const run = runOf(name);
    // The file's own options, from the start: learning rate and momentum as they were then.
    const { optimizer, scheduler, initialLr } = resume(savedRun(run), { optimizer: null, scheduler: null });
    // ReduceLROnPlateau keeps no first learning rate: it has halved this one twice.
    const lr = scheduler?.name === "ReduceLROnPlateau" ? 0.1 : initialLr;
    const again = scheduled(allOptimizers[optimizer.name].make({ ...optimizer.options, lr }), scheduler);
    const drive = new Drive(startDescent(start, again, objective), scheduler);
    steps(drive, name.endsWith("unstepped") ? 0 : 3);
    const saved = saveDrive(drive);
    expectSame(PtTensor.of("float32", SHAPE, drive.descent.image.dataSync()), run.param, "param");
    expectSame(saved.optimizer, run.optimizer, "optimizer");
    expectSame(saved.scheduler, run.scheduler, "scheduler");
  });

  test.each(names)("%s is read and written again to the byte", (name) => {
    const run = runOf(name);
    const resumed = resume(savedRun(run), { optimizer: null, scheduler: null });
    const image = toTensor(run.param) as Tensor<"float32">;
    const drive = new Drive(
      startDescent(image, resumed.optimizer, objective, resumed.snapshot),
      resumed.scheduler,
      resumed,
    );
    const saved = saveDrive(drive);
    expect(writePt(saved.optimizer)).toEqual(writePt(run.optimizer));
    expect(writePt(saved.scheduler)).toEqual(writePt(run.scheduler));
  });
});

describe("a history of L-BFGS that is longer than may be asked for", () => {
  /** The run of the file with another history_size. */
  const remembering = (historySize: bigint) => {
    const run = runOf("lbfgs");
    const dict = run.optimizer.items[1] as PtDict;
    const [group] = dict.get("param_groups") as PtDict[];
    const groups = [new Map([...group, ["history_size", historySize]])];
    return { ...run, optimizer: new PtTuple([run.optimizer.items[0], new Map([...dict, ["param_groups", groups]])]) };
  };
  const goneOn = (historySize: bigint) => {
    const run = remembering(historySize);
    const resumed = resume(savedRun(run), { optimizer: null, scheduler: null });
    const image = toTensor(run.param) as Tensor<"float32">;
    const drive = new Drive(startDescent(image, resumed.optimizer, objective, resumed.snapshot), null, resumed);
    steps(drive, 2);
    const saved = saveDrive(drive);
    const [group] = (saved.optimizer.items[1] as PtDict).get("param_groups") as PtDict[];
    return { image: [...drive.descent.image.dataSync()], history: group.get("history_size") };
  };

  test.each([1_000_000n, 2n ** 53n - 1n])("of %s: is loaded, gone on with, and written again", (historySize) => {
    expect(goneOn(historySize)).toEqual({ ...goneOn(100n), history: historySize });
  });

  test("of sys.maxsize: is loaded, and written as the largest whole number here", () => {
    expect(goneOn(2n ** 63n - 1n)).toEqual({ ...goneOn(100n), history: 2n ** 53n - 1n });
  });
});

describe("every optimizer and scheduler", () => {
  const made = <T>(makers: Readonly<Record<string, Maker<T>>>, given: Readonly<Record<string, unknown>>) =>
    Object.entries(makers).map(([name, { make, options }]) => {
      const own = Object.entries(given).filter(([key]) => options.includes(key));
      return [name, make(Object.fromEntries(own))] as const;
    });
  const optimizers = made(allOptimizers, {
    lr: 0.03,
    momentum: 0.6,
    centered: true,
    maxIter: 3,
    initialAccumulatorValue: 0.1,
    lrDecay: 0.1,
    decoupledWeightDecay: true,
    weightDecay: 0.01,
    t0: 2,
  });
  const schedulers = made(allSchedulers, {
    gamma: 0.9,
    stepSize: 4,
    milestones: [2, 6, 6, 7],
    tMax: 6,
    t0: 3,
    tMult: 2,
    totalIters: 7,
    maxLr: 0.1,
    totalSteps: 9,
    baseLr: 0.01,
    stepSizeUp: 3,
    stepSizeDown: 4,
    patience: 1,
    threshold: 0.5,
  });

  test("has its place in the tables", () => {
    expect(Object.keys(TORCH_OPTIMIZERS).sort()).toEqual(
      Object.keys(allOptimizers)
        .filter((name) => name !== "LBFGS")
        .sort(),
    );
    expect(Object.keys(TORCH_SCHEDULERS).sort()).toEqual(Object.keys(allSchedulers).sort());
    for (const [name, { takesLoss }] of schedulers) {
      expect(schedulerTakesLoss(`torch.optim.lr_scheduler.${name}`), name).toBe(takesLoss);
    }
    expect(schedulerName("torch.optim.lr_scheduler.LambdaLR")).toBe(null);
    expect(schedulerTakesLoss("torch.optim.lr_scheduler.LambdaLR")).toBe(false);
  });

  const begin = (
    optimizer: optim.Optimizer,
    scheduler: optim.Scheduler | null,
    dtype: "float32" | "float64",
  ): Drive => {
    const own = scheduled(optimizer, scheduler);
    return new Drive(startDescent(start.cast(dtype).detach(), own, objectiveIn(dtype)), scheduler);
  };
  const objectiveIn = (dtype: "float32" | "float64") => ({
    stages: 1,
    terms: (x: Tensor) => ({
      loss: x.sub(0.25).square().mul(weights.cast(dtype)).sum(),
      penalty: x.sum().mul(0),
    }),
  });

  /** Through the bytes of a file. */
  const saveAndLoad = (drive: Drive, dtype: "float32" | "float64"): Drive => {
    const { optimizer, scheduler } = saveDrive(drive);
    const read = (value: PtTuple): PtTuple => readPt(writePt(value), { name: FILE }).value as PtTuple;
    const run = savedRun({ optimizer: read(optimizer), scheduler: read(scheduler) }, dtype);
    const resumed = resume(run, { optimizer: null, scheduler: null });
    const descent = startDescent(drive.descent.image, resumed.optimizer, objectiveIn(dtype), resumed.snapshot);
    return new Drive(descent, resumed.scheduler, resumed);
  };

  /** SGD does not count its steps. */
  const remembered = ({ descent }: Drive): object => {
    const snapshot = descent.snapshot();
    return descent.optimizer.name === "SGD" ? { ...snapshot, steps: 1 } : snapshot;
  };

  const ways = [
    ...optimizers.map(([name, optimizer]) => [name, optimizer, null] as const),
    ...schedulers.map(([name, scheduler]) => [`SGD and ${name}`, optim.SGD({ momentum: 0.5 }), scheduler] as const),
    ...["Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop"].flatMap((name) =>
      schedulers
        .filter(([, scheduler]) => scheduler.movesMomentum)
        .map(([cycle, scheduler]) => [`${name} and ${cycle}`, allOptimizers[name].make({}), scheduler] as const),
    ),
    ["ASGD and LinearLR", optim.ASGD({ t0: 3, lambd: 0.1 }), optim.LinearLR()],
    ["Rprop and ConstantLR", optim.Rprop(), optim.ConstantLR()],
    ["LBFGS and CosineAnnealingLR", optim.LBFGS({ maxIter: 2 }), optim.CosineAnnealingLR({ tMax: 4 })],
    [
      "Adagrad and three phases, the momentum left alone",
      optim.Adagrad(),
      optim.OneCycleLR({ maxLr: 0.3, totalSteps: 8, threePhase: true, cycleMomentum: false, annealStrategy: "linear" }),
    ],
    [
      "Adam and tops that come down",
      optim.Adam(),
      optim.CyclicLR({ baseLr: 0.01, maxLr: 0.1, stepSizeUp: 2, mode: "exp_range", gamma: 0.9 }),
    ],
  ] as const;

  test.each(ways)("%s: 10 steps are 0, save, load, 5, save, load and 5, bit for bit", (_, optimizer, scheduler) => {
    for (const dtype of scheduler === null ? (["float32", "float64"] as const) : (["float64"] as const)) {
      const once = begin(optimizer, scheduler, dtype);
      steps(once, 10);
      let parts = saveAndLoad(begin(optimizer, scheduler, dtype), dtype);
      steps(parts, 5);
      const before = parts;
      parts = saveAndLoad(parts, dtype);
      expect(remembered(parts)).toEqual(remembered(before));
      expect(parts.schedule).toMatchObject(before.schedule);
      // Said again, it is the same file.
      expect(writePt(saveDrive(parts).optimizer)).toEqual(writePt(saveDrive(before).optimizer));
      expect(writePt(saveDrive(parts).scheduler)).toEqual(writePt(saveDrive(before).scheduler));
      steps(parts, 5);
      expect(parts.descent.image.dataSync()).toEqual(once.descent.image.dataSync());
      expect(parts.schedule).toMatchObject(once.schedule);
      expect(remembered(parts)).toEqual(remembered(once));
      expect(parts.descent.optimizer.name).toBe(optimizer.name);
    }
  });

  test("a loaded scheduler says what it was made with", () => {
    for (const [, scheduler] of schedulers) {
      const loaded = saveAndLoad(begin(optim.SGD(), scheduler, "float64"), "float64");
      expect(String(loaded.scheduler)).toBe(String(scheduler));
    }
  });

  test("a scale function, which files do not hold, is refused", () => {
    const cyclic = optim.CyclicLR({ baseLr: 0.01, maxLr: 0.1 });
    const { optimizer, scheduler } = saveDrive(begin(optim.SGD(), cyclic, "float64"));
    const [, dict] = scheduler.items as readonly [string, PtDict];
    dict.set("scale_mode", "iterations");
    expect(() => resume(savedRun({ optimizer, scheduler }, "float64"), { optimizer: null, scheduler: null })).toThrow(
      /CyclicLR with a scale_fn of its own; files do not hold functions/,
    );
  });
});
