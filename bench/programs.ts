// What workloads are made of: fixed images, and programs of one entry.

import { gradient, Tensor, tensor } from "@plenoptic-js/tensor";
import { inputLeaf, type Node, Program } from "@plenoptic-js/tensor/engine";

export type Float = "float32" | "float64";

/** Runs a workload once. */
export type Run = () => void | Promise<void>;

export interface Workload {
  readonly name: string;
  /** Iterations or evaluations in one run: times are told for one. Default 1. */
  readonly units?: number;
  /** Additions and multiplications of one unit that no way of computing it can do without; where it can be said. */
  readonly operations?: number;
  /** Whether plenoptic has nothing of the kind. */
  readonly isOurs?: boolean;
  /** Prepares everything; the result runs the workload once. */
  prepare(dtype: Float, threads: number): Run | Promise<Run>;
}

const SIDE = 256;
export const SIZE: readonly [number, number] = [SIDE, SIDE];
export const PIXELS = SIDE * SIDE;
const SHAPE = [1, 1, SIDE, SIDE];

/** A fixed image with values in [0, 1). Another factor gives another image; peers.py makes the same ones. */
export function pattern(dtype: Float, factor = 7919): Tensor {
  const values = Float64Array.from({ length: PIXELS }, (_, i) => ((i * factor) % 10007) / 10007);
  return tensor(values, { shape: SHAPE, dtype });
}

/** The image that is not the reference. */
export const other = (dtype: Float): Tensor => pattern(dtype, 6421);

/** A program that computes `build` of an image. */
export function program(dtype: Float, threads: number, build: (x: Tensor) => Readonly<Record<string, Node>>): Run {
  const leaf = inputLeaf(SHAPE, dtype);
  const compiled = new Program(
    { buffers: { x: leaf }, entries: { run: { outputs: build(new Tensor(leaf)) } } },
    { threads },
  );
  compiled.set("x", { dtype, shape: SHAPE, re: pattern(dtype).dataSync() });
  return () => compiled.run("run");
}

type Prepare = (dtype: Float, threads: number) => Run;

/** Value sum(f(x)^2) and its gradient. */
export const forwardBackward =
  (f: (x: Tensor) => Tensor): Prepare =>
  (dtype, threads) =>
    program(dtype, threads, (x) => {
      const value = f(x).square().sum();
      return { value: value.node, gradient: gradient(value, x).node };
    });

/** Value and gradient of a distance between a fixed reference and an image. */
export const against =
  (metric: (reference: Tensor, x: Tensor) => Tensor): Prepare =>
  (dtype, threads) => {
    const reference = other(dtype);
    return program(dtype, threads, (x) => {
      const value = metric(reference, x);
      return { value: value.node, gradient: gradient(value, x).node };
    });
  };
