// What is said of a file of the user's own code that is wrong: where in it, and what would do.

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Tensor } from "@plenoptic-js/tensor";
import { oneLine, UserCodeError, userCodeErrorIn } from "./failure.ts";

/** What a module may export: `model` and `makeModel`, or `metric` and `makeMetric`. */
export type Kind = "model" | "metric";

export const nameOfMaker: Readonly<Record<Kind, "makeModel" | "makeMetric">> = {
  model: "makeModel",
  metric: "makeMetric",
};

/** Lines that would do, for each kind of mistake. */
export const EXAMPLES = {
  model: ["export default function (image) {", "  return image.square().mean([2, 3]);", "}"],
  metric: ["export default function (a, b) {", "  return a.sub(b).abs().mean();", "}"],
  instance: [
    "class Energy {",
    "  forward(image) { return image.square().mean([2, 3]); }",
    "}",
    "export default new Energy();",
  ],
  makeModel: [
    "export function makeModel({ height, width, dtype, po }) {",
    '  return po.model("energy-v1", (image) => image.square().mean([2, 3]));',
    "}",
  ],
  makeMetric: [
    "export function makeMetric({ height, width, dtype, po }) {",
    "  return (a, b) => po.metric.mse(a, b).sqrt();",
    "}",
  ],
} as const;

/** The line of a file that threw an error, or that called what did: 1 for the first. */
export function lineOf(path: string, { stack = "" }: { readonly stack?: string | undefined }): number | undefined {
  const full = resolve(path);
  for (const line of stack.split("\n")) {
    for (const name of [pathToFileURL(full).href, full]) {
      const start = line.indexOf(name);
      const place = start < 0 ? null : /^(?:\?[^:\s]*)?:(\d+)/.exec(line.slice(start + name.length));
      if (place !== null) return Number(place[1]);
    }
  }
  return undefined;
}

/** The line of a source on which a function of it begins. */
export function lineOfFunction(source: string, f: unknown): number | undefined {
  if (typeof f !== "function") return undefined;
  const start = source.indexOf(Function.prototype.toString.call(f));
  return start < 0 ? undefined : source.slice(0, start).split("\n").length;
}

/** A file, and the line in it where that is known. */
export function place(path: string, line: number | undefined): string {
  return line === undefined ? path : `${path}, line ${line}`;
}

export function errorText(error: unknown): string {
  return oneLine(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
}

/** An error that something in a file threw, as one that names the file and the line. */
export function failed(path: string, what: string, error: unknown): UserCodeError {
  const before = userCodeErrorIn(error);
  if (before !== undefined) return before;
  const line = error instanceof Error ? lineOf(path, error) : undefined;
  return new UserCodeError(`${place(path, line)}: its ${what} failed: ${errorText(error)}`, { cause: error });
}

/** What a value is, in words. */
export function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (isClass(value)) return "a class";
  if (value instanceof Promise) return "a promise";
  if (typeof value === "object") return Array.isArray(value) ? "an array" : "an object";
  return `a ${typeof value}`;
}

export function isClass(value: unknown): boolean {
  return typeof value === "function" && /^class\b/.test(Function.prototype.toString.call(value));
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}

/** What a model or metric gave, where that is a Tensor. Throws UserCodeError that says what it gave instead. */
export function checkedTensor(
  result: unknown,
  { path, kind, line }: { readonly path: string; readonly kind: Kind; readonly line: number | undefined },
): Tensor {
  if (result instanceof Tensor) return result;
  const wrong = (text: string, example: keyof typeof EXAMPLES = kind): UserCodeError =>
    new UserCodeError(`${place(path, line)}: its ${kind} gives ${text}`, { example: EXAMPLES[example] });
  const maker = nameOfMaker[kind];
  if (isPromise(result)) {
    // What it waits for may fail; what is wrong is said here.
    result.then(undefined, () => {});
    throw wrong("a promise, as async functions do; it must give a Tensor at once: leave out async and await");
  }
  const { forward } = (result ?? {}) as { readonly forward?: unknown };
  if (typeof result === "function" || typeof forward === "function") {
    throw wrong(`${kindOf(result)} instead of a Tensor: what makes a ${kind} must be exported as ${maker}`, maker);
  }
  if ((result as object | null | undefined)?.constructor?.name === "Tensor") {
    throw wrong(
      `a Tensor of another copy of plenoptic-js; export ${maker}({ po }), and use the library it is given`,
      maker,
    );
  }
  throw wrong(`${kindOf(result)}${result === undefined ? "; is a return missing? It" : "; it"} must give a Tensor`);
}

/** A file of the user's that is in use. */
export interface UserFile {
  readonly path: string;
  readonly kind: Kind;
}

/** How the packages refuse what they were given. */
const REFUSALS = ["ValidationError", "TraceError", "DTypeError", "ShapeError", "RangeError", "TypeError"];

/**
 * Does some work in which code of the user's is called. What the packages refuse about it is told with the names of the files.
 *
 * @throws what the work throws, or UserCodeError
 */
export async function blaming<T>(files: readonly (UserFile | undefined)[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const theirs = userCodeErrorIn(error);
    if (theirs !== undefined) throw theirs;
    if (!(error instanceof Error) || !REFUSALS.includes(error.name)) throw error;
    const blamed = files.filter(
      (file) => file !== undefined && new RegExp(`\\bthe ${file.kind}\\b`).test(error.message),
    );
    if (blamed.length === 0) throw error;
    const names = blamed.map((file) => file!.path).join(" or ");
    throw new UserCodeError(`${names}: ${error.message}`, { cause: error, example: EXAMPLES[blamed[0]!.kind] });
  }
}
