// Fusion: which nodes get a buffer, and which are computed inside the loops that use them.
//
// Every result of a kernel or reduction has a buffer. An elementwise node has one only where several users, an entry's
// outputs, or a kernel's operand need it; otherwise it is part of its user's loop. Loops over the same iteration
// shape then merge when their order allows it, so that values pass between them in registers. All of it is bit-neutral.

import { topological } from "../graph/node.ts";
import { scalarOperations } from "../graph/operations.ts";
import { type IndexMap, identityMap, isIdentity, sameMap } from "../math/indexMap.ts";
import { SEQUENTIAL_LIMIT } from "../math/summation.ts";
import { type Node, realOf, type Shape, sizeOf } from "../ops/definition.ts";
import { literal } from "../ops/leaf.ts";
import { sameShape } from "../ops/rules.ts";
import { layoutOf } from "../wasm/layout.ts";
import { operandsOf } from "./kernels.ts";
import { reshapedStrides } from "./strides.ts";

/** Of a batch: when it is done (batch.ts). */
interface Staged {
  readonly stage: number;
}

/** Work over one iteration shape: nodes to compute, operands before users; reductions leave partial results. */
export interface LoopTask extends Staged {
  readonly kind: "loop";
  readonly shape: Shape;
  readonly members: Node[];
}

export interface SingleTask extends Staged {
  /** combine: the second half of a row reduction. reduce: any other reduction. */
  readonly kind: "combine" | "reduce" | "kernel" | "reshape";
  readonly node: Node;
}

export type Task = LoopTask | SingleTask;

/** One read of a buffer by a loop. */
export interface Read {
  /** The node whose buffer is read. */
  readonly source: Node;
  /** The index in it; null where a reshape is folded into the buffer's strides. */
  readonly map: IndexMap | null;
}

const atSameIndex = (read: Read): boolean => read.map !== null && isIdentity(read.map, read.source.shape);

/** The largest index that a map reaches along an axis; without such an axis 0. */
function largestIndex({ iteration, axes }: IndexMap, axis: number): number {
  if (axis < 0) return 0;
  const { offset, coefficients } = axes[axis];
  let index = offset;
  for (let k = 0; k < iteration.length; k++) if (coefficients[k] > 0) index += coefficients[k] * (iteration[k] - 1);
  return index;
}

const growing = (node: Node): boolean =>
  node.op.kind === "view" && node.op.elements === "repeated" && sizeOf(node.shape) !== sizeOf(node.inputs[0].shape);

/** A reshape that cannot be folded into index arithmetic. */
function isHardReshape(node: Node): boolean {
  if (node.op.kind !== "view" || node.op.elements !== "in order") return false;
  let isHard = hardReshapes.get(node);
  if (isHard === undefined) {
    isHard = node.op.map(node, identityMap(node.shape)) === null;
    hardReshapes.set(node, isHard);
  }
  return isHard;
}

const hardReshapes = new WeakMap<Node, boolean>();

/** A reshape whose buffer would be byte for byte its operand's. */
function sharesBuffer(node: Node): boolean {
  if (node.op.kind !== "view" || node.op.elements !== "in order") return false;
  const a = layoutOf(node.inputs[0].shape, node.dtype);
  const b = layoutOf(node.shape, node.dtype);
  return a.rows === b.rows && a.pitch === b.pitch && a.columns === b.columns;
}

/**
 * Whether a loop over the operand's shape can write this reshape: rows stay rows, and end with a whole vector, since no padding
 * follows them.
 */
export function isWrittenByLoop(node: Node): boolean {
  if (!isHardReshape(node)) return false;
  const [{ shape, dtype }] = node.inputs;
  const { columns, elementBytes } = layoutOf(shape, dtype);
  return (columns * elementBytes) % 16 === 0 && reshapedStrides(node, shape)?.at(-1) === 1;
}

/** What a loop iterates over to make a node. */
const iterationOf = (node: Node): Shape =>
  node.op.kind === "reduce" || isWrittenByLoop(node) ? node.inputs[0].shape : node.shape;

/** Whether a reduction runs along rows, with partial results per block. */
function isRowReduction(node: Node): boolean {
  const { shape } = node.inputs[0];
  const axes = node.attributes.axes as number[];
  const last = shape.length - 1;
  return axes.includes(last) && shape[last] > 1 && sizeOf(axes.map((i) => shape[i])) > SEQUENTIAL_LIMIT;
}

