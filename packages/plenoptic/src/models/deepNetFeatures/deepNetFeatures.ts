// Layers of a neural network as a model, as DeepNetFeatures of Python's plenoptic (docs/science/models.md, "Layers of networks"): the
// layers wanted, in the network's order, each image's numbers in one row.

import type { Network } from "@plenoptic-js/networks";
import { concat, type Shape, ShapeError, type Tensor, zeros } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";
import type { Model, ModelFunction } from "../model.ts";
import { describeTransform } from "./normalize.ts";

/** Which layers: a name, several, or names with other names for the results. */
export type ReturnNodes = string | readonly string[] | Readonly<Record<string, string>> | ReadonlyMap<string, string>;

export interface DeepNetFeaturesOptions {
  /** What is done to the image first, such as `normalize(...)`. Default: nothing. */
  readonly transform?: ModelFunction | null;
}

/** A layer wanted, and what it is called in the result. */
interface Wanted {
  readonly layer: string;
  readonly key: string;
}

/** The name under which Python's plenoptic saves it. */
export const DEEP_NET_FEATURES = "plenoptic.models.feature_extractor.DeepNetFeatures";

export class DeepNetFeatures implements Model {
  readonly name = "DeepNetFeatures";
  readonly network: Network;
  /** Names of the layers and of the results, in the order of the result. */
  readonly returnNodes: ReadonlyMap<string, string>;
  readonly transform: ModelFunction | null;
  readonly #wanted: readonly Wanted[];
  /** Shapes behind the batch axis, by the latest call. */
  #shapes: ReadonlyMap<string, Shape> | undefined;

  /**
   * @param network what `readOnnx` or `sequential` made
   * @param returnNodes names of layers: PyTorch's paths of modules, or names in the file. Results come in the network's order.
   * @throws RangeError for a layer that is not there, with the nearest names
   */
  constructor(network: Network, returnNodes: ReturnNodes, options: DeepNetFeaturesOptions = {}) {
    checkOptions("DeepNetFeatures()", options, ["transform"]);
    const { transform = null } = options;
    if (typeof network?.layers !== "function" || typeof network.find !== "function") {
      throw new TypeError(
        `DeepNetFeatures: the network is ${shown(network)}; it must be one that readOnnx or sequential made`,
      );
    }
    if (transform !== null && typeof transform !== "function") {
      throw new TypeError(
        `DeepNetFeatures: transform is ${shown(transform)}; it must be a function of an image, or null`,
      );
    }
    const wanted = wantedOf(returnNodes).map((one) => ({ ...one, place: network.find(one.layer) }));
    wanted.sort((a, b) => a.place - b.place);
    const twice = wanted.find(({ key }, i) => wanted.findIndex((other) => other.key === key) !== i);
    if (twice !== undefined) throw new RangeError(`DeepNetFeatures: two results are called ${shown(twice.key)}`);
    this.network = network;
    this.transform = transform;
    this.#wanted = wanted;
    this.returnNodes = new Map(wanted.map(({ layer, key }) => [layer, key]));
  }

  /** What decides the results beside the graph itself, for recipes: hashes of the network's files, never their paths. */
  get options(): Readonly<Record<string, unknown>> {
    return {
      network: this.network.identity(),
      returnNodes: Object.fromEntries(this.returnNodes),
      transform: describeTransform(this.transform),
    };
  }

