// Image processing; the namespace `po.process`.

export { addNoise } from "./addNoise.ts";
export { autocorrelation } from "./autocorrelation.ts";
export { type BlurOptions, blurDownsample, upsampleBlur } from "./blur.ts";
export { centerCrop } from "./centerCrop.ts";
export { expand, shrink } from "./fourierResize.ts";
export { type CircularGaussianOptions, circularGaussian2d, type KernelSize } from "./gaussian.ts";
export { LaplacianPyramid, type LaplacianPyramidOptions } from "./laplacianPyramid.ts";
export {
  type LocalGainDictOptions,
  type LocalGainOptions,
  localGainControl,
  localGainControlDict,
  localGainRelease,
  localGainReleaseDict,
} from "./localGain.ts";
export { kurtosis, type MomentOptions, skew, type VarianceOptions, variance } from "./moments.ts";
export { normalizedLaplacianPyramid } from "./normalizedLaplacianPyramid.ts";
export { type Pair, type SamePaddingOptions, samePadding } from "./padding.ts";
export { type ModulatePhaseOptions, modulatePhase } from "./phase.ts";
export {
  polarToRectangular,
  polarToRectangularDict,
  type RectangularToPolarDictOptions,
  rectangularToPolar,
  rectangularToPolarDict,
} from "./polar.ts";
export type { BandKey, PyramidCoefficients } from "./pyramidCoefficients.ts";
export {
  type ConvertPyrToTensorOptions,
  convertPyrToTensor,
  convertTensorToPyr,
  type PyramidInfo,
} from "./pyramidTensor.ts";
export { correlateDownsample, type ResampleOptions, upsampleConvolve } from "./resample.ts";
export { type RescaleOptions, rescale } from "./rescale.ts";
export { resize } from "./resize.ts";
export { ssimMap } from "./ssimMap.ts";
export {
  type PyramidForwardOptions,
  type ReconPyrOptions,
  SteerablePyramidFreq,
  type SteerablePyramidOptions,
} from "./steerablePyramid.ts";
export { type SteerCoeffsOptions, steerCoeffs } from "./steering.ts";
