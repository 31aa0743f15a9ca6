// The optimizers that step by a formula, as torch 2.13 keeps them in a file. What they remember is kept under our own names in
// snake case; see FormulaOptimizer.

/**
 * What stands in a group of parameters: a number or a switch of the user's, a pair of numbers, or a value that is always this
 * one here. Of settings that torch has as an int by default, 0 is an int.
 */
export type Setting = "number" | "flag" | "pair" | true | false | null;

export interface TorchOptimizer {
  readonly className: string;
  /** All of `param_groups[0]` between the learning rate and the parameters, in torch's order. */
  readonly group: Readonly<Record<string, Setting>>;
  /** Whether it counts its steps. */
  readonly counts: boolean;
  /** The setting with which torch fills its array before the first step; absent: nothing is kept until then. */
  readonly filledWith?: string;
}

const adam = (isDecoupled: boolean): TorchOptimizer["group"] => ({
  betas: "pair",
  eps: "number",
  weight_decay: "number",
  amsgrad: "flag",
  maximize: "flag",
  foreach: null,
  capturable: false,
  differentiable: false,
  fused: null,
  decoupled_weight_decay: isDecoupled,
});

/** By our names, which are torch's. */
export const TORCH_OPTIMIZERS: Readonly<Record<string, TorchOptimizer>> = {
  Adam: { className: "torch.optim.adam.Adam", counts: true, group: adam(false) },
  AdamW: { className: "torch.optim.adamw.AdamW", counts: true, group: adam(true) },
  SGD: {
    className: "torch.optim.sgd.SGD",
    counts: false,
    group: {
      momentum: "number",
      dampening: "number",
      weight_decay: "number",
      nesterov: "flag",
      maximize: "flag",
      foreach: null,
      differentiable: false,
      fused: null,
    },
  },
  RMSprop: {
    className: "torch.optim.rmsprop.RMSprop",
    counts: true,
    group: {
      momentum: "number",
      alpha: "number",
      eps: "number",
      centered: "flag",
      weight_decay: "number",
      capturable: false,
      foreach: null,
      maximize: "flag",
      differentiable: false,
    },
  },
  Adagrad: {
    className: "torch.optim.adagrad.Adagrad",
    counts: true,
    group: {
      lr_decay: "number",
      eps: "number",
      weight_decay: "number",
      initial_accumulator_value: "number",
      foreach: null,
      maximize: "flag",
      differentiable: false,
      fused: null,
    },
    filledWith: "initialAccumulatorValue",
  },
  Adadelta: {
    className: "torch.optim.adadelta.Adadelta",
    counts: true,
    group: {
      rho: "number",
      eps: "number",
      weight_decay: "number",
      maximize: "flag",
      capturable: false,
      foreach: null,
      differentiable: false,
    },
  },
  Adamax: {
    className: "torch.optim.adamax.Adamax",
    counts: true,
    group: {
      betas: "pair",
      eps: "number",
      weight_decay: "number",
      foreach: null,
      maximize: "flag",
      differentiable: false,
      capturable: false,
    },
  },
  NAdam: {
    className: "torch.optim.nadam.NAdam",
    counts: true,
    group: {
      betas: "pair",
      eps: "number",
      weight_decay: "number",
      momentum_decay: "number",
      decoupled_weight_decay: "flag",
      maximize: "flag",
      foreach: null,
      capturable: false,
      differentiable: false,
    },
  },
  RAdam: {
    className: "torch.optim.radam.RAdam",
    counts: true,
    group: {
      betas: "pair",
      eps: "number",
      weight_decay: "number",
      maximize: "flag",
      foreach: null,
      capturable: false,
      decoupled_weight_decay: "flag",
      differentiable: false,
    },
  },
  Rprop: {
    className: "torch.optim.rprop.Rprop",
    counts: true,
    group: {
      etas: "pair",
      step_sizes: "pair",
      foreach: null,
      maximize: "flag",
      differentiable: false,
      capturable: false,
    },
  },
  ASGD: {
    className: "torch.optim.asgd.ASGD",
    counts: true,
    group: {
      lambd: "number",
      alpha: "number",
      t0: "number",
      weight_decay: "number",
      foreach: null,
      maximize: "flag",
      differentiable: false,
      capturable: false,
    },
  },
};
