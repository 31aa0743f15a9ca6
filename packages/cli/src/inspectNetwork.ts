// `plenoptic inspect net.onnx`: what a network is, which of its layers can be used, and what a step of a synthesis takes.

import { gradient, MemoryError, type Shape, Tensor } from "@plenoptic-js/tensor";
import { checkFits, inputLeaf, multiplyAdds } from "@plenoptic-js/tensor/engine";
import type * as po from "plenoptic-js";
import { counted, mainLayers, significant } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { readNetwork } from "./networkModel.ts";
import { duration } from "./progress.ts";
import type { Resize } from "./resize.ts";
import { textTable } from "./table.ts";

/** Side of images where neither the file nor the person says another. */
const USUAL_SIDE = 224;

/**
 * Multiplications with an addition in a second, on one thread of a common server: those of a step of ResNet50, 8.25 G, in the 384 and 740 ms that it
 * took there (bench/RESULTS.md, "Whole networks"), rounded down. VGG16 and ViT-B/16 make a tenth more. Layers differ by a factor of 2.
 */
const RATES = { float32: 21e9, float64: 11e9 } as const;
/** Seconds that the smallest step takes. */
const LEAST = 1e-3;
/** Steps of published metamers of networks. */
const STEPS = 12_000;

/** What a layer takes. */
export interface LayerCost {
  readonly name: string;
  readonly shape: Shape;
  /** Multiplications with an addition up to this layer, and of a step: with the gradient to the image. */
  readonly multiplyAdds: number;
  readonly stepMultiplyAdds: number;
  /** Bytes of a step. null: it does not fit into memory. */
  readonly stepBytes: { readonly float32: number | null; readonly float64: number | null };
  /** Seconds of a step on one thread, about. */
  readonly stepSeconds: { readonly float32: number; readonly float64: number };
}

export interface ExaminedNetwork {
  readonly file: string;
  readonly opset: number;
  readonly producer: string;
  readonly image: { readonly name: string; readonly type: string; readonly shape: readonly (number | string)[] | null };
  readonly outputs: readonly string[];
  readonly parameters: number;
  readonly weightBytes: number;
  readonly weightTypes: readonly string[];
  readonly operators: readonly {
    readonly name: string;
    readonly count: number;
    readonly supported: boolean;
    readonly why: string | null;
  }[];
  /** The images that all of the following is for. */
  readonly imageShape: readonly number[];
  /** What is in the way of the network's own results; null: nothing. */
  readonly problem: string | null;
  readonly layers: readonly {
    readonly name: string;
    readonly path: string | null;
    /** Whether its path means this value, and not a later one of the same module. */
    readonly isPath: boolean;
    readonly operator: string;
    readonly shape: readonly number[] | null;
  }[];
  readonly costs: readonly LayerCost[];
}

/** Looks at a network, for images of a size. Nothing is computed. Throws FileError and OnnxError for the file. */
export async function examineNetwork(
  file: string,
  names: readonly string[] | undefined,
  size: Resize | undefined,
): Promise<ExaminedNetwork> {
  const network = await readNetwork(file);
  const { facts, outputs } = network;
  if (facts === undefined) throw new Error("a network of a file has facts");
  const imageShape = shapeFor(network, size);
  const image = new Tensor(inputLeaf(imageShape, "float32"));
  const shapes = network.shapes(image);
  const values = new Map(network.nodes.map(({ name }) => [network.find(name), name]));
  refuseUnknown(network, names ?? []);
  const paths = new Set(network.nodes.map(({ path = "" }) => path));
  const meant = new Map([...paths].map((path) => [path, path === "" ? undefined : values.get(network.find(path))]));
  const usable = names ?? mainLayers(network).filter((name) => shapes.has(values.get(network.find(name)) ?? ""));
  return {
    file,
    opset: facts.opset,
    producer: facts.producer,
    image: { ...facts.image, shape: facts.image.shape ?? null },
    outputs,
    parameters: facts.parameters,
    weightBytes: facts.weightBytes,
    weightTypes: facts.weightTypes,
    operators: facts.operators.map((one) => ({ ...one, why: one.why ?? null })),
    imageShape,
    problem: problemOf(network, image),
    layers: network.nodes.map(({ name, path, op }) => ({
      name,
      path: path ?? null,
      isPath: meant.get(path ?? "") === name,
      operator: op,
      shape: shapes.get(name) ?? null,
    })),
    costs: usable.map((name) => costOf(network, name, imageShape)),
  };
}

/** @throws UserError for a name that is no layer */
function refuseUnknown(network: po.models.Network, names: readonly string[]): void {
  try {
    for (const name of names) network.find(name);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UserError(cause.message, { cause });
  }
}

function shapeFor(network: po.models.Network, size: Resize | undefined): number[] {
  const { imageShape } = network;
  const [batch, channels, height, width] = imageShape ?? [];
  if (imageShape !== undefined && imageShape.length !== 4) {
    return imageShape.map((n) => n ?? 1);
  }
  const [high, wide] = size === undefined ? [height, width] : [size.height ?? size.width, size.width];
  const one = [1, channels ?? 3, high ?? USUAL_SIDE, wide ?? USUAL_SIDE];
  // A batch that the file fixes may be in its shapes.
  const fixes = problemOf(network, new Tensor(inputLeaf(one, "float32")))?.includes("fixes the batch");
  return [fixes ? (batch ?? 1) : 1, channels ?? 3, high ?? USUAL_SIDE, wide ?? USUAL_SIDE];
}

