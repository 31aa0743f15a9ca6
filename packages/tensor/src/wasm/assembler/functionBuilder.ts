// Builds one WebAssembly function from expressions and statements.
//
// An expression has the value it had when it was made, whenever and however often it is used: setting a local
// or storing to memory later does not change it. It is computed at most once, at its first use, or earlier
// where something in between would change what it reads, and then kept in a local that is reused afterwards.
// Unused expressions cost nothing. An inner body (block, loop, branch of an if) may use the values of outer ones,
// which are then computed outside, where they were made. A value dies with the body that made it; what must
// outlive it goes into a local of an outer body.
//
// How: everything made is listed in program order (nodeList.ts) and written only when the function is complete
// (functionWriter.ts), so that it is known what is needed again, and where.

import {
  COPY_OF_OPERAND,
  EFFECT,
  type Expr,
  IMMEDIATE,
  JUMP,
  LOCAL,
  Local,
  MEMORY,
  MEMORY_LANE,
  NOTHING,
  type Node,
  type Scope,
  SHUFFLE,
  TWO_MEMORIES,
} from "./expression.ts";
import { writeFunction } from "./functionWriter.ts";
import { NodeList, type Operand } from "./nodeList.ts";
import {
  ATOMICS,
  type AtomicName,
  CODE,
  LANES,
  type LaneName,
  LOAD_LANES,
  LOADS,
  type LoadLaneName,
  type LoadName,
  type MemoryOp,
  OPS,
  type Op,
  type OpName,
  STORE_LANES,
  STORES,
  type StoreLaneName,
  type StoreName,
  type ValType,
} from "./opcodes.ts";
import type { ByteWriter } from "./writer.ts";

/** Where a branch goes: the start of a loop, the end of a block or an if. */
export interface Label {
  readonly scope: Scope;
}

export interface Signature {
  readonly params: readonly ValType[];
  readonly results: readonly ValType[];
}

export class FunctionBuilder {
  readonly params: readonly Local[];
  readonly #signature: Signature;
  readonly #signatureOf: (index: number) => Signature;
  readonly #list = new NodeList();

