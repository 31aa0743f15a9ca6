// Reading the state dictionary of a scheduler, and the notes it has left in the optimizer's group of settings.

import type { PtDict, PtValue } from "@plenoptic-js/formats";
import { FileError } from "@plenoptic-js/formats";
import { kindOf, numberOf } from "../dictionary/reader.ts";

export class SchedulerReader {
  readonly dict: PtDict;
  readonly #group: PtDict;
  readonly #file: string;

  constructor(className: string, dict: PtValue | undefined, group: PtDict, file: string) {
    this.#file = file;
    if (!(dict instanceof Map)) throw this.error(`${className} with ${kindOf(dict)}`);
    this.dict = dict;
    this.#group = group;
  }

  error(problem: string): FileError {
    return new FileError("damaged", this.#file, `the saved scheduler makes no sense: ${problem}`);
  }

  has(key: string): boolean {
    return this.dict.has(key);
  }

  number(key: string): number {
    return this.#numberOf(key, this.dict.get(key));
  }

  /** A whole number, 0 or more. */
  count(key: string): number {
    const value = this.number(key);
    if (!Number.isSafeInteger(value) || value < 0) throw this.error(`${key} is ${value}; it must be an int, 0 or more`);
    return value;
  }

  boolean(key: string): boolean {
    const value = this.dict.get(key);
    if (typeof value !== "boolean") throw this.error(`${key} is ${kindOf(value)}; it must be True or False`);
    return value;
  }

  text(key: string): string {
    const value = this.dict.get(key);
    if (typeof value !== "string") throw this.error(`${key} is ${kindOf(value)}; it must be a str`);
    return value;
  }

  /** The one number of a list with a number for each group of parameters. */
  only(key: string): number {
    const value = this.dict.get(key);
    if (!Array.isArray(value)) throw this.error(`${key} is ${kindOf(value)}; it must be a list`);
    return this.#numberOf(key, value[0]);
  }

  /** A number among the optimizer's settings. */
  noted(key: string): number {
    return this.#numberOf(key, this.#group.get(key));
  }

  #numberOf(key: string, value: PtValue | undefined): number {
    const number = numberOf(value);
    if (number === null) throw this.error(`${key} is ${kindOf(value)}; it must be a number`);
    return number;
  }
}
