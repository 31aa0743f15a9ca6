// Population variance, skewness and kurtosis (docs/science/process.md, "Moments").

import { type Axes, type DType, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText } from "@plenoptic-js/tensor/engine";
import { checkFloat } from "./floatImage.ts";

export interface VarianceOptions {
  /** The mean, if it is known: a number, or a tensor that broadcasts to x. Default null: it is computed. */
  readonly mean?: Tensor | number | null;
  /** Axes to reduce. Default null: all. */
  readonly dim?: Axes | null;
  /** Keep reduced axes with size 1. Default false. */
  readonly keepdim?: boolean;
}

export interface MomentOptions extends VarianceOptions {
  /** The variance, if it is known: a number, or a tensor that broadcasts with the result. Default null: it is computed. */
  readonly var?: Tensor | number | null;
}

interface Moments {
  /** x minus its mean. */
  readonly centred: Tensor;
  /** The mean over the axes. */
  readonly average: (x: Tensor) => Tensor;
}

function momentsOf(caller: string, x: Tensor, { mean = null, dim = null, keepdim = false }: VarianceOptions): Moments {
  checkFloat(caller, "x", x);
  const axes = dim ?? undefined;
  const centred = x.sub(mean ?? x.mean(axes, { keepdims: true }));
  if (centred.ndim !== x.ndim || centred.shape.some((n, i) => n !== x.shape[i])) {
    throw new ShapeError(
      `${caller}: mean is ${shapeText((mean as Tensor).shape)}, which does not broadcast to x, ${shapeText(x.shape)}`,
    );
  }
  return { centred, average: (y) => y.mean(axes, { keepdims: keepdim }) };
}

/**
 * Mean squared distance from the mean.
 *
 * @param x any shape, float32 or float64
 */
export function variance<D extends DType>(x: Tensor<D>, options: VarianceOptions = {}): Tensor<D> {
  checkTensor("variance", "x", x);
  checkOptions("variance()", options, ["mean", "dim", "keepdim"]);
  const { centred, average } = momentsOf("variance", x, options);
  return average(centred.square()) as Tensor<D>;
}

/**
 * Third central moment divided by the variance to the power 3/2: 0 for symmetric distributions. NaN if all values are
 * equal, and so is its derivative.
 *
 * @param x any shape, float32 or float64
 */
export function skew<D extends DType>(x: Tensor<D>, options: MomentOptions = {}): Tensor<D> {
  checkTensor("skew", "x", x);
  checkOptions("skew()", options, ["mean", "var", "dim", "keepdim"]);
  const { centred, average } = momentsOf("skew", x, options);
  const squares = centred.square();
  const third = average(squares.mul(centred));
  const given = options.var ?? average(squares);
  if (typeof given === "number") return third.div(given * Math.sqrt(given)) as Tensor<D>;
  return third.div(given.mul(given.sqrt())) as Tensor<D>;
}

/**
 * Fourth central moment divided by the squared variance: 3 for a normal distribution. NaN if all values are equal, and
 * so is its derivative.
 *
 * @param x any shape, float32 or float64
 */
export function kurtosis<D extends DType>(x: Tensor<D>, options: MomentOptions = {}): Tensor<D> {
  checkTensor("kurtosis", "x", x);
  checkOptions("kurtosis()", options, ["mean", "var", "dim", "keepdim"]);
  const { centred, average } = momentsOf("kurtosis", x, options);
  const squares = centred.square();
  const fourth = average(squares.square());
  const given = options.var ?? average(squares);
  return fourth.div(typeof given === "number" ? given * given : given.square()) as Tensor<D>;
}
