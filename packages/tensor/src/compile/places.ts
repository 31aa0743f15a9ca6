// Where everything of a program lies in its memory, in this order: stacks and their windows, buffers and constants,
// outputs, the tables of kernels, the region that intermediate arrays share, and every thread's scratch. Behind all of it lie the large
// constants that it may have in common with other programs: where, is known when it enters a memory.

import type { Node } from "../ops/definition.ts";
import type { Pointer } from "../wasm/assembler/assembler.ts";
import { align, GUARD, layoutOf } from "../wasm/layout.ts";
import type { SlotPlace } from "../wasm/memory/data.ts";
import { PAGE } from "../wasm/memory/pool.ts";
import type { Reference } from "./lower.ts";
import { pagesFor } from "./memory.ts";
import type { EntryPlan } from "./plan.ts";
import type { CheckedSpec } from "./spec.ts";

/** Where the slots of a stack lie, and where a window's present address is kept. */
export interface Window extends SlotPlace {
  readonly cell: number;
}

const bytesOf = (node: Node): number => layoutOf(node.shape, node.dtype).bytes;

export class Places {
  readonly windows = new Map<Node, Window>();
  readonly stacks: readonly SlotPlace[];
  /** Where the present address of a constant is kept that lies behind all else. */
  readonly cells = new Map<Node, number>();
  /** Of nodes that keep their value between runs. */
  readonly #kept = new Map<Node, number>();
  readonly #outputs: readonly ReadonlyMap<Node, number>[];
  #tables: readonly (readonly number[])[] = [];
  #region = 0;
  /** Where the region of an image begins in a thread's scratch: behind that of kernels. */
  #local = 0;
  #scratch: readonly number[] = [];
  #top = GUARD;

  /** Buffers and outputs that lie among the intermediate arrays. */
  readonly #passing: readonly Node[];

  /**
   * Places what stays: the windows and outputs of the request, and the nodes whose values are there whenever an entry runs, but for
   * those that are shelved.
   */
  constructor(
    { buffers, stacks, entries, isPassing }: CheckedSpec,
    kept: ReadonlySet<Node>,
    shelved: ReadonlySet<Node>,
  ) {
    const ends = isPassing ? [...buffers.values(), ...entries[0].outputs.values()] : [];
    this.#passing = ends.filter((node) => !kept.has(node));
    this.stacks = stacks.map(({ slots, windows }) => {
      const stride = align(bytesOf([...windows.values()][0]));
      const base = this.#take(slots * stride);
      for (const node of windows.values()) this.windows.set(node, { base, stride, slots, cell: this.#take(4) });
      return { base, stride, slots };
    });
    for (const node of shelved) this.cells.set(node, this.#take(4));
    for (const node of kept) {
      if (!this.windows.has(node) && !shelved.has(node)) this.#kept.set(node, this.#take(bytesOf(node)));
    }
    this.#outputs = entries.map(
      ({ outputs }) =>
        new Map(
          [...new Set(outputs.values())]
            .filter((node) => !this.#passing.includes(node))
            .map((node) => [node, this.#kept.get(node) ?? this.#take(bytesOf(node))]),
        ),
    );
  }

  /** Places what the plans need. The first plan is that of the constants, then every entry's. */
  add(plans: readonly EntryPlan[], threads: number): void {
    this.#tables = plans.map((p) => p.tables.map((t) => this.#take(t.byteLength)));
    this.#region = this.#take(Math.max(0, ...plans.map((p) => p.bytes)));
    for (const node of this.#passing) {
      this.#kept.set(node, this.#region + (plans[1].nodeOffsets.get(node) as number));
    }
    this.#local = align(Math.max(0, ...plans.flatMap((p) => p.steps.map((s) => s.scratchBytes))));
    const localBytes = Math.max(0, ...plans.map((p) => p.localBytes));
    this.#scratch = Array.from({ length: threads }, () => this.#take(this.#local + localBytes));
  }

  #take(bytes: number): number {
    const at = this.#top;
    this.#top += align(bytes);
    return at;
  }

  /** Pages of memory that hold all that was placed. */
  get pages(): number {
    return Math.ceil((this.#top + GUARD) / PAGE);
  }

  /** The same, with the constants behind it. Throws MemoryError where these are too many. */
  get allPages(): number {
    const behind = [...this.cells.keys()].reduce((sum, node) => sum + align(bytesOf(node)), 0);
    return pagesFor(behind === 0 ? this.#top : this.pages * PAGE + behind);
  }

  /** The end of all that outlives a run: what lies behind is for intermediate arrays. */
  get stateEnd(): number {
    return this.#region;
  }

  /** Every thread's scratch. */
  get scratch(): readonly number[] {
    return this.#scratch;
  }

  /** A buffer: of a window, its first slot. */
  kept(node: Node): number {
    return this.windows.get(node)?.base ?? (this.#kept.get(node) as number);
  }

  /** Where an array is to be when a plan of constants begins; undefined where it does not read it, and where that is shelved. */
  array(node: Node, constants: EntryPlan): number | undefined {
    const offset = constants.nodeOffsets.get(node);
    return this.#kept.get(node) ?? (offset === undefined ? undefined : this.#region + offset);
  }

  /** An output of an entry, by the entry's number from 0. */
  output(entry: number, node: Node): number {
    return this.#outputs[entry].get(node) ?? (this.#kept.get(node) as number);
  }

  /** The tables of a plan. */
  tables(plan: number): readonly number[] {
    return this.#tables[plan];
  }

  /**
   * What a step of a plan refers to, or a part of it: an address, or how it is found when the step runs: that of a window, of an image.
   * Where memory holds one part of an array, that is where the whole would begin.
   */
  of(number: number, plan: EntryPlan, r: Reference, part = 0): number | Pointer {
    if (r.of === "number") return r.value;
    if (r.of === "table") return this.#tables[number][r.id] + r.offset;
    const isLocal = plan.local.has(r.of === "temporary" ? r.id : r.node);
    const inRegion = (offset: number): number | Pointer =>
      isLocal ? { inScratch: true, offset: this.#local + offset } : this.#region + offset;
    if (r.of === "temporary") return inRegion(plan.temporaryOffsets[r.id] + r.offset);
    const images = plan.images.get(r.node);
    const base = images?.base ?? r.node;
    const node = plan.inPlace.get(base) ?? base;
    const slim = plan.slim.get(node);
    // A reference says where a plane begins in the node's own layout.
    const { plane } = images ?? slim ?? { plane: undefined };
    const moved = plane === undefined ? 0 : r.plane * (plane - layoutOf(r.node.shape, r.node.dtype).planeBytes);
    const offset = r.offset + moved - part * (slim?.part ?? 0);
    const stride = images?.image;
    const cell = (this.windows.get(node) ?? { cell: this.cells.get(node) }).cell;
    if (cell !== undefined) return { cell, offset, stride };
    const fixed = this.#kept.get(node) ?? (number > 0 ? this.#outputs[number - 1]?.get(node) : undefined);
    if (fixed === undefined && stride === undefined) return inRegion((plan.nodeOffsets.get(node) as number) + offset);
    const address = (fixed ?? this.#region + (plan.nodeOffsets.get(node) as number)) + offset;
    return stride === undefined ? address : { offset: address, stride };
  }
}
