// The cases of DeepNetFeatures: a toy network whose weights are arrays of the case.

import * as po from "plenoptic-js";
import type { CaseArrays, Handler } from "./cases.ts";
import type { GoldenCase } from "./format.ts";
import { tensorHandler, toTensor } from "./tensors.ts";

/** The architecture that all cases have; they say so in words. */
const WORDS = [
  "0: conv 3->4, 3x3, zero padding 1",
  "1: relu",
  "2: max pool 2x2",
  "3: conv 4->6, 3x3, zero padding 1",
  "4: relu",
  "5: flatten",
  "6: linear 96->5",
];

const NORM = po.models.normalize({ mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });

function toyNetwork(arrays: CaseArrays): po.models.Network {
  const { conv2d, flatten, linear } = po.models.layers;
  const of = (layer: number) => ({
    weight: toTensor(arrays.extra(`param.${layer}.weight`)),
    bias: toTensor(arrays.extra(`param.${layer}.bias`)),
  });
  return po.models.sequential([
    ["0", conv2d({ ...of(0), padding: 1 })],
    ["1", (x) => x.relu()],
    ["2", (x) => po.maxPool2d(x, 2)],
    ["3", conv2d({ ...of(3), padding: 1 })],
    ["4", (x) => x.relu()],
    ["5", flatten],
    ["6", linear(of(6))],
  ]);
}

interface DeepNetArgs {
  readonly architecture: readonly string[];
  readonly return_nodes: po.models.ReturnNodes;
  readonly transform: string | null;
}

export const deepNetHandler: Handler = async (golden, arrays) => {
  const { architecture, return_nodes: nodes, transform } = golden.args as unknown as DeepNetArgs;
  if (architecture.join() !== WORDS.join()) throw new Error(`the network is another: ${architecture.join("; ")}`);
  const network = toyNetwork(arrays);
  const model = new po.models.DeepNetFeatures(network, nodes, { transform: transform === null ? null : NORM });
  return tensorHandler((_, input) => {
    const representation = model.forward(input("x"));
    checkDictionary(model, representation, golden);
    return representation;
  })(golden, arrays);
};

/** The names and the shapes of the layers that a representation is taken apart into. */
function checkDictionary(model: po.models.DeepNetFeatures, representation: po.Tensor, golden: GoldenCase): void {
  const layers = [...model.convertToDict(representation)].map(([key, { shape }]) => [key, shape]);
  const expected = golden.dict_shapes as Readonly<Record<string, readonly number[]>>;
  const wanted = (golden.dict_keys as readonly string[]).map((key) => [key, expected[key]]);
  if (JSON.stringify(layers) !== JSON.stringify(wanted)) {
    throw new Error(`convertToDict gives ${JSON.stringify(layers)}, and not ${JSON.stringify(wanted)}`);
  }
}
