// The syntheses that go from one library to the other, described to both.

import * as po from "plenoptic-js";

/** A class of PyTorch, and what its constructor is given. */
interface Named {
  readonly name: string;
  readonly options: Readonly<Record<string, unknown>>;
}

/** An Eigendistortion has neither optimizer nor histories: it is not continued. */
export type ClassName = "Metamer" | "MetamerCTF" | "MADCompetition";

export interface Case {
  readonly name: string;
  readonly className: ClassName;
  readonly ours: () => po.MetamerSetupOptions;
  readonly theirs: { readonly optimizer: Named; readonly scheduler: Named | null };
  /** Options of synthesize() besides the common ones, in both languages. */
  readonly options?: { readonly ours: object; readonly theirs: Readonly<Record<string, unknown>> };
  /** Whether plenoptic can continue it: it cannot where a scheduler needs arguments. */
  readonly continuesInPython: boolean;
}

const { optim } = po;

/** One iteration of each scale lies before the file, and one after it. */
const scales = {
  ours: { changeScaleCriterion: null, ctfItersToCheck: 2 },
  theirs: { change_scale_criterion: null, ctf_iters_to_check: 2 },
};

export const cases: readonly Case[] = [
  {
    name: "Adam with amsgrad",
    className: "Metamer",
    ours: () => ({ optimizer: optim.Adam({ lr: 0.02, amsgrad: true }) }),
    theirs: { optimizer: { name: "Adam", options: { lr: 0.02, amsgrad: true } }, scheduler: null },
    continuesInPython: true,
  },
  {
    name: "L-BFGS",
    className: "Metamer",
    ours: () => ({
      optimizer: optim.LBFGS({ lr: 1, maxIter: 4, maxEval: 5, historySize: 8, lineSearchFn: "strong_wolfe" }),
    }),
    theirs: {
      optimizer: {
        name: "LBFGS",
        options: { lr: 1, max_iter: 4, max_eval: 5, history_size: 8, line_search_fn: "strong_wolfe" },
      },
      scheduler: null,
    },
    continuesInPython: true,
  },
  {
    // The plateau's count is under way when it is saved; the learning rate falls after the fourth iteration.
    name: "SGD with momentum, ReduceLROnPlateau",
    className: "Metamer",
    ours: () => ({
      optimizer: optim.SGD({ lr: 5, momentum: 0.9 }),
      scheduler: optim.ReduceLROnPlateau({ factor: 0.25, patience: 2, threshold: 0.9 }),
    }),
    theirs: {
      optimizer: { name: "SGD", options: { lr: 5, momentum: 0.9 } },
      scheduler: { name: "ReduceLROnPlateau", options: { factor: 0.25, patience: 2, threshold: 0.9 } },
    },
    continuesInPython: true,
  },
  {
    // It remembers a number beside its arrays.
    name: "NAdam",
    className: "Metamer",
    ours: () => ({ optimizer: optim.NAdam({ lr: 0.02 }) }),
    theirs: { optimizer: { name: "NAdam", options: { lr: 0.02 } }, scheduler: null },
    continuesInPython: true,
  },
  {
    name: "Adagrad",
    className: "Metamer",
    ours: () => ({ optimizer: optim.Adagrad({ lr: 0.05, initialAccumulatorValue: 0.1 }) }),
    theirs: {
      optimizer: { name: "Adagrad", options: { lr: 0.05, initial_accumulator_value: 0.1 } },
      scheduler: null,
    },
    continuesInPython: true,
  },
  {
    name: "RMSprop with momentum, CosineAnnealingLR",
    className: "Metamer",
    ours: () => ({
      optimizer: optim.RMSprop({ lr: 0.01, centered: true, momentum: 0.5 }),
      scheduler: optim.CosineAnnealingLR({ tMax: 8 }),
    }),
    theirs: {
      optimizer: { name: "RMSprop", options: { lr: 0.01, centered: true, momentum: 0.5 } },
      scheduler: { name: "CosineAnnealingLR", options: { T_max: 8 } },
    },
    continuesInPython: false,
  },
  {
    name: "SGD with momentum, StepLR",
    className: "Metamer",
    ours: () => ({
      optimizer: optim.SGD({ lr: 5, momentum: 0.9 }),
      scheduler: optim.StepLR({ stepSize: 2, gamma: 0.5 }),
    }),
    theirs: {
      optimizer: { name: "SGD", options: { lr: 5, momentum: 0.9 } },
      scheduler: { name: "StepLR", options: { step_size: 2, gamma: 0.5 } },
    },
    continuesInPython: false,
  },
  {
    name: "MetamerCTF, Adam",
    className: "MetamerCTF",
    ours: () => ({ optimizer: optim.Adam({ lr: 0.02, amsgrad: true }) }),
    theirs: { optimizer: { name: "Adam", options: { lr: 0.02, amsgrad: true } }, scheduler: null },
    options: scales,
    continuesInPython: true,
  },
  {
    name: "MetamerCTF, L-BFGS",
    className: "MetamerCTF",
    ours: () => ({ optimizer: optim.LBFGS({ lr: 0.1, maxIter: 3, historySize: 4 }) }),
    theirs: { optimizer: { name: "LBFGS", options: { lr: 0.1, max_iter: 3, history_size: 4 } }, scheduler: null },
    options: scales,
    continuesInPython: true,
  },
  {
    name: "MADCompetition, Adam",
    className: "MADCompetition",
    ours: () => ({ optimizer: optim.Adam({ lr: 0.02, amsgrad: true }) }),
    theirs: { optimizer: { name: "Adam", options: { lr: 0.02, amsgrad: true } }, scheduler: null },
    continuesInPython: true,
  },
  {
    name: "MADCompetition, SGD with momentum, ReduceLROnPlateau",
    className: "MADCompetition",
    ours: () => ({
      optimizer: optim.SGD({ lr: 0.1, momentum: 0.9 }),
      scheduler: optim.ReduceLROnPlateau({ factor: 0.25, patience: 2, threshold: 0.9 }),
    }),
    theirs: {
      optimizer: { name: "SGD", options: { lr: 0.1, momentum: 0.9 } },
      scheduler: { name: "ReduceLROnPlateau", options: { factor: 0.25, patience: 2, threshold: 0.9 } },
    },
    continuesInPython: true,
  },
];

