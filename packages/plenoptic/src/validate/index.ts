// Checks of what a user brings; the namespace `po.validate`.

export { ValidationError } from "./error.ts";
export { type ValidateInputOptions, validateInput } from "./input.ts";
export { type ValidateModelOptions, validateModel } from "./model.ts";
export {
  type LossFunction,
  type PenaltyFunction,
  type ValidatePenaltyOptions,
  validateLoss,
  validatePenalty,
} from "./scalar.ts";
