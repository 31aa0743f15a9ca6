// Networks from ONNX files. The reader is loaded when the first one is wanted.

import type { Source } from "@plenoptic-js/formats";
import type { Network } from "@plenoptic-js/networks";
import type { ReadOnnxOptions } from "@plenoptic-js/networks/onnx";

/**
 * A network from an ONNX file, such as `torch.onnx.export` writes: everything is checked, nothing is computed.
 *
 * @param source a path, an address, a Blob, or bytes
 * @throws FileError for what is no ONNX file, or a broken one; OnnxError for a network that does not hold together, or that cannot be
 *   computed here
 */
export async function readOnnx(source: Source, options: ReadOnnxOptions = {}): Promise<Network> {
  const onnx = await import("@plenoptic-js/networks/onnx");
  return onnx.readOnnx(source, options);
}
