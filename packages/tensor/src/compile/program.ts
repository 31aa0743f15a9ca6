// A Program: a graph compiled to WebAssembly, with its memory.
//
// Named buffers hold data across runs (inputs, and state that entries update). Every entry is one schedule of kernel
// calls over the same memory; its named outputs stay until it runs again. Constant parts of the graph are computed once,
// when the program is made. Memory is created at its final size; running allocates nothing.

import { makeNode, topological } from "../graph/node.ts";
import type { ArrayValue, Node } from "../ops/definition.ts";
import { realOf } from "../ops/definition.ts";
import { array, input, literal } from "../ops/leaf.ts";
import { ShapeError, sameShape, show } from "../ops/rules.ts";
import { stopGradient } from "../ops/stopGradient.ts";
import { ModuleBuilder } from "../wasm/assembler.ts";
import { type Layout, layoutOf } from "../wasm/layout.ts";
import { readArray, writeArray } from "../wasm/transfer.ts";
import { Canonical } from "./canonical.ts";
import { Fusion } from "./fuse.ts";
import { Lowering, type Reference, type Step } from "./lower.ts";
import { align, type Lifetime, planMemory } from "./memory.ts";
import { runSteps, type Schedule } from "./schedule.ts";

export interface EntrySpec {
  /** Values to keep, by name. */
  readonly outputs?: Readonly<Record<string, Node>>;
  /** New values of buffers, by buffer name. All are computed from the old values. */
  readonly updates?: Readonly<Record<string, Node>>;
}

export interface ProgramSpec {
  /** Input leaves that keep their data across runs, by name. */
  readonly buffers: Readonly<Record<string, Node>>;
  readonly entries: Readonly<Record<string, EntrySpec>>;
}

/** What a program does cannot be held in 32-bit memory. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}

const PAGE = 65536;
const MAX_PAGES = 65536;
/** Vector reads may run a little past the last array. */
const GUARD = 4096;

interface Plan {
  readonly steps: readonly Step[];
  readonly temporaries: readonly number[];
  /** Offsets in the shared temporary region. */
  readonly nodeOffsets: ReadonlyMap<Node, number>;
  readonly temporaryOffsets: readonly number[];
  readonly tables: readonly Uint8Array[];
  /** Update values that are written straight into their buffer. */
  readonly inPlace: ReadonlyMap<Node, Node>;
  readonly bytes: number;
}

/** Nodes that depend on arrays alone: their values never change. */
function constantNodes(order: readonly Node[]): Set<Node> {
  const constant = new Set<Node>();
  const literals = new Set<Node>();
  for (const node of order) {
    if (node.op === array) constant.add(node);
    else if (node.op === literal) literals.add(node);
    else if (node.op !== input && node.inputs.every((x) => constant.has(x) || literals.has(x))) {
      if (node.inputs.every((x) => literals.has(x))) literals.add(node);
      else constant.add(node);
    }
  }
  return constant;
}

/** Constant nodes whose values varying nodes (or roots) use. */
function constantBoundary(order: readonly Node[], constant: ReadonlySet<Node>, roots: readonly Node[]): Set<Node> {
  const boundary = new Set<Node>();
  const use = (x: Node): void => {
    if (!constant.has(x)) return;
    let base = x;
    // Do not store what is only a repetition.
    while (base.op.name === "broadcastTo") base = base.inputs[0];
    if (base.op !== array) boundary.add(base);
  };
  for (const node of order) if (!constant.has(node)) node.inputs.forEach(use);
  roots.forEach(use);
  return boundary;
}

