// The interpreter of scalar expressions: the meaning of every elementwise operation, see docs/numerics.md.
//
// The expression's distinct nodes are put in order once; then the elements are taken in chunks, and each node runs
// as one plain loop (loops.ts) over a chunk. Chunk buffers are small, stay in cache and are used again as soon as
// their value has had its last use.

import { schedule } from "../math/order.ts";
import type { Scalar, ScalarType } from "../math/scalar.ts";
import type { Plane } from "../ops/definition.ts";
import { shown } from "../words/shown.ts";
import { LOOPS, type Loop } from "./loops.ts";

const CHUNK = 1024;

const ARRAY_OF = { f32: Float32Array, f64: Float64Array, i32: Int32Array, bool: Uint8Array } as const;

/** One chunk's worth of memory, seen as each type that may live in it. */
interface Register {
  readonly bytes: 1 | 4 | 8;
  readonly floats: Plane;
  /** The same memory as 32-bit words. */
  readonly words: Plane;
}

function bytesOf(type: ScalarType): 1 | 4 | 8 {
  if (type === "bool") return 1;
  return type === "f64" || type === "i64" ? 8 : 4;
}

function allocateRegister(bytes: 1 | 4 | 8, chunk: number): Register {
  if (bytes === 1) {
    const flags = new Uint8Array(chunk);
    return { bytes, floats: flags, words: flags };
  }
  const floats = bytes === 8 ? new Float64Array(chunk) : new Float32Array(chunk);
  return { bytes, floats, words: new Int32Array(floats.buffer) };
}

/** The view of a register that a value of this type is read and written through. */
function viewOf(register: Register, type: ScalarType): Plane {
  return type === "i32" || type === "i64" ? register.words : register.floats;
}

function loopOf(node: Scalar): Loop {
  const last = node.args[node.args.length - 1].type;
  return LOOPS[node.op === "convert" ? `convert ${last} ${node.type}` : `${node.op} ${last}`];
}

function fill(view: Plane, node: Scalar): void {
  if (node.type !== "i64") {
    view.fill(node.value as number);
    return;
  }
  const low = Number(BigInt.asIntN(32, node.value as bigint));
  const high = Number(BigInt.asIntN(32, (node.value as bigint) >> 32n));
  for (let i = 0; i < view.length; i += 2) {
    view[i] = low;
    view[i + 1] = high;
  }
}

function checkArgument(node: Scalar, args: readonly Plane[], length: number): void {
  const plane = args[node.value as number];
  if (plane === undefined) {
    throw new RangeError(`evaluateScalars: the expression reads slot ${node.value}, but ${args.length} were given`);
  }
  if (node.type === "i64" || !(plane instanceof ARRAY_OF[node.type])) {
    throw new TypeError(
      `evaluateScalars: slot ${node.value} is ${shown(plane)}; an argument of type ${node.type} ` +
        "needs Float32Array for f32, Float64Array for f64, Int32Array for i32, Uint8Array for bool",
    );
  }
  if (plane.length !== length && plane.length !== 1) {
    throw new RangeError(
      `evaluateScalars: slot ${node.value} holds ${plane.length} elements; give ${length}, or 1 for all`,
    );
  }
}

/** Where a node's value for the current chunk lies. */
interface Place {
  view: Plane;
}

/** Whether any of the first n flags is set. */
function any(flags: Plane, n: number): boolean {
  for (let i = 0; i < n; i++) if (flags[i] !== 0) return true;
  return false;
}

/** An expression made ready for chunks of at most `chunk` elements. */
class Plan {
  /** Arguments that move on with every chunk. */
  readonly streams: { readonly place: Place; readonly plane: Plane }[] = [];
  readonly #places = new Map<Scalar, Place>();
  readonly #registers = new Map<Scalar, Register>();
  readonly #free = { 1: [] as Register[], 4: [] as Register[], 8: [] as Register[] };
  readonly #lastUse = new Map<Scalar, number>();
  /** Computes one node for n elements, and says how many of the steps that follow to skip. */
  readonly #steps: ((n: number) => number)[] = [];
  readonly #chunk: number;

