// What tuned numbers are measured on. Most is one run of a compiled program; the rest is eager evaluation of new graphs.

import { setTimeout } from "node:timers/promises";
import { gradient, Tensor, tensor } from "@plenoptic-js/tensor";
import { inputLeaf, Program, rfft2h } from "@plenoptic-js/tensor/engine";
import * as po from "plenoptic-js";

type Float = "float32" | "float64";

export interface Prepared {
  run(): void;
  /** What comes before every run and is not timed. */
  before?(): Promise<void>;
  /** The numbers of the last run. */
  result(): readonly ArrayBufferView[];
}

export type Work = (threads: number) => Prepared;

function pattern(shape: readonly number[], dtype: Float, factor = 7919): Tensor {
  const size = shape.reduce((n, side) => n * side, 1);
  const values = Float64Array.from({ length: size }, (_, i) => ((i * factor) % 10007) / 10007);
  return tensor(values, { shape, dtype });
}

/** A program that computes `f` of an array. */
const forward =
  (shape: readonly number[], dtype: Float, f: (x: Tensor) => Tensor): Work =>
  (threads) => {
    const leaf = inputLeaf(shape, dtype);
    const outputs = { y: f(new Tensor(leaf)).node };
    const program = new Program({ buffers: { x: leaf }, entries: { main: { outputs } } }, { threads });
    program.set("x", { dtype, shape, re: pattern(shape, dtype).dataSync() });
    return {
      run: () => program.run("main"),
      result() {
        const { re, im } = program.get("main.y");
        return im ? [re, im] : [re];
      },
    };
  };

/** The gradient of sum(f(x)^2). */
const backward = (shape: readonly number[], dtype: Float, f: (x: Tensor) => Tensor): Work =>
  forward(shape, dtype, (x) => gradient(f(x).square().sum(), x));

/** The gradient of a distance from a fixed image. */
const against = (shape: readonly number[], dtype: Float, metric: (a: Tensor, x: Tensor) => Tensor): Work =>
  forward(shape, dtype, (x) => gradient(metric(pattern(shape, dtype, 6421), x).sum(), x));

/** Helpers are asleep when a run begins. */
const afterBreak =
  (work: Work): Work =>
  (threads) => ({ ...work(threads), before: () => setTimeout(2) });

/** `f` evaluated at once, on arrays of several sizes: a new graph in every run, or always the same. */
const eager =
  (shapes: readonly (readonly number[])[], isNew: boolean, f: (x: Tensor, c: number) => Tensor): Work =>
  () => {
    const arrays = shapes.map((shape) => pattern(shape, "float32"));
    let last: ArrayBufferView[] = [];
    let runs = 0;
    const evaluate = (c: number): void => {
      last = arrays.map((x) => f(x, c).dataSync());
    };
    return {
      run: () => evaluate(1 + (isNew ? ++runs : 0) / 1024),
      result() {
        evaluate(1);
        return last;
      },
    };
  };

const chain = (x: Tensor): Tensor => {
  const [a, b, c] = [0.3, 0.7, 1.1].map((scale) => x.mul(scale).add(scale));
  const t = x.mul(a).add(b).mul(c).sub(x);
  return t.div(a.mul(a).add(1)).square().add(1e-6).sqrt().add(b.div(c)).mul(t.abs().add(1));
};

const texture = (size: number): Work => {
  const shape = [1, 1, size, size];
  return (threads) => {
    const model = new po.models.PortillaSimoncelli([size, size]);
    const reference = pattern(shape, "float32", 6421);
    const loss = po.loss.portillaSimoncelliLossFactory(model, reference);
    const target = model.forward(reference);
    return forward(shape, "float32", (x) => gradient(loss(model.forward(x), target), x))(threads);
  };
};

const image = (size: number): readonly number[] => [1, 1, size, size];
const square = (side: number): readonly number[] => [side, side];
const lines = [25, 50, 100, 200, 400, 800].map((thousands) => [thousands * 1000]);
const images = [16, 32, 64, 128, 256].map(image);
const few = (x: Tensor, c: number): Tensor => x.mul(c).add(1).square().sqrt().sum();

const convolution = (channels: number, outputs: number, side: number, taps: number): Work =>
  forward([1, channels, side, side], "float32", (x) =>
    po.conv2d(x, pattern([outputs, channels, taps, taps], "float32")),
  );

export const works: Readonly<Record<string, Work>> = {
  "chain 256²": backward(image(256), "float32", chain),
  "chain 256², after a break": afterBreak(backward(image(256), "float32", chain)),
  "texture 128²": texture(128),
  "texture 128², after a break": afterBreak(texture(128)),
  "texture 256²": texture(256),
  "texture 512²": texture(512),
  "SSIM 256²": against(image(256), "float32", po.metric.ssim),
  "NLPD 256²": against(image(256), "float32", (a, x) => po.metric.nlpd(a, x)),
  "sums of columns, 1024²": forward(square(1024), "float32", (x) => x.square().sum([0])),
  "sums of columns, 256²": forward(square(256), "float64", (x) => x.square().sum([0])),
  "Gaussian 31x31, 256²": backward(image(256), "float32", (x) => new po.models.Gaussian(31, { std: 3 }).forward(x)),
  "taps 7x7, 256²": forward(image(256), "float32", (x) => po.conv2d(x, pattern([4, 1, 7, 7], "float32"))),
  "Gaussian 31x31, 1024²": backward(image(1024), "float32", (x) => new po.models.Gaussian(31, { std: 3 }).forward(x)),
  "conv 3x3, 64 channels, 56²": convolution(64, 64, 58, 3),
  "conv 3x3, 64 channels, 224²": convolution(64, 64, 226, 3),
  "conv 1x1, 256 channels, 56²": convolution(256, 64, 56, 1),
  "conv 3x3, 64 channels, 56², weight": forward([64, 64, 3, 3], "float32", (w) =>
    gradient(
      po
        .conv2d(pattern([1, 64, 58, 58], "float32"), w)
        .square()
        .sum(),
      w,
    ),
  ),
  "a b, 256²": forward(square(256), "float64", (x) => x.matmul(pattern(square(256), "float64"))),
  "a b, 768²": forward(square(768), "float32", (x) => x.matmul(pattern(square(768), "float32"))),
  "a b, 64 x 8192 x 64": forward([64, 8192], "float32", (x) => x.matmul(pattern([8192, 64], "float32"))),
  "a bᵀ, 256²": forward(square(256), "float64", (x) => x.matmul(pattern(square(256), "float64"), { transposeB: true })),
  "a bᵀ, 768²": forward(square(768), "float32", (x) => x.matmul(pattern(square(768), "float32"), { transposeB: true })),
  "real transform 256²": forward(image(256), "float32", (x) => rfft2h(x)),
  "real transform 2048²": forward(image(2048), "float32", (x) => rfft2h(x)),
  "eager, new graphs": eager(lines, true, few),
  "eager, the same graphs": eager(lines, false, few),
  "eager transforms, new": eager(images, true, (x, c) => rfft2h(x.mul(c))),
  "eager transforms, the same": eager(images, false, (x, c) => rfft2h(x.mul(c))),
};
