// @plenoptic-js/tensor: differentiable arrays with the same bits on every machine.

export type { NestedArray, TensorOptions, TensorSource } from "./create.ts";
export { fromValue, full, getDefaultDtype, ones, setDefaultDtype, tensor, zeros } from "./create.ts";
export { TraceError } from "./evaluate.ts";
export {
  complex,
  concat,
  conv2d,
  correlateSeparable,
  type GradientOptions,
  gradient,
  pad,
  pushforward,
  stack,
  where,
} from "./functions.ts";
export type { ConvolutionOptions, Padding } from "./graph/build.ts";
export type { PaddingMode } from "./math/indexTables.ts";
export { NUMERICS_VERSION } from "./numericsVersion.ts";
export type { DType, Shape } from "./ops/definition.ts";
export { DTypeError, ShapeError } from "./ops/rules.ts";
export { type Axes, type DataOf, type RealOf, type ReduceOptions, Tensor } from "./tensor.ts";
export { isTracing, refuseWhileTracing, type TensorSpec, type Trace, trace } from "./trace.ts";
