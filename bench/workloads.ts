// What is measured: the workloads of the performance targets that exist so far, each as a compiled program. "Forward and backward"
// means the value sum(f(x)^2) and its gradient, as a synthesis needs them.

import { gradient, inputLeaf, type Node, optim, Program, Tensor, tensor } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";

export type Float = "float32" | "float64";

export interface Workload {
  readonly name: string;
  /** Prepares everything; the result runs the workload once. */
  prepare(dtype: Float, threads: number): () => void;
}

const SIDE = 256;
const IMAGE = [1, 1, SIDE, SIDE];

/** A fixed array with values in [0, 1). */
function pattern(shape: readonly number[], dtype: Float): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  return tensor(
    Float64Array.from({ length: n }, (_, i) => ((i * 7919) % 10007) / 10007),
    { shape, dtype },
  );
}

function program(dtype: Float, threads: number, build: (x: Tensor) => Record<string, Node>): () => void {
  const leaf = inputLeaf(IMAGE, dtype);
  const compiled = new Program(
    { buffers: { x: leaf }, entries: { run: { outputs: build(new Tensor(leaf)) } } },
    { threads },
  );
  compiled.set("x", { dtype, shape: IMAGE, re: pattern(IMAGE, dtype).dataSync() });
  return () => compiled.run("run");
}

const forwardBackward =
  (f: (x: Tensor) => Tensor) =>
  (dtype: Float, threads: number): (() => void) =>
    program(dtype, threads, (x) => {
      const value = f(x).square().sum();
      return { value: value.node, gradient: gradient(value, x).node };
    });

/** Value and gradient of a metric of an image and a fixed reference. */
const against =
  (metric: (a: Tensor, b: Tensor) => Tensor) =>
  (dtype: Float, threads: number): (() => void) => {
    const reference = pattern(IMAGE, dtype).mul(0.8).add(0.1);
    return program(dtype, threads, (x) => {
      const value = metric(reference, x);
      return { value: value.node, gradient: gradient(value, x).node };
    });
  };

export const workloads: readonly Workload[] = [
  {
    name: "10-operation elementwise chain",
    prepare: (dtype, threads) =>
      program(dtype, threads, (x) => {
        const [a, b, c] = [0.3, 0.7, 1.1].map((scale) => pattern(IMAGE, dtype).mul(scale));
        const t = x.mul(a).add(b).mul(c).sub(x);
        return { y: t.div(a.mul(a).add(1)).square().add(1e-6).sqrt().node };
      }),
  },
  { name: "Gaussian 31x31", prepare: forwardBackward((x) => new po.models.Gaussian(31, { std: 3 }).forward(x)) },
  {
    name: "OnOff 31x31",
    prepare: forwardBackward((x) => new po.models.OnOff(31, { pretrained: true }).forward(x)),
  },
  { name: "SSIM against a fixed reference", prepare: against(po.metric.ssim) },
  { name: "MS-SSIM against a fixed reference", prepare: against(po.metric.msSsim) },
  { name: "NLPD against a fixed reference", prepare: against((a, b) => po.metric.nlpd(a, b)) },
  {
    name: "metamer of Gaussian 31x31, Adam, whole iteration",
    prepare(dtype, threads) {
      const image = pattern(IMAGE, dtype);
      const model = new po.models.Gaussian(31, { std: 3 });
      const target = model.forward(image);
      const optimizer = optim.Adam({ lr: 0.01, amsgrad: true });
      const buffers: Record<string, Node> = { x: inputLeaf(IMAGE, dtype) };
      for (const name of optimizer.state) buffers[`state.${name}`] = inputLeaf(IMAGE, dtype);
      for (const name of optimizer.numbers) buffers[`number.${name}`] = inputLeaf([], dtype);
      const x = new Tensor(buffers.x);
      const pick = (kind: string, names: readonly string[]): Record<string, Tensor> =>
        Object.fromEntries(names.map((name) => [name, new Tensor(buffers[`${kind}.${name}`])]));
      const penalty = po.regularize.penalizeRange(x);
      const loss = po.loss.mse(model.forward(x), target).add(penalty.mul(0.1));
      const slope = gradient(loss, x);
      const next = optimizer.update(x, slope, pick("state", optimizer.state), pick("number", optimizer.numbers));
      const updates: Record<string, Node> = { x: next.x.node };
      for (const name of optimizer.state) updates[`state.${name}`] = next.state[name].node;
      const outputs = { loss: loss.node, penalty: penalty.node, gradientNorm: slope.norm().node };
      const compiled = new Program({ buffers, entries: { step: { outputs, updates } } }, { threads });
      compiled.set("x", { dtype, shape: IMAGE, re: image.dataSync() });
      let step = 0;
      return () => {
        step++;
        optimizer.numbersAt(step, optimizer.lr).forEach((value, i) => {
          compiled.setNumber(`number.${optimizer.numbers[i]}`, value);
        });
        compiled.run("step");
      };
    },
  },
];
