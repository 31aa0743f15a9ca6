// Writes a function from its list of expressions and statements: decides where values are kept, and numbers locals.
//
// A value needed once is left on the stack, a value needed again goes into a slot, which is free for others after
// its last use; if that is in an inner body, perhaps a loop, then after that body. Slots become wasm locals,
// grouped by type. Free slots are taken last in, first out, so that the same list always gives the same bytes.

import {
  BEGIN,
  BYTES_CONST,
  COMPUTED,
  COPY_OF_OPERAND,
  DECLARE,
  EFFECT,
  ELSE,
  END,
  type Expr,
  I32_CONST,
  IMMEDIATE,
  JUMP,
  LOCAL,
  MEMORY,
  MEMORY_LANE,
  type Node,
  SET,
  SHUFFLE,
  TWO_MEMORIES,
} from "./expression.ts";
import { CODE, TYPE_CODE, type ValType } from "./opcodes.ts";
import { ByteWriter } from "./writer.ts";

const TYPE_ORDER: readonly ValType[] = ["i32", "i64", "f32", "f64", "v128"];

/** Writes the function made of `items`, its size first, to `target`. */
export function writeFunction(params: readonly ValType[], items: readonly Node[], target: ByteWriter): void {
  code.clear();
  const writer = new FunctionWriter(params);
  writer.write(items);
  writer.assemble(target);
}

// Functions are written one after the other, all with the same two buffers.
const code = new ByteWriter();
const numbered = new ByteWriter();

class FunctionWriter {
  readonly #params: number;
  readonly #out = code;
  /** Pairs: position in `out` where a local's index belongs, and its slot. */
  readonly #patches: number[] = [];
  readonly #slotTypes: ValType[];
  /** Number of bodies around the place that is being written, the function's own not counted. */
  #depth = 0;
  /** For each of those bodies and the function's own, slots to give back when it ends. */
  readonly #leaving: number[][] = [[]];
  readonly #free: Record<ValType, number[]> = { i32: [], i64: [], f32: [], f64: [], v128: [] };

  constructor(params: readonly ValType[]) {
    this.#params = params.length;
    this.#slotTypes = [...params];
  }

  write(items: readonly Node[]): void {
    const out = this.#out;
    for (const node of items) {
      switch (node.kind) {
        case COMPUTED:
          if (node.pinned && node.uses > 0) this.#keep(node as Expr);
          break;
        case DECLARE:
          node.a!.slot = this.#take(node.a!.type);
          this.#leaving[this.#depth].push(node.a!.slot);
          break;
        case SET:
          this.#value(node.a!);
          this.#settle(node.pending);
          this.#localOp(CODE.localSet, node.b!.slot);
          break;
        case EFFECT:
        case JUMP:
          this.#operandsOf(node);
          this.#settle(node.pending);
          this.#instruction(node);
          if (node.results !== null) for (let i = node.results.length - 1; i >= 0; i--) this.#receive(node.results[i]);
          break;
        case BEGIN:
          if (node.a !== null) this.#value(node.a);
          out.byte(node.code);
          out.byte(0x40);
          this.#depth++;
          this.#leaving.push([]);
          break;
        case ELSE:
          this.#release();
          this.#leaving.push([]);
          out.byte(CODE.else);
          break;
        case END:
          this.#release();
          this.#depth--;
          out.byte(CODE.end);
          break;
      }
    }
  }