function plan(outputs: readonly Node[], updates: ReadonlyMap<Node, Node>, available: ReadonlySet<Node>): Plan {
  const roots = [...new Set([...outputs, ...updates.values()])];
  const fusion = new Fusion(roots, available);
  const lowering = new Lowering(fusion);
  for (const task of fusion.tasks) lowering.add(task);
  const computed = lowering.steps.length;
  const { inPlace, copies } = placeUpdates(updates, new Set([...outputs, ...available]), lowering.steps, fusion);
  for (const [buffer, value] of copies) lowering.copy(value, buffer);

  const { steps } = lowering;
  const lives = new Map<Node, { first: number; last: number }>();
  const temporaryLives = lowering.temporaries.map(() => ({ first: Number.POSITIVE_INFINITY, last: -1 }));
  steps.forEach((step, i) => {
    for (const node of [...step.writes, ...step.reads]) {
      if (available.has(node) || inPlace.has(node)) continue;
      const life = lives.get(node);
      if (life === undefined) lives.set(node, { first: i, last: i });
      else life.last = i;
    }
    for (const a of step.arguments) {
      if (a.of !== "temporary") continue;
      const life = temporaryLives[a.id];
      life.first = Math.min(life.first, i);
      life.last = i;
    }
  });
  // Roots are read after the entry has run.
  for (const root of roots) {
    const life = lives.get(root);
    if (life) life.last = Math.max(computed, steps.length);
  }
  const nodes = [...lives.keys()];
  const lifetimes: Lifetime[] = [
    ...nodes.map((node) => ({ ...lives.get(node)!, bytes: layoutOf(node.shape, node.dtype).bytes })),
    ...temporaryLives.map(({ first, last }, id) => ({
      bytes: lowering.temporaries[id],
      first: Math.min(first, last),
      last,
    })),
  ];
  const { offsets, bytes } = planMemory(lifetimes);
  return {
    steps,
    temporaries: lowering.temporaries,
    nodeOffsets: new Map(nodes.map((node, i) => [node, offsets[i]])),
    temporaryOffsets: offsets.slice(nodes.length),
    tables: lowering.tables,
    inPlace,
    bytes,
  };
}

/** Which updates can be written where their buffer lies, and which must be copied at the end: those of nodes to `keep`. */
function placeUpdates(
  updates: ReadonlyMap<Node, Node>,
  keep: ReadonlySet<Node>,
  steps: readonly Step[],
  fusion: Fusion,
): { inPlace: Map<Node, Node>; copies: [buffer: Node, value: Node][] } {
  const inPlace = new Map<Node, Node>();
  const copies: [Node, Node][] = [];
  for (const [buffer, value] of updates) {
    const writes = steps.flatMap((step, i) => (step.writes.includes(value) ? [i] : []));
    const lastRead = steps.reduce((last, step, i) => (step.reads.includes(buffer) ? i : last), -1);
    // A loop reads an element before it writes that element; so it may replace what it reads at the same index.
    const safe =
      !keep.has(value) &&
      !inPlace.has(value) &&
      writes.length === 1 &&
      (lastRead < writes[0] || (lastRead === writes[0] && fusion.readsOnlyAtSameIndex(value, buffer)));
    if (safe) inPlace.set(value, buffer);
    else copies.push([buffer, value]);
  }
  return { inPlace, copies };
}

export class Program {
  readonly #memory: WebAssembly.Memory;
  readonly #places = new Map<string, { address: number; layout: Layout }>();
  readonly #entries = new Map<string, Schedule>();
  readonly #exports: WebAssembly.Exports;
  /** Bytes of WebAssembly memory. */
  readonly bytes: number;

