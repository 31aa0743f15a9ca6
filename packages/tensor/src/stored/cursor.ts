// Reads a line from left to right.

import { StoredGraphError } from "./error.ts";

/** Characters of an op's message, and of the line, that an error shows. */
const LONGEST_MESSAGE = 300;
const SHOWN = 40;

export class Cursor {
  readonly #line: string;
  readonly #number: number;
  #at = 0;

  constructor(line: string, number: number) {
    this.#line = line;
    this.#number = number;
  }

  fail(problem: string, options: ErrorOptions & { readonly limit?: string } = {}): never {
    const short = problem.length > LONGEST_MESSAGE ? `${problem.slice(0, LONGEST_MESSAGE)}...` : problem;
    throw new StoredGraphError(`line ${this.#number}: ${short}`, options);
  }

  /** Whether this text comes next. At the end of the line a line break does. */
  sees(text: string): boolean {
    return this.#line.startsWith(text, this.#at) || (text === "\n" && this.#at === this.#line.length);
  }

  /** Goes past this text, if it comes next. */
  skip(text: string): boolean {
    if (!this.sees(text)) return false;
    this.#at += text.length;
    return true;
  }

  expect(text: string): void {
    if (!this.skip(text)) this.#unexpected(JSON.stringify(text));
  }

  /** What comes next by a sticky pattern. */
  take(pattern: RegExp, what: string): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#line)?.[0];
    if (found === undefined) return this.#unexpected(what);
    this.#at += found.length;
    return found;
  }

  end(): void {
    if (this.#at < this.#line.length) this.#unexpected("the end of the line");
  }

  #unexpected(what: string): never {
    const rest = JSON.stringify(this.#line.slice(this.#at, this.#at + SHOWN));
    return this.fail(`${what} is expected at character ${this.#at + 1}, where ${rest} stands`);
  }
}
