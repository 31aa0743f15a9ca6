// plenoptic-js: model-based synthesis of perceptual stimuli. An independent re-implementation, in TypeScript, of the
// Python library plenoptic.

export { FileError, type FileErrorCode, type Source } from "@plenoptic-js/formats";
export { OnnxError, type OnnxErrorCode } from "@plenoptic-js/networks";
export * from "@plenoptic-js/tensor";
export type {
  DiskOptions,
  Origin,
  Photograph,
  PhotographOptions,
  PolarAngleOptions,
  PolarRadiusOptions,
  Size,
} from "./data/index.ts";
export * as data from "./data/index.ts";
export { imshow, removeGrad, simul, synth, toNumpy, tools } from "./elsewhere.ts";
export { convertFloatToInt, type IntegerDtype } from "./io/convertFloatToInt.ts";
export * as io from "./io/index.ts";
export { type LoadImagesOptions, loadImages } from "./io/loadImages.ts";
export { encodeImage, type SavedImage, type SaveImageOptions, saveImage } from "./io/saveImage.ts";
export type { StimulusEncoding, StimulusForm, StimulusMeasures } from "./io/stimulus.ts";
export * as loss from "./loss/index.ts";
export * as metric from "./metric/index.ts";
export * as models from "./models/index.ts";
export { type GroupedModel, type Model, type ModelFunction, type ModelLike, model } from "./models/model.ts";
export * as plot from "./plot/index.ts";
export * as presets from "./presets/index.ts";
export * as process from "./process/index.ts";
export * as regularize from "./regularize/index.ts";
export * as replay from "./replay/index.ts";
export * from "./synthesis/index.ts";
export * as validate from "./validate/index.ts";
export { VERSION as version } from "./version.ts";
export * as warnings from "./warnings.ts";
