// A network: an ordered list of named operations between an image and some results, of which any may be asked for. Where it comes
// from, a file or a list of functions, is its body's affair.

import { type Shape, ShapeError, Tensor } from "@plenoptic-js/tensor";
import { checkArray, checkTensor, inputLeaf, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { findNode, type NamedNode } from "./findNode.ts";

/** What a network makes on its way, and can be asked for. */
export interface NetworkNode {
  /** The name of the value. Unique. */
  readonly name: string;
  /** The name of the operation that makes it; "" where it has none. */
  readonly node: string;
  /** What is done: `Conv`. */
  readonly op: string;
  /** The path of the module it belongs to in PyTorch; undefined where that is not known. */
  readonly path: string | undefined;
  /** Its shape for images of the network's own size; undefined where that is open, or where it cannot be computed here. */
  readonly shape: Shape | undefined;
}

/** An operator of a file, and how often it occurs. */
export interface OperatorFacts {
  /** With its domain, unless that is the default one. */
  readonly name: string;
  readonly count: number;
  /** Whether it is computed here. An attribute of a node may still be in the way. */
  readonly supported: boolean;
  /** Why it is not, where more can be said. */
  readonly why: string | undefined;
}

/** What a file says of its network. */
export interface NetworkFacts {
  readonly opset: number;
  readonly irVersion: number;
  /** The program that wrote it, with its version. */
  readonly producer: string;
  /** The input that is the image: its name, the type of its numbers, its sizes or their names. */
  readonly image: {
    readonly name: string;
    readonly type: string;
    readonly shape: readonly (number | string)[] | undefined;
  };
  /** The most frequent first. */
  readonly operators: readonly OperatorFacts[];
  /** Numbers that were learned, or count as such: all floating arrays of the file. */
  readonly parameters: number;
  /** Bytes that they take in the file, or beside it. */
  readonly weightBytes: number;
  readonly weightTypes: readonly string[];
}

/** What a network is made of. */
export interface NetworkBody {
  /** What messages call it: the path of its file, as a rule. */
  readonly source: string;
  /** What can be asked for, in the order in which it is computed. */
  readonly nodes: readonly NamedNode[];
  /** The names of its own results. */
  readonly outputs: readonly string[];
  /** Sizes of the images it takes; null where any will do. Undefined: nothing is known. */
  readonly imageShape: readonly (number | null)[] | undefined;
  /** More words on a name that is not there, where there are some. */
  explain?(name: string): string | undefined;
  /** The values of some nodes, in the order asked for. Only what they need is computed. Throws where that cannot be. */
  trace(image: Tensor, names: readonly string[]): Tensor[];
  /** What decides its results, for recipes: hashes, never paths. */
  identity(): Readonly<Record<string, unknown>>;
  /** The shapes of all nodes for an image, as far as they can be computed. */
  shapes(image: Tensor): ReadonlyMap<string, Shape>;
  /** What its file says, where it comes from one. */
  facts?(): NetworkFacts;
}

/**
 * A network that computes any of its layers. Immutable; made by `readOnnx` or `sequential`. It is a model itself where it has one
 * result: `forward(image)`.
 */
export class Network {
  readonly #body: NetworkBody;
  #nodes: readonly NetworkNode[] | undefined;

  constructor(body: NetworkBody) {
    this.#body = body;
  }

  /** What messages call it: the path of its file, as a rule. */
  get source(): string {
    return this.#body.source;
  }

  /** Sizes of the images it takes; null where any will do. Undefined: nothing is known. */
  get imageShape(): readonly (number | null)[] | undefined {
    return this.#body.imageShape;
  }

  /** The names of its own results. */
  get outputs(): readonly string[] {
    return this.#body.outputs;
  }

  /** Everything that can be asked for, in the order in which it is computed. */
  get nodes(): readonly NetworkNode[] {
    this.#nodes ??= this.#listed();
    return this.#nodes;
  }

  #listed(): NetworkNode[] {
    const shapes = this.#ownShapes();
    const layers = this.#body.nodes.filter(({ isLayer }) => isLayer);
    return layers.map(({ name, node, op, place }) => ({ name, node, op, path: place?.path, shape: shapes.get(name) }));
  }

  #ownShapes(): ReadonlyMap<string, Shape> {
    const { imageShape } = this.#body;
    if (imageShape === undefined || imageShape.includes(null)) return new Map();
    return this.#body.shapes(new Tensor(inputLeaf(imageShape as number[], "float32")));
  }

  /**
   * The value that a name means: the name of a value, of an operation, or the path of a module, whose last value it is then.
   *
   * @returns its place in the order in which values are computed
   * @throws RangeError for a name that is not there, with the nearest ones
   */
  find(name: string): number {
    return findNode(this.#body, name);
  }

  /**
   * The values of some layers for an image, in the order asked for. No other layers are computed than those they need.
   *
   * @throws RangeError for a name that is not there, ShapeError for an image that does not fit
   */
  layers(image: Tensor, names: readonly string[]): Tensor[] {
    checkTensor("layers", "the image", image);
    checkArray("layers", "the list of names", names, "names of layers");
    const found = names.map((name) => this.#body.nodes[this.find(name)].name);
    this.#checkImage(image);
    return this.#body.trace(image, found);
  }

  /** The network's own result for an image. */
  forward(image: Tensor): Tensor {
    const { outputs, source } = this.#body;
    if (outputs.length !== 1) {
      throw new RangeError(
        `${source}: it has ${outputs.length} results, ${outputs.join(", ")}; say which: new DeepNetFeatures(network, [...])`,
      );
    }
    checkTensor("forward", "the image", image);
    this.#checkImage(image);
    return this.#body.trace(image, outputs)[0];
  }

  #checkImage(image: Tensor): void {
    const { imageShape, source } = this.#body;
    if (image.dtype !== "float32" && image.dtype !== "float64") {
      throw new TypeError(`${source}: the image is ${image.dtype}; it must be float32 or float64`);
    }
    if (imageShape === undefined) return;
    const [, channels] = imageShape;
    // Other channels would be broadcast where a mean is subtracted, and no mistake be seen.
    const hasChannels = imageShape.length !== 4 || channels === null || image.shape[1] === channels;
    if (image.ndim !== imageShape.length || !hasChannels) {
      const wanted = imageShape.map((n, i) => (n === null || i !== 1 ? "any" : String(n))).join(", ");
      throw new ShapeError(
        `${source}: the image is ${shapeText(image.shape)}; the network takes [${wanted}]` +
          (image.shape[1] === 1 && channels === 3
            ? ", images in colour: repeat a gray one, image.broadcastTo([n, 3, height, width])"
            : ""),
      );
    }
  }

  /** What its file says of it; undefined where it comes from none. */
  get facts(): NetworkFacts | undefined {
    return this.#body.facts?.();
  }

  /**
   * The shapes of all layers for an image, by the names of their values, as far as they can be computed here. Nothing is computed.
   *
   * @throws ShapeError for images that the network does not take
   */
  shapes(image: Tensor): ReadonlyMap<string, Shape> {
    checkTensor("shapes", "the image", image);
    this.#checkImage(image);
    return this.#body.shapes(image);
  }

  /** What decides its results, for recipes: hashes of its files, never their paths. Computed when it is asked for. */
  identity(): Readonly<Record<string, unknown>> {
    return this.#body.identity();
  }

  /** Its layers, a line for each. */
  toString(): string {
    const { source, nodes, outputs } = this.#body;
    const rows = nodes
      .filter(({ isLayer }) => isLayer)
      .map(({ name, op, place }) => `  ${name}  ${op}${place === undefined ? "" : `  ${place.path}`}`);
    return [`Network ${shown(source)}, results ${outputs.join(", ")}`, ...rows].join("\n");
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    const { source, nodes, outputs } = this.#body;
    const count = nodes.filter(({ isLayer }) => isLayer).length;
    return `Network ${shown(source)} { ${count} layers, results ${outputs.join(", ")} }`;
  }
}
