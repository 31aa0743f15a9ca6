// From the graph of a file to tensors. Only the nodes that are needed for what is asked are looked at. A node that cannot be
// computed is no error until somebody asks for what depends on it.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { OnnxError } from "./file/error.ts";
import { MOST_SMALL } from "./file/limits.ts";
import { nodeName, type OnnxGraph, type OnnxModel, type OnnxNode, operatorName } from "./file/model.ts";
import { Call, type Operator, type Surroundings } from "./operators/operator.ts";
import { operators, refused } from "./operators/table.ts";
import { type Constants, known, numbersOf, traced, type Value } from "./values/value.ts";
import type { Weights } from "./values/weights.ts";

/** Why a value is not there: what went wrong with the nodes behind it. */
export class Missing {
  readonly causes: ReadonlySet<OnnxError>;

  constructor(causes: Iterable<OnnxError>) {
    this.causes = new Set(causes);
  }
}

/** What the names of a graph stand for. */
type Names = Map<string, Value | Missing>;

export interface TraceRequest {
  readonly model: OnnxModel;
  readonly weights: Weights;
  readonly constants: Constants;
  /** The name of the input that is the image. */
  readonly input: string;
}

/** The values of some names, or why they are not there. */
export function traceValues(request: TraceRequest, image: Tensor, wanted: readonly string[]): (Value | Missing)[] {
  const { model, input } = request;
  const tracing = new Tracing(request, image.dtype as FloatDType);
  const names: Names = new Map();
  for (const [name, info] of model.graph.initializers) names.set(name, tracing.array(info));
  names.set(input, traced(image));
  tracing.run(model.graph, names, needed(model.graph, wanted));
  return wanted.map((name) => names.get(name) as Value | Missing);
}

/** The nodes that some values depend on. */
function needed(graph: OnnxGraph, wanted: readonly string[]): ReadonlySet<OnnxNode> {
  const names = new Set(wanted);
  const nodes = new Set<OnnxNode>();
  for (let i = graph.nodes.length - 1; i >= 0; i--) {
    const node = graph.nodes[i];
    if (!node.outputs.some((name) => names.has(name))) continue;
    nodes.add(node);
    for (const name of namesIn(node)) names.add(name);
  }
  return nodes;
}

/** All names that a node takes, those in the graphs inside of it included. */
function namesIn(node: OnnxNode): string[] {
  const inside = [...node.attributes.values()].flatMap((attribute) =>
    attribute.kind === "graph" ? [...attribute.value.nodes.flatMap(namesIn), ...attribute.value.outputs] : [],
  );
  return [...node.inputs, ...inside];
}

class Tracing {
  readonly #source: string;
  readonly #opset: number;
  readonly #dtype: FloatDType;
  readonly #weights: Weights;
  readonly #constants: Constants;

  constructor({ model, weights, constants }: TraceRequest, dtype: FloatDType) {
    this.#source = model.source;
    this.#opset = model.opset;
    this.#dtype = dtype;
    this.#weights = weights;
    this.#constants = constants;
  }

  array(info: Parameters<Weights["arrayOf"]>[0]): Value {
    return this.#weights.arrayOf(info, this.#dtype);
  }