  constructor(spec: ProgramSpec) {
    const canonical = new Canonical();
    const bufferNames = Object.keys(spec.buffers);
    const buffers = canonical.nodes(bufferNames.map((name) => spec.buffers[name]));
    const bufferByName = new Map(bufferNames.map((name, i) => [name, buffers[i]]));
    buffers.forEach((node, i) => {
      if (node.op !== input) throw new TypeError(`program: buffer ${bufferNames[i]} is not an input`);
    });

    const entries = Object.entries(spec.entries).map(([name, entry]) => {
      const keep = (x: Node): Node => (x.op.kind === "leaf" ? makeNode(stopGradient, [x]) : x);
      const outputNames = Object.keys(entry.outputs ?? {});
      const outputs = canonical.nodes(outputNames.map((key) => keep((entry.outputs as Record<string, Node>)[key])));
      const updateNames = Object.keys(entry.updates ?? {});
      const values = canonical.nodes(updateNames.map((key) => keep((entry.updates as Record<string, Node>)[key])));
      const updates = new Map<Node, Node>();
      updateNames.forEach((key, i) => {
        const buffer = bufferByName.get(key);
        if (buffer === undefined) throw new TypeError(`program: entry ${name} updates ${key}, which is no buffer`);
        if (!sameShape(buffer.shape, values[i].shape) || buffer.dtype !== values[i].dtype) {
          throw new ShapeError(
            `program: entry ${name} updates ${key} (${buffer.dtype} ${show(buffer.shape)}) with ${values[i].dtype} ${show(values[i].shape)}`,
          );
        }
        updates.set(buffer, values[i]);
      });
      return { name, outputNames, outputs, updates, roots: [...new Set([...outputs, ...updates.values()])] };
    });

    const everything = topological(entries.flatMap((e) => e.roots));
    const known = new Set(buffers);
    const unknown = everything.find((node) => node.op === input && !known.has(node));
    if (unknown) {
      throw new TypeError(`program: an input of ${unknown.dtype} ${show(unknown.shape)} is used that is no buffer`);
    }
    const constant = constantNodes(everything);
    const arrays = everything.filter((node) => node.op === array);
    const boundary = new Set<Node>();
    for (const e of entries) {
      for (const node of constantBoundary(topological(e.roots), constant, e.roots)) boundary.add(node);
    }

    const initial = plan([...boundary], new Map(), new Set(arrays));
    const available = new Set<Node>([...buffers, ...arrays, ...boundary]);
    const plans = entries.map((e) => plan(e.outputs, e.updates, available));

    // Addresses: persistent data first, then the temporaries of all entries in one region, then scratch.
    let top = GUARD;
    const take = (bytes: number): number => {
      const at = top;
      top += align(bytes);
      return at;
    };
    const persistent = new Map<Node, number>();
    for (const node of available) persistent.set(node, take(layoutOf(node.shape, node.dtype).bytes));
    const outputAddress = entries.map((e) => {
      const addresses = new Map<Node, number>();
      for (const node of new Set(e.outputs)) {
        addresses.set(node, persistent.get(node) ?? take(layoutOf(node.shape, node.dtype).bytes));
      }
      return addresses;
    });
    const all = [initial, ...plans];
    const tableAddress = all.map((p) => p.tables.map((t) => take(t.byteLength)));
    const region = take(Math.max(0, ...all.map((p) => p.bytes)));
    const scratch = take(Math.max(0, ...all.flatMap((p) => p.steps.map((s) => s.scratchBytes))));
    const pages = Math.ceil((top + GUARD) / PAGE);
    if (pages > MAX_PAGES) {
      throw new MemoryError(
        `the program needs ${(top / (1024 * 1024 * 1024)).toFixed(2)} GiB of memory, and WebAssembly has at most 4 GiB. ` +
          "Use a smaller image or batch, float32 instead of float64, or a shorter optimizer history.",
      );
    }
    this.bytes = pages * PAGE;
    const limits = { initialPages: pages, maximumPages: pages, shared: false };
    const module = new ModuleBuilder({ memory: limits });
    const functions = new Map<string, number>();
    const schedules = all.map((p, n) => {
      const outputs = n > 0 ? outputAddress[n - 1] : new Map<Node, number>();
      const addressOf = (r: Reference): number => {
        if (r.of === "table") return tableAddress[n][r.id] + r.offset;
        if (r.of === "temporary") return region + p.temporaryOffsets[r.id] + r.offset;
        const node = p.inPlace.get(r.node) ?? r.node;
        const fixed = persistent.get(node) ?? outputs.get(node);
        return (fixed ?? region + (p.nodeOffsets.get(node) as number)) + r.offset;
      };
      return p.steps.map((step, i) => {
        let kernel = functions.get(step.kernel.key);
        if (kernel === undefined) {
          kernel = step.kernel.emit(module);
          functions.set(step.kernel.key, kernel);
        }
        const index = kernel;
        const addresses = step.arguments.map(addressOf);
        const name = `e${n}s${i}`;
        module.func(name, ["i32", "i32", "i32"], [], (f, s, begin, end) => {
          f.call(index, ...addresses, s, begin, end);
        });
        return { name, units: step.units, unitCost: step.unitCost };
      });
    });
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    const compiled = new WebAssembly.Module(module.emit() as BufferSource);
    this.#exports = new WebAssembly.Instance(compiled, { env: { memory: this.#memory } }).exports;
    const bound = schedules.map(
      (steps): Schedule => ({
        scratch,
        steps: steps.map((s) => ({ ...s, call: this.#exports[s.name] as (s: number, b: number, e: number) => void })),
      }),
    );

    // Data.
    all.forEach((p, n) => {
      p.tables.forEach((t, i) => {
        new Uint8Array(this.#memory.buffer).set(t, tableAddress[n][i]);
      });
    });
    for (const node of arrays) {
      writeArray(
        this.#memory.buffer,
        persistent.get(node) as number,
        node.value as ArrayValue,
        layoutOf(node.shape, node.dtype),
      );
    }
    bufferNames.forEach((name) => {
      const node = bufferByName.get(name) as Node;
      this.#places.set(name, { address: persistent.get(node) as number, layout: layoutOf(node.shape, node.dtype) });
    });
    // Constant nodes have places of their own: nothing of the initial plan but its roots outlives it.
    runSteps(bound[0]);
    entries.forEach((e, n) => {
      this.#entries.set(e.name, bound[n + 1]);
      e.outputNames.forEach((name, i) => {
        const node = e.outputs[i];
        this.#places.set(`${e.name}.${name}`, {
          address: outputAddress[n].get(node) as number,
          layout: layoutOf(node.shape, node.dtype),
        });
      });
    });
  }

  #place(name: string): { address: number; layout: Layout } {
    const place = this.#places.get(name);
    if (place === undefined) {
      throw new RangeError(`program: no ${name}; there are ${[...this.#places.keys()].join(", ")}`);
    }
    return place;
  }

  /** Gives a buffer its data. */
  set(name: string, value: ArrayValue): void {
    const { address, layout } = this.#place(name);
    if (!sameShape(layout.shape, value.shape) || layout.dtype !== value.dtype) {
      throw new ShapeError(
        `program: ${name} is ${layout.dtype} ${show(layout.shape)}, the data ${value.dtype} ${show(value.shape)}`,
      );
    }
    writeArray(this.#memory.buffer, address, value, layout);
  }

  /** Gives a buffer of one real number its value. */
  setNumber(name: string, value: number): void {
    const { address, layout } = this.#place(name);
    const view = new DataView(this.#memory.buffer);
    const real = realOf(layout.dtype);
    if (real === "float64") view.setFloat64(address, value, true);
    else if (real === "float32") view.setFloat32(address, value, true);
    else view.setInt32(address, value, true);
  }

  /** A copy of a buffer, or of an output ("entry.output"). */
  get(name: string): ArrayValue {
    const { address, layout } = this.#place(name);
    return readArray(this.#memory.buffer, address, layout);
  }

  /** The first element of a buffer or output. */
  getNumber(name: string): number {
    const { address, layout } = this.#place(name);
    const view = new DataView(this.#memory.buffer);
    const real = realOf(layout.dtype);
    if (real === "float64") return view.getFloat64(address, true);
    return real === "float32" ? view.getFloat32(address, true) : view.getInt32(address, true);
  }

  /** Runs an entry to its end. */
  run(entry: string): void {
    const schedule = this.#entries.get(entry);
    if (schedule === undefined) {
      throw new RangeError(`program: no entry ${entry}; there are ${[...this.#entries.keys()].join(", ")}`);
    }
    runSteps(schedule);
  }
}
