// Why a recipe cannot be run here.

/** What is missing, or is another here. */
export type CannotReason =
  | "no recipe"
  | "no result"
  | "numerics"
  | "image"
  | "initial image"
  | "model"
  | "loss"
  | "penalty"
  | "metric"
  | "unknown name"
  | "checkpoint"
  | "time";

/** A recipe cannot be run here. That says nothing of its result. */
export class CannotReplay extends Error {
  override readonly name = "CannotReplay";
  readonly reason: CannotReason;

  constructor(reason: CannotReason, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}
