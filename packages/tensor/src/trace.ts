// Tracing: an ordinary function of tensors becomes a graph. The function runs with placeholders for its inputs.

import { TraceError } from "./evaluate.ts";
import { inputLeaf } from "./graph/build.ts";
import type { DType, Node, Shape } from "./ops/definition.ts";
import { checkDtype, checkShape } from "./ops/rules.ts";
import { fingerprint } from "./stored/fingerprint.ts";
import { printGraph } from "./stored/print.ts";
import { graphText } from "./stored/text.ts";
import { Tensor } from "./tensor.ts";
import { checkArray } from "./words/arguments.ts";
import { shown } from "./words/shown.ts";

/** The type of one tensor. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The graph of a function. */
export class Trace {
  readonly inputs: readonly Node[];
  readonly output: Node;
  #fingerprint: string | undefined;

  constructor(inputs: readonly Node[], output: Node) {
    this.inputs = inputs;
    this.output = output;
  }

  /** SHA-256 of the graph with its constants. Computed when it is first asked for: large constants take seconds. */
  get fingerprint(): string {
    this.#fingerprint ??= fingerprint([this.output], this.inputs);
    return this.#fingerprint;
  }

  /** The graph as text, a line for each node: what each computes from which, with its dtype and shape. */
  toString(): string {
    return printGraph([this.output], this.inputs);
  }
}

let depth = 0;

/** Whether a function is being traced at this moment. */
export function isTracing(): boolean {
  return depth > 0;
}

/** For things that are not pure (drawing random numbers): an error while a function is traced. */
export function refuseWhileTracing(what: string): void {
  if (depth > 0) {
    throw new TraceError(
      `${what} while a function is traced: it would run once, not at every evaluation. Do it before, and use the result.`,
    );
  }
}

function once(f: (...inputs: Tensor[]) => Tensor, specs: readonly TensorSpec[]): Trace {
  const inputs = specs.map((spec) => inputLeaf([...spec.shape], spec.dtype));
  depth++;
  try {
    const output: unknown = f(...inputs.map((node) => new Tensor(node)));
    if (!(output instanceof Tensor)) throw new TypeError(`the function returned ${noTensor(output)}`);
    return new Trace(inputs, output.node);
  } finally {
    depth--;
  }
}

/** What was returned instead of a tensor, and how to mend it. */
function noTensor(output: unknown): string {
  if (output === undefined) return "nothing; it must return a Tensor: did you forget `return`?";
  if (typeof (output as PromiseLike<unknown> | null)?.then === "function") {
    // What an async function throws comes later; this refusal stands for it.
    (output as PromiseLike<unknown>).then(undefined, () => {});
    return "a Promise; it must return a Tensor, at once: remove `async` and `await`, and load what it needs before";
  }
  if (typeof output === "number") {
    return `the number ${shown(output)}; it must return a Tensor, as x.sum() and tensor(${shown(output)}) are`;
  }
  if (Array.isArray(output)) return `${shown(output)}; it must return one Tensor: concat() and stack() join several`;
  return `${shown(output)}; it must return a Tensor`;
}

/** Whether two graphs compute the same. Arrays are compared by their values only where they are not the very same. */
function isSame(a: Trace, b: Trace): boolean {
  const text = ({ output, inputs }: Trace): string => graphText([output], inputs, ({ id }) => String(id));
  return text(a) === text(b) || a.fingerprint === b.fingerprint;
}

/**
 * The graph of a function of tensors. The function is traced twice; if the graphs differ it is not a pure function,
 * which is an error.
 */
export function trace(f: (...inputs: Tensor[]) => Tensor, specs: readonly TensorSpec[]): Trace {
  if (typeof f !== "function") throw new TypeError(`trace: ${shown(f)} was given; it must be a function of tensors`);
  checkArray("trace", "the list of specs", specs, "{ shape, dtype }, one for each input");
  specs.forEach((spec, i) => {
    if (typeof spec !== "object" || spec === null) {
      throw new TypeError(`trace: spec ${i} is ${shown(spec)}; it must be { shape, dtype }`);
    }
    checkShape(`trace: spec ${i}`, spec.shape);
    checkDtype(`trace: spec ${i}`, spec.dtype);
  });
  const first = once(f, specs);
  if (!isSame(first, once(f, specs))) {
    throw new TraceError(
      "the function gave different graphs when traced twice, so it is not a pure function of its input. It may draw " +
        "random numbers, count calls, or depend on the time: compute such things once, outside.",
    );
  }
  return first;
}
