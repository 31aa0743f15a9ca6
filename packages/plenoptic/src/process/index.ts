// Image processing; the namespace `po.process`.

export { autocorrelation } from "./autocorrelation.ts";
export { type CircularGaussianOptions, circularGaussian2d, type KernelSize } from "./gaussian.ts";
export { type Pair, type SamePaddingOptions, samePadding } from "./padding.ts";
export { type ModulatePhaseOptions, modulatePhase } from "./phase.ts";
export type { BandKey, PyramidCoefficients } from "./pyramidCoefficients.ts";
export {
  type ConvertPyrToTensorOptions,
  convertPyrToTensor,
  convertTensorToPyr,
  type PyramidInfo,
} from "./pyramidTensor.ts";
export {
  type PyramidForwardOptions,
  type ReconPyrOptions,
  SteerablePyramidFreq,
  type SteerablePyramidOptions,
} from "./steerablePyramid.ts";
export { type SteerCoeffsOptions, steerCoeffs } from "./steering.ts";
