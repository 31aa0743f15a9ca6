// Whole networks of vision as ONNX files, with weights drawn from a seed: as large and as slow as trained ones. Nodes and names are
// those that PyTorch exports: batch norm is folded into convolutions, and linear layers of tokens are products with turned weights.
//
// The networks: Simonyan and Zisserman (2015), VGG16; He et al. (2016), ResNet50 with strides in the 3 x 3 convolutions;
// Dosovitskiy et al. (2021), ViT-B/16. Weights are uniform, and as large as He et al. (2015) say; where branches meet, one of them is smaller.

import { type MadeAttribute, type MadeNode, type MadeTensor, makeOnnx } from "./makeOnnx.ts";

/** Whole numbers of 32 bits from a seed (Marsaglia 2003). */
function xorshift(seed: number): () => number {
  let state = (Math.imul(seed, 0x9e3779b1) | 1) >>> 0;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

/** A network while it is written down. */
class Draft {
  readonly nodes: MadeNode[] = [];
  readonly tensors: MadeTensor[] = [];
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = xorshift(seed);
  }

  /** Adds a node, and gives the name of its result. */
  add(
    op: string,
    name: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, MadeAttribute>> = {},
  ): string {
    const output = `${name}_output_0`;
    this.nodes.push({ op, name, inputs, outputs: [output], attributes });
    return output;
  }

  /** Numbers in (-bound, bound). */
  weight(name: string, dims: readonly number[], bound: number): string {
    const values = new Float32Array(dims.reduce((n, side) => n * side, 1));
    for (let i = 0; i < values.length; i++) values[i] = (this.#next() / 0x80000000 - 1) * bound;
    this.tensors.push({ name, dims, values });
    return name;
  }

  /** A convolution with bias. `gain`: beside the size that keeps the variance behind a relu. */
  convolution(
    path: string,
    x: string,
    [channels, outputs, taps]: readonly [number, number, number],
    { stride = 1, pad = Math.floor(taps / 2), gain = 1 } = {},
  ): string {
    const bound = gain * Math.sqrt(6 / (channels * taps * taps));
    const w = this.weight(`${path}.weight`, [outputs, channels, taps, taps], bound);
    const b = this.weight(`${path}.bias`, [outputs], 0.05);
    return this.add("Conv", `/${path.replaceAll(".", "/")}/Conv`, [x, w, b], {
      dilations: [1, 1],
      group: 1,
      kernel_shape: [taps, taps],
      pads: [pad, pad, pad, pad],
      strides: [stride, stride],
    });
  }

  relu(path: string, x: string): string {
    return this.add("Relu", `/${path.replaceAll(".", "/")}/Relu`, [x]);
  }

  linear(path: string, x: string, from: number, to: number): string {
    const w = this.weight(`${path}.weight`, [to, from], Math.sqrt(3 / from));
    const b = this.weight(`${path}.bias`, [to], 0.05);
    return this.add("Gemm", `/${path.replaceAll(".", "/")}/Gemm`, [x, w, b], { transB: 1 });
  }

  whole(name: string, values: readonly number[]): string {
    this.tensors.push({ name, dims: [values.length], values: BigInt64Array.from(values, BigInt) });
    return name;
  }

  file(output: string): Uint8Array<ArrayBuffer> {
    const { nodes, tensors } = this;
    return makeOnnx({ nodes, tensors, outputs: [output], imageShape: [1, 3, 224, 224], opset: 20 });
  }
}

function vgg16(seed: number): Uint8Array<ArrayBuffer> {
  const net = new Draft(seed);
  let [x, channels, index] = ["x", 3, 0];
  for (const stage of [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ]) {
    for (const outputs of stage) {
      x = net.relu(`features.${index + 1}`, net.convolution(`features.${index}`, x, [channels, outputs, 3]));
      channels = outputs;
      index += 2;
    }
    x = net.add("MaxPool", `/features.${index}/MaxPool`, [x], { kernel_shape: [2, 2], strides: [2, 2] });
    index++;
  }
  x = net.add("Flatten", "/Flatten", [x], { axis: 1 });
  x = net.relu("classifier.1", net.linear("classifier.0", x, 25088, 4096));
  x = net.relu("classifier.4", net.linear("classifier.3", x, 4096, 4096));
  return net.file(net.linear("classifier.6", x, 4096, 1000));
}

function resnet50(seed: number): Uint8Array<ArrayBuffer> {
  const net = new Draft(seed);
  let x = net.relu("relu", net.convolution("conv1", "x", [3, 64, 7], { stride: 2 }));
  x = net.add("MaxPool", "/maxpool/MaxPool", [x], { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] });
  let channels = 64;
  [3, 4, 6, 3].forEach((blocks, stage) => {
    const width = 64 * 2 ** stage;
    for (let block = 0; block < blocks; block++) {
      const path = `layer${stage + 1}.${block}`;
      const stride = stage > 0 && block === 0 ? 2 : 1;
      let y = net.relu(`${path}.relu`, net.convolution(`${path}.conv1`, x, [channels, width, 1]));
      y = net.relu(`${path}.relu_1`, net.convolution(`${path}.conv2`, y, [width, width, 3], { stride }));
      y = net.convolution(`${path}.conv3`, y, [width, 4 * width, 1], { gain: 0.25 });
      const short =
        block === 0 ? net.convolution(`${path}.downsample.0`, x, [channels, 4 * width, 1], { stride, pad: 0 }) : x;
      const name = `/${path.replaceAll(".", "/")}`;
      x = net.relu(`${path}.relu_2`, net.add("Add", `${name}/Add`, [y, short]));
      channels = 4 * width;
    }
  });
  x = net.add("GlobalAveragePool", "/avgpool/GlobalAveragePool", [x]);
  return net.file(net.linear("fc", net.add("Flatten", "/Flatten", [x], { axis: 1 }), channels, 1000));
}

