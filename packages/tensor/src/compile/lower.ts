// Tasks to steps: every task becomes calls of generated kernels on buffers.

import { type IndexMap, identityMap, isIdentity, place, sameMap, sameNumbers } from "../math/indexMap.ts";
import { arg, constant, type Scalar } from "../math/scalar.ts";
import {
  componentsOf,
  type Node,
  type ReduceDefinition,
  type ReduceKind,
  type Shape,
  scalarTypeOf,
  sizeOf,
} from "../ops/definition.ts";
import { literal } from "../ops/leaf.ts";
import type { GivenNumber, Kernel } from "../wasm/kernels/kernel.ts";
import type { Access, MemoryType } from "../wasm/kernels/loops/access.ts";
import { planCombine } from "../wasm/kernels/loops/combine.ts";
import { blocksOf, planLoop, type RowReduction, type Store } from "../wasm/kernels/loops/loops.ts";
import { planReduce } from "../wasm/kernels/loops/reduce.ts";
import { planReshape } from "../wasm/kernels/loops/reshape.ts";
import { layoutOf } from "../wasm/layout.ts";
import { type Fusion, isWrittenByLoop, type LoopTask, type Task } from "./fuse.ts";
import { lowerKernel } from "./kernels.ts";
import { type Partwise, partsOf, readsSamePart } from "./parts.ts";
import { bufferStrides, reshapedStrides } from "./strides.ts";

/** What a step gives its kernel: a piece of memory (a node's buffer, a temporary by its number, or constant data), or a number. */
export type Reference =
  | GivenNumber
  | { readonly of: "node"; readonly node: Node; readonly plane: number; readonly offset: number }
  | { readonly of: "temporary"; readonly id: number; readonly offset: number }
  | { readonly of: "table"; readonly id: number; readonly offset: number };

export interface Step extends Partwise {
  readonly kernel: Kernel;
  readonly arguments: readonly Reference[];
  readonly scratchBytes: number;
}

/** What a step says that is not to be cut into parts. */
const WHOLE = { parts: 1, isPartwise: () => false } as const;

const memoryType = (node: Node): MemoryType => scalarTypeOf(node.dtype);

const reductionOf = (node: Node): ReduceKind => (node.op as ReduceDefinition).reduction;

/** Where the planes of a node begin, in bytes. */
const planeOffset = (node: Node, plane: number): number =>
  plane === 0 ? 0 : plane * layoutOf(node.shape, node.dtype).planeBytes;

const referenceTo = (node: Node, plane: number, offset = 0): Reference => ({
  of: "node",
  node,
  plane,
  offset: planeOffset(node, plane) + offset,
});

/** Copies a node's buffer into another node's buffer, shape by C order. */
export function copySteps(from: Node, to: Node): Step[] {
  const plan = planReshape(layoutOf(from.shape, from.dtype), layoutOf(to.shape, to.dtype));
  if (plan.units === 0) return [];
  return Array.from({ length: componentsOf(from.dtype) }, (_, plane) => ({
    ...plan,
    ...WHOLE,
    scratchBytes: 0,
    arguments: [referenceTo(from, plane), referenceTo(to, plane), ...plan.numbers],
    reads: [from],
    writes: [to],
  }));
}

export class Lowering {
  readonly steps: Step[];
  /** Bytes of every temporary. */
  readonly temporaries: number[];
  readonly tables: Uint8Array[];
  readonly #tableNumbers: Map<Uint8Array, number> = new Map();
  readonly #tablesByHash: Map<number, number[]> = new Map();
  readonly #fusion: Fusion;
  /** Partial results of row reductions, per component. */
  readonly #partials = new Map<Node, number[]>();
  /** Results of loops that must be in memory and are not yet. */
  readonly #toStore: Set<Node>;

  /** With another lowering, whose lists it makes longer. */
  constructor(fusion: Fusion, other?: Lowering) {
    this.steps = other?.steps ?? [];
    this.temporaries = other?.temporaries ?? [];
    this.tables = other?.tables ?? [];
    if (other !== undefined) {
      this.#tableNumbers = other.#tableNumbers;
      this.#tablesByHash = other.#tablesByHash;
    }
    this.#fusion = fusion;
    this.#toStore = fusion.stored();
  }

  add(task: Task): void {
    if (task.kind === "loop") this.#loop(task);
    else if (task.kind === "kernel") this.#kernel(task.node);
    else if (task.kind === "combine") this.#combine(task.node);
    else if (task.kind === "reduce") this.#reduce(task.node);
    else this.copy(this.#fusion.bufferNode(task.node.inputs[0]), task.node);
  }

  copy(from: Node, to: Node): void {
    this.steps.push(...copySteps(from, to));
  }

  /** The number of a table with these bytes; equal tables are one. */
  #table(bytes: Uint8Array): number {
    let number = this.#tableNumbers.get(bytes);
    if (number === undefined) {
      number = this.#findTable(bytes);
      this.#tableNumbers.set(bytes, number);
    }
    return number;
  }

