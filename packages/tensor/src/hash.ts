// The hash that names a result: the same bits have the same hash on every machine.

import { evaluate, refuseUnknown } from "./evaluate.ts";
import { hashArray } from "./stored/hash.ts";
import { nodeOf, type Tensor } from "./tensor.ts";

/**
 * SHA-256, in hex, over the dtype, the shape and the little-endian values of a tensor. All NaNs count as one.
 *
 * @throws TraceError at once, and not by the promise, for a tensor that has no data yet
 */
export function hashTensor(tensor: Tensor): Promise<string> {
  refuseUnknown([nodeOf("hashTensor", tensor, "the tensor")]);
  return hashOf(tensor);
}

async function hashOf(tensor: Tensor): Promise<string> {
  const [value] = await evaluate([tensor.node]);
  return hashArray(value);
}
