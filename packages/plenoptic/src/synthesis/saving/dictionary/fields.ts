// How attributes of synthesis objects stand in a file: for each kind of value, how it is written and how it is read.

import { PtSize, PtTensor, PtTuple, type PtValue } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldTensor } from "../../../io/tensors.ts";
import type { Label } from "./label.ts";
import type { SavedReader } from "./reader.ts";

export interface Field<T> {
  readonly key: string;
  write(value: T): PtValue | Promise<PtValue>;
  /** Throws FileError for a value of the wrong type. */
  read(reader: SavedReader): T;
}

/** A function or model: its name, and what it gave for inputs that are in the file too. */
export interface SavedCallable {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: Tensor;
}

/** The class name and state dictionary of an optimizer or a scheduler; the name is null where there is none. */
export interface SavedState {
  readonly name: string | null;
  readonly dict: PtValue | undefined;
  readonly raw: PtValue;
}

const orNone = <T>(field: Field<T>): Field<T | null> => ({
  key: field.key,
  write: (value) => (value === null ? null : field.write(value)),
  read: (reader) => (reader.get(field.key) === null ? null : field.read(reader)),
});

export const raw = (key: string): Field<PtValue | undefined> => ({
  key,
  write: (value) => value ?? null,
  read: (reader) => reader.get(key),
});

export const flag = (key: string): Field<boolean> => ({
  key,
  write: (value) => value,
  read: (reader) => reader.boolean(key),
});

export const number = (key: string): Field<number> => ({
  key,
  write: (value) => value,
  read: (reader) => reader.number(key),
});

export const numberOrNone = (key: string): Field<number | null> => orNone(number(key));

export const numbers = (key: string): Field<Float64Array> => ({
  key,
  write: (values) => [...values],
  read: (reader) => reader.numbers(key),
});

export const numbersOrNone = (key: string): Field<Float64Array | null> => orNone(numbers(key));

export const text = <T extends string>(key: string, choices: readonly T[]): Field<T> => ({
  key,
  write: (value) => value,
  read(reader) {
    const value = reader.get(key);
    const choice = choices.find((one) => one === value);
    if (choice === undefined) throw reader.wrong(key, choices.map((one) => JSON.stringify(one)).join(" or "), value);
    return choice;
  },
});

export const size = (key: string): Field<readonly number[]> => ({
  key,
  write: (sizes) => new PtSize(sizes),
  read(reader) {
    const value = reader.get(key);
    if (!(value instanceof PtSize)) throw reader.wrong(key, "a torch.Size", value);
    return value.sizes;
  },
});

export const tensor = (key: string): Field<Tensor> => ({
  key,
  write: (value) => heldTensor(value),
  read: (reader) => reader.tensor(key),
});

export const tensorOrNone = (key: string): Field<Tensor | null> => orNone(tensor(key));

export const image = (key: string): Field<Tensor<FloatDType>> => ({
  key,
  write: (value) => heldTensor(value),
  read: (reader) => reader.image(key),
});

export const imageOrNone = (key: string): Field<Tensor<FloatDType> | null> => orNone(image(key));

export const images = (key: string): Field<readonly Tensor<FloatDType>[]> => ({
  key,
  async write(list) {
    const written: PtValue[] = [];
    for (const one of list) written.push(await heldTensor(one));
    return written;
  },
  read: (reader) => reader.images(key),
});

/** int64 [count], from 0 on. Python's `to` makes floating-point numbers of them. */
export const integersOrNone = (key: string): Field<readonly number[] | null> => ({
  key,
  write: (values) =>
    values === null
      ? null
      : PtTensor.of(
          "int64",
          [values.length],
          BigInt64Array.from(values, (value) => BigInt(value)),
        ),
  read(reader) {
    const value = reader.get(key);
    if (value === null) return null;
    const isList = value instanceof PtTensor && value.shape.length === 1 && /^(int|float)(32|64)$/.test(value.dtype);
    const list = isList ? Array.from(value.data() as BigInt64Array | Float64Array, Number) : [Number.NaN];
    if (!list.every((index) => Number.isSafeInteger(index) && index >= 0)) {
      throw reader.wrong(key, "a list of whole numbers from 0 on, as a tensor", value);
    }
    return list;
  },
});

/** What a callable gives for inputs that are in the file. Files of old releases lack some: they are read as null. */
export const callable = (key: string): Field<SavedCallable | null> => ({
  key,
  write: async (value) =>
    value === null ? null : new PtTuple([value.name, new PtTuple(value.inputs), await heldTensor(value.output)]),
  read: (reader) => (reader.has(key) ? reader.callable(key) : null),
});

/** A class name and a state dictionary; null where a value is none. */
function partsOf(value: PtValue): SavedState | null {
  if (value === null) return { name: null, dict: undefined, raw: value };
  const parts = value instanceof PtTuple || Array.isArray(value) ? [...value] : [];
  const [name, dict] = parts;
  if (parts.length !== 2 || !(name === null || typeof name === "string")) return null;
  return { name, dict, raw: value };
}

/** What was made by saving an optimizer or a scheduler. */
export function stateOf(made: PtTuple): SavedState {
  const [name, dict] = made.items;
  return { name: name as string | null, dict, raw: made };
}

export const state = (key: string): Field<SavedState> => ({
  key,
  write: (value) => value.raw,
  read(reader) {
    const value = reader.get(key) ?? null;
    const saved = partsOf(value);
    if (saved === null) throw reader.wrong(key, "a class name and a state", value);
    return saved;
  },
});

/** Every how many iterations an image was stored; 0: never; null: not decided. */
export const storeProgress = (key: string): Field<number | null> => ({
  key,
  write: (every) => (every === null ? null : every === 0 ? false : BigInt(every)),
  read(reader) {
    const value = reader.get(key);
    if (value === null || value === false) return value === null ? null : 0;
    const every = value === true ? 1 : reader.number(key);
    if (!Number.isInteger(every) || every < 0) throw reader.wrong(key, "None, False or an int", value);
    return every;
  },
});

const writeLabel = (label: Label): PtValue => (typeof label === "number" ? BigInt(label) : label);

export const labels = (key: string): Field<readonly Label[]> => ({
  key,
  write: (list) => list.map(writeLabel),
  read(reader) {
    const list = reader.get(key);
    if (!Array.isArray(list)) throw reader.wrong(key, "a list of scales", list);
    return list.map((label) => reader.label(key, label));
  },
});

/** For each scale its first iteration, and the last one where it is finished. */
export const timing = (key: string): Field<ReadonlyMap<Label, readonly number[]>> => ({
  key,
  write: (map) => new Map([...map].map(([label, span]) => [writeLabel(label), span.map((n) => BigInt(n))])),
  read(reader) {
    const dict = reader.get(key);
    if (!(dict instanceof Map)) throw reader.wrong(key, "a dict", dict);
    return new Map(
      [...dict].map(([label, span]) => {
        if (!Array.isArray(span)) throw reader.wrong(key, "a dict of lists", span);
        return [reader.label(key, label), span.map((n) => reader.count(key, n))];
      }),
    );
  },
});
