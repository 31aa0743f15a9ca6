// A Program: a graph compiled to WebAssembly, with its memory.
//
// Named buffers hold data across runs (inputs, and state that entries update). Every entry is one schedule of kernel
// calls over the same memory; its named outputs stay until it runs again. Constant parts of the graph are computed once,
// when the program is made. Memory is created at its final size; running allocates nothing. A stack holds many arrays of
// one shape, of which its windows show one each: only their addresses are looked up when an entry runs.

import { topological } from "../graph/node.ts";
import { type ArrayValue, type Node, realOf, sizeOf } from "../ops/definition.ts";
import { array, input } from "../ops/leaf.ts";
import { describe, ShapeError, sameShape } from "../ops/rules.ts";
import { type MemoryLimits, ModuleBuilder } from "../wasm/assembler/assembler.ts";
import type { Expr } from "../wasm/assembler/expression.ts";
import type { FunctionBuilder } from "../wasm/assembler/functionBuilder.ts";
import { type Layout, layoutOf } from "../wasm/layout.ts";
import { helpers } from "../wasm/threads/pool.ts";
import { Runner } from "../wasm/threads/threads.ts";
import { readArray, writeArray } from "../wasm/transfer.ts";
import type { Reference } from "./lower.ts";
import { align } from "./memory.ts";
import { constantBoundary, constantNodes, planEntry } from "./plan.ts";
import { cutSteps, GRAIN, type StepCost } from "./schedule.ts";
import { checkSpec, type ProgramSpec } from "./spec.ts";

export type { EntrySpec, ProgramSpec } from "./spec.ts";

export interface ProgramOptions {
  /**
   * Threads that share the work, the calling one included: a whole number from 1 to 64, by default 1. The bits do not
   * depend on it. Where threads are not to be had, everything runs on the calling one.
   */
  readonly threads?: number;
  /** Nanoseconds of work that a thread takes at once. Tests cut finer, so that small graphs are shared too. */
  readonly grain?: number;
}

/** What a program does cannot be held in 32-bit memory. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}

const PAGE = 65536;
const MAX_PAGES = 65536;
const MAX_THREADS = 64;
/** Vector reads may run a little past the last array. */
const GUARD = 4096;

const bytesOf = (node: Node): number => layoutOf(node.shape, node.dtype).bytes;

function memoryError(bytes: number, problem: string, options?: ErrorOptions): MemoryError {
  return new MemoryError(
    `the program needs ${(bytes / (1024 * 1024 * 1024)).toFixed(2)} GiB of memory, ${problem}. ` +
      "Use a smaller image or batch, float32 instead of float64, or a shorter optimizer history.",
    options,
  );
}

/** The pages for memory up to `top`. */
function pagesFor(top: number): number {
  const pages = Math.ceil((top + GUARD) / PAGE);
  if (pages > MAX_PAGES) throw memoryError(top, "and WebAssembly has at most 4 GiB");
  return pages;
}

function createMemory({ initialPages, maximumPages, shared }: MemoryLimits): WebAssembly.Memory {
  try {
    return new WebAssembly.Memory({ initial: initialPages, maximum: maximumPages, shared });
  } catch (error) {
    throw memoryError(initialPages * PAGE, "and this system does not give it", { cause: error });
  }
}

interface Place {
  readonly address: number;
  readonly layout: Layout;
}

/** Where the slots of a stack lie, and where a window's present address is kept. */
interface Window {
  readonly base: number;
  readonly stride: number;
  readonly slots: number;
  readonly cell: number;
}

export class Program {
  readonly #memory: WebAssembly.Memory;
  readonly #buffers = new Map<string, Place>();
  readonly #windows = new Map<string, Window>();
  readonly #outputs = new Map<string, Place>();
  readonly #entries = new Map<string, number>();
  readonly #runner: Runner;
  /** Bytes of WebAssembly memory. */
  readonly bytes: number;
  /** Threads that share the work. */
  readonly threads: number;

