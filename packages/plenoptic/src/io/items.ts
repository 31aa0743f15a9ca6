// What a file of torch.save holds, as a dictionary: also where it holds a list or a single tensor.

import { PtTensor, PtTuple, type PtValue } from "@plenoptic-js/formats";

/** The items of a dict; those of a list or tuple by their place, from 0; a tensor as "value". Undefined for all else. */
export function itemsOf(value: PtValue): ReadonlyMap<PtValue, PtValue> | undefined {
  if (value instanceof Map) return value;
  if (value instanceof PtTuple) return new Map(value.items.entries());
  if (Array.isArray(value)) return new Map(value.entries());
  return value instanceof PtTensor ? new Map([["value", value]]) : undefined;
}