  /** Made by ModuleBuilder, which knows the signatures of the functions that can be called. */
  constructor(signature: Signature, signatureOf: (index: number) => Signature) {
    this.#signature = signature;
    this.#signatureOf = signatureOf;
    this.params = signature.params.map((type, slot) => {
      const param = new Local(type, this.#list.scope);
      param.slot = slot;
      param.sets = 1;
      return param;
    });
  }

  // Expressions

  /** Any instruction without immediates that gives a value. */
  op(name: OpName, a?: Operand, b?: Operand, c?: Operand): Expr {
    const op = OPS.get(name);
    if (op === undefined) throw new TypeError(`no instruction ${name}`);
    return this.#list.computed(op, NOTHING, a, b, c);
  }

  /** Extracts or replaces one lane. */
  lane(name: LaneName, lane: number, a?: Operand, b?: Operand): Expr {
    const op = LANES.get(name);
    if (op === undefined) throw new TypeError(`no lane instruction ${name}`);
    checkIndex(lane, op.lanes, LANE_OF, name);
    const node = this.#list.computed(op, IMMEDIATE, a, b);
    node.immediate = lane;
    return node;
  }

  /** i8x16.shuffle: byte k of the result is byte `bytes[k]` of the 32 bytes of `a` and `b`. */
  shuffle(bytes: readonly number[], a: Expr, b: Expr): Expr {
    if (bytes.length !== 16) throw new RangeError(`shuffle of ${bytes.length} bytes: expected 16`);
    for (const byte of bytes) checkIndex(byte, 32, "byte of", "a shuffle");
    const node = this.#list.computed(SHUFFLE_OP, SHUFFLE, a, b);
    node.bytes = Uint8Array.from(bytes);
    return node;
  }

  /** `a` where the i32 `condition` is not zero, else `b`; both are computed. */
  select(a: Expr, b: Operand, condition: Operand): Expr {
    return this.#list.computed(SELECT[a.type], NOTHING, a, b, condition);
  }

  /**
   * Reads memory at `address + offset` bytes (unsigned). `align` is a hint in bytes; natural alignment by default.
   */
  load(name: LoadName, address: Operand, offset = 0, align?: number): Expr {
    const op = memoryOp(LOADS, name);
    return addressed(this.#list.load(op as Op, MEMORY, address), op, 0, offset, align);
  }

  /** Reads one lane from memory; the others come from `vector`. */
  loadLane(name: LoadLaneName, address: Operand, vector: Operand, lane: number, offset = 0, align?: number): Expr {
    const op = memoryOp(LOAD_LANES, name);
    return addressed(this.#list.load(op as Op, MEMORY_LANE, address, vector), op, lane, offset, align);
  }

  /** The value as of now, kept in a local of its own: a snapshot of a local, or a value computed here and now. */
  let(value: Expr): Expr {
    const node = this.#list.computed(LET[value.type], COPY_OF_OPERAND, value);
    node.pinned = true;
    return node;
  }

  // Statements

  /** A variable of the current body. It has no defined value until it is set. */
  local(type: ValType): Local {
    return this.#list.declare(type);
  }

  set(local: Local, value: Operand): void {
    this.#list.set(local, value);
  }

  /** Writes memory at `address + offset` bytes (unsigned). */
  store(name: StoreName, address: Operand, value: Operand, offset = 0, align?: number): void {
    const op = memoryOp(STORES, name);
    addressed(this.#list.statement(EFFECT, op, [address, value], MEMORY), op, 0, offset, align);
  }

  /** Writes one lane of `vector` to memory. */
  storeLane(name: StoreLaneName, address: Operand, vector: Operand, lane: number, offset = 0, align?: number): void {
    const op = memoryOp(STORE_LANES, name);
    addressed(this.#list.statement(EFFECT, op, [address, vector], MEMORY_LANE), op, lane, offset, align);
  }

  /** Copies `count` bytes; the ranges may overlap. */
  memoryCopy(destination: Operand, source: Operand, count: Operand): void {
    this.#list.statement(EFFECT, MEMORY_COPY, [destination, source, count], TWO_MEMORIES);
  }

  /** Fills `count` bytes with the low byte of `value`. */
  memoryFill(destination: Operand, value: Operand, count: Operand): void {
    this.#list.statement(EFFECT, MEMORY_FILL, [destination, value, count], IMMEDIATE);
  }

  /** An atomic access of naturally aligned memory. */
  atomic(name: "i32.atomic.store", operands: readonly Operand[], offset?: number): null;
  atomic(name: Exclude<AtomicName, "i32.atomic.store">, operands: readonly Operand[], offset?: number): Expr;
  atomic(name: AtomicName, operands: readonly Operand[], offset = 0): Expr | null {
    const op = memoryOp(ATOMICS, name);
    const node = addressed(this.#list.statement(EFFECT, op, operands, MEMORY), op, 0, offset, op.bytes);
    return op.result === null ? null : this.#list.results(node, [op.result])[0];
  }

  atomicFence(): void {
    this.#list.statement(EFFECT, ATOMIC_FENCE, [], IMMEDIATE);
  }

  /** Calls a function by index and gives its results. */
  call(index: number, ...operands: Operand[]): readonly Expr[] {
    const { params, results } = this.#signatureOf(index);
    const node = this.#list.statement(EFFECT, { name: `call ${index}`, code: CODE.call, params }, operands, IMMEDIATE);
    node.immediate = index;
    return this.#list.results(node, results);
  }

  return(...values: Operand[]): void {
    this.#list.statement(JUMP, { name: "return", code: CODE.return, params: this.#signature.results }, values, NOTHING);
  }

  /** Goes to `label`. */
  br(label: Label): void {
    const distance = this.#distance(label);
    this.#list.statement(JUMP, { name: "br", code: CODE.br, params: [] }, [], IMMEDIATE).immediate = distance;
  }

  /** Goes to `label` if `condition` is not zero. */
  brIf(label: Label, condition: Operand): void {
    const distance = this.#distance(label);
    this.#list.statement(JUMP, { name: "br_if", code: CODE.brIf, params: ["i32"] }, [condition], IMMEDIATE).immediate =
      distance;
  }

  /** A body whose label is its end. */
  block(body: (end: Label) => void): void {
    this.#list.begin(CODE.block, null);
    body({ scope: this.#list.scope });
    this.#list.end();
  }

  /** A body whose label is its start. It runs once unless a branch goes back. */
  loop(body: (start: Label) => void): void {
    this.#list.begin(CODE.loop, null);
    body({ scope: this.#list.scope });
    this.#list.end();
  }

  /** Runs `then` where `condition` is not zero, else `otherwise`; their label is the end. */
  if(condition: Operand, then: (end: Label) => void, otherwise?: (end: Label) => void): void {
    this.#list.begin(CODE.if, this.#list.operand(condition, "i32", "if", 1));
    then({ scope: this.#list.scope });
    if (otherwise !== undefined) {
      this.#list.else();
      otherwise({ scope: this.#list.scope });
    }
    this.#list.end();
  }

  /**
   * Counts the i32 `local` from `start` while it is below `end` (signed), in steps of `step` > 0; `body` may run
   * zero times. `end` and `step` are evaluated once, and `end + step` must stay below 2^31.
   */
  forRange(local: Local, start: Operand, end: Operand, step: Operand, body: () => void): void {
    if (typeof step === "number" && !(step > 0)) throw new RangeError(`step ${step} of a range: expected above 0`);
    this.set(local, start);
    const fixedEnd = this.#snapshot(end);
    const fixedStep = this.#snapshot(step);
    this.if(this.op("i32.lt_s", local, fixedEnd()), () => {
      this.loop((again) => {
        body();
        this.set(local, this.op("i32.add", local, fixedStep()));
        this.brIf(again, this.op("i32.lt_s", local, fixedEnd()));
      });
    });
  }

  /** Writes the complete function, its size first, to `target`. Called by ModuleBuilder. */
  finish(target: ByteWriter): void {
    const { items } = this.#list;
    if (this.#signature.results.length > 0 && items.at(-1)?.code !== CODE.return)
      throw new Error("a function with results ends without return: end it with f.return(...)");
    this.#list.end();
    writeFunction(this.#signature.params, items, target);
  }

  #distance(label: Label): number {
    if (label.scope.closed) throw new Error("branch to a label whose body has ended");
    return this.#list.scope.depth - label.scope.depth;
  }

  /** A function that gives the value that `value` has now. Copies it only if it is a local that is set later. */
  #snapshot(value: Operand): () => Operand {
    if (typeof value !== "object" || value.kind !== LOCAL) return () => value;
    const local = value as Local;
    const { sets } = local;
    const copy = this.let(local);
    return () => (local.sets === sets ? local : copy);
  }
}

const ofEachType = (make: (type: ValType) => Op): Readonly<Record<ValType, Op>> => ({
  i32: make("i32"),
  i64: make("i64"),
  f32: make("f32"),
  f64: make("f64"),
  v128: make("v128"),
});

const SELECT = ofEachType((type) => ({ name: "select", code: CODE.select, params: [type, type, "i32"], result: type }));
const LET = ofEachType((type) => ({ name: "let", code: 0, params: [type], result: type }));
const SHUFFLE_OP: Op = { name: "i8x16.shuffle", code: CODE.shuffle, params: ["v128", "v128"], result: "v128" };
const LANE_OF = "lane of";
const OFFSET_OF = "offset of";
const MEMORY_COPY = { name: "memory.copy", code: CODE.memoryCopy, params: ["i32", "i32", "i32"] as const };
const MEMORY_FILL = { name: "memory.fill", code: CODE.memoryFill, params: ["i32", "i32", "i32"] as const };
const ATOMIC_FENCE = { name: "atomic.fence", code: CODE.atomicFence, params: [] as const };

function memoryOp(table: ReadonlyMap<string, MemoryOp>, name: string): MemoryOp {
  const op = table.get(name);
  if (op === undefined) throw new TypeError(`no memory instruction ${name}`);
  return op;
}

/** Says of an access where it is: which lane, how many bytes from its address, and how that is aligned. */
function addressed<N extends Node>(node: N, op: MemoryOp, lane: number, offset: number, align = op.bytes): N {
  checkIndex(lane, 16 / op.bytes, LANE_OF, op.name);
  checkIndex(offset, 0x100000000, OFFSET_OF, op.name);
  if (!isPowerOfTwo(align) || align > op.bytes)
    throw new RangeError(`${op.name} aligned to ${align}: expected a power of two up to ${op.bytes}`);
  node.immediate = offset;
  node.lane = lane;
  node.align = 31 - Math.clz32(align);
  return node;
}

function isPowerOfTwo(value: number): boolean {
  return value > 0 && Number.isInteger(value) && (value & (value - 1)) === 0;
}

/** `what` is the value of `of`: put together only where it is refused. */
function checkIndex(value: number, limit: number, what: string, of: string): void {
  if (!Number.isInteger(value) || value < 0 || value >= limit)
    throw new RangeError(`${what} ${of} is ${value}: expected an integer in [0, ${limit})`);
}