  /** Writes code that leaves the value on the stack. */
  #value(node: Expr): void {
    switch (node.kind) {
      case I32_CONST:
        this.#out.byte(CODE.i32Const);
        this.#out.i32(node.immediate);
        return;
      case BYTES_CONST:
        this.#out.raw(node.bytes!);
        return;
      case LOCAL:
        this.#localOp(CODE.localGet, node.slot);
        return;
    }
    node.uses--;
    if (node.slot >= 0) {
      this.#localOp(CODE.localGet, node.slot);
      if (node.uses === 0) this.#give(node);
      return;
    }
    this.#operandsOf(node);
    this.#instruction(node);
    if (node.uses > 0) {
      node.slot = this.#take(node.type);
      this.#localOp(CODE.localTee, node.slot);
    }
  }

  #operandsOf(node: Node): void {
    if (node.a !== null) this.#value(node.a);
    if (node.b !== null) this.#value(node.b);
    if (node.c !== null) this.#value(node.c);
    if (node.operands !== null) for (const operand of node.operands) this.#value(operand);
  }

  /** Computes a value here and keeps it for its uses to come. */
  #keep(node: Expr): void {
    this.#operandsOf(node);
    this.#instruction(node);
    this.#receive(node);
  }

  /** Takes a value off the stack and keeps it for its uses to come. */
  #receive(node: Expr): void {
    if (node.uses === 0) {
      this.#out.byte(CODE.drop);
      return;
    }
    node.slot = this.#take(node.type);
    this.#localOp(CODE.localSet, node.slot);
  }

  /** Computes what is still to be used and would be changed by the statement that follows. */
  #settle(pending: readonly Expr[] | null): void {
    if (pending === null) return;
    for (const node of pending) if (node.uses > 0 && node.slot < 0) this.#keep(node);
  }

  #instruction(node: Node): void {
    const out = this.#out;
    if (node.form === COPY_OF_OPERAND) return;
    out.code(node.code);
    switch (node.form) {
      case MEMORY:
        out.u32(node.align);
        out.u32(node.immediate);
        break;
      case MEMORY_LANE:
        out.u32(node.align);
        out.u32(node.immediate);
        out.byte(node.lane);
        break;
      case IMMEDIATE:
        out.u32(node.immediate);
        break;
      case SHUFFLE:
        out.raw(node.bytes!);
        break;
      case TWO_MEMORIES:
        out.byte(0);
        out.byte(0);
        break;
    }
  }

  #take(type: ValType): number {
    const slot = this.#free[type].pop();
    if (slot !== undefined) return slot;
    this.#slotTypes.push(type);
    return this.#slotTypes.length - 1;
  }

  /** Gives back the slot of a value used for the last time: now, or when the inner body that used it ends. */
  #give(node: Expr): void {
    const { depth } = node.scope!;
    if (depth === this.#depth) this.#free[node.type].push(node.slot);
    else this.#leaving[depth + 1].push(node.slot);
  }

  /** Gives back what the body that ends has kept. */
  #release(): void {
    for (const slot of this.#leaving.pop()!) this.#free[this.#slotTypes[slot]].push(slot);
  }

  #localOp(code: number, slot: number): void {
    this.#out.byte(code);
    this.#patches.push(this.#out.length, slot);
  }

  /** Numbers the locals by type and copies the code with those numbers. */
  assemble(target: ByteWriter): void {
    const params = this.#params;
    const slotTypes = this.#slotTypes;
    const patches = this.#patches;
    const out = this.#out;
    const index = new Uint32Array(slotTypes.length);
    const body = numbered;
    body.clear();
    let next = 0;
    while (next < params) index[next] = next++;
    const groups: [number, number][] = [];
    for (const type of TYPE_ORDER) {
      const first = next;
      for (let slot = params; slot < slotTypes.length; slot++) if (slotTypes[slot] === type) index[slot] = next++;
      if (next > first) groups.push([next - first, TYPE_CODE[type]]);
    }
    body.u32(groups.length);
    for (const [count, code] of groups) {
      body.u32(count);
      body.byte(code);
    }
    let from = 0;
    for (let i = 0; i < patches.length; i += 2) {
      body.range(out.bytes, from, patches[i]);
      from = patches[i];
      body.u32(index[patches[i + 1]]);
    }
    body.range(out.bytes, from, out.length);
    target.sized(body);
  }
}
