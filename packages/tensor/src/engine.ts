// @plenoptic-js/tensor/engine: what code needs that builds on the engine, beside what `index.ts` has. Programs and the nodes
// they are made of, memory, graphs as data, plain matrices, the steering of optimizers, functions of numbers, checks.

export { madeSoFar } from "./compile/counts.ts";
export { checkFits } from "./compile/fits.ts";
export { MOST_BYTES } from "./compile/memory.ts";
export { type EntrySpec, Program, type ProgramOptions, type ProgramSpec } from "./compile/program.ts";
export type { StackSpec } from "./compile/spec.ts";
export { fromValue } from "./create.ts";
export { deferred } from "./deferred.ts";
export { inputLeaf } from "./graph/build.ts";
export { differentiablyDependsOn } from "./graph/depends.ts";
export { multiplyAdds } from "./graph/multiplyAdds.ts";
export { irfft2h, rfft2h } from "./halfPlane.ts";
export { type EighOf, eighOf, eighSteps } from "./linalg/eigh.ts";
export type { Matrix } from "./linalg/matrix.ts";
export { type QrOf, qrOf } from "./linalg/qr.ts";
export { type SvdOf, svdOf } from "./linalg/svd.ts";
export { addScaled, dot, fixSign } from "./linalg/vectors.ts";
export { callGraph, loadGraph } from "./loadGraph.ts";
export { cos64, exp64, log64, pow64, sin64 } from "./math/precise.ts";
export type { ArrayValue, Node, Plane } from "./ops/definition.ts";
export { describe, shapeText } from "./ops/rules.ts";
export type { HostScalar } from "./optim/hostScalar.ts";
export { lbfgsOfAnyHistory, MOST_HISTORY } from "./optim/lbfgs.ts";
export {
  type Direction,
  type Evaluation,
  freshMemory,
  GRADIENT_SLOTS,
  type LbfgsMemory,
  type LbfgsResult,
  type LbfgsSpace,
  type LbfgsStop,
  lbfgsStep,
} from "./optim/lbfgsStep.ts";
export type {
  FormulaOptimizer,
  LbfgsOptimizer,
  LbfgsSettings,
  Named,
  NumberMemory,
  Numbers,
} from "./optim/optimizer.ts";
export { optionHelp } from "./optim/optionHelp.ts";
export { type Maker, optimizers, schedulers } from "./optim/registry.ts";
export { scheduled } from "./optim/schedulers/momentum.ts";
export type { SchedulerState } from "./optim/schedulers/scheduler.ts";
export { heldValue, heldValues, outputAt, settled } from "./settled.ts";
export { spread } from "./spread.ts";
export { StoredGraphError } from "./stored/error.ts";
export { type GraphSize, type StoredLimits, sizeOfGraph } from "./stored/limits.ts";
export type { LoadedGraph } from "./stored/read.ts";
export { type StoredGraph, storeGraph } from "./stored/store.ts";
export { checkTensor } from "./tensor.ts";
export { refuseWhileTracing } from "./trace.ts";
export { collectNow } from "./wasm/memory/collect.ts";
export { checkArray, checkBoolean, checkFinite, checkNumber, checkWhole } from "./words/arguments.ts";
export { didYouMean } from "./words/didYouMean.ts";
export { checkOptions } from "./words/options.ts";
export { shown } from "./words/shown.ts";
