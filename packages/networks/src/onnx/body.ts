// An ONNX file as a network: its names, its layers, and what to say where one cannot be computed.

import { sha256Hex } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { calledBy, type NamedNode } from "../findNode.ts";
import { lastIndex } from "../lastIndex.ts";
import { placesOf } from "../modulePaths.ts";
import type { NetworkBody } from "../network.ts";
import { factsOf } from "./facts.ts";
import { OnnxError } from "./file/error.ts";
import { type OnnxInput, type OnnxModel, type OnnxNode, operatorName } from "./file/model.ts";
import { elementType, isFloating, type TensorInfo } from "./file/tensorInfo.ts";
import { mergedNorm } from "./mergedNorm.ts";
import { Missing, type TraceRequest, traceValues, UnknownOperator } from "./trace.ts";
import { Constants } from "./values/value.ts";
import { Weights } from "./values/weights.ts";

/** What was read of a network. */
export interface OnnxFiles {
  readonly model: OnnxModel;
  readonly bytes: Uint8Array;
  readonly image: OnnxInput;
  /** The elements that are in other files. */
  readonly external: ReadonlyMap<TensorInfo, Uint8Array>;
  /** Those files whole, by their names. */
  readonly externalFiles: ReadonlyMap<string, Uint8Array>;
  /** Sizes that the caller says, where the file leaves them open. */
  readonly imageShape: readonly number[] | undefined;
}

export function onnxBody(files: OnnxFiles): NetworkBody {
  const { model, image } = files;
  const { source, graph } = model;
  const request: TraceRequest = {
    model,
    weights: new Weights(files.external),
    constants: new Constants(),
    input: image.name,
  };
  const nodes = namedNodes(model, image.name);
  const layers = nodes.filter(({ isLayer }) => isLayer).map(({ name }) => name);
  const imageShape = files.imageShape ?? image.shape?.map((n) => (typeof n === "number" && n > 0 ? n : null));

  const trace = (x: Tensor, names: readonly string[]): Tensor[] => {
    const values = traceValues(request, x, names);
    const missing = values.flatMap((value) => (value instanceof Missing ? [...value.causes] : []));
    if (missing.length > 0) throw refusal(new Set(missing), x);
    return values.map((value, i) => {
      if (value instanceof Missing || value.kind !== "float") {
        throw new OnnxError(
          "unsupported",
          source,
          `${JSON.stringify(names[i])} is no floating numbers, and so no layer`,
        );
      }
      return value.known ? request.constants.of(value, x.dtype as FloatDType) : value.tensor;
    });
  };

  /** One error of all that is in the way. */
  const refusal = (causes: ReadonlySet<OnnxError>, x: Tensor): OnnxError => {
    const unknown = [...causes].filter((cause) => cause instanceof UnknownOperator);
    if (unknown.length === 0) return withBatch([...causes][0], x);
    const words = unknown.length === 1 ? unknown[0].problem : listed(unknown);
    const usable = lastIndex(traceValues(request, x, layers), (value) => !(value instanceof Missing));
    const last = nodes.find(({ name }) => name === layers[usable]);
    if (last === undefined) return new OnnxError("unsupported", source, words);
    const called = calledBy({ source, nodes }, nodes.indexOf(last));
    return new OnnxError(
      "unsupported",
      source,
      `${words}; layers before can be used, the last is ${JSON.stringify(called)}`,
    );
  };

  const declared = image.shape?.[0];
  const withBatch = (cause: OnnxError, x: Tensor): OnnxError => {
    if (cause.code !== "model" || typeof declared !== "number" || declared === x.shape[0]) return cause;
    const words = `the file fixes the batch at ${declared}, and the image is ${shapeText(x.shape)}: export it with dynamic axes`;
    return new OnnxError("model", source, `${cause.problem}; ${words}`, { cause });
  };

  return {
    source,
    nodes,
    outputs: graph.outputs,
    imageShape,
    explain: (name) => mergedNorm(nodes, name),
    trace,
    shapes(x) {
      const values = traceValues(request, x, layers);
      return new Map(
        values.flatMap((value, i) => (value instanceof Missing ? [] : [[layers[i], value.shape] as const])),
      );
    },
    facts: () => factsOf(model, image),
    identity: () => ({
      sha256: sha256Hex(files.bytes),
      external: Object.fromEntries([...files.externalFiles].map(([name, bytes]) => [name, sha256Hex(bytes)])),
      opset: model.opset,
      producer: model.producer,
    }),
  };
}

/** Unknown operators, each once, with the nodes that have them. */
function listed(unknown: readonly UnknownOperator[]): string {
  const nodes = new Map<string, string[]>();
  for (const { node } of unknown) {
    const name = operatorName(node);
    nodes.set(name, [...(nodes.get(name) ?? []), node.name === "" ? String(node.index) : node.name]);
  }
  const parts = [...nodes].map(
    ([name, list]) =>
      `${name} (${list.length === 1 ? "node" : "nodes"} ${list.slice(0, 5).join(", ")}${list.length > 5 ? " ..." : ""})`,
  );
  return `${nodes.size} operators are not supported: ${parts.join(", ")}`;
}

/** Operators whose results are known without looking at what they are given. */
const ASIDE = new Set(["Shape", "Size", "Constant", "ConstantOfShape", "Range"]);
/** Operators whose results are no numbers with a gradient. */
const NO_NUMBERS = new Set("Equal Greater GreaterOrEqual Less LessOrEqual And Or Not NonZero ArgMax ArgMin".split(" "));
/** Which input a result is of the kind of, where that is not the first. */
const KIND_OF: Readonly<Record<string, number>> = { Where: 1, CastLike: 1, If: -1, Cast: -1 };

/** Every value of the graph, and whether it is a layer: floating, and dependent on the image. */
function namedNodes({ graph }: OnnxModel, image: string): NamedNode[] {
  const places = placesOf(
    graph.nodes.map((node) => ({ name: node.name, scopes: node.scopes, isAside: node.op === "Constant" })),
  );
  const dependent = new Set([image]);
  const whole = new Set<string>();
  return graph.nodes.flatMap((node, i) => {
    const depends = !ASIDE.has(node.op) && namesOf(node).some((name) => dependent.has(name));
    const like = node.inputs[KIND_OF[node.op] ?? 0];
    const isWhole = NO_NUMBERS.has(node.op) || castsToWhole(node) || whole.has(like);
    return node.outputs.flatMap((name): NamedNode[] => {
      if (name === "") return [];
      if (depends) dependent.add(name);
      if (isWhole) whole.add(name);
      return [{ name, node: node.name, op: operatorName(node), place: places[i], isLayer: depends && !isWhole }];
    });
  });
}

function castsToWhole(node: OnnxNode): boolean {
  const to = node.attributes.get("to");
  if (node.op !== "Cast" || to?.kind !== "int") return false;
  const type = elementType(to.value);
  return type === undefined || !isFloating(type);
}

function namesOf(node: OnnxNode): readonly string[] {
  const inside = [...node.attributes.values()].flatMap((attribute) =>
    attribute.kind === "graph" ? attribute.value.nodes.flatMap(namesOf) : [],
  );
  return [...node.inputs, ...inside];
}
