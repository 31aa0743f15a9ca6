// Reading the state dictionary of an optimizer: its one group of settings, and what it remembers of its one parameter.

import { FileError, type PtDict, PtTensor, PtTuple, type PtValue } from "@plenoptic-js/formats";
import type { FloatDType } from "@plenoptic-js/tensor";
import type { HostScalar } from "@plenoptic-js/tensor/engine";
import type { Values } from "../../frame/descent.ts";
import { kindOf, numberOf } from "../dictionary/reader.ts";

/** How the image is laid out, and arrays like it. */
export interface Layout {
  readonly dtype: FloatDType;
  readonly shape: readonly number[];
}

/** Values in the dtype of the image. */
export const ofType = (dtype: FloatDType, values: ArrayLike<number>): Values =>
  dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);

export class StateReader {
  readonly group: PtDict;
  /** Empty before the first step. */
  readonly state: PtDict;
  readonly layout: Layout;
  readonly #file: string;

  constructor(dict: PtValue | undefined, layout: Layout, file: string) {
    this.layout = layout;
    this.#file = file;
    const groups = dict instanceof Map ? dict.get("param_groups") : undefined;
    const states = dict instanceof Map ? dict.get("state") : undefined;
    const group = Array.isArray(groups) && groups.length === 1 ? groups[0] : undefined;
    if (!(group instanceof Map) || !(states instanceof Map)) {
      throw this.error("its state must be a dict with state and one entry of param_groups");
    }
    this.group = group;
    // There is one parameter, under whatever key.
    const [state = new Map()] = states.values();
    if (!(state instanceof Map)) throw this.error(`state is ${kindOf(state)}; it must be a dict`);
    this.state = state;
  }

  error(problem: string): FileError {
    return new FileError("damaged", this.#file, `the saved optimizer makes no sense: ${problem}`);
  }

  /** A setting; null where the file has none: torch then takes the default. */
  setting(key: string): PtValue | null {
    return this.group.get(key) ?? null;
  }

  number(key: string, fallback?: number): number {
    const value = this.setting(key);
    if (value === null && fallback !== undefined) return fallback;
    const number = numberOf(value);
    if (number === null) throw this.error(`${key} is ${kindOf(value)}; it must be a number`);
    return number;
  }

  boolean(key: string): boolean {
    return this.setting(key) === true;
  }

  pair(key: string): readonly [number, number] {
    const value = this.setting(key);
    const numbers = value instanceof PtTuple || Array.isArray(value) ? [...value].map(numberOf) : [];
    if (numbers.length !== 2 || numbers.includes(null)) {
      throw this.error(`${key} is ${kindOf(value)}; it must be two numbers`);
    }
    return numbers as [number, number];
  }

  /** An array like the image, whatever its shape in the file. */
  values(key: string, value: PtValue | undefined): Values {
    const { dtype, shape } = this.layout;
    const size = shape.reduce((product, n) => product * n, 1);
    if (!(value instanceof PtTensor) || value.size !== size || !/^float(16|32|64)$/.test(value.dtype)) {
      throw this.error(`${key} is ${kindOf(value)}; it must be ${size} floats`);
    }
    return ofType(dtype, value.data() as Values);
  }

  list(key: string): readonly PtValue[] {
    const value = this.state.get(key);
    if (!Array.isArray(value)) throw this.error(`${key} is ${kindOf(value)}; it must be a list`);
    return value;
  }

  /** A number, or a tensor of one. */
  scalar(key: string, value: PtValue | undefined): HostScalar {
    if (value instanceof PtTensor && value.size === 1) return { value: Number(value.data()[0]), ofArray: true };
    const number = numberOf(value);
    if (number === null) throw this.error(`${key} is ${kindOf(value)}; it must be a number`);
    return { value: number, ofArray: false };
  }
}
