// Whether a graph holds together: every name is made once and before it is used, and one input is the image. Checked before any
// weight is looked at.

import { shown } from "@plenoptic-js/tensor/engine";
import { OnnxError } from "./error.ts";
import { nodeName, type OnnxGraph, type OnnxInput, type OnnxModel } from "./model.ts";
import { elementType, isFloating, typeName } from "./tensorInfo.ts";

/** Throws for a graph in which names do not fit together. */
export function checkStructure({ graph, source }: OnnxModel): void {
  checkGraph(graph, source, () => false);
}

function checkGraph(graph: OnnxGraph, source: string, isOuter: (name: string) => boolean): void {
  const wrong = (problem: string): OnnxError => new OnnxError("model", source, problem);
  const made = new Set<string>();
  const isKnown = (name: string): boolean => made.has(name) || isOuter(name);
  const make = (name: string, what: string): void => {
    if (isKnown(name)) throw wrong(`the value ${JSON.stringify(name)} is made twice; the second time by ${what}`);
    made.add(name);
  };
  for (const name of graph.initializers.keys()) make(name, "an array");
  for (const { name } of graph.inputs) if (!graph.initializers.has(name)) make(name, "an input");
  for (const node of graph.nodes) {
    const what = `node ${nodeName(node)}`;
    for (const name of node.inputs) {
      if (name !== "" && !isKnown(name)) {
        throw wrong(`${what} takes the value ${JSON.stringify(name)}, which no input and no node before it makes`);
      }
    }
    for (const attribute of node.attributes.values()) {
      if (attribute.kind === "graph") checkGraph(attribute.value, source, isKnown);
    }
    for (const name of node.outputs) {
      if (name !== "") make(name, what);
    }
  }
  for (const name of graph.outputs) {
    if (!isKnown(name)) throw wrong(`its output ${JSON.stringify(name)} is made by no node`);
  }
}

/**
 * The input that is the image: the one that has no array in the file.
 *
 * @param wanted its name, where there are several
 */
export function imageInputOf({ graph, source }: OnnxModel, wanted: string | undefined): OnnxInput {
  const free = graph.inputs.filter(({ name }) => !graph.initializers.has(name));
  const names = free.map(({ name }) => name).join(", ");
  if (graph.inputs.length === 0 || (free.length === 0 && wanted === undefined))
    throw new OnnxError("model", source, "it has no input, so it is no function of an image");
  if (wanted !== undefined && !graph.inputs.some(({ name }) => name === wanted)) {
    throw new OnnxError(
      "model",
      source,
      `imageInput is ${shown(wanted)}, but its inputs are ${graph.inputs.map(({ name }) => name).join(", ")}`,
    );
  }
  const image = wanted === undefined ? free[0] : (graph.inputs.find(({ name }) => name === wanted) as OnnxInput);
  if (free.some(({ name }) => name !== image.name)) {
    throw new OnnxError(
      "unsupported",
      source,
      `it has several inputs without values: ${names}. A model is a function of one image; make constants of the ` +
        "others when you export it",
    );
  }
  const type = elementType(image.type);
  if (type === undefined || !isFloating(type)) {
    const found = typeName(image.type);
    throw new OnnxError(
      "unsupported",
      source,
      `it wants ${found} images (input ${JSON.stringify(image.name)}); export the network without its conversion, for numbers of type float`,
    );
  }
  return image;
}