// Both measured on a chain of operations, SSIM and a texture model: bench/RESULTS.md, "Tuned numbers".

/** Members of one loop at most, so that the live values fit the registers. More than the table's: a little faster since loops join. */
const LARGEST_LOOP = 12;

/**
 * Bytes of a result from which on memory is dearer than time. Computing again what Adam remembers takes a tenth of a step under a small
 * Gaussian, and saves two arrays of the image's size.
 */
const DEAR = 128 * 1024 * 1024;

let dear = DEAR;

/** For tests only: computes again what is smaller, too. Without a number: as it was. */
export function setDear(bytes: number = DEAR): void {
  dear = bytes;
}

/** Operations of such a result that is rather computed twice than stored, at most. */
const LITTLE = 30;

/** As many operations as a division or a square root takes the time of. */
const SLOW = 8;

const isDear = ({ shape, dtype }: Node): boolean => layoutOf(shape, dtype).bytes >= dear;

const operations = new WeakMap<Node, number>();

/** Work on one element of an elementwise node, in operations. */
function operationsOf(node: Node): number {
  if (node.op.kind !== "elementwise") return 0;
  let sum = operations.get(node);
  if (sum === undefined) {
    sum = 0;
    for (const { op } of scalarOperations(node.op, node)) sum += op === "div" || op === "sqrt" ? SLOW : 1;
    operations.set(node, sum);
  }
  return sum;
}

/** Buffered operations of a result that is rather computed twice than stored, at most. */
const CHEAP = 6;

export class Fusion {
  /** Nodes whose values are in memory before these tasks run. */
  readonly #available: ReadonlySet<Node>;
  readonly #materialized = new Set<Node>();
  readonly #roots: ReadonlySet<Node>;
  readonly #reads = new Map<Node, readonly Read[]>();
  #rowsRead: Map<Node, number> | undefined;
  /** Index of the task that makes a node's buffer complete. */
  readonly #madeBy = new Map<Node, number>();
  /** While loops are made: what each computes and reads. */
  readonly #present = new Map<LoopTask, Set<Node>>();
  /** While tasks are made: the present stage, and its first task. */
  #stage = 0;
  #floor = 0;
  readonly tasks: Task[] = [];

  /** Roots are given stage by stage: what a stage needs is made in it, or in an earlier one that needs it too. */
  constructor(stages: readonly (readonly Node[])[], available: ReadonlySet<Node>) {
    this.#available = available;
    const roots = stages.flat();
    this.#roots = new Set(roots);
    const order = this.#reachable(roots);
    this.#decide(order);
    let begin = 0;
    for (const stage of stages) {
      const end = Math.max(begin, ...stage.map((root) => order.indexOf(root) + 1));
      this.#schedule(order.slice(begin, end));
      begin = end;
      this.#floor = this.tasks.length;
      this.#stage++;
    }
    this.#joinReaders();
    this.#recompute();
    this.#recomputeLarge();
  }

  /** Whether the node's value is (or will be) in a buffer of its own. */
  isBuffered(node: Node): boolean {
    return this.#available.has(node) || this.#materialized.has(node);
  }

  /** The node whose buffer holds this node's value, for kernels that read whole buffers. */
  bufferNode(node: Node): Node {
    return !this.isBuffered(node) && sharesBuffer(node) ? this.bufferNode(node.inputs[0]) : node;
  }

