// Networks that are written down: layers one after the other, each with a name.

import type { Shape, Tensor } from "@plenoptic-js/tensor";
import { checkArray, checkTensor, shown } from "@plenoptic-js/tensor/engine";
import type { NamedNode } from "./findNode.ts";
import type { Layer } from "./layers.ts";
import { Network, type NetworkBody } from "./network.ts";

/**
 * A network of layers that follow each other, by their names: `[["conv", layers.conv2d({ weight })], ["relu", (x) => x.relu()]]`. Names may be
 * paths, such as `layer1.0.conv`; `layer1` then means the last layer whose path begins so.
 */
export function sequential(layers: readonly (readonly [name: string, layer: Layer])[]): Network {
  checkArray("sequential", "the list of layers", layers, "pairs, [name, function of a tensor]");
  const names = new Set<string>();
  layers.forEach((pair, i) => {
    if (!Array.isArray(pair) || pair.length !== 2 || typeof pair[1] !== "function") {
      throw new TypeError(`sequential: layer ${i} is ${shown(pair)}; it must be [name, function of a tensor]`);
    }
    const [name] = pair;
    if (typeof name !== "string" || name === "") {
      throw new TypeError(`sequential: the name of layer ${i} is ${shown(name)}; it must be a text`);
    }
    if (names.has(name))
      throw new RangeError(`sequential: two layers are called ${shown(name)}; every name may stand once`);
    names.add(name);
  });
  if (layers.length === 0) throw new RangeError("sequential: there are no layers; give at least one");
  return new Network(new SequentialBody(layers));
}

class SequentialBody implements NetworkBody {
  readonly source = "sequential";
  readonly nodes: readonly NamedNode[];
  readonly outputs: readonly string[];
  readonly imageShape = undefined;
  readonly #layers: readonly (readonly [name: string, layer: Layer])[];

  constructor(layers: readonly (readonly [name: string, layer: Layer])[]) {
    this.#layers = [...layers];
    this.nodes = layers.map(([name]) => ({
      name,
      node: name,
      op: "layer",
      place: { path: name, own: name },
      isLayer: true,
    }));
    this.outputs = [layers[layers.length - 1][0]];
  }

  trace(image: Tensor, names: readonly string[]): Tensor[] {
    const values = this.#values(image, names);
    return names.map((name) => values.get(name) as Tensor);
  }

  /** The values of all layers up to the last one wanted. */
  #values(image: Tensor, names: readonly string[]): Map<string, Tensor> {
    const left = new Set(names);
    const values = new Map<string, Tensor>();
    let x = image;
    for (const [name, layer] of this.#layers) {
      if (left.size === 0) break;
      x = layer(x);
      checkTensor(`the layer ${shown(name)}`, "its result", x);
      values.set(name, x);
      left.delete(name);
    }
    return values;
  }

  shapes(image: Tensor): ReadonlyMap<string, Shape> {
    return new Map([...this.#values(image, this.outputs)].map(([name, { shape }]) => [name, shape]));
  }

  identity(): Readonly<Record<string, unknown>> {
    return { layers: this.#layers.map(([name]) => name) };
  }
}