  /** [batch, n]: all layers of an image side by side, each in C order. */
  forward(image: Tensor): Tensor {
    return this.convertToTensor(this.#layers(image));
  }

  #layers(image: Tensor): Map<string, Tensor> {
    checkTensor("DeepNetFeatures", "the image", image);
    const given = this.transform === null ? image : this.transform(image);
    const tensors = this.network.layers(
      given,
      this.#wanted.map(({ layer }) => layer),
    );
    return new Map(this.#wanted.map(({ key }, i) => [key, tensors[i]]));
  }

  /** Layers side by side, in the order of the map: [batch, n]. */
  convertToTensor(layers: ReadonlyMap<string, Tensor>): Tensor {
    if (!(layers instanceof Map) || layers.size === 0) {
      throw new TypeError(`convertToTensor: the layers are ${shown(layers)}; they must be a Map from names to tensors`);
    }
    const shapes = new Map<string, Shape>();
    const rows = [...layers].map(([key, layer]) => {
      checkTensor("convertToTensor", `the layer ${shown(key)}`, layer);
      if (layer.ndim < 2) {
        throw new ShapeError(
          `the layer ${shown(key)} is ${shapeText(layer.shape)}, without an axis for the images of a batch; choose another`,
        );
      }
      shapes.set(key, layer.shape.slice(1));
      return layer.reshape([layer.shape[0], layer.size / Math.max(layer.shape[0], 1)]);
    });
    this.#shapes = shapes;
    return concat<Tensor>(rows, 1);
  }

  /**
   * The layers of a representation, by their names, each with its own shape.
   *
   * @throws Error where shapes are not known: neither by a call of `forward` nor by the network's own size of images
   */
  convertToDict(representation: Tensor): Map<string, Tensor> {
    checkTensor("convertToDict", "the representation", representation);
    const shapes = this.#shapes ?? this.#ownShapes();
    const counts = [...shapes.values()].map((shape) => shape.reduce((product, n) => product * n, 1));
    const total = counts.reduce((a, b) => a + b, 0);
    if (representation.ndim !== 2 || representation.shape[1] !== total) {
      throw new ShapeError(
        `convertToDict: the representation is ${shapeText(representation.shape)}; it must be [batch, ${total}], as of the latest image`,
      );
    }
    let from = 0;
    return new Map(
      [...shapes].map(([key, shape], i) => {
        const part = representation.slice(1, from, from + counts[i]);
        from += counts[i];
        return [key, part.reshape([representation.shape[0], ...shape])];
      }),
    );
  }

  /** Shapes for images of the network's own size. */
  #ownShapes(): ReadonlyMap<string, Shape> {
    const { imageShape } = this.network;
    if (imageShape === undefined || imageShape.includes(null)) {
      throw new Error(
        "Call forward or convertToTensor before this function, otherwise we don't know how to properly reshape!",
      );
    }
    const layers = this.#layers(zeros(imageShape as number[], { dtype: "float32" }));
    return new Map([...layers].map(([key, { shape }]) => [key, shape.slice(1)]));
  }

  /**
   * What to draw of a representation: of layers of images the mean over channels, as a picture, and the mean of each channel, as a chart;
   * others as they are.
   */
  representationPanels(data: Tensor | ReadonlyMap<string, Tensor>, batchIdx: number): Map<string, Tensor> {
    const layers = data instanceof Map ? (data as ReadonlyMap<string, Tensor>) : this.convertToDict(data as Tensor);
    const panels = new Map<string, Tensor>();
    for (const [key, layer] of layers) {
      const batch = layer.shape[0];
      if (!Number.isInteger(batchIdx) || batchIdx < 0 || batchIdx >= batch) {
        throw new RangeError(`representationPanels: batchIdx is ${shown(batchIdx)}; it must be from 0 to ${batch - 1}`);
      }
      const one = layer.slice(0, batchIdx, batchIdx + 1).squeeze(0);
      if (one.ndim === 1) {
        panels.set(key, one);
        continue;
      }
      if (one.ndim > 3) {
        throw new RangeError(
          `Only 2, 3, or 4d data is supported; don't know how to handle data with ndim=${layer.ndim} (${key})`,
        );
      }
      const channels = one.shape[0];
      panels.set(`${key} avg across channels`, one.mean(0));
      panels.set(`${key} per channel (n=${channels})`, one.reshape([channels, -1]).mean(1));
    }
    return panels;
  }

  toString(): string {
    return `DeepNetFeatures { ${[...this.returnNodes.values()].join(", ")} }`;
  }
}

function wantedOf(nodes: ReturnNodes): Wanted[] {
  const pairs = entriesOf(nodes);
  if (pairs.length === 0) throw new RangeError("DeepNetFeatures: no layers are wanted; name at least one");
  return pairs.map(([layer, key]) => {
    if (typeof layer !== "string" || typeof key !== "string") {
      throw new TypeError(
        `DeepNetFeatures: a layer is named ${shown(typeof layer === "string" ? key : layer)}; names are texts`,
      );
    }
    return { layer, key };
  });
}

function entriesOf(nodes: ReturnNodes): (readonly [string, string])[] {
  if (typeof nodes === "string") return [[nodes, nodes]];
  if (Array.isArray(nodes)) return (nodes as readonly string[]).map((name) => [name, name]);
  if (nodes instanceof Map) return [...(nodes as ReadonlyMap<string, string>)];
  if (Object.prototype.toString.call(nodes) === "[object Object]") return Object.entries(nodes);
  throw new TypeError(
    `DeepNetFeatures: returnNodes is ${shown(nodes)}; it must be a name, a list of names, or a map from names to new ones`,
  );
}
