// What a saved file holds, in four groups: metadata, callables, tensors, and the rest.

import {
  PtByteArray,
  PtComplex,
  PtDtype,
  PtFloat,
  PtGlobal,
  PtObject,
  PtSet,
  PtSize,
  PtStorage,
  PtTensor,
  PtTuple,
  type PtValue,
} from "@plenoptic-js/formats";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { describeFunctions, type StoredModelDescription } from "../stored/describe.ts";

export interface CallableDescription {
  readonly name: string;
  /** The dotted name of the function or class; null where there was none. */
  readonly callable: string | null;
  /** What the callable was checked with: names and shapes of its inputs, and the shape of its output. */
  readonly inputs?: readonly { readonly name: string; readonly shape: readonly number[] | null }[];
  readonly output?: readonly number[];
}

export interface TensorDescription {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Smallest and largest number; null for complex ones, and where there are none but NaN. */
  readonly range: readonly [number, number] | null;
  /** How many elements are NaN. */
  readonly nans: number;
  /** Where torch had it, such as `cuda:0`. */
  readonly location: string;
}

export interface OtherDescription {
  readonly name: string;
  readonly value: string;
}

/** Leading underscores of names are left out. */
export interface SavedDescription {
  readonly metadata: readonly OtherDescription[];
  readonly callables: readonly CallableDescription[];
  readonly tensors: readonly TensorDescription[];
  readonly others: readonly OtherDescription[];
  /** The model and other functions, where the file holds them as data; else null. */
  readonly model: StoredModelDescription | null;
}

/** Longer texts are cut. */
const maxText = 60;

/** Sorts the items of a dictionary into the four groups, in their order, and looks at the model in it. */
export function describeSaved(saved: ReadonlyMap<PtValue, PtValue>, file: string): SavedDescription {
  const callables: CallableDescription[] = [];
  const tensors: TensorDescription[] = [];
  const others: OtherDescription[] = [];
  for (const [key, value] of saved) {
    if (key === "save_metadata") continue;
    const name = nameOf(key);
    const callable = describeCallable(name, value, saved);
    if (callable !== undefined) callables.push(callable);
    else if (value instanceof PtTensor) tensors.push(describeTensor(name, value));
    else others.push({ name, value: summarize(value) });
  }
  const metadata = saved.get("save_metadata");
  const known = metadata instanceof Map ? [...metadata] : [];
  return {
    metadata: known.map(([key, value]) => ({ name: nameOf(key), value: summarize(value) })),
    callables,
    tensors,
    others,
    model: describeFunctions(metadata, file),
  };
}

function nameOf(key: PtValue): string {
  return typeof key === "string" ? key.replace(/^_+(?=.)/, "") : summarize(key);
}

/**
 * A callable is saved as (name, names of inputs, output), an optimizer or scheduler as (name, state); before 1.2 both
 * were the Python objects themselves.
 */
function describeCallable(
  name: string,
  value: PtValue,
  saved: ReadonlyMap<PtValue, PtValue>,
): CallableDescription | undefined {
  if (value instanceof PtGlobal) return { name, callable: value.name };
  if (value instanceof PtObject) return { name, callable: value.className };
  if (!(value instanceof PtTuple) || value.length < 2) return undefined;
  const [callable, inputs, output] = value.items;
  if (callable !== null && typeof callable !== "string") return undefined;
  if (value.length === 2 && inputs instanceof Map) return { name, callable };
  if (value.length !== 3 || !(inputs instanceof PtTuple) || !(output instanceof PtTensor)) return undefined;
  const described = inputs.items.map((input) => {
    const text = String(input);
    const tensor = saved.get(text.replace(/^.*\*\s*/, ""));
    return { name: text.replace(/(^|\*\s*)_+/, "$1"), shape: tensor instanceof PtTensor ? tensor.shape : null };
  });
  return { name, callable, inputs: described, output: output.shape };
}

function describeTensor(name: string, tensor: PtTensor): TensorDescription {
  const { dtype, shape, storage } = tensor;
  let [low, high, nans] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0];
  if (!/^(complex|float8)/.test(dtype)) {
    for (const element of tensor.data()) {
      const number = Number(element);
      if (Number.isNaN(number)) nans++;
      else [low, high] = [Math.min(low, number), Math.max(high, number)];
    }
  }
  return { name, dtype, shape, range: low <= high ? [low, high] : null, nans, location: storage.location };
}

/** A value in a few words. */
function summarize(value: PtValue): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") {
    return value.length > maxText ? `${value.slice(0, maxText)}... (${value.length} characters)` : value;
  }
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof PtTensor) return `tensor, ${value.dtype} ${shapeText(value.shape)}`;
  if (Array.isArray(value)) return `list of ${value.length}${alike(value)}`;
  if (value instanceof PtTuple) return `tuple of ${value.length}${alike(value.items)}`;
  if (value instanceof PtSet) return `set of ${value.items.length}`;
  if (value instanceof Map) return `dict of ${value.size}`;
  if (value instanceof PtSize) return shapeText(value.sizes);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof PtByteArray) return `${value.bytes.length} bytes`;
  if (value instanceof PtStorage) return `storage of ${value.size} ${value.dtype ?? "bytes"}`;
  if (value instanceof PtObject) return value.className;
  if (value instanceof PtGlobal) return value.name;
  if (value instanceof PtComplex) return `${value.re} + ${value.im}i`;
  if (value instanceof PtDtype) return `torch.${value.name}`;
  return value instanceof PtFloat ? String(value.value) : `device ${value}`;
}

/** The few items themselves, or the tensors they all are. */
function alike(items: readonly PtValue[]): string {
  if (items.length === 0) return "";
  const [first] = items;
  if (first instanceof PtTensor) {
    const text = summarize(first);
    return items.every((item) => item instanceof PtTensor && summarize(item) === text) ? `: ${text}` : "";
  }
  const plain = items.every((item) => item === null || ["number", "bigint", "string", "boolean"].includes(typeof item));
  const text = plain && items.length <= 12 ? items.map(summarize).join(", ") : "";
  return text !== "" && text.length <= maxText ? `: ${text}` : "";
}
