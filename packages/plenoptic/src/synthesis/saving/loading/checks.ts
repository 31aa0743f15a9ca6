// The checks of `load`: whether a file belongs to the object that loads it.

import type { Tensor } from "@plenoptic-js/tensor";
import { type AnyWarning, FutureWarning, LoadWarning } from "../../../warnings.ts";
import { differenceOf, type Tolerance } from "./compare.ts";

/** A saved synthesis does not fit the object that should load it. The object is as it was. */
export class LoadError extends Error {
  override readonly name = "LoadError";
}

/** Which value is kept when a file is loaded although a check has failed. */
type Kept = "that of the file" | "that of this object";

/** Collects what is wrong: the first thing is thrown, or all become warnings. */
export class LoadChecks {
  readonly warnings: AnyWarning[] = [];
  /** The name of the file, for messages. */
  readonly file: string;
  readonly #raise: boolean;
  readonly #tolerance: Tolerance;

  constructor(file: string, raise: boolean, tolerance: Tolerance) {
    this.file = file;
    this.#raise = raise;
    this.#tolerance = tolerance;
  }

  /**
   * A check has failed. `kept` says which value is kept when the file is loaded all the same; `lenient` what raiseOnChecks: false
   * does of it.
   */
  fail(problem: string, kept: Kept | null, lenient = "loads it all the same"): void {
    const text = `load: ${this.file}: ${problem}`;
    const look = "io.examineSavedSynthesis(file) shows what the file holds";
    if (this.#raise) throw new LoadError(`${text}. ${look}; raiseOnChecks: false ${lenient}.`);
    this.warnings.push(new LoadWarning("check", `${text}${kept === null ? "" : `; kept is ${kept}`}`));
  }

  /** What cannot be loaded, whatever is asked for. */
  refuse(problem: string): never {
    throw new LoadError(`load: ${this.file}: ${problem}`);
  }

  /** Something that came from an old release. */
  note(text: string): void {
    this.warnings.push(new FutureWarning("old-file", `load: ${this.file}: ${text}`));
  }

  async same(what: string, saved: Tensor, own: Tensor, kept: Kept): Promise<void> {
    const difference = await differenceOf(what, saved, own, this.#tolerance);
    if (difference === null) return;
    if (difference.always) throw new LoadError(`load: ${this.file}: ${difference.text}`);
    this.fail(difference.text, kept);
  }

  /** A value that is equal or not. */
  sameText(what: string, saved: string, own: string, kept: Kept = "that of the file"): void {
    if (saved !== own) this.fail(`the saved ${what} is ${saved}, that of this object ${own}`, kept);
  }

  sameNumber(what: string, saved: number, own: number): void {
    const { atol, rtol } = { atol: 1e-8, rtol: 1e-5 };
    if (Math.abs(saved - own) <= atol + rtol * Math.abs(own)) return;
    this.fail(`the saved ${what} is ${saved}, that of this object ${own}`, "that of the file");
  }
}
