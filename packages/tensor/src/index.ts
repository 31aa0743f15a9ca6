// @plenoptic-js/tensor: differentiable arrays with the same bits on every machine. This door is for people who compute with
// tensors; `engine.ts` is the one for code that builds on the engine: programs, nodes, checks.

export { MemoryError, type MemoryFacts, type WayOut } from "./compile/memoryError.ts";
export type { NestedArray, TensorOptions, TensorSource } from "./create.ts";
export {
  arange,
  full,
  getDefaultDtype,
  linspace,
  meshgrid,
  ones,
  setDefaultDtype,
  tensor,
  zeros,
} from "./create.ts";
export { type DrawOptions, rand, randLike, randn } from "./draw.ts";
export { einsum } from "./einsum.ts";
export { TraceError } from "./evaluate.ts";
export {
  type ComplexOf,
  type Fourier1dOptions,
  type Fourier2dOptions,
  type FourierNorm,
  type FrequencyOptions,
  fft,
  fft2,
  fftfreq,
  fftshift,
  ifft,
  ifft2,
  ifftshift,
  irfft,
  irfft2,
  rfft,
  rfft2,
  rfftfreq,
  type ShiftOptions,
} from "./fourier.ts";
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
export type { ConvolutionOptions, MatmulOptions, Padding } from "./graph/build.ts";
export { hashTensor } from "./hash.ts";
export * as linalg from "./linalg/index.ts";
export type { FloatDType } from "./math/dtype.ts";
export type { PaddingMode } from "./math/indexTables.ts";
export { NUMERICS_VERSION } from "./numericsVersion.ts";
export type { DType, Shape } from "./ops/definition.ts";
export { DTypeError, ShapeError } from "./ops/rules.ts";
export * as optim from "./optim/index.ts";
export type { Pair, SidePadding } from "./pair.ts";
export { type AveragePoolOptions, avgPool2d, maxPool2d, type PoolOptions } from "./pooling.ts";
export type {
  ChoiceOptions,
  FloatArrays,
  NormalOptions,
  NumpyIntegerDtype,
  NumpyState,
  RandomArrays,
} from "./random/index.ts";
export {
  defaultGenerator,
  globalNumpy,
  NumpyRandomState,
  setSeed,
  TorchGenerator,
} from "./random/index.ts";
export {
  convTranspose2d,
  interpolate,
  roll,
  type TransposedConvolutionOptions,
  take,
} from "./structure.ts";
export {
  type Alike,
  type Axes,
  type DataOf,
  type Fits,
  type RealOf,
  type ReduceOptions,
  type Same,
  Tensor,
} from "./tensor.ts";
export { availableThreads, getThreads, setThreads } from "./threadCount.ts";
export { isTracing, type TensorSpec, type Trace, trace } from "./trace.ts";