  #findTable(bytes: Uint8Array): number {
    const candidates = listOf(this.#tablesByHash, hashOf(bytes));
    const known = candidates.find((id) => sameBytes(this.tables[id], bytes));
    if (known !== undefined) return known;
    candidates.push(this.tables.push(bytes) - 1);
    return this.tables.length - 1;
  }

  #temporary(bytes: number): number {
    return this.temporaries.push(bytes) - 1;
  }

  #kernel(node: Node): void {
    const {
      steps,
      temporaries,
      tables,
      isPartwise = false,
    } = lowerKernel(node, {
      operands: this.#fusion.operands(node),
      rowsRead: this.#fusion.rowsRead(node),
    });
    const temporaryIds = temporaries.map((bytes) => this.#temporary(bytes));
    const tableIds = tables.map((bytes) => this.#table(bytes));
    const inputs = this.#fusion.operands(node).map((x) => this.#fusion.bufferNode(x));
    const parts = isPartwise ? partsOf(node.shape) : 1;
    for (const step of steps) {
      if (step.units === 0) continue;
      const list = step.addresses.map((a): Reference => {
        if (a.of === "number") return a;
        const offset = a.offset ?? 0;
        if (a.of === "input") return referenceTo(inputs[a.index], a.plane ?? 0, offset);
        if (a.of === "output") return referenceTo(node, a.plane ?? 0, offset);
        if (a.of === "temporary") return { of: "temporary", id: temporaryIds[a.index], offset };
        return { of: "table", id: tableIds[a.index], offset };
      });
      this.steps.push({ ...step, arguments: list, reads: inputs, writes: [node], parts, isPartwise: () => true });
    }
  }

  #loop(task: LoopTask): void {
    const body = new LoopBody(this.#fusion);
    const values = new Map<Node, readonly Scalar[]>();
    for (const node of task.members) {
      const isOfOperand = node.op.kind === "reduce" || isWrittenByLoop(node);
      values.set(node, isOfOperand ? body.value(node.inputs[0], identityMap(task.shape)) : body.define(node));
    }
    // Results, and then partial results; all planes of a node are neighbours.
    const written: Reference[] = [];
    const partials: Reference[] = [];
    const stores: Store[] = [];
    const reductions: RowReduction[] = [];
    const writes: Node[] = [];
    const bytes = sizeOf(task.shape.slice(0, -1)) * blocksOf(task.shape[task.shape.length - 1] ?? 1) * 8;
    for (const node of task.members) {
      const planes = values.get(node) as readonly Scalar[];
      if (node.op.kind === "reduce") {
        const ids = planes.map(() => this.#temporary(bytes));
        this.#partials.set(node, ids);
        for (const value of planes) reductions.push({ kind: reductionOf(node), value });
        for (const id of ids) partials.push({ of: "temporary", id, offset: 0 });
        continue;
      }
      // A value that several loops compute is stored by the first.
      if (!this.#toStore.delete(node)) continue;
      writes.push(node);
      const to = toAccess(node, task.shape);
      for (let plane = 0; plane < planes.length; plane++) {
        stores.push({ to, value: planes[plane] });
        written.push(referenceTo(node, plane));
      }
    }
    if (stores.length + reductions.length === 0) return;
    const plan = planLoop({ shape: task.shape, parts: partsOf(task.shape), loads: body.loads, stores, reductions });
    if (plan === null) return;
    const isPartwise = (node: Node): boolean =>
      task.members.every((member) =>
        this.#fusion
          .reads(member)
          .every(({ source, map }) => source !== node || (map !== null && readsSamePart(map, source.shape))),
      );
    this.steps.push({
      ...plan,
      scratchBytes: 0,
      isPartwise,
      arguments: body.references().concat(written, partials, plan.numbers),
      reads: body.reads(),
      writes,
    });
  }

  #combine(node: Node): void {
    const { shape } = node.inputs[0];
    const plan = planCombine({
      kind: reductionOf(node),
      type: memoryType(node) as "f32" | "f64" | "i32",
      shape,
      axes: node.attributes.axes as number[],
      blocks: blocksOf(shape[shape.length - 1]),
      output: layoutOf(node.shape, node.dtype),
    });
    if (plan.units === 0) return;
    const table = this.#table(plan.table);
    (this.#partials.get(node) as number[]).forEach((id, plane) => {
      this.steps.push({
        ...plan,
        ...WHOLE,
        arguments: [
          { of: "temporary", id, offset: 0 },
          referenceTo(node, plane),
          { of: "table", id: table, offset: 0 },
          ...plan.numbers,
        ],
        reads: [],
        writes: [node],
      });
    });
  }

  #reduce(node: Node): void {
    const body = new LoopBody(this.#fusion);
    const operand = node.inputs[0];
    const values = body.value(operand, identityMap(operand.shape));
    const plan = planReduce({
      kind: reductionOf(node),
      shape: operand.shape,
      axes: node.attributes.axes as number[],
      loads: body.loads,
      values,
      output: layoutOf(node.shape, node.dtype),
    });
    if (plan === null) return;
    this.steps.push({
      ...plan,
      ...WHOLE,
      arguments: [
        ...body.references(),
        ...Array.from({ length: componentsOf(node.dtype) }, (_, plane) => referenceTo(node, plane)),
      ],
      reads: body.reads(),
      writes: [node],
    });
  }
}