  /** Computes nodes in their order, and notes what they make. */
  run(graph: OnnxGraph, names: Names, nodes: ReadonlySet<OnnxNode>): void {
    for (const node of graph.nodes) {
      if (!nodes.has(node)) continue;
      const results = this.#results(node, names);
      node.outputs.forEach((name, i) => {
        if (name === "") return;
        const result = results instanceof Missing ? results : results[i];
        names.set(name, result ?? new Missing([this.#notComputed(node, i)]));
      });
    }
  }

  /** The error of an output that nothing makes here: indices, masks, statistics of a training. Most networks only name them. */
  #notComputed(node: OnnxNode, index: number): OnnxError {
    const problem = `node ${nodeName(node)}: its output ${index}, ${node.outputs[index]}, is not computed`;
    return new OnnxError("unsupported", this.#source, problem);
  }

  #results(node: OnnxNode, names: Names): readonly Value[] | Missing {
    const given = node.inputs.map((name) => (name === "" ? undefined : names.get(name)));
    try {
      const operator = this.#operatorOf(node);
      const missing = given.filter((value) => value instanceof Missing);
      if (missing.length > 0) return new Missing(missing.flatMap(({ causes }) => [...causes]));
      return this.#computed(node, operator, given as (Value | undefined)[], names);
    } catch (error) {
      if (error instanceof MissingInside) return error.missing;
      const behind = given.flatMap((value) => (value instanceof Missing ? [...value.causes] : []));
      return new Missing([...behind, this.#explained(node, error)]);
    }
  }

  /** What went wrong in the words of the network. */
  #explained(node: OnnxNode, error: unknown): OnnxError {
    if (error instanceof OnnxError) return error;
    if (!(error instanceof Error)) throw error;
    return new OnnxError("model", this.#source, `node ${nodeName(node)}: ${error.message}`, { cause: error });
  }

  #operatorOf(node: OnnxNode): Operator {
    const operator = node.domain === "" ? operators.get(node.op) : undefined;
    if (operator === undefined) throw new UnknownOperator(this.#source, node);
    const wrong = (problem: string): OnnxError =>
      new OnnxError("model", this.#source, `node ${nodeName(node)}: ${problem}`);
    const [least, most] = operator.inputs;
    if (node.inputs.length < least || node.inputs.length > most) {
      const range = least === most ? `${least}` : `${least} to ${most}`;
      throw wrong(`it has ${node.inputs.length} inputs; it must have ${range}`);
    }
    for (const [name, { kind }] of node.attributes) {
      const wanted = operator.attributes?.[name];
      if (wanted === undefined) {
        throw new OnnxError(
          "unsupported",
          this.#source,
          `node ${nodeName(node)}: its attribute ${name} is not known, and could change what it means`,
        );
      }
      if (kind !== wanted) throw wrong(`its attribute ${name} is ${kind}; it must be ${wanted}`);
    }
    return operator;
  }

  #computed(
    node: OnnxNode,
    operator: Operator,
    inputs: readonly (Value | undefined)[],
    names: Names,
  ): readonly Value[] {
    const around: Surroundings = {
      source: this.#source,
      opset: this.#opset,
      dtype: this.#dtype,
      constants: this.#constants,
      arrayOf: (info) => this.array(info),
      weight: (owner, shape, make) => this.#weights.of(owner, shape, this.#dtype, make),
      runGraph: (graph) => this.#inner(graph, names),
    };
    const made = (dtype: FloatDType): readonly Value[] => {
      const call = new Call(node, inputs, dtype, around);
      const results = operator.run(call);
      const list = Array.isArray(results) ? (results as readonly Value[]) : [results as Value];
      for (const value of list) call.checkSize(value.shape);
      return list;
    };
    const isKnown = inputs.every((value) => value === undefined || value.known);
    if (!isKnown || operator.passes) return made(this.#dtype);
    const results = made("float64");
    if (results.some((value) => isLarge(value))) return made(this.#dtype);
    return results.map((value) => (value.known ? value : this.#settled(node, value)));
  }

  /** What is known, as numbers. */
  #settled(node: OnnxNode, { kind, shape, tensor }: Exclude<Value, { known: true }>): Value {
    const numbers = numbersOf(tensor);
    const isWhole = kind !== "float" && kind !== "bool";
    const inexact = isWhole ? numbers.find((n) => !Number.isSafeInteger(n)) : undefined;
    if (inexact !== undefined) {
      throw new OnnxError(
        "unsupported",
        this.#source,
        `node ${nodeName(node)}: its result has ${inexact}; whole numbers beyond 2^53 are not computed with`,
      );
    }
    return known(kind, shape, numbers);
  }

  /** The results of a graph inside of a node, which may use all names outside. */
  #inner(graph: OnnxGraph, outer: Names): readonly Value[] {
    const names: Names = new Map(outer);
    for (const [name, info] of graph.initializers) names.set(name, this.array(info));
    this.run(graph, names, needed(graph, graph.outputs));
    return graph.outputs.map((name) => {
      const value = names.get(name) as Value | Missing;
      if (value instanceof Missing) throw new MissingInside(value);
      return value;
    });
  }
}

/** Whether there are more numbers than are computed ahead. */
const isLarge = ({ known: isKnown, kind, shape }: Value): boolean =>
  !isKnown && kind === "float" && shape.reduce((product, n) => product * n, 1) > MOST_SMALL;

/** A result of an inner graph that is not there. */
class MissingInside extends Error {
  readonly missing: Missing;

  constructor(missing: Missing) {
    super();
    this.missing = missing;
  }
}

/** An operator that there is not, or not here. */
export class UnknownOperator extends OnnxError {
  readonly node: OnnxNode;

  constructor(source: string, node: OnnxNode) {
    const why = node.domain === "" ? refused.get(node.op) : undefined;
    const problem = `operator ${operatorName(node)} (node ${node.name === "" ? node.index : node.name}) is not supported`;
    super("unsupported", source, why === undefined ? problem : `${problem}: ${why}`);
    this.node = node;
  }
}
