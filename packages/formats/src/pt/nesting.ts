// How deep values lie in each other. Deep ones are refused, so that code that walks a value may call itself.

import { PtTensor } from "../tensors/tensor.ts";
import { PtObject, PtOrderedDict, PtSet, PtTuple, type PtValue } from "./values.ts";

/** The values right inside a value. */
function* inside(value: PtValue): Generator<PtValue> {
  if (Array.isArray(value)) yield* value;
  else if (value instanceof PtTuple || value instanceof PtSet) yield* value.items;
  else if (value instanceof PtObject) yield value.state;
  else if (value instanceof PtTensor) yield (value.attributes ?? null) as PtValue;
  else if (value instanceof Map) {
    for (const [key, item] of value) {
      yield key;
      yield item;
    }
    if (value instanceof PtOrderedDict) yield value.attributes;
  }
}

/**
 * Whether values lie in each other more than `limit` deep. A plain value is 0 deep, a list of those 1. What is shared
 * is looked at once; a value that lies in itself does not count again.
 */
export function isDeeper(root: PtValue, limit: number): boolean {
  if (typeof root !== "object" || root === null) return false;
  const depths = new Map<object, number>();
  // By hand and not by recursion, because the depth is what is in question.
  const path: { readonly value: object; readonly rest: Iterator<PtValue>; depth: number }[] = [];
  const enter = (value: object): void => {
    depths.set(value, 0);
    path.push({ value, rest: inside(value as PtValue), depth: 0 });
  };
  enter(root);
  while (path.length > 0) {
    if (path.length > limit) return true;
    const top = path[path.length - 1];
    const { value, done } = top.rest.next();
    if (!done) {
      const isObject = typeof value === "object" && value !== null;
      const known = isObject ? depths.get(value) : 0;
      if (isObject && known === undefined) enter(value);
      else top.depth = Math.max(top.depth, (known ?? 0) + 1);
      continue;
    }
    if (top.depth > limit) return true;
    depths.set(top.value, top.depth);
    path.pop();
    const parent = path[path.length - 1];
    if (parent !== undefined) parent.depth = Math.max(parent.depth, top.depth + 1);
  }
  return false;
}
