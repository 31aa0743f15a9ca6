// The error of every check in this folder, and the words they share.

import { type Shape, type Tensor, type TensorSpec, type Trace, trace } from "@plenoptic-js/tensor";

/** An image, model, loss or penalty is not what a synthesis needs. The message says what was found and what to do. */
export class ValidationError extends Error {
  override readonly name = "ValidationError";
}

/** A dtype and shape as people write it. */
export function describe({ dtype, shape }: { readonly dtype: string; readonly shape: Shape }): string {
  return `${dtype} [${shape.join(", ")}]`;
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
