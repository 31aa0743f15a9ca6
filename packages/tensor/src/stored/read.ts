// A stored graph read back. Nothing of it is trusted: every line is parsed by the rules of its op, every node is made
// through its op's own checks, every array is hashed, and what was read must have the very text that was given.

import { definitionOf } from "../graph/definitions.ts";
import { makeLeaf, makeNode } from "../graph/node.ts";
import { operationsOf, workOf } from "../graph/work.ts";
import {
  type ArrayValue,
  type Attribute,
  type AttributeRule,
  type Attributes,
  allocatePlane,
  type DType,
  dtypes,
  isComplex,
  type Node,
  type OpDefinition,
  type Operand,
  type Plane,
  type Shape,
  sizeOf,
} from "../ops/definition.ts";
import { array, input, literal } from "../ops/leaf.ts";
import { describe, sameShape, shapeText } from "../ops/rules.ts";
import { Cursor } from "./cursor.ts";
import { StoredGraphError } from "./error.ts";
import { hashArray, hashText } from "./hash.ts";
import { bytesOf, LIMITS, overLimit, type StoredLimits } from "./limits.ts";
import type { StoredGraph } from "./store.ts";
import { graphText, HEAD, numberOf } from "./text.ts";

/** A graph that was read. */
export interface LoadedGraph {
  readonly inputs: readonly Node[];
  readonly outputs: readonly Node[];
  /** That of the graph which was stored. */
  readonly fingerprint: string;
}

/** Reads one value of an attribute. */
const READERS: Readonly<Record<AttributeRule, (at: Cursor) => Attribute>> = {
  number: readNumber,
  integer: readInteger,
  boolean: (at) => at.take(/true|false/y, "true or false") === "true",
  dtype: (at) => {
    at.expect('"');
    const dtype = readDType(at);
    at.expect('"');
    return dtype;
  },
  integers: (at) => {
    at.expect("[");
    const list = readList(at, "]", readInteger);
    at.expect("]");
    return list;
  },
  table: (at) => {
    at.expect("int32(");
    const table = Int32Array.from(readList(at, ")", (x) => Number(x.take(/-?\d{1,10}/y, "an integer"))));
    at.expect(")");
    return table;
  },
};

function readNumber(at: Cursor): number {
  const [high, low] = at.take(/[0-9a-f]{1,8}:[0-9a-f]{1,8}/y, "the bits of a number").split(":");
  return numberOf(Number.parseInt(high, 16), Number.parseInt(low, 16));
}

function readInteger(at: Cursor): number {
  const x = readNumber(at);
  return Number.isSafeInteger(x) ? x : at.fail(`${x} is not an integer`);
}

function readCount(at: Cursor): number {
  return Number(at.take(/\d{1,10}/y, "a whole number"));
}

function readDType(at: Cursor): DType {
  const word = at.take(/\w{1,16}/y, "a dtype");
  return dtypes.find((dtype) => dtype === word) ?? at.fail(`${word} is no dtype; there are ${dtypes.join(", ")}`);
}

/** What stands between commas up to `end`. */
function readList<T>(at: Cursor, end: string, one: (at: Cursor) => T): T[] {
  const list: T[] = [];
  if (at.sees(end)) return list;
  do list.push(one(at));
  while (at.skip(","));
  return list;
}