/** Where a loop over `shape` writes a node. */
function toAccess(node: Node, shape: Shape): Access {
  const strides = isWrittenByLoop(node) ? (reshapedStrides(node, shape) as number[]) : bufferStrides(node);
  const { offset, coefficients } = place(identityMap(shape), strides);
  return { type: memoryType(node), offset, strides: coefficients };
}

/** Builds the scalar expressions of one loop, and the list of its loads. */
class LoopBody {
  readonly loads: Access[] = [];
  readonly #sources: { node: Node; plane: number }[] = [];
  readonly #fusion: Fusion;
  readonly #defined = new Map<Node, readonly Scalar[]>();
  readonly #memo = new Map<Node, { readonly map: IndexMap; readonly value: readonly Scalar[] }[]>();
  readonly #slots = new Map<Node, { readonly access: Access; readonly planes: readonly Scalar[] }[]>();

  constructor(fusion: Fusion) {
    this.#fusion = fusion;
  }

  /** What is loaded. */
  references(): Reference[] {
    return this.#sources.map(({ node, plane }) => referenceTo(node, plane));
  }

  /** The nodes that it is loaded from, each once. */
  reads(): Node[] {
    return [...new Set(this.#sources.map(({ node }) => node))];
  }

  /** The value of a member of this loop; later members use it without reading memory. */
  define(node: Node): readonly Scalar[] {
    const value = this.#compute(node, identityMap(node.shape));
    this.#defined.set(node, value);
    return value;
  }

  value(node: Node, map: IndexMap): readonly Scalar[] {
    const defined = this.#defined.get(node);
    if (defined && isIdentity(map, node.shape)) return defined;
    const memo = listOf(this.#memo, node);
    const known = memo.find((one) => sameMap(one.map, map));
    if (known !== undefined) return known.value;
    const value = this.#fusion.isBuffered(node) ? this.#load(node, map, bufferStrides(node)) : this.#compute(node, map);
    memo.push({ map, value });
    return value;
  }

  #compute(node: Node, map: IndexMap): readonly Scalar[] {
    if (node.op === literal) {
      const type = scalarTypeOf(node.dtype);
      const re = constant(type, node.attributes.value as number);
      return componentsOf(node.dtype) === 2 ? [re, constant(type, 0)] : [re];
    }
    if (node.op.kind === "view") {
      const through = node.op.map(node, map);
      if (through !== null) return this.value(node.inputs[0], through);
      const operand = this.#fusion.bufferNode(node.inputs[0]);
      return this.#load(operand, map, reshapedStrides(operand, node.shape) as number[]);
    }
    if (node.op.kind !== "elementwise") throw new Error(`${node.op.name} cannot be computed inside a loop`);
    const operands = node.inputs.map((x) => this.value(x, map));
    return node.op.expression(operands, node.attributes, node);
  }

  #load(node: Node, map: IndexMap, strides: readonly number[]): readonly Scalar[] {
    const { offset, coefficients } = place(map, strides);
    const slots = listOf(this.#slots, node);
    const known = slots.find(({ access }) => access.offset === offset && sameNumbers(access.strides, coefficients));
    if (known !== undefined) return known.planes;
    const access: Access = { type: memoryType(node), offset, strides: coefficients };
    const planes = Array.from({ length: componentsOf(node.dtype) }, (_, plane) => {
      this.loads.push(access);
      this.#sources.push({ node, plane });
      return arg(this.loads.length - 1, access.type);
    });
    slots.push({ access, planes });
    return planes;
  }
}

/** The list of a key; a new one if it has none. */
function listOf<K, T>(lists: Map<K, T[]>, key: K): T[] {
  let list = lists.get(key);
  if (list === undefined) {
    list = [];
    lists.set(key, list);
  }
  return list;
}

function hashOf(bytes: Uint8Array): number {
  const words = new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length >> 2);
  let hash = bytes.length;
  for (let i = 0; i < words.length; i++) hash = Math.imul(hash ^ words[i], 0x01000193);
  return hash;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