  constructor(spec: ProgramSpec, { threads = 1, grain = GRAIN }: ProgramOptions = {}) {
    if (!Number.isInteger(threads) || threads < 1 || threads > MAX_THREADS) {
      throw new RangeError(`program: threads is ${threads}; it must be a whole number from 1 to ${MAX_THREADS}`);
    }
    const { buffers, stacks, entries } = checkSpec(spec);
    const everything = topological(entries.flatMap((e) => e.roots));
    const known = new Set(buffers.values());
    const unknown = everything.find((node) => node.op === input && !known.has(node));
    if (unknown) {
      throw new TypeError(`program: an input of ${describe(unknown)} is used that is no buffer`);
    }
    const constant = constantNodes(everything);
    const arrays = everything.filter((node) => node.op === array);
    const boundary = new Set<Node>();
    for (const e of entries) {
      for (const node of constantBoundary(topological(e.roots), constant, e.roots)) boundary.add(node);
    }

    // Addresses: what stays first, then the shared region of intermediate arrays, then every thread's scratch.
    const available = new Set<Node>([...known, ...arrays, ...boundary]);
    let top = GUARD;
    const take = (bytes: number): number => {
      const at = top;
      top += align(bytes);
      return at;
    };
    const windows = new Map<Node, Window>();
    for (const { slots, windows: nodes } of stacks) {
      const stride = align(bytesOf([...nodes.values()][0]));
      const base = take(slots * stride);
      for (const [name, node] of nodes) {
        const window = { base, stride, slots, cell: take(4) };
        windows.set(node, window);
        this.#windows.set(name, window);
      }
    }
    const persistent = new Map<Node, number>();
    for (const node of available) if (!windows.has(node)) persistent.set(node, take(bytesOf(node)));
    const outputAddress = entries.map(
      ({ outputs }) =>
        new Map([...new Set(outputs.values())].map((node) => [node, persistent.get(node) ?? take(bytesOf(node))])),
    );
    // What is far too large is refused before it is planned.
    pagesFor(top);
    const initial = planEntry(boundary, new Map(), new Set(arrays), false);
    const plans = entries.map((e) => planEntry([...e.outputs.values()], e.updates, available, threads > 1));
    const all = [initial, ...plans];
    const tableAddress = all.map((p) => p.tables.map((t) => take(t.byteLength)));
    const region = take(Math.max(0, ...all.map((p) => p.bytes)));
    const scratchBytes = Math.max(0, ...all.flatMap((p) => p.steps.map((s) => s.scratchBytes)));
    const scratch = Array.from({ length: threads }, () => take(scratchBytes));
    const pages = pagesFor(top);
    this.bytes = pages * PAGE;

    const costs = all.map((p, n) =>
      p.steps.map(({ units, unitCost }, i): StepCost => ({ name: `e${n}s${i}`, units, unitCost, group: p.groups[i] })),
    );
    // Helpers, and the shared memory they need, only if there is something to share.
    const wanted = cutSteps(costs, threads, grain);
    const crew = wanted.entries.some((phases) => phases.some((phase) => phase.shared)) ? helpers(threads - 1) : [];
    this.threads = crew.length + 1;
    const limits = { initialPages: pages, maximumPages: pages, shared: crew.length > 0 };

    const module = new ModuleBuilder({ memory: limits });
    const functions = new Map<string, number>();
    all.forEach((p, n) => {
      const outputs = n > 0 ? outputAddress[n - 1] : new Map<Node, number>();
      const addressOf = (f: FunctionBuilder, r: Reference): number | Expr => {
        if (r.of === "table") return tableAddress[n][r.id] + r.offset;
        if (r.of === "temporary") return region + p.temporaryOffsets[r.id] + r.offset;
        const node = p.inPlace.get(r.node) ?? r.node;
        const window = windows.get(node);
        if (window !== undefined) return f.op("i32.add", f.load("i32.load", window.cell), r.offset);
        const fixed = persistent.get(node) ?? outputs.get(node);
        return (fixed ?? region + (p.nodeOffsets.get(node) as number)) + r.offset;
      };
      p.steps.forEach((step, i) => {
        const kernel = functions.get(step.kernel.key) ?? step.kernel.emit(module);
        functions.set(step.kernel.key, kernel);
        module.func(costs[n][i].name, ["i32", "i32", "i32"], [], (f, own, begin, end) => {
          f.call(kernel, ...step.arguments.map((r) => addressOf(f, r)), own, begin, end);
        });
      });
    });
    const compiled = new WebAssembly.Module(module.emit() as BufferSource);
    this.#memory = createMemory(limits);
    const { buffer } = this.#memory;
    all.forEach((p, n) => {
      p.tables.forEach((t, i) => {
        new Uint8Array(buffer).set(t, tableAddress[n][i]);
      });
    });
    const placeAt = (node: Node, address: number | undefined): Place => ({
      address: address as number,
      layout: layoutOf(node.shape, node.dtype),
    });
    for (const node of arrays) {
      const { address, layout } = placeAt(node, persistent.get(node));
      writeArray(buffer, address, node.value as ArrayValue, layout);
    }
    for (const [name, node] of buffers) {
      const window = windows.get(node);
      this.#buffers.set(name, placeAt(node, window === undefined ? persistent.get(node) : window.base));
      if (window !== undefined) this.select(name, 0);
    }
    entries.forEach((e, n) => {
      this.#entries.set(e.name, n + 1);
      for (const [name, node] of e.outputs) {
        this.#outputs.set(`${e.name}.${name}`, placeAt(node, outputAddress[n].get(node)));
      }
    });
    const schedule = this.threads === threads ? wanted : cutSteps(costs, this.threads, grain);
    this.#runner = new Runner(compiled, this.#memory, schedule, scratch, crew);
    // Constant nodes have places of their own: nothing else of the initial plan outlives it.
    this.#runner.run(0);
  }