function readAttributes(at: Cursor, op: OpDefinition): Attributes {
  const attributes: Record<string, Attribute> = {};
  const rules = Object.entries(op.attributes ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  rules.forEach(([key, rule], i) => {
    at.expect(`${i === 0 ? "" : ";"}${key}=`);
    attributes[key] = READERS[rule](at);
  });
  return attributes;
}

/** Reads graphs line by line. */
class Reader {
  readonly #stored: StoredGraph;
  readonly #limits: StoredLimits;
  readonly #nodes: Node[] = [];
  readonly #inputs: readonly Node[];
  readonly #placed = new Set<number>();
  /** Arrays that have the hash they should have. */
  readonly #checked = new Map<string, ArrayValue>();
  #constantBytes = 0;
  #work = 0;
  #instructions = 0;

  constructor(stored: StoredGraph, limits: StoredLimits) {
    this.#stored = stored;
    this.#limits = limits;
    overLimit("inputs", stored.inputs.length, limits);
    this.#inputs = stored.inputs.map(({ shape, dtype }, i) => {
      if (!dtypes.includes(dtype)) throw new StoredGraphError(`input ${i} has dtype ${dtype}`);
      if (!Array.isArray(shape)) throw new StoredGraphError(`input ${i} has no shape`);
      const problem = this.#problemOf(shape);
      if (problem) throw new StoredGraphError(`input ${i}: ${problem.text}`, problem);
      return makeLeaf(input, [...shape], dtype);
    });
  }

  read(): LoadedGraph {
    const { text } = this.#stored;
    overLimit("characters", text.length, this.#limits);
    const lines = text.split("\n");
    if (lines[0] !== HEAD) {
      throw new StoredGraphError(`its first line is ${JSON.stringify(lines[0].slice(0, 40))}, not "${HEAD}"`);
    }
    overLimit("nodes", lines.length - 2, this.#limits);
    for (let i = 1; i < lines.length - 1; i++) this.#readNode(new Cursor(lines[i], i + 1));
    const outputs = this.#readOutputs(new Cursor(lines[lines.length - 1], lines.length));
    const hashes = new Map([...this.#checked].map(([hash, value]) => [value, hash]));
    if (graphText(outputs, this.#inputs, ({ value }) => hashes.get(value!)!) !== text) {
      throw new StoredGraphError("its lines are not as storeGraph writes them: a line is unused, or out of order");
    }
    return { inputs: this.#inputs, outputs, fingerprint: hashText(text) };
  }

  #readOutputs(at: Cursor): Node[] {
    at.expect("out ");
    const outputs = readList(at, "\n", (x) => this.#readUse(x));
    at.end();
    return outputs;
  }

  #readUse(at: Cursor): Node {
    const id = readCount(at);
    return this.#nodes[id] ?? at.fail(`node ${id} has not come yet`);
  }

  #readNode(at: Cursor): void {
    at.expect(`${this.#nodes.length} `);
    const op = this.#readOp(at);
    const place = at.skip("@") ? readCount(at) : null;
    at.expect("(");
    const operands = readList(at, ")", (x) => this.#readUse(x));
    at.expect("){");
    const attributes = readAttributes(at, op);
    at.expect("}");
    const hash = at.skip("#") ? at.take(/[0-9a-f]{64}/y, "a SHA-256") : null;
    at.expect(":");
    const dtype = readDType(at);
    at.expect("[");
    const shape = readList(at, "]", readCount);
    at.expect("]");
    at.end();
    const problem = this.#problemOf(shape);
    if (problem) at.fail(problem.text, problem);
    if ((place !== null) !== (op === input) || (hash !== null) !== (op === array)) {
      at.fail("an input has a place (@), an array has a hash (#), and nothing else has");
    }
    if (op.kind !== "leaf") this.#nodes.push(this.#computed(at, op, operands, attributes, { shape, dtype }));
    else {
      if (operands.length > 0) at.fail(`${op.name} takes no operands`);
      if (place !== null) this.#nodes.push(this.#input(at, place, { shape, dtype }));
      else if (hash !== null)
        this.#nodes.push(makeLeaf(array, shape, dtype, { value: this.#array(at, hash, { shape, dtype }) }));
      else this.#nodes.push(literalOf(at, attributes, { shape, dtype }));
    }
  }

  #readOp(at: Cursor): OpDefinition {
    const name = at.take(/[A-Za-z]\w{0,63}/y, "the name of an op");
    const version = at.skip("/") ? readCount(at) : 1;
    const op = definitionOf(name);
    if (op === undefined) return at.fail(`there is no op ${name}; a later release may have it`);
    const own = op.version ?? 1;
    if (version !== own) {
      at.fail(
        `it has version ${version} of ${name}, this release has version ${own}; read it with the one that wrote it`,
      );
    }
    return op;
  }

  #computed(at: Cursor, op: OpDefinition, operands: readonly Node[], attributes: Attributes, type: Operand): Node {
    const { arity = 1 } = op;
    if (arity === "one or more" ? operands.length === 0 : operands.length !== arity) {
      at.fail(`${op.name} takes ${arity} operands, not ${operands.length}`);
    }
    let node: Node;
    try {
      node = makeNode(op, operands, attributes);
    } catch (error) {
      return at.fail(error instanceof Error ? error.message : String(error), { cause: error });
    }
    if (node.dtype !== type.dtype || !sameShape(node.shape, type.shape)) {
      at.fail(`it says ${describe(type)}, but ${op.name} gives ${describe(node)}`);
    }
    this.#work += workOf(node);
    overLimit("work", this.#work, this.#limits);
    this.#instructions += operationsOf(node);
    overLimit("instructions", this.#instructions, this.#limits);
    return node;
  }

  #input(at: Cursor, place: number, type: Operand): Node {
    const node = this.#inputs[place];
    if (node === undefined) return at.fail(`there are ${this.#inputs.length} inputs, and none has place ${place}`);
    if (this.#placed.has(place)) at.fail(`input ${place} comes twice`);
    this.#placed.add(place);
    if (node.dtype !== type.dtype || !sameShape(node.shape, type.shape)) {
      at.fail(`input ${place} is ${describe(node)}, the line says ${describe(type)}`);
    }
    return node;
  }

  #array(at: Cursor, hash: string, type: Operand): ArrayValue {
    let value = this.#checked.get(hash);
    if (value === undefined) {
      value = this.#stored.constants.get(hash);
      if (value === undefined) return at.fail(`the array ${hash} is missing`);
      // Before anything is hashed that takes long.
      this.#constantBytes += bytesOf(type);
      overLimit("constantBytes", this.#constantBytes, this.#limits);
      if (!isArray(value)) at.fail(`the array ${hash} is not as long as its shape says, or not of its dtype`);
      if (hashArray(value) !== hash) at.fail(`the array ${hash} is damaged: its hash is another`);
      this.#checked.set(hash, value);
    }
    if (value.dtype !== type.dtype || !sameShape(value.shape, type.shape)) {
      at.fail(`the array is ${describe(value)}, the line says ${describe(type)}`);
    }
    return value;
  }

  /** What is wrong with a shape, and the limit that it is above, if that is it. */
  #problemOf(shape: Shape): { readonly text: string; readonly limit?: string } | null {
    const { axes, elements } = this.#limits;
    if (shape.length > axes) {
      return { text: `an array has ${shape.length} axes; the most is ${axes}`, limit: "axes" };
    }
    if (!shape.every((n) => Number.isInteger(n) && n >= 0 && n <= 0x7fffffff)) {
      return { text: `${shapeText(shape)} is not a shape` };
    }
    if (sizeOf(shape) > elements) {
      return { text: `an array of ${shapeText(shape)} has more than ${elements} elements`, limit: "elements" };
    }
    return null;
  }
}

/** A literal holds one number; a bool, like a condition, takes every number but 0 as true. */
function literalOf(at: Cursor, attributes: Attributes, { shape, dtype }: Operand): Node {
  const value = attributes.value as number;
  if (shape.length > 0) at.fail(`a literal has no axes, the line says ${shapeText(shape)}`);
  if (dtype === "int32" && value !== (value | 0)) at.fail(`int32 cannot hold ${value}`);
  return makeLeaf(literal, [], dtype, { attributes });
}

/** Whether something that was given as an array is one. */
function isArray({ dtype, shape, re, im }: ArrayValue): boolean {
  if (!dtypes.includes(dtype) || !Array.isArray(shape)) return false;
  const kind = allocatePlane(dtype, 0).constructor;
  const fits = (plane: Plane | undefined): boolean => plane?.constructor === kind && plane.length === sizeOf(shape);
  if (!fits(re) || (isComplex(dtype) ? !fits(im) : im !== undefined)) return false;
  return dtype !== "bool" || re.every((x) => x === 0 || x === 1);
}

/** As loadGraph (../loadGraph.ts) says; transforms among the nodes have no kernels by that. */
export function readGraph(stored: StoredGraph, limits: Partial<StoredLimits>): LoadedGraph {
  return new Reader(stored, { ...LIMITS, ...limits }).read();
}