function problemOf(network: po.models.Network, image: Tensor): string | null {
  try {
    network.layers(image, network.outputs);
    return null;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return error.message.replace(`${network.source}: `, "");
  }
}

function costOf(network: po.models.Network, name: string, imageShape: readonly number[]): LayerCost {
  const step = (dtype: "float32" | "float64") => {
    const x = new Tensor(inputLeaf(imageShape, dtype));
    const [layer] = network.layers(x, [name]);
    const down = gradient(layer.square().sum(), x);
    return { x, layer, next: x.sub(down).node, down: down.node };
  };
  const bytes = (dtype: "float32" | "float64"): number | null => {
    const { x, next } = step(dtype);
    try {
      return checkFits({ buffers: { image: x.node }, entries: { step: { outputs: {}, updates: { image: next } } } });
    } catch (error) {
      if (error instanceof MemoryError) return null;
      throw error;
    }
  };
  const { x, layer, down } = step("float32");
  const all = multiplyAdds([down], x.node);
  return {
    name,
    shape: layer.shape,
    multiplyAdds: multiplyAdds([layer.node], x.node),
    stepMultiplyAdds: all,
    stepBytes: { float32: bytes("float32"), float64: bytes("float64") },
    stepSeconds: { float32: LEAST + all / RATES.float32, float64: LEAST + all / RATES.float64 },
  };
}

const millions = (n: number): string => (n < 1e6 ? String(n) : `${significant(n / 1e6)} million`);
const megabytes = (bytes: number | null): string =>
  bytes === null ? "too much" : bytes < 1e9 ? `${significant(bytes / 1e6)} MB` : `${significant(bytes / 1e9)} GB`;
const sizes = (shape: readonly (number | string)[] | null): string =>
  shape === null ? "" : shape.map((n) => n || "any").join(" x ");

/** In words. */
export function networkText(found: ExaminedNetwork): string {
  const { image, operators, costs, problem, layers } = found;
  const refused = operators.filter(({ supported }) => !supported);
  const lines = [
    `${found.file}: a network of opset ${found.opset}${found.producer === "" ? "" : `, written by ${found.producer}`}`,
    `  image       ${image.name}, ${image.type}${image.shape === null ? "" : `, ${sizes(image.shape)}`} (batch x channels x height x width)`,
    `  results     ${found.outputs.join(", ")}`,
    `  parameters  ${millions(found.parameters)} (${found.weightTypes.join(", ")}), ${megabytes(found.weightBytes)}`,
    `  operators   ${operators.map(({ name, count, supported }) => `${count} ${name}${supported ? "" : " (not supported)"}`).join(", ")}`,
    refused.length === 0
      ? "              all are supported"
      : `              not supported: ${refused.map(({ name, why }) => (why === null ? name : `${name} (${why})`)).join(", ")}`,
    ...(problem === null ? [] : [`  note        ${problem}`]),
    "",
    `What a layer takes, for images of ${sizes(found.imageShape)}:`,
  ];
  const row = ({ name, shape, multiplyAdds: count, stepBytes, stepSeconds }: LayerCost): string[] => [
    name,
    sizes(shape),
    `${significant(count / 1e9)} G`,
    `${megabytes(stepBytes.float32)}, ${megabytes(stepBytes.float64)}`,
    `${seconds(stepSeconds.float32)}, ${seconds(stepSeconds.float64)}`,
    `${duration(STEPS * stepSeconds.float32)}, ${duration(STEPS * stepSeconds.float64)}`,
  ];
  const head = ["layer", "shape", "multiply-adds", "memory of a step", "a step, about", `${STEPS} steps, about`];
  const named = layers.filter(({ path }) => path !== null && path !== "").length;
  return [
    ...lines,
    textTable([head, ...costs.map(row)]).trimEnd(),
    "Memory and time are for float32 and float64. Time is that of one thread, estimated from the multiply-adds; a step of a metamer computes the layer",
    "and its gradient. A run prints its own.",
    "",
    `Layers that can be named, ${counted(layers.length, "value")}${named === 0 ? " (the file does not say of which modules they are part)" : ""}:`,
    textTable([
      ["module", "operator", "shape", "value"],
      ...layers.map(({ path, isPath, operator, shape, name }) => [
        path === null || path === "" || isPath ? (path ?? "") : `(${path})`,
        operator,
        shape === null ? "not computed" : sizes(shape),
        name,
      ]),
    ]).trimEnd(),
    ...(layers.some(({ path, isPath }) => path !== null && path !== "" && !isPath)
      ? ["A module in brackets has later values; its path means the last one, so name these by the value."]
      : []),
    "",
  ].join("\n");
}

const seconds = (n: number): string => (n < 1 ? `${significant(1000 * n, 2)} ms` : `${significant(n, 2)} s`);
