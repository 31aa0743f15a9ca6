// Common subexpressions: nodes that compute the same thing become one node. Bit-neutral.
//
// Every node is written down as words, in which its operands are numbers of nodes written before. Equal words are equal nodes. What is
// written is also the structure of the program: all that decides how it is compiled, but for the values of its arrays.

import { topological } from "../graph/node.ts";
import { type Attribute, dtypes, type Node, type OpDefinition } from "../ops/definition.ts";
import { array, literal } from "../ops/leaf.ts";
import { Words } from "../wasm/words.ts";

/** A number for every op, and the names of its attributes. */
const facts = new Map<OpDefinition, { readonly number: number; readonly names: readonly string[] }>();

function factsOf(op: OpDefinition) {
  let known = facts.get(op);
  if (known === undefined) {
    known = { number: facts.size, names: Object.keys(op.attributes ?? {}) };
    facts.set(op, known);
  }
  return known;
}

function writeAttribute(words: Words, a: Attribute): void {
  if (typeof a === "number") {
    words.push(0);
    words.number(a);
  } else if (typeof a === "string") {
    words.push(1);
    words.text(a);
  } else if (typeof a === "boolean") {
    words.push(a ? 2 : 3);
  } else if (a instanceof Int32Array) {
    words.push(4);
    words.list(a);
  } else {
    words.push(5);
    words.push(a.length);
    for (let i = 0; i < a.length; i++) writeAttribute(words, a[i]);
  }
}

/** Replaces equal nodes by one representative, across all calls. */
export class Canonical {
  /** The representatives, each as words, in the order of their numbers. */
  readonly words = new Words();
  /** The arrays and inputs among them. */
  readonly arrays: Node[] = [];
  readonly inputs: Node[] = [];
  readonly #of = new Map<Node, Node>();
  readonly #nodes: Node[] = [];
  readonly #number = new Map<Node, number>();
  readonly #byHash = new Map<number, Node[]>();
  /** Where the words of every representative begin; they end where the next one's begin. */
  readonly #begins: number[] = [0];

  /** The representatives of `outputs`. */
  nodes(outputs: readonly Node[]): Node[] {
    for (const node of topological(outputs, this.#of)) this.#add(node);
    return outputs.map((node) => this.#of.get(node) as Node);
  }

  /** How many representatives there are. */
  get count(): number {
    return this.#nodes.length;
  }

  /**
   * What becomes of nodes where another leaf is in the place of `leaf`, as far as that is among the representatives: by the nodes that
   * depend on it, operands before users.
   */
  counterparts(leaf: Node, other: Node): Map<Node, Node> {
    const found = new Map<Node, Node>();
    // By number: its counterpart's. Nodes that do not depend on the leaf are their own.
    const numbers = Int32Array.from(this.#nodes, (_, n) => n);
    const from = this.number(leaf);
    numbers[from] = this.number(other);
    for (let n = from + 1; n < numbers.length; n++) {
      const { inputs } = this.#nodes[n];
      let depends = false;
      let known = true;
      for (let i = 0; i < inputs.length; i++) {
        const input = this.number(inputs[i]);
        if (numbers[input] !== input) depends = true;
        if (numbers[input] < 0) known = false;
      }
      if (!depends) continue;
      numbers[n] = known ? this.#find(n, numbers) : -1;
      if (numbers[n] >= 0) found.set(this.#nodes[n], this.#nodes[numbers[n]]);
    }
    return found;
  }

  /** The number of the node that is as the n-th one, but for the numbers of its operands; -1 where there is none. */
  #find(n: number, numbers: Int32Array): number {
    const { words } = this;
    const begin = words.length;
    const { shape, inputs } = this.#nodes[n];
    words.repeat(this.#begins[n], this.#begins[n + 1]);
    // The op, the dtype, and two lists, of which the second is that of the operands.
    const operands = begin + 2 + 1 + shape.length + 1;
    for (let i = 0; i < inputs.length; i++) words.set(operands + i, numbers[this.number(inputs[i])]);
    const known = this.#known(begin, words.hash(begin));
    words.truncate(begin);
    return known === undefined ? -1 : this.number(known);
  }

  /** The representative that was written as the words from a place on are, which have this hash. */
  #known(begin: number, hash: number): Node | undefined {
    const { words } = this;
    return this.#byHash.get(hash)?.find((other) => {
      const n = this.number(other);
      return words.same(begin, this.#begins[n], this.#begins[n + 1]);
    });
  }

  /** The number of a representative. */
  number(node: Node): number {
    return this.#number.get(node) as number;
  }

  #add(node: Node): void {
    const { words } = this;
    const begin = words.length;
    const inputs = this.#write(node);
    // Inputs and arrays are what they are; a literal is its value.
    if (node.op.kind === "leaf" && node.op !== literal) {
      (node.op === array ? this.arrays : this.inputs).push(node);
      this.#keep(node, node);
      return;
    }
    const hash = words.hash(begin);
    const known = this.#known(begin, hash);
    if (known !== undefined) {
      words.truncate(begin);
      this.#of.set(node, known);
      return;
    }
    const representative = inputs === node.inputs ? node : { ...node, inputs };
    const alike = this.#byHash.get(hash);
    if (alike === undefined) this.#byHash.set(hash, [representative]);
    else alike.push(representative);
    this.#keep(node, representative);
  }

  #keep(node: Node, representative: Node): void {
    this.#of.set(node, representative);
    this.#number.set(representative, this.#nodes.push(representative) - 1);
    this.#begins.push(this.words.length);
  }

  /** Writes a node's words, and gives its operands' representatives: `node.inputs` itself where they are the same. */
  #write(node: Node): readonly Node[] {
    const { words } = this;
    const { number, names } = factsOf(node.op);
    words.push(number);
    words.push(dtypes.indexOf(node.dtype));
    words.list(node.shape);
    words.push(node.inputs.length);
    let same = true;
    const { inputs } = node;
    // By index: in code that is run for the first time, walking makes garbage.
    for (let i = 0; i < inputs.length; i++) {
      const x = this.#of.get(inputs[i]) as Node;
      if (x !== inputs[i]) same = false;
      words.push(this.number(x));
    }
    for (let i = 0; i < names.length; i++) writeAttribute(words, node.attributes[names[i]]);
    return same ? inputs : inputs.map((x) => this.#of.get(x) as Node);
  }
}