const [TOKENS, WIDTH, HEADS, DEPTH] = [197, 768, 12, 12];

function vit(seed: number): Uint8Array<ArrayBuffer> {
  const net = new Draft(seed);
  const dense = (path: string, x: string, from: number, to: number, gain = 1): string => {
    const w = net.weight(`${path}.weight.turned`, [from, to], gain * Math.sqrt(3 / from));
    const b = net.weight(`${path}.bias`, [to], 0.05);
    const name = `/${path.replaceAll(".", "/")}`;
    return net.add("Add", `${name}/Add`, [b, net.add("MatMul", `${name}/MatMul`, [x, w])]);
  };
  const norm = (path: string, x: string): string => {
    const scale = net.weight(`${path}.weight`, [WIDTH], 1);
    const shift = net.weight(`${path}.bias`, [WIDTH], 0.05);
    return net.add("LayerNormalization", `/${path.replaceAll(".", "/")}/LayerNormalization`, [x, scale, shift], {
      axis: -1,
      epsilon: { float: 1e-6 },
    });
  };
  const heads = net.whole("heads", [1, TOKENS, HEADS, WIDTH / HEADS]);
  const rows = net.whole("rows", [1, TOKENS, WIDTH]);
  const half = "scale";
  net.tensors.push({ name: half, dims: [], values: Float32Array.of(Math.sqrt(Math.sqrt(HEADS / WIDTH))) });

  const patches = net.convolution("conv_proj", "x", [3, WIDTH, 16], { stride: 16, pad: 0 });
  const flat = net.add("Reshape", "/Reshape", [patches, net.whole("flat", [1, WIDTH, TOKENS - 1])]);
  const tokens = net.add("Transpose", "/Transpose", [flat], { perm: [0, 2, 1] });
  const first = net.weight("class_token", [1, 1, WIDTH], 0.5);
  const all = net.add("Concat", "/Concat", [first, tokens], { axis: 1 });
  let x = net.add("Add", "/encoder/Add", [all, net.weight("encoder.pos_embedding", [1, TOKENS, WIDTH], 0.1)]);
  for (let i = 0; i < DEPTH; i++) {
    const path = `encoder.layers.${i}`;
    const name = `/${path.replaceAll(".", "/")}`;
    const normed = norm(`${path}.ln_1`, x);
    const [q, k, v] = ["q", "k", "v"].map((letter) => {
      const split = net.add("Reshape", `${name}/${letter}/Reshape`, [
        dense(`${path}.self_attention.${letter}`, normed, WIDTH, WIDTH),
        heads,
      ]);
      const perm = letter === "k" ? [0, 2, 3, 1] : [0, 2, 1, 3];
      const turned = net.add("Transpose", `${name}/${letter}/Transpose`, [split], { perm });
      return letter === "v" ? turned : net.add("Mul", `${name}/${letter}/Mul`, [turned, half]);
    });
    const weights = net.add("Softmax", `${name}/Softmax`, [net.add("MatMul", `${name}/MatMul`, [q, k])], { axis: -1 });
    const mixed = net.add("Transpose", `${name}/Transpose`, [net.add("MatMul", `${name}/MatMul_1`, [weights, v])], {
      perm: [0, 2, 1, 3],
    });
    const joined = net.add("Reshape", `${name}/Reshape`, [mixed, rows]);
    const attended = dense(`${path}.self_attention.out_proj`, joined, WIDTH, WIDTH, 0.5);
    x = net.add("Add", `${name}/Add`, [attended, x]);
    const wide = dense(`${path}.mlp.0`, norm(`${path}.ln_2`, x), WIDTH, 4 * WIDTH);
    const gelu = net.add("Gelu", `${name}/mlp/mlp.1/Gelu`, [wide], { approximate: "none" });
    x = net.add("Add", `${name}/Add_1`, [x, dense(`${path}.mlp.3`, gelu, 4 * WIDTH, WIDTH, 0.5)]);
  }
  const index = net.whole("first", [0]);
  const token = net.add("Gather", "/Gather", [norm("encoder.ln", x), index], { axis: 1 });
  return net.file(net.linear("heads.head", net.add("Flatten", "/Flatten", [token], { axis: 1 }), WIDTH, 1000));
}

export interface WholeNetwork {
  readonly name: string;
  /** Multiplications with additions of one image's forward pass, in convolutions and products of matrices. */
  readonly multiplyAdds: number;
  /** The file, as bytes. Equal seeds give equal bytes. */
  make(seed: number): Uint8Array<ArrayBuffer>;
}

/** Those that bench, and the comparison with another library, take. Images are [1, 3, 224, 224]. */
export const wholeNetworks: readonly WholeNetwork[] = [
  { name: "ResNet50", multiplyAdds: 4_089_184_256, make: resnet50 },
  { name: "VGG16", multiplyAdds: 15_470_264_320, make: vgg16 },
  { name: "ViT-B/16", multiplyAdds: 17_563_828_992, make: vit },
];
