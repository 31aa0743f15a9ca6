// Checks of what a user brings; the namespace `po.validate`.

export type { LossFunction } from "../loss/lossFunction.ts";
export { ValidationError } from "./error.ts";
export { type ValidateInputOptions, validateInput } from "./input.ts";
export { type MetricFunction, type ValidateMetricOptions, validateMetric } from "./metric.ts";
export { type ValidateModelOptions, validateModel } from "./model.ts";
export {
  type PenaltyFunction,
  type ValidatePenaltyOptions,
  validateLoss,
  validatePenalty,
} from "./scalar.ts";
export {
  type ScaledModel,
  type ValidateConvertOptions,
  type ValidateScalesOptions,
  validateCoarseToFine,
  validateConvertTensorDict,
} from "./scales.ts";