  constructor(outputs: readonly Scalar[], args: readonly Plane[], length: number, chunk: number) {
    this.#chunk = chunk;
    const order = schedule(outputs);
    let position = 0;
    for (const { node, rare } of order) {
      for (const user of [...rare, node]) {
        for (const a of user.args) this.#lastUse.set(a, position);
        position++;
      }
    }
    for (const node of outputs) this.#lastUse.set(node, position);
    position = 0;
    for (const { node, rare } of order) {
      if (rare.length > 0) {
        const condition = this.place(node.args[0]);
        this.#steps.push((n) => (any(condition.view, n) ? 0 : rare.length));
      }
      for (const inner of [...rare, node]) {
        if (inner.op === "arg") this.#addArgument(inner, args, length);
        else if (inner.op === "const") fill(this.#ownPlace(inner).view, inner);
        else this.#addStep(inner, position);
        position++;
      }
    }
  }

  /** Where to find a node's value after `run`. */
  place(node: Scalar): Place {
    return this.#places.get(node) as Place;
  }

  run(n: number): void {
    const steps = this.#steps;
    for (let i = 0; i < steps.length; i++) i += steps[i](n);
  }

  #addArgument(node: Scalar, args: readonly Plane[], length: number): void {
    checkArgument(node, args, length);
    const plane = args[node.value as number];
    if (plane.length === length) {
      const place = { view: plane };
      this.#places.set(node, place);
      this.streams.push({ place, plane });
    } else this.#ownPlace(node).view.fill(plane[0]);
  }

  /** A place that no other node ever takes over. */
  #ownPlace(node: Scalar): Place {
    const place = { view: viewOf(allocateRegister(bytesOf(node.type), this.#chunk), node.type) };
    this.#places.set(node, place);
    return place;
  }

  #addStep(node: Scalar, position: number): void {
    const operands = node.args.map((a) => this.place(a));
    for (const a of new Set(node.args)) {
      const register = this.#registers.get(a);
      if (register && this.#lastUse.get(a) === position) this.#free[register.bytes].push(register);
    }
    const bytes = bytesOf(node.type);
    const register = this.#free[bytes].pop() ?? allocateRegister(bytes, this.#chunk);
    const view = viewOf(register, node.type);
    this.#registers.set(node, register);
    this.#places.set(node, { view });
    const [a, b = a, c = a] = operands;
    if (node.op === "bits") {
      // The bits move as words, so that no float load can touch a NaN's payload.
      this.#steps.push(() => {
        register.words.set(wordsOf(a.view));
        return 0;
      });
      return;
    }
    const loop = loopOf(node);
    const value = Number(node.value);
    this.#steps.push((n) => {
      loop(n, view, a.view, b.view, c.view, value);
      return 0;
    });
  }
}

/** The 32-bit words of a value's memory. */
function wordsOf(view: Plane): Int32Array {
  return new Int32Array(view.buffer, view.byteOffset, view.byteLength / 4);
}

/**
 * The values of `outputs` for every element.
 *
 * `args[i]` is what an `arg` node of slot i reads: Float32Array for f32, Float64Array for f64, Int32Array for i32,
 * Uint8Array of 0 and 1 for bool; `length` elements, or one element that stands for all. The results are fresh
 * arrays of `length` elements. An i64 cannot be an argument or an output.
 */
export function evaluateScalars(outputs: readonly Scalar[], args: readonly Plane[], length: number): Plane[] {
  const results = outputs.map(({ type }): Plane => {
    if (type === "i64") throw new TypeError("evaluateScalars: an output has type i64; convert it with bits() first");
    return new ARRAY_OF[type](length);
  });
  const chunk = Math.min(CHUNK, length);
  const plan = new Plan(outputs, args, length, chunk);
  for (let start = 0; start < length; start += chunk) {
    const n = Math.min(chunk, length - start);
    for (const { place, plane } of plan.streams) place.view = plane.subarray(start, start + n);
    plan.run(n);
    outputs.forEach((node, i) => {
      results[i].set(plan.place(node).view.subarray(0, n), start);
    });
  }
  return results;
}