/** A picture, and its numbers for Python: exact in JSON. */
export interface Picture {
  readonly image: po.Tensor<"float64">;
  readonly numbers: { readonly shape: readonly number[]; readonly values: readonly number[] };
}

function picture(value: (row: number, column: number) => number, side = 32): Picture {
  const values = Array.from({ length: side * side }, (_, i) => value((i / side) | 0, i % side));
  const shape = [1, 1, side, side];
  return { image: po.tensor(values, { shape, dtype: "float64" }), numbers: { shape, values } };
}

/** A ramp and a square. */
export const target = picture((row, column) => {
  const inside = row > 8 && row < 20 && column > 10 && column < 26;
  return (row + 2 * column) / 128 + (inside ? 0.25 : 0);
});

/** Where every synthesis starts: rough, and here and there out of the range that is not penalized. */
export const start = picture((row, column) => ((row * 37 + column * 101) % 61) / 55 - 0.05);

/** Small enough for all of its eigendistortions. */
export const small = picture((row, column) => ((row * 37 + column * 101) % 61) / 60, 8);

/** Eigendistortions by Python's methods, described to both. */
export interface EigenCase {
  readonly ours: po.EigendistortionOptions;
  readonly theirs: Readonly<Record<string, unknown>>;
}

export const eigenCases: readonly EigenCase[] = [
  { ours: { method: "exact" }, theirs: { method: "exact" } },
  { ours: { method: "power", k: 2, maxIter: 200 }, theirs: { method: "power", k: 2, max_iter: 200 } },
  { ours: { method: "randomized_svd", k: 3, p: 4 }, theirs: { method: "randomized_svd", k: 3, p: 4 } },
];