  /** What a node is computed from. */
  operands(node: Node): readonly Node[] {
    const operands = node.op.kind === "kernel" ? operandsOf(node) : node.inputs;
    // As a rule: no list is made then.
    if (operands === node.inputs) return operands;
    return operands.map((x, i) => (this.#available.has(node.inputs[i]) ? node.inputs[i] : x));
  }

  /** What is to be computed, operands first. */
  #reachable(roots: readonly Node[]): Node[] {
    const order = topological(roots, this.#available);
    const needed = new Set<Node>(roots);
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i];
      if (!needed.has(node) || this.#available.has(node)) continue;
      const operands = this.operands(node);
      for (let k = 0; k < operands.length; k++) needed.add(operands[k]);
    }
    return order.filter((node) => needed.has(node));
  }

  /** Marks the base of a node (seen through views) as buffered, unless it is only literals. */
  #needBase(node: Node): void {
    let base = node;
    while (base.op.kind === "view" && !this.isBuffered(base)) base = base.inputs[0];
    if (base.op.kind === "elementwise" && !this.#available.has(base)) this.#materialized.add(base);
  }

  #needBuffer(node: Node): void {
    let x = node;
    while (!this.isBuffered(x) && sharesBuffer(x)) x = x.inputs[0];
    if (!this.#available.has(x)) this.#materialized.add(x);
  }

  #decide(order: readonly Node[]): void {
    const users = new Map<Node, number>();
    for (let i = order.length - 1; i >= 0; i--) {
      const node = order[i];
      if (this.#available.has(node)) continue;
      // A view passes its own users on.
      const weight = node.op.kind === "view" && !this.#roots.has(node) ? (users.get(node) ?? 0) : 1;
      const operands = this.operands(node);
      for (let k = 0; k < operands.length; k++) {
        // One that is there twice has one user.
        if (operands.indexOf(operands[k]) === k) users.set(operands[k], (users.get(operands[k]) ?? 0) + weight);
      }
    }
    for (const node of order) {
      if (this.#available.has(node)) continue;
      const { kind } = node.op;
      if (kind === "kernel" || kind === "reduce" || this.#roots.has(node)) this.#materialized.add(node);
      if (kind === "elementwise" && (users.get(node) ?? 0) > 1) this.#materialized.add(node);
      if (kind === "kernel") for (const x of this.operands(node)) this.#needBuffer(x);
      if (growing(node)) this.#needBase(node.inputs[0]);
      if (isHardReshape(node)) {
        const isFolded = this.#foldsReshape(node);
        if (!isFolded) this.#materialized.add(node);
        if (isFolded || !isWrittenByLoop(node)) this.#needBuffer(node.inputs[0]);
      }
      // A row reduction of 32-bit numbers keeps four lanes: what holds 64-bit numbers is computed before it.
      if (
        kind === "reduce" &&
        isRowReduction(node) &&
        realOf(node.dtype) !== "float64" &&
        this.#holdsDoubles(node.inputs[0])
      ) {
        this.#needBuffer(node.inputs[0]);
      }
    }
  }

  #holdsDoubles(node: Node): boolean {
    if (realOf(node.dtype) === "float64") return true;
    return !this.isBuffered(node) && node.inputs.some((x) => this.#holdsDoubles(x));
  }

  /** The buffers that computing `node` over its own shape reads. Which nodes have buffers is decided by then. */
  reads(node: Node): readonly Read[] {
    let reads = this.#reads.get(node);
    if (reads === undefined) {
      reads = this.#findReads(node);
      this.#reads.set(node, reads);
    }
    return reads;
  }

  #findReads(node: Node): Read[] {
    const found: Read[] = [];
    const seen = new Map<Node, IndexMap[]>();
    const visit = (x: Node, map: IndexMap, root: boolean): void => {
      const maps = seen.get(x);
      if (!root && maps?.some((other) => sameMap(map, other))) return;
      if (maps === undefined) seen.set(x, [map]);
      else maps.push(map);
      if (!root && this.isBuffered(x)) {
        found.push({ source: x, map });
        return;
      }
      if (x.op === literal) return;
      if (x.op.kind === "view") {
        const through = x.op.map(x, map);
        if (through === null) found.push({ source: this.bufferNode(x.inputs[0]), map: null });
        else visit(x.inputs[0], through, false);
        return;
      }
      for (const y of x.inputs) visit(y, map, false);
    };
    if (node.op.kind === "reduce" || isWrittenByLoop(node)) {
      visit(node.inputs[0], identityMap(node.inputs[0].shape), false);
    } else if (this.#available.has(node)) found.push({ source: node, map: identityMap(node.shape) });
    else visit(node, identityMap(node.shape), true);
    return found;
  }

  /** Makes the tasks of a stage. */
  #schedule(order: readonly Node[]): void {
    const stage = this.#stage;
    const madeBy = this.#madeBy;
    for (const node of order) {
      if (!this.#materialized.has(node)) continue;
      const { kind } = node.op;
      if (kind === "kernel" || (isHardReshape(node) && !this.#foldsReshape(node) && !isWrittenByLoop(node))) {
        madeBy.set(node, this.tasks.push({ kind: kind === "kernel" ? "kernel" : "reshape", node, stage }) - 1);
        continue;
      }
      if (kind === "reduce" && !isRowReduction(node)) {
        madeBy.set(node, this.tasks.push({ kind: "reduce", node, stage }) - 1);
        continue;
      }
      const at = this.#loopFor(node, madeBy);
      if (kind === "reduce") madeBy.set(node, this.tasks.push({ kind: "combine", node, stage }) - 1);
      else madeBy.set(node, at);
    }
  }

  /** A loop becomes part of the loop that is the first to read its results, if that reads them where it writes. */
  #joinReaders(): void {
    /** Numbers of the tasks that read a node's buffer. */
    const readers = new Map<Node, Set<number>>();
    const sources = this.tasks.map((task) => this.#sources(task));
    sources.forEach((nodes, i) => {
      for (const node of nodes) {
        const known = readers.get(node);
        if (known === undefined) readers.set(node, new Set([i]));
        else known.add(i);
      }
    });
    const firstReader = ({ members }: LoopTask, itself: number): number => {
      let first = Number.POSITIVE_INFINITY;
      for (const node of members) {
        for (const at of readers.get(node) ?? []) if (at < first && at !== itself) first = at;
      }
      return first;
    };
    const joined = new Set<Task>();
    for (let i = this.tasks.length - 1; i >= 0; i--) {
      const task = this.tasks[i];
      if (task.kind !== "loop" || task.members.some((node) => node.op.kind === "reduce")) continue;
      const first = firstReader(task, i);
      const reader = this.tasks[first];
      if (reader?.kind !== "loop" || reader.stage !== task.stage || !sameShape(reader.shape, task.shape)) continue;
      const members = [...task.members, ...reader.members];
      if (members.length > LARGEST_LOOP || this.#mixesWidths(members)) continue;
      if (reader.members.some((node) => this.#readsElsewhere(node, task.members))) continue;
      reader.members.splice(0, Infinity, ...members);
      joined.add(task);
      for (const node of sources[i]) readers.get(node)?.delete(i);
      for (const node of sources[i]) readers.get(node)?.add(first);
    }
    this.tasks.splice(0, Infinity, ...this.tasks.filter((task) => !joined.has(task)));
  }

  /** Whether a node reads one of others at another index than its own. */
  #readsElsewhere(node: Node, others: readonly Node[]): boolean {
    const reads = this.reads(node);
    for (let i = 0; i < reads.length; i++) {
      if (others.includes(reads[i].source) && !atSameIndex(reads[i])) return true;
    }
    return false;
  }

  /** The nodes whose buffers a task reads. */
  #sources(task: Task): ReadonlySet<Node> {
    // A combine reads what its loop has left of each row.
    if (task.kind === "combine") return new Set();
    const sources = new Set<Node>();
    for (const member of task.kind === "loop" ? task.members : [task.node]) this.#addSources(member, sources);
    if (task.kind === "kernel" || task.kind === "reshape") {
      for (const x of this.operands(task.node)) sources.add(this.bufferNode(x));
    }
    return sources;
  }

  /**
   * A loop that reads a cheap result of another loop computes it again instead: arithmetic on a value that is loaded
   * anyway costs less than writing an array and reading it back.
   */
  #recompute(): void {
    for (const task of this.tasks) {
      if (task.kind !== "loop") continue;
      const present = new Set<Node>();
      for (const member of task.members) this.#addSources(member, present);
      for (let i = 0; i < task.members.length; i++) {
        for (const read of this.reads(task.members[i])) {
          if (!this.#isComputed(read.source) || task.members.includes(read.source) || !atSameIndex(read)) continue;
          if (!this.#isCheap(read.source, present)) continue;
          if (this.#mixesWidths([...task.members, read.source])) continue;
          // Before its reader; its own operands are looked at when the loop comes to it.
          task.members.splice(i, 0, read.source);
          this.#addSources(read.source, present);
          i = -1;
          break;
        }
      }
    }
  }

  /**
   * A loop that reads several very large results of an earlier one computes those again that take little work, where that takes fewer other
   * arrays than they are: so they are neither written nor read back, and need no memory. What an optimizer remembers, for one: it is
   * known once for the norm of the step, and once to be kept.
   */
  #recomputeLarge(): void {
    // Most programs hold nothing as large.
    if (![...this.#materialized].some(isDear)) return;
    this.tasks.forEach((task, i) => {
      if (task.kind !== "loop") return;
      for (const earlier of this.tasks.slice(0, i)) {
        if (earlier.kind === "loop" && sameShape(earlier.shape, task.shape)) {
          const again = this.#again(task, earlier);
          task.members.splice(0, Infinity, ...again, ...task.members.filter((node) => !again.includes(node)));
        }
      }
    });
  }

  /** What of an earlier loop is rather computed again by this one than read from memory, operands before users. */
  #again(task: LoopTask, earlier: LoopTask): readonly Node[] {
    const own = new Set<Node>();
    const results = new Set<Node>();
    const reads = task.members.flatMap((member) => this.reads(member));
    for (const { source } of reads) {
      if (!earlier.members.includes(source)) own.add(source);
      else if (isDear(source) && !this.#roots.has(source) && !task.members.includes(source)) results.add(source);
    }
    for (const read of reads) if (!atSameIndex(read)) results.delete(read.source);
    const again = new Set<Node>();
    const others = new Set<Node>();
    let saved = 0;
    for (const result of results) {
      const { members, sources, work } = this.#closure(result, earlier);
      if (work > LITTLE || this.#isReadBesides(result, task, earlier)) continue;
      saved++;
      for (const member of members) again.add(member);
      for (const source of sources)
        if (!own.has(source) && sizeOf(source.shape) === sizeOf(task.shape)) others.add(source);
    }
    if (others.size >= saved || this.#mixesWidths([...again, ...task.members])) return [];
    return earlier.members.filter((node) => again.has(node));
  }

  /** What a loop computes on the way to one of its results, from which arrays, and how much work that is. */
  #closure(result: Node, loop: LoopTask): { members: Set<Node>; sources: Set<Node>; work: number } {
    const members = new Set([result]);
    const sources = new Set<Node>();
    for (const member of members) {
      for (const read of this.reads(member)) {
        if (loop.members.includes(read.source) && atSameIndex(read)) members.add(read.source);
        else sources.add(read.source);
      }
    }
    return { members, sources, work: this.#work(result, sources) };
  }

  /** Work on one element on the way from some nodes to another, in operations. */
  #work(result: Node, sources: ReadonlySet<Node>): number {
    const seen = new Set<Node>(sources);
    const workOf = (node: Node): number => {
      if (seen.has(node)) return 0;
      seen.add(node);
      let work = operationsOf(node);
      for (let i = 0; i < node.inputs.length; i++) work += workOf(node.inputs[i]);
      return work;
    };
    return workOf(result);
  }

  #isReadBesides(node: Node, ...but: readonly Task[]): boolean {
    return this.tasks.some((task) => !but.includes(task) && this.#readsAny(task, new Set([node])));
  }

  #readsAny(task: Task, nodes: ReadonlySet<Node>): boolean {
    // It reads what its loop has left of each row.
    if (task.kind === "combine") return false;
    const readers = task.kind === "loop" ? task.members : [task.node];
    if (readers.some((reader) => this.reads(reader).some(({ source }) => nodes.has(source)))) return true;
    return readers.some((reader) => this.operands(reader).some((x) => nodes.has(this.bufferNode(x))));
  }

  /** Adds the nodes whose buffers computing a node reads. */
  #addSources(node: Node, sources: Set<Node>): void {
    const reads = this.reads(node);
    for (let i = 0; i < reads.length; i++) sources.add(reads[i].source);
  }

  /** Whether a loop makes the node, element by element. */
  #isComputed(node: Node): boolean {
    return node.op.kind === "elementwise" && !this.#available.has(node);
  }

  /** Few operations on one buffer, or on one besides those that a loop reads anyway, at the same index. */
  #isCheap(node: Node, present: ReadonlySet<Node>): boolean {
    const buffers = new Set<Node>();
    let operations = 0;
    const visit = (x: Node): boolean => {
      if (!this.#isComputed(x)) return false;
      if (++operations > CHEAP) return false;
      return this.reads(x).every((read) => {
        if (!atSameIndex(read)) return false;
        const { source } = read;
        // Of what is in memory anyway, or read anyway.
        const { kind } = source.op;
        const isThere =
          this.#available.has(source) ||
          kind === "kernel" ||
          kind === "reduce" ||
          (source !== node && present.has(source));
        if (isThere) buffers.add(source);
        return isThere || visit(source);
      });
    };
    if (!visit(node)) return false;
    let others = 0;
    for (const buffer of buffers) if (!present.has(buffer)) others++;
    return others <= 1 && this.#work(node, buffers) <= CHEAP;
  }

  /** Nodes that some task reads from memory, and the roots: the rest lives in registers only. */
  stored(): Set<Node> {
    const stored = new Set<Node>(this.#roots);
    for (const task of this.tasks) {
      if (task.kind === "loop") {
        const members = new Set(task.members);
        for (const member of task.members) {
          for (const read of this.reads(member)) {
            if (!members.has(read.source) || !atSameIndex(read)) stored.add(read.source);
          }
        }
      } else if (task.kind === "reduce") {
        for (const read of this.reads(task.node)) stored.add(read.source);
      } else if (task.kind !== "combine") {
        for (const x of this.operands(task.node)) stored.add(this.bufferNode(x));
      }
    }
    return stored;
  }

  /** How many rows (of the axis before the last) of a node's buffer are read, counted from the first; all of a root. */
  rowsRead(node: Node): number {
    this.#rowsRead ??= this.#countRows();
    return this.#rowsRead.get(node) ?? Number.POSITIVE_INFINITY;
  }

  #countRows(): Map<Node, number> {
    const rows = new Map<Node, number>();
    const note = (node: Node, count: number): void => {
      const known = rows.get(node);
      if (known === undefined || known < count) rows.set(node, count);
    };
    for (const root of this.#roots) note(root, Number.POSITIVE_INFINITY);
    for (const task of this.tasks) {
      if (task.kind === "combine") continue;
      if (task.kind === "kernel" || task.kind === "reshape") {
        for (const x of this.operands(task.node)) note(this.bufferNode(x), Number.POSITIVE_INFINITY);
        continue;
      }
      for (const member of task.kind === "loop" ? task.members : [task.node]) {
        for (const { source, map } of this.reads(member)) {
          note(source, map === null ? Number.POSITIVE_INFINITY : largestIndex(map, source.shape.length - 2) + 1);
        }
      }
    }
    return rows;
  }

  /** Whether the loop that makes `value` reads `buffer` only at the index it writes. */
  readsOnlyAtSameIndex(value: Node, buffer: Node): boolean {
    const task = this.tasks.find((t) => t.kind === "loop" && t.members.includes(value));
    if (task === undefined || task.kind !== "loop") return false;
    return task.members.every((member) =>
      this.reads(member).every((read) => read.source !== buffer || atSameIndex(read)),
    );
  }

  #foldsReshape(node: Node): boolean {
    return reshapedStrides(this.bufferNode(node.inputs[0]), node.shape) !== null;
  }

  /** Puts a node into an earlier loop over the same shape if its operands are ready there, else into a new one. */
  #loopFor(node: Node, madeBy: ReadonlyMap<Node, number>): number {
    const shape = iterationOf(node);
    const reads = this.reads(node);
    let earliest = this.#floor;
    let identityOnly = -1;
    for (const read of reads) {
      const made = madeBy.get(read.source);
      if (made === undefined) continue;
      const task = this.tasks[made];
      const registers = task.kind === "loop" && atSameIndex(read);
      // A value made in a loop can be used in that very loop only at the same index.
      if (registers) identityOnly = Math.max(identityOnly, made);
      else earliest = Math.max(earliest, made + 1);
    }
    earliest = Math.max(earliest, identityOnly);
    for (let i = this.tasks.length - 1; i >= earliest; i--) {
      const task = this.tasks[i];
      if (task.kind !== "loop" || !sameShape(task.shape, shape) || !this.#fits(task, node, reads)) continue;
      this.#enter(task, node);
      return i;
    }
    const task: LoopTask = { kind: "loop", stage: this.#stage, shape, members: [] };
    this.#enter(task, node);
    return this.tasks.push(task) - 1;
  }

  #enter(task: LoopTask, node: Node): void {
    task.members.push(node);
    let present = this.#present.get(task);
    if (present === undefined) {
      present = new Set();
      this.#present.set(task, present);
    }
    present.add(node);
    this.#addSources(node, present);
  }

  /** Whether a loop stays a sensible size, and keeps one lane width for its reductions. */
  #fits(task: LoopTask, node: Node, reads: readonly Read[]): boolean {
    const { members } = task;
    if (members.length >= LARGEST_LOOP) return false;
    if (this.#mixesWidths([...members, node])) return false;
    // Worth it only if it saves a read.
    const present = this.#present.get(task) as ReadonlySet<Node>;
    return reads.length === 0 || reads.some((r) => present.has(r.source));
  }

  /** Whether a loop of these members reduces 32-bit numbers, which takes four lanes, and holds 64-bit ones, which take two. */
  #mixesWidths(members: readonly Node[]): boolean {
    if (!members.some((x) => x.op.kind === "reduce" && realOf(x.dtype) !== "float64")) return false;
    return members.some((x) => realOf(x.dtype) === "float64" || x.inputs.some((y) => this.#holdsDoubles(y)));
  }
}
