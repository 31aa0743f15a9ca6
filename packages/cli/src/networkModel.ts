// A network from an ONNX file as a model: `--model net.onnx --layer layer3`. What it takes decides whether images are read in colour.

import { basename, extname } from "node:path";
import { Tensor } from "@plenoptic-js/tensor";
import { inputLeaf } from "@plenoptic-js/tensor/engine";
import * as po from "plenoptic-js";
import { type ImageSize, mainLayers } from "plenoptic-js/engine";
import type { Channels } from "./colour.ts";
import { UserError } from "./failure.ts";
import type { ModelChoice, NetworkChoice } from "./modelChoice.ts";
import { type NetworkFlags, type Normalization, normalizationOf } from "./networkFlags.ts";

/** Whether a name on the command line means a network. */
export const isNetworkName = (name: string): boolean => extname(name).toLowerCase() === ".onnx";

/** Files in which others keep networks, or their weights only. */
const OTHERS: Readonly<Record<string, string>> = {
  ".pt": "a file of PyTorch",
  ".pth": "a file of PyTorch",
  ".ckpt": "a checkpoint of a training",
  ".safetensors": "a file of weights without a network",
  ".h5": "a file of Keras",
  ".keras": "a file of Keras",
  ".pb": "a file of TensorFlow",
  ".tflite": "a file of TensorFlow Lite",
};

/**
 * Refuses files of networks that are not read, and says how they become one that is.
 *
 * @param left endings that are left to others
 */
export function refuseOtherNetworks(name: string, left: readonly string[] = []): void {
  const ending = extname(name).toLowerCase();
  const kind = OTHERS[ending];
  if (kind === undefined || left.includes(ending)) return;
  throw new UserError(
    `${name} is ${kind}; a model is an ONNX file, which PyTorch writes by torch.onnx.export(model, example, "net.onnx"): see docs/deep-nets.md`,
  );
}

/** The network of a file. Of what is wrong with the file, the packages tell. */
export async function readNetwork(path: string): Promise<po.models.Network> {
  return po.models.readOnnx(path);
}

/**
 * The model that layers of a network are.
 *
 * @throws UserError for layers that are not there, and for channels that images do not have; FileError and OnnxError for the file
 */
export async function chooseNetwork(path: string, flags: NetworkFlags): Promise<ModelChoice> {
  const network = await readNetwork(path);
  const name = basename(path);
  const channels = channelsOf(network, name);
  const layers = [...new Set(flags.layer)];
  if (layers.length === 0) throw withoutLayer(network, path);
  const normalization = normalizationOf(flags, channels);
  const model = layersOf(network, layers, normalization, channels);
  const own = ownSize(network);
  const before = normalization === null ? "" : `, ${normalization.words}`;
  const named = `${layers.length === 1 ? "layer" : "layers"} ${layers.join(", ")}`;
  return {
    description: `${name} (${named}${before})`,
    summary: `is ${named} of a neural network`,
    flags: ["--model", path, ...layers.flatMap((one) => ["--layer", one]), ...(normalization?.flags ?? [])],
    leastSide: 1,
    sideStep: 1,
    forSmallImages: "a larger image",
    loss: undefined,
    file: { name, sha256: String(network.identity().sha256) },
    network: { channels, ownSize: own, notes: notesOf(network, normalization, own) },
    create: async (size) => {
      refuseSize(model, size, channels, own);
      return model;
    },
  };
}

function channelsOf({ imageShape }: po.models.Network, name: string): Channels {
  if (imageShape !== undefined && imageShape.length !== 4) {
    throw new UserError(
      `${name} takes arrays of ${imageShape.length} axes, and images here have 4: [batch, channel, height, width]; export it with such an example`,
    );
  }
  const channels = imageShape?.[1] ?? 3;
  if (channels === 1 || channels === 3) return channels;
  throw new UserError(
    `${name} takes images of ${channels} channels, and images here have 1 or 3; in a program a model may take any: docs/deep-nets.md`,
  );
}

function ownSize({ imageShape }: po.models.Network): ImageSize | null {
  const [, , height, width] = imageShape ?? [];
  return typeof height === "number" && typeof width === "number" ? [height, width] : null;
}

function withoutLayer(network: po.models.Network, path: string): UserError {
  const names = mainLayers(network);
  const some = names.length === 0 ? "" : `, for example ${names.map((one) => `--layer ${one}`).join(" or ")}`;
  return new UserError(`${path}: say which layer is the model${some}; plenoptic inspect ${path} lists all`);
}

function layersOf(
  network: po.models.Network,
  layers: readonly string[],
  normalization: Normalization | null,
  channels: Channels,
): po.models.DeepNetFeatures {
  if (normalization !== null && normalization.mean.length !== channels) {
    throw new UserError(
      `${network.source} takes images of ${channels} ${channels === 1 ? "channel" : "channels"}, and they are to be normalized by ${normalization.mean.length} numbers; give --mean and --std one for each channel`,
    );
  }
  try {
    const { mean = [], std = [] } = normalization ?? {};
    const transform = normalization === null ? null : po.models.normalize({ mean, std });
    return new po.models.DeepNetFeatures(network, layers, { transform });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const several = layers.some((one) => one.includes(",")) ? ". Of several layers, give --layer once for each" : "";
    throw new UserError(`${cause.message.replace("normalize: ", "")}${several}`, { cause });
  }
}

/** Refuses images of a size that the layers cannot be computed for: by shapes alone. */
function refuseSize(
  model: po.models.DeepNetFeatures,
  [height, width]: ImageSize,
  channels: Channels,
  own: ImageSize | null,
): void {
  try {
    model.forward(new Tensor(inputLeaf([1, channels, height, width], "float32")));
  } catch (cause) {
    if (!(cause instanceof Error) || own === null || (own[0] === height && own[1] === width)) throw cause;
    throw new UserError(
      `${cause.message}. Its file says that its images are ${sizeText(own)} pixels, and this one is ${sizeText([height, width])}: ${wayTo(own)}`,
      { cause },
    );
  }
}

const sizeText = ([height, width]: ImageSize): string => `${width} x ${height}`;
const wayTo = ([height, width]: ImageSize): string =>
  `add --resize ${width}x${height}, or --crop to use the middle ${width} x ${height} pixels`;

/** More is no mean, and no spread, of values from 0 to 1. */
const MOST = 2;

/** What a person may have meant otherwise. */
function notesOf(
  network: po.models.Network,
  normalization: Normalization | null,
  own: ImageSize | null,
): NetworkChoice["notes"] {
  const first = network.nodes[0]?.op ?? "";
  return (size) => [
    ...(normalization === null && first === "Conv"
      ? [
          `${basename(network.source)} begins with a convolution and subtracts no mean itself; if it was trained on normalized images, as torchvision's networks are, add --normalize imagenet`,
        ]
      : []),
    ...(normalization !== null && [...normalization.mean, ...normalization.std].some((n) => n > MOST)
      ? [
          `images here have values from 0 to 1, and ${normalization.flags.join(" ")} is for values from 0 to 255; divide those numbers by 255`,
        ]
      : []),
    ...(normalization !== null && ["Sub", "Div", "Mul"].includes(first)
      ? [
          `${basename(network.source)} begins with ${first}, as if it normalized images itself; then --normalize, --mean and --std do it twice`,
        ]
      : []),
    ...(own === null || (own[0] === size[0] && own[1] === size[1])
      ? []
      : [
          `${basename(network.source)} was exported for images of ${sizeText(own)} pixels, and looks here at one of ${sizeText(size)}; for its own size, ${wayTo(own)}`,
        ]),
  ];
}
