// The error of every check in this folder, and the words they share.

import { type Tensor, type TensorSpec, type Trace, trace } from "@plenoptic-js/tensor";
import { describe } from "@plenoptic-js/tensor/engine";

/** An image, model, loss or penalty is not what a synthesis needs. The message says what was found and what to do. */
export class ValidationError extends Error {
  override readonly name = "ValidationError";
}

/** The graph of a user's function. What it throws is told together with what it was called on. */
export function traceUser(what: string, f: (...inputs: Tensor[]) => Tensor, specs: readonly TensorSpec[]): Trace {
  try {
    return trace(f, specs);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ValidationError(`${what} cannot be used on ${specs.map(describe).join(" and ")}: ${message}`, { cause });
  }
}
