// What a program is asked to do: buffers, and entries that compute outputs and new buffer values. Checks of the request.

import { makeNode } from "../graph/node.ts";
import type { Node } from "../ops/definition.ts";
import { input } from "../ops/leaf.ts";
import { ShapeError, sameShape, show } from "../ops/rules.ts";
import { stopGradient } from "../ops/stopGradient.ts";
import { Canonical } from "./canonical.ts";

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

/** An entry with equal nodes made one. Neither outputs nor updates are leaves. */
export interface Entry {
  readonly name: string;
  readonly outputs: ReadonlyMap<string, Node>;
  /** New values by buffer. */
  readonly updates: ReadonlyMap<Node, Node>;
  readonly roots: readonly Node[];
}

export interface CheckedSpec {
  readonly buffers: ReadonlyMap<string, Node>;
  readonly entries: readonly Entry[];
}

/** A leaf has no step that computes it; its copy has. */
const computed = (x: Node): Node => (x.op.kind === "leaf" ? makeNode(stopGradient, [x]) : x);

export function checkSpec(spec: ProgramSpec): CheckedSpec {
  const canonical = new Canonical();
  const buffers = new Map<string, Node>();
  const nameOf = new Map<Node, string>();
  for (const [name, node] of Object.entries(spec.buffers)) {
    if (node.op !== input) throw new TypeError(`program: buffer ${name} is ${node.op.name}; it must be an input`);
    const other = nameOf.get(node);
    if (other !== undefined) {
      throw new TypeError(`program: buffers ${other} and ${name} are the same input; give each its own`);
    }
    nameOf.set(node, name);
    buffers.set(name, canonical.nodes([node])[0]);
  }
  const entries = Object.entries(spec.entries).map(([name, { outputs = {}, updates = {} }]): Entry => {
    const kept = new Map<string, Node>();
    for (const [key, node] of Object.entries(outputs)) {
      if (buffers.has(`${name}.${key}`)) {
        throw new TypeError(`program: ${name}.${key} is both a buffer and an output; rename one of them`);
      }
      kept.set(key, canonical.nodes([computed(node)])[0]);
    }
    const updated = new Map<Node, Node>();
    for (const [key, node] of Object.entries(updates)) {
      const buffer = buffers.get(key);
      if (buffer === undefined) {
        throw new TypeError(
          `program: entry ${name} updates ${key}, which is no buffer; there are ${[...buffers.keys()].join(", ")}`,
        );
      }
      if (!sameShape(buffer.shape, node.shape) || buffer.dtype !== node.dtype) {
        throw new ShapeError(
          `program: entry ${name} updates ${key} (${buffer.dtype} ${show(buffer.shape)}) with ${node.dtype} ${show(node.shape)}`,
        );
      }
      updated.set(buffer, canonical.nodes([computed(node)])[0]);
    }
    return { name, outputs: kept, updates: updated, roots: [...new Set([...kept.values(), ...updated.values()])] };
  });
  return { buffers, entries };
}
