// What a file says of its network before anything is computed: for people who want to know what they have.

import type { NetworkFacts } from "../network.ts";
import { type OnnxGraph, type OnnxInput, type OnnxModel, operatorName } from "./file/model.ts";
import { isFloating, typeName } from "./file/tensorInfo.ts";
import { operators, refused } from "./operators/table.ts";

export function factsOf({ graph, opset, producer, irVersion }: OnnxModel, image: OnnxInput): NetworkFacts {
  const counts = new Map<string, number>();
  const supported = new Map<string, boolean>();
  for (const node of nodesOf(graph)) {
    const name = operatorName(node);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    supported.set(name, node.domain === "" && operators.has(node.op));
  }
  const weights = arraysOf(graph);
  return {
    opset,
    irVersion,
    producer,
    image: { name: image.name, type: typeName(image.type), shape: image.shape },
    operators: [...counts]
      .map(([name, count]) => ({ name, count, supported: supported.get(name) === true, why: refused.get(name) }))
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)),
    parameters: weights.reduce((sum, { count }) => sum + count, 0),
    weightBytes: weights.reduce((sum, { count, bytes }) => sum + count * bytes, 0),
    weightTypes: [...new Set(weights.map(({ type }) => type))].sort(),
  };
}

/** All nodes, those in the graphs inside of others included. */
function nodesOf({ nodes }: OnnxGraph): OnnxGraph["nodes"][number][] {
  return nodes.flatMap((node) => [
    node,
    ...[...node.attributes.values()].flatMap((one) => (one.kind === "graph" ? nodesOf(one.value) : [])),
  ]);
}

interface Weight {
  readonly type: string;
  readonly count: number;
  readonly bytes: number;
}

/** All arrays of floating numbers, and those of whole numbers that stand for such. */
function arraysOf(graph: OnnxGraph): Weight[] {
  const inConstants = nodesOf(graph).flatMap(({ attributes }) =>
    [...attributes.values()].flatMap((one) =>
      one.kind === "tensor" ? [one.value] : one.kind === "graph" ? [...one.value.initializers.values()] : [],
    ),
  );
  return [...graph.initializers.values(), ...inConstants]
    .filter(({ type }) => isFloating(type) || type.name === "int8" || type.name === "uint8")
    .map(({ type, count }) => ({ type: type.name, count, bytes: type.bytes }));
}
