// Reads a network from an ONNX file: everything is checked, nothing is computed.

import { describeOtherKind, FileError, readBeside, readSource, type Source } from "@plenoptic-js/formats";
import { checkNumber, checkOptions, shown } from "@plenoptic-js/tensor/engine";
import { Network } from "../network.ts";
import { onnxBody } from "./body.ts";
import { OnnxError } from "./file/error.ts";
import { DEFAULT_FILE_BYTES, MOST_FILE_BYTES } from "./file/limits.ts";
import type { OnnxGraph, OnnxModel } from "./file/model.ts";
import { readModel } from "./file/readModel.ts";
import { checkStructure, imageInputOf } from "./file/structure.ts";
import { bytesOf, type TensorInfo } from "./file/tensorInfo.ts";

export interface ReadOnnxOptions {
  /**
   * Where the files with weights are that the network names: by their names, or a function of a name. Default: beside the network,
   * where that is a file on a disk.
   */
  readonly external?: Readonly<Record<string, Source>> | ReadonlyMap<string, Source> | ((location: string) => Source);
  /** A file of more bytes is refused, the network's own as well as each of its weights. Default: 1 GiB. At most 2 GiB. */
  readonly maxBytes?: number;
  /** The name of the input that is the image, where there are several that could be. */
  readonly imageInput?: string;
  /** The shape of the images you use, where the file leaves it open: for the shapes of the layers. */
  readonly imageShape?: readonly number[];
}

/**
 * A network from an ONNX file, such as `torch.onnx.export` writes.
 *
 * @param source a path, an address, a Blob, or bytes
 * @throws FileError for what is no ONNX file, or a broken one; OnnxError for a network that does not hold together, or that cannot be
 *   computed here
 */
export async function readOnnx(source: Source, options: ReadOnnxOptions = {}): Promise<Network> {
  checkOptions("readOnnx()", options, ["external", "maxBytes", "imageInput", "imageShape"]);
  const { maxBytes = DEFAULT_FILE_BYTES, imageInput, imageShape } = options;
  checkNumber("readOnnx", "maxBytes", maxBytes);
  const most = Math.min(maxBytes, MOST_FILE_BYTES);
  const { bytes, name } = await readSource(source, { maxBytes: most });
  const model = parsed(bytes, name);
  checkStructure(model);
  const image = imageInputOf(model, imageInput);
  checkImageShape(imageShape, image.shape, name);
  const infos = externalOf(model.graph);
  const externalFiles = await readExternal(infos, model, { source, most, external: options.external });
  const external = new Map(infos.map((info) => [info, elements(info, externalFiles, name)]));
  return new Network(onnxBody({ model, bytes, image, external, externalFiles, imageShape }));
}

function parsed(bytes: Uint8Array, name: string): OnnxModel {
  if (bytes.length === 0) throw new FileError("damaged", name, "the file is empty");
  try {
    return readModel(bytes, name);
  } catch (cause) {
    const other = describeOtherKind(bytes);
    if (other === undefined) throw cause;
    const problem = `this is no ONNX file, but ${other}. A network of PyTorch becomes one by torch.onnx.export`;
    throw new FileError("unsupported", name, problem, { cause });
  }
}

function checkImageShape(
  given: readonly number[] | undefined,
  declared: readonly (number | string)[] | undefined,
  source: string,
): void {
  if (given === undefined) return;
  const fits =
    Array.isArray(given) &&
    given.every((n) => Number.isInteger(n) && n > 0) &&
    (declared === undefined ||
      (declared.length === given.length &&
        declared.every((n, i) => typeof n === "string" || n <= 0 || n === given[i])));
  if (!fits) {
    const wanted =
      declared === undefined ? "whole numbers from 1 on" : `[${declared.map((n) => n || "any").join(", ")}]`;
    throw new OnnxError("model", source, `imageShape is ${shown(given)}; the file takes ${wanted}`);
  }
}

/** All arrays whose elements are in other files. */
function externalOf(graph: OnnxGraph): TensorInfo[] {
  const infos = [...graph.initializers.values()];
  for (const { attributes } of graph.nodes) {
    for (const attribute of attributes.values()) {
      if (attribute.kind === "tensor") infos.push(attribute.value);
      if (attribute.kind === "graph") infos.push(...externalOf(attribute.value));
    }
  }
  return infos.filter(({ external }) => external !== undefined);
}

interface Reading {
  readonly source: Source;
  readonly most: number;
  readonly external: ReadOnnxOptions["external"];
}

/** The other files whole, by their names. */
async function readExternal(
  infos: readonly TensorInfo[],
  { source: name }: OnnxModel,
  { source, most, external }: Reading,
): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const locations = new Map(infos.map((info) => [info.external?.location as string, info.name]));
  const found = (location: string): Source | undefined => {
    if (external === undefined) return undefined;
    if (typeof external === "function") return external(location);
    return external instanceof Map ? external.get(location) : (external as Record<string, Source>)[location];
  };
  const isOnDisk = typeof source === "string" || source instanceof URL;
  const missing = [...locations.keys()].filter((location) => found(location) === undefined);
  if (missing.length > 0 && (external !== undefined || !isOnDisk)) {
    const arrays = missing.slice(0, 3).map((location) => locations.get(location));
    throw new OnnxError(
      "external",
      name,
      `its weights are in other files: ${missing.join(", ")} (for ${arrays.join(", ")}); give them by the option external`,
    );
  }
  for (const [location, array] of locations) {
    try {
      const from = found(location);
      const { bytes } =
        from === undefined
          ? await readBeside(String(source), location, { maxBytes: most })
          : await readSource(from, { maxBytes: most });
      files.set(location, bytes);
    } catch (cause) {
      if (!(cause instanceof FileError)) throw cause;
      const way =
        cause.code === "not-found" && found(location) === undefined
          ? "; the exporter wrote it there: move both together"
          : "";
      const problem = `the array ${JSON.stringify(array)} is in the file ${JSON.stringify(location)}: ${cause.message}${way}`;
      throw new OnnxError("external", name, problem, { cause });
    }
  }
  return files;
}

/** The elements of an array in another file. */
function elements(info: TensorInfo, files: ReadonlyMap<string, Uint8Array>, source: string): Uint8Array {
  const { location, offset, length = bytesOf(info) } = info.external as NonNullable<TensorInfo["external"]>;
  const file = files.get(location) as Uint8Array;
  const wrong = (problem: string): OnnxError =>
    new OnnxError("external", source, `the array ${JSON.stringify(info.name)} ${problem}`);
  if (length !== bytesOf(info)) {
    throw wrong(`takes ${bytesOf(info)} bytes, but ${length} are promised in ${JSON.stringify(location)}`);
  }
  if (offset + length > file.length) {
    throw wrong(`ends at byte ${offset + length} of ${JSON.stringify(location)}, which has ${file.length}`);
  }
  return file.subarray(offset, offset + length);
}
