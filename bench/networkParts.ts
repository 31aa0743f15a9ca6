// What networks of vision are made of: convolutions and their gradients, matrix products, and what stands between them. Shapes are
// those of ResNet-50, VGG-16, ConvNeXt and ViT, one image.

import { conv2d, gradient, Tensor } from "@plenoptic-js/tensor";
import { inputLeaf, type Node, Program } from "@plenoptic-js/tensor/engine";
import type { Float, Run, Workload } from "./programs.ts";

type Shape = readonly number[];

const sizeOf = (shape: Shape): number => shape.reduce((n, side) => n * side, 1);

/** A program of random-looking operands in (-1, 1); another one has other values. */
function program(dtype: Float, threads: number, shapes: readonly Shape[], build: (...xs: Tensor[]) => Tensor): Run {
  const leaves = shapes.map((shape) => inputLeaf(shape, dtype));
  const buffers = Object.fromEntries(leaves.map((leaf, i): [string, Node] => [`x${i}`, leaf]));
  const outputs = { y: build(...leaves.map((leaf) => new Tensor(leaf))).node };
  const compiled = new Program({ buffers, entries: { run: { outputs } } }, { threads });
  shapes.forEach((shape, i) => {
    const values = Float64Array.from(
      { length: sizeOf(shape) },
      (_, k) => (2 * ((k * (7919 + 2 * i)) % 10007)) / 10007 - 1,
    );
    compiled.set(`x${i}`, { dtype, shape, re: dtype === "float64" ? values : Float32Array.from(values) });
  });
  return () => compiled.run("run");
}

/** Times of networks' parts are told beside the machine's own limits: plenoptic has nothing of the kind. */
function workload(name: string, shapes: readonly Shape[], build: (...xs: Tensor[]) => Tensor): Workload {
  return { name, isOurs: true, prepare: (dtype, threads) => program(dtype, threads, shapes, build) };
}

const counted = (operations: number, one: Workload): Workload => ({ ...one, operations });

interface Layer {
  readonly name: string;
  /** Channels to and from, sides of the square image (padded already) and of the weight. */
  readonly sizes: readonly [channels: number, outputs: number, side: number, taps: number];
  readonly stride?: number;
  readonly groups?: number;
}

const LAYERS: readonly Layer[] = [
  { name: "3x3, 64 to 64, 56x56", sizes: [64, 64, 58, 3] },
  { name: "3x3, 512 to 512, 7x7", sizes: [512, 512, 9, 3] },
  { name: "1x1, 256 to 64, 56x56", sizes: [256, 64, 56, 1] },
  { name: "3x3 by 2, 128 to 128, 28x28", sizes: [128, 128, 57, 3], stride: 2 },
  { name: "7x7 by 2, 3 to 64, 112x112", sizes: [3, 64, 229, 7], stride: 2 },
  { name: "7x7, 96 alone, 56x56", sizes: [96, 96, 62, 7], groups: 96 },
  { name: "16x16 by 16, 3 to 768, 14x14", sizes: [3, 768, 224, 16], stride: 16 },
];

/** A convolution, and the gradients of its sum of products with a fixed array. */
function convolutions({ name, sizes: [channels, outputs, side, taps], stride = 1, groups = 1 }: Layer): Workload[] {
  const results = Math.floor((side - taps) / stride) + 1;
  const x = [1, channels, side, side];
  const w = [outputs, channels / groups, taps, taps];
  const g = [1, outputs, results, results];
  const options = { stride: [stride, stride], groups } as const;
  const summed = (a: Tensor, b: Tensor, c: Tensor): Tensor => conv2d(a, b, options).mul(c).sum();
  return [
    workload(`conv ${name}`, [x, w], (a, b) => conv2d(a, b, options)),
    workload(`conv ${name}, gradient of the image`, [x, w, g], (a, b, c) => gradient(summed(a, b, c), a)),
    workload(`conv ${name}, gradient of the weight`, [x, w, g], (a, b, c) => gradient(summed(a, b, c), b)),
  ].map((one) => counted(2 * sizeOf(g) * sizeOf(w.slice(1)), one));
}

function product(rows: number, terms: number, columns: number, transposeB: boolean): Workload {
  const shapes = [[rows, terms], transposeB ? [columns, terms] : [terms, columns]];
  const name = `matrix product ${rows} x ${terms} x ${columns}${transposeB ? ", second transposed" : ""}`;
  return counted(
    2 * rows * terms * columns,
    workload(name, shapes, (a, b) => a.matmul(b, { transposeB })),
  );
}

/** What stands between; most of its operations are those of elementary functions, and not counted. */
const between: readonly Workload[] = [
  workload("softmax 12 x 197 x 197", [[12, 197, 197]], (x) => {
    const e = x.sub(x.max([2], { keepdims: true })).exp();
    return e.div(e.sum([2], { keepdims: true }));
  }),
  workload("layer norm 197 x 768", [[197, 768], [768], [768]], (x, scale, shift) => {
    const centred = x.sub(x.mean([1], { keepdims: true }));
    const variance = centred.square().mean([1], { keepdims: true });
    return centred.div(variance.add(1e-5).sqrt()).mul(scale).add(shift);
  }),
  workload("gelu by erf 197 x 3072", [[197, 3072]], (x) => x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1))),
];

export const networkParts: readonly Workload[] = [
  ...LAYERS.flatMap(convolutions),
  product(512, 512, 512, false),
  product(197, 768, 3072, true),
  ...between,
];
