// The list of everything a function's builder makes, in program order, with its bodies and the uses of its values.
//
// Uses are counted when a statement takes a value, so that values nobody takes cost nothing. A value made in one
// straight-line run and used in another must be computed where it was made (`pinned`).

import {
  BEGIN,
  COMPUTED,
  DECLARE,
  EFFECT,
  ELSE,
  END,
  type Expr,
  LOCAL,
  Local,
  literal,
  Node,
  RESULT,
  Scope,
  SET,
} from "./expression.ts";
import type { Op, ValType } from "./opcodes.ts";

/** An expression, or a number (bigint for i64) that becomes a constant of the type expected. */
export type Operand = Expr | number | bigint;

/** An instruction, with or without a result. */
export interface Instruction {
  readonly name: string;
  readonly code: number;
  readonly params: readonly ValType[];
}

/** Trees higher than this are cut by keeping a value in a local, which bounds the recursion that writes them. */
const MAX_HEIGHT = 200;

export class NodeList {
  readonly items: Node[] = [];
  scope = new Scope(0);
  readonly #outer: Scope[] = [];
  #run = 0;
  /** Loads made since memory was last written. */
  #loads: Expr[] | null = null;
  readonly #unvisited: Expr[] = [];

  /** Checks an operand; numbers become constants. */
  operand(value: Operand, type: ValType, name: string, position: number): Expr {
    if (typeof value === "number" || typeof value === "bigint") return literal(value, type);
    if (value.type !== type) throw new TypeError(`${name}: operand ${position} is ${value.type}, expected ${type}`);
    if (value.kind >= LOCAL) {
      checkOpen(value, name);
      if (value.kind === LOCAL && (value as Local).sets === 0)
        throw new Error(`${name}: operand ${position} is a local that has not been set; set it first`);
    }
    return value;
  }

  declare(type: ValType): Local {
    const local = new Local(type, this.scope);
    const node = new Node(DECLARE, null);
    node.a = local;
    this.items.push(node);
    return local;
  }

  computed(op: Op, form: number, first?: Operand, second?: Operand, third?: Operand): Expr {
    const node = new Node<ValType>(COMPUTED, op.result);
    const given = first === undefined ? 0 : second === undefined ? 1 : third === undefined ? 2 : 3;
    this.#fill(node, op, form, given, first, second, third);
    node.scope = this.scope;
    node.run = this.#run;
    const { a, b, c } = node;
    let height = a === null ? 0 : read(node, a);
    if (b !== null) height = Math.max(height, read(node, b));
    if (c !== null) height = Math.max(height, read(node, c));
    node.pinned = height === MAX_HEIGHT;
    node.height = node.pinned ? 0 : height;
    this.items.push(node);
    return node;
  }

  /** A computed expression that reads memory. */
  load(op: Op, form: number, address: Operand, vector?: Operand): Expr {
    const node = this.computed(op, form, address, vector);
    if (this.#loads === null) this.#loads = [node];
    else this.#loads.push(node);
    return node;
  }

  set(local: Local, value: Operand): void {
    checkOpen(local, "set");
    const node = new Node(SET, null);
    node.a = this.operand(value, local.type, "set", 1);
    node.b = local;
    node.pending = local.readers;
    local.readers = null;
    local.sets++;
    this.#use(node.a);
    this.items.push(node);
  }

  /** A statement of kind EFFECT, which may write memory, or JUMP. */
  statement(kind: number, op: Instruction, operands: readonly Operand[], form: number): Node {
    const node = new Node(kind, null);
    const { length } = operands;
    this.#fill(node, op, form, length, operands[0], operands[1], operands[2]);
    if (length > 3) {
      node.operands = operands.slice(3).map((value, i) => this.operand(value, op.params[i + 3], op.name, i + 4));
    }
    if (node.a !== null) this.#use(node.a);
    if (node.b !== null) this.#use(node.b);
    if (node.c !== null) this.#use(node.c);
    if (node.operands !== null) for (const operand of node.operands) this.#use(operand);
    if (kind === EFFECT) {
      node.pending = this.#loads;
      this.#loads = null;
    }
    this.items.push(node);
    return node;
  }

  /** The values that a statement gives. */
  results(statement: Node, types: readonly ValType[]): readonly Expr[] {
    const results = types.map((type) => {
      const result = new Node<ValType>(RESULT, type);
      result.scope = this.scope;
      result.run = this.#run;
      return result;
    });
    statement.results = results;
    return results;
  }

  /** Opens a body: a block, a loop, or an if with its condition. */
  begin(code: number, condition: Expr | null): void {
    const node = new Node(BEGIN, null);
    node.code = code;
    node.a = condition;
    if (condition !== null) this.#use(condition);
    this.items.push(node);
    this.#enter();
  }

  else(): void {
    this.#leave(ELSE);
    this.#enter();
  }

  end(): void {
    this.#leave(END);
  }

  #enter(): void {
    this.#outer.push(this.scope);
    this.scope = new Scope(this.scope.depth + 1);
    this.#run++;
  }

  #leave(kind: number): void {
    this.items.push(new Node(kind, null));
    this.scope.closed = true;
    this.#run++;
    const outer = this.#outer.pop();
    if (outer !== undefined) this.scope = outer;
  }

  /** Fills in an instruction, and the first three of its operands. */
  #fill(
    node: Node,
    { name, code, params }: Instruction,
    form: number,
    given: number,
    first?: Operand,
    second?: Operand,
    third?: Operand,
  ): void {
    if (given !== params.length) throw new TypeError(`${name}: ${given} operands, expected ${params.length}`);
    node.code = code;
    node.form = form;
    if (first !== undefined) node.a = this.operand(first, params[0], name, 1);
    if (second !== undefined) node.b = this.operand(second, params[1], name, 2);
    if (third !== undefined) node.c = this.operand(third, params[2], name, 3);
  }

  /** Counts a use by the statement being made, and on its first use those of what it is made of. */
  #use(root: Expr): void {
    const unvisited = this.#unvisited;
    this.#count(root, this.#run);
    for (let node = unvisited.pop(); node !== undefined; node = unvisited.pop()) {
      if (node.a !== null) this.#count(node.a, node.run);
      if (node.b !== null) this.#count(node.b, node.run);
      if (node.c !== null) this.#count(node.c, node.run);
    }
  }

  #count(node: Expr, run: number): void {
    if (node.kind <= LOCAL) return;
    if (node.uses++ === 0) this.#unvisited.push(node);
    if (node.run !== run) node.pinned = true;
  }
}

/** Notes that `node` reads `operand`, and gives the least height that `node` has for it. */
function read(node: Expr, operand: Expr): number {
  if (operand.kind === LOCAL) {
    const local = operand as Local;
    if (local.readers === null) local.readers = [node];
    else local.readers.push(node);
  }
  return operand.height + 1;
}

function checkOpen(value: Expr, name: string): void {
  if (value.scope!.closed)
    throw new Error(`${name}: a value or local is used outside the body that made it; set a local of an outer body`);
}
