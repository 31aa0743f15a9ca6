// The order in which a scalar expression is computed, and what of it may be skipped.

import { type Scalar, select } from "./scalar.ts";

/** The `value` of a select made by `rarely`; 0 in all others. */
const RARELY = 1;

/**
 * `condition ? a : b`, where the condition is rarely true: who computes it may skip `a` where no element needs it.
 * The value is that of `select`.
 */
export function rarely(condition: Scalar, a: Scalar, b: Scalar): Scalar {
  return { ...select(condition, a, b), value: RARELY };
}

const isRare = (node: Scalar): boolean => node.op === "select" && node.value === RARELY;

/** Nodes that are computed already. */
interface Known {
  has(node: Scalar): boolean;
}

const NOTHING: Known = { has: () => false };

const argsOf = (node: Scalar): readonly Scalar[] => node.args;

function ordered(outputs: readonly Scalar[], needs: (node: Scalar) => readonly Scalar[], known = NOTHING): Scalar[] {
  const order: Scalar[] = [];
  const done = new Set<Scalar>();
  // Not recursive: a long fused chain may be thousands of nodes deep.
  const stack: Scalar[] = [];
  for (let i = outputs.length - 1; i >= 0; i--) if (!known.has(outputs[i])) stack.push(outputs[i]);
  while (stack.length > 0) {
    const node = stack[stack.length - 1];
    let ready = true;
    if (!done.has(node)) {
      const before = needs(node);
      for (let i = before.length - 1; i >= 0; i--) {
        if (done.has(before[i]) || known.has(before[i])) continue;
        stack.push(before[i]);
        ready = false;
      }
    }
    if (!ready) continue;
    stack.pop();
    if (done.has(node)) continue;
    done.add(node);
    order.push(node);
  }
  return order;
}

/**
 * The distinct nodes under `outputs`, each after its operands, but for known ones and what only these need; the same expressions always
 * give the same order.
 */
export function inOrder(outputs: readonly Scalar[], known?: Known): Scalar[] {
  return ordered(outputs, argsOf, known);
}

/** One node to compute, after all those before it. */
export interface Step {
  readonly node: Scalar;
  /**
   * Nodes to compute before this one, in this order, but only where the condition `node.args[0]` holds for some
   * element. Nothing but this node uses them (a node that two such steps share is listed with both).
   */
  readonly rare: readonly Scalar[];
}

const NONE: readonly Scalar[] = [];

/** The distinct nodes under `outputs` in order, as `inOrder`, with what only rare cases need set aside. */
export function schedule(outputs: readonly Scalar[], known?: Known): Step[] {
  const all = inOrder(outputs, known);
  if (!all.some(isRare)) return all.map((node) => ({ node, rare: NONE }));
  const always = new Set(ordered(outputs, (node) => (isRare(node) ? [node.args[0], node.args[2]] : node.args), known));
  const plans = new Map<Scalar, { rare: Scalar[]; before: Scalar[] }>();
  for (const node of always) {
    if (!isRare(node)) continue;
    const rare: Scalar[] = [];
    const before = [node.args[0], node.args[2]];
    for (const inner of inOrder([node.args[1]], known)) {
      // Leaves cost nothing to have always.
      if (inner.args.length === 0) always.add(inner);
      (always.has(inner) ? before : rare).push(inner);
    }
    plans.set(node, { rare, before });
  }
  const order = ordered(outputs, (node) => plans.get(node)?.before ?? node.args, known);
  return order.map((node) => ({ node, rare: plans.get(node)?.rare ?? NONE }));
}
