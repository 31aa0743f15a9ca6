// Common subexpressions: nodes that compute the same thing become one node. Bit-neutral.

import { topological } from "../graph/node.ts";
import type { Node } from "../ops/definition.ts";
import { literal } from "../ops/leaf.ts";
import { typeText } from "../stored/hash.ts";
import { attributesText } from "../stored/text.ts";

/** Replaces equal nodes by one representative, across all calls. */
export class Canonical {
  readonly #byKey = new Map<string, Node>();
  readonly #of = new Map<Node, Node>();
  #next = 0;
  readonly #number = new Map<Node, number>();

  /** The representatives of `outputs`. */
  nodes(outputs: readonly Node[]): Node[] {
    for (const node of topological(outputs)) if (!this.#of.has(node)) this.#add(node);
    return outputs.map((node) => this.#of.get(node) as Node);
  }

  #add(node: Node): void {
    const inputs = node.inputs.map((x) => this.#of.get(x) as Node);
    // Inputs and arrays are what they are; a literal is its value.
    const own = node.op.kind === "leaf" && node.op !== literal ? `leaf ${node.id}` : "";
    const key = `${node.op.name}(${inputs.map((x) => this.#number.get(x)).join(",")}){${attributesText(node)}}${own}:${typeText(node)}`;
    let representative = this.#byKey.get(key);
    if (representative === undefined) {
      const same = inputs.every((x, i) => x === node.inputs[i]);
      representative = same ? node : { ...node, inputs };
      this.#byKey.set(key, representative);
      this.#number.set(representative, this.#next++);
    }
    this.#of.set(node, representative);
  }
}
