// What a network of PyTorch's newer exporter makes of an image, and the gradients: a file of bytes, and its weights by name. Nothing
// here uses Node: it runs in a page as well.

import { readOnnx } from "@plenoptic-js/networks/onnx";
import { gradient, hashTensor, type Tensor, tensor } from "@plenoptic-js/tensor";

const LAYERS = ["conv1", "layer1", "layer2.0.relu", "fc"];

/** Hashes by precision and layer. `read` gives a file of the golden folder. */
export async function bitsOfNetwork(
  read: (path: string) => Promise<Uint8Array<ArrayBuffer>>,
): Promise<Record<string, string>> {
  const weights = new Blob([await read("nets/resnet_dynamo.onnx.data")]);
  const external = new Map([["resnet_dynamo.onnx.data", weights]]);
  const network = await readOnnx(await read("nets/resnet_dynamo.onnx"), { external });
  const shape = [2, 3, 32, 32];
  const pixels = Float64Array.from({ length: 2 * 3 * 32 * 32 }, (_, i) => ((i * 7919) % 10007) / 10007);
  const hashes: Record<string, string> = {};
  for (const dtype of ["float32", "float64"] as const) {
    const x: Tensor = tensor(pixels, { shape, dtype });
    const features = network.layers(x, LAYERS);
    for (const [i, layer] of features.entries()) hashes[`${dtype} ${LAYERS[i]}`] = await hashTensor(layer);
    const value = features.map((layer) => layer.square().sum()).reduce((a, b) => a.add(b));
    hashes[`${dtype} gradient`] = await hashTensor(gradient(value, x));
  }
  return hashes;
}
