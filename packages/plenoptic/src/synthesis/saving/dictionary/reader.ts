// Reading the dictionary that Python's plenoptic saves: values by key, each checked for its type.

import { FileError, PtTensor, PtTuple, type PtValue } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { shapeText, shown } from "@plenoptic-js/tensor/engine";
import { toTensor } from "../../../io/tensors.ts";
import type { Label } from "./label.ts";

export type SavedDict = Map<PtValue, PtValue>;

/** A dictionary with the name of its file, for messages. */
export class SavedReader {
  readonly dict: SavedDict;
  readonly file: string;

  constructor(value: PtValue, file: string) {
    this.file = file;
    if (!(value instanceof Map)) throw this.#error(`it holds ${kindOf(value)}, not the dictionary of a synthesis`);
    this.dict = value;
  }

  #error(problem: string): FileError {
    return new FileError("damaged", this.file, problem);
  }

  wrong(key: string, expected: string, value: PtValue | undefined): FileError {
    return this.#error(`${key} is ${kindOf(value)}; it must be ${expected}`);
  }

  get(key: string): PtValue | undefined {
    return this.dict.get(key);
  }

  has(key: string): boolean {
    return this.dict.has(key);
  }

  /** A Python float or int. */
  number(key: string): number {
    const value = this.get(key);
    const number = numberOf(value);
    if (number === null) throw this.wrong(key, "a number", value);
    return number;
  }

  boolean(key: string): boolean {
    const value = this.get(key);
    if (typeof value !== "boolean") throw this.wrong(key, "True or False", value);
    return value;
  }

  numbers(key: string): Float64Array {
    const list = this.get(key);
    const numbers = Array.isArray(list) ? list.map(numberOf) : [null];
    if (numbers.includes(null)) throw this.wrong(key, "a list of numbers", list);
    return Float64Array.from(numbers as number[]);
  }

  /** A part of a value: an int from 0 on. */
  count(key: string, value: PtValue | undefined): number {
    const number = numberOf(value);
    if (number === null || !Number.isSafeInteger(number) || number < 0) throw this.wrong(key, "made of ints", value);
    return number;
  }

  /** A part of a value: the name of a scale. */
  label(key: string, value: PtValue | undefined): Label {
    return typeof value === "string" ? value : this.count(key, value);
  }

  tensor(key: string): Tensor {
    return this.#tensor(key, this.get(key));
  }

  image(key: string): Tensor<FloatDType> {
    const tensor = this.tensor(key);
    if (tensor.dtype !== "float32" && tensor.dtype !== "float64") {
      throw this.#error(`${key} is ${tensor.dtype}; it must be float32 or float64`);
    }
    return tensor as Tensor<FloatDType>;
  }

  images(key: string): Tensor<FloatDType>[] {
    const list = this.get(key);
    if (!Array.isArray(list)) throw this.wrong(key, "a list of tensors", list);
    return list.map((value, i) => this.#tensor(`${key}[${i}]`, value) as Tensor<FloatDType>);
  }

  #tensor(key: string, value: PtValue | undefined): Tensor {
    if (!(value instanceof PtTensor)) throw this.wrong(key, "a tensor", value);
    try {
      return toTensor(value);
    } catch (error) {
      if (error instanceof RangeError) throw this.wrong(key, "a tensor of numbers of another kind", value);
      throw error;
    }
  }

  /** A callable: its name, the names of the inputs, and what it gave for them. */
  callable(key: string): { readonly name: string; readonly inputs: readonly string[]; readonly output: Tensor } {
    const value = this.get(key);
    const [name, inputs, output] = value instanceof PtTuple || Array.isArray(value) ? [...value] : [];
    const names = inputs instanceof PtTuple || Array.isArray(inputs) ? [...inputs] : [null];
    if (typeof name !== "string" || !(output instanceof PtTensor) || names.some((x) => typeof x !== "string")) {
      throw this.wrong(key, "a callable: its name, the names of its inputs, and its output", value);
    }
    return { name, inputs: names as string[], output: this.#tensor(key, output) };
  }
}

/** A Python number as a number; null for anything else. */
export function numberOf(value: PtValue | undefined): number | null {
  if (typeof value === "number") return value;
  return typeof value === "bigint" ? Number(value) : null;
}

/** The type of a value, as Python calls it. */
export function kindOf(value: PtValue | undefined): string {
  if (value === undefined) return "missing";
  if (value === null) return "None";
  if (typeof value === "bigint") return `the int ${value}`;
  if (typeof value === "number") return `the float ${value}`;
  if (typeof value === "string") return `the str ${JSON.stringify(value.slice(0, 40))}`;
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (value instanceof Map) return "a dict";
  if (value instanceof PtTuple) return `a tuple of ${value.length}`;
  if (value instanceof PtTensor) return `a tensor ${value.dtype} ${shapeText(value.shape)}`;
  return shown(value);
}