  /**
   * Lets a window show another slot of its stack. Where an entry writes to a window, the other windows on that stack which
   * it reads must show other slots.
   */
  select(name: string, slot: number): void {
    const window = this.#windows.get(name);
    if (window === undefined) {
      throw new RangeError(
        `program: ${name} is no window; there are ${[...this.#windows.keys()].join(", ") || "none"}`,
      );
    }
    if (!Number.isInteger(slot) || slot < 0 || slot >= window.slots) {
      throw new RangeError(`program: slot ${slot} of ${name}; it must be a whole number from 0 to ${window.slots - 1}`);
    }
    const address = window.base + slot * window.stride;
    new DataView(this.#memory.buffer).setInt32(window.cell, address, true);
    this.#buffers.set(name, { ...(this.#buffers.get(name) as Place), address });
  }

  /** Gives a buffer its data; a window, the slot it shows. */
  set(name: string, value: ArrayValue): void {
    const { address, layout } = this.#buffer(name);
    if (!sameShape(layout.shape, value.shape) || layout.dtype !== value.dtype) {
      throw new ShapeError(`program: ${name} is ${describe(layout)}, the data ${describe(value)}`);
    }
    writeArray(this.#memory.buffer, address, value, layout);
  }

  /** Gives a buffer of one real number its value: any number for floats, else one that the dtype holds exactly. */
  setNumber(name: string, value: number): void {
    const { address, layout } = this.#buffer(name);
    const { dtype, shape } = layout;
    if (sizeOf(shape) !== 1 || layout.components !== 1) {
      throw new ShapeError(`program: ${name} is ${describe(layout)}, not one real number; give it an array by set()`);
    }
    const view = new DataView(this.#memory.buffer);
    if (dtype === "float64") view.setFloat64(address, value, true);
    else if (dtype === "float32") view.setFloat32(address, value, true);
    else {
      if (dtype === "bool" ? value !== 0 && value !== 1 : value !== (value | 0)) {
        throw new RangeError(`program: ${name} is ${dtype}, which cannot hold ${value}`);
      }
      view.setInt32(address, value, true);
    }
  }

  /** A copy of a buffer, or of an output ("entry.output"). */
  get(name: string): ArrayValue {
    const { address, layout } = this.#place(name);
    return readArray(this.#memory.buffer, address, layout);
  }

  /** The first element of a buffer or output; of a complex one, its real part. */
  getNumber(name: string): number {
    const { address, layout } = this.#place(name);
    if (sizeOf(layout.shape) === 0) throw new ShapeError(`program: ${name} is ${describe(layout)}: it has no element`);
    const view = new DataView(this.#memory.buffer);
    const real = realOf(layout.dtype);
    if (real === "float64") return view.getFloat64(address, true);
    return real === "float32" ? view.getFloat32(address, true) : view.getInt32(address, true);
  }

  /** Pieces of work that helper threads have done so far. */
  get helped(): number {
    return this.#runner.helped;
  }

  /** Runs an entry to its end. If that fails, the program's data is lost and it refuses to run again. */
  run(entry: string): void {
    const number = this.#entries.get(entry);
    if (number === undefined) {
      throw new RangeError(`program: no entry ${entry}; there are ${[...this.#entries.keys()].join(", ")}`);
    }
    this.#runner.run(number);
  }

  #buffer(name: string): Place {
    const place = this.#buffers.get(name);
    if (place !== undefined) return place;
    const what = this.#outputs.has(name) ? `${name} is an output, which only running sets` : `no buffer ${name}`;
    throw new RangeError(`program: ${what}; buffers are ${[...this.#buffers.keys()].join(", ")}`);
  }

  #place(name: string): Place {
    const place = this.#buffers.get(name) ?? this.#outputs.get(name);
    if (place !== undefined) return place;
    const names = [...this.#buffers.keys(), ...this.#outputs.keys()];
    throw new RangeError(`program: no ${name}; there are ${names.join(", ")}`);
  }
}
