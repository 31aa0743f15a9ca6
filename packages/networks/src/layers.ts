// Layers with weights, for networks that are written down. All others are functions of a tensor as they are: `(x) => x.relu()`.

import { PtTensor } from "@plenoptic-js/formats";
import { conv2d as convolve, type FloatDType, type Pair, pad, ShapeError, Tensor, tensor } from "@plenoptic-js/tensor";
import { checkOptions, shapeText, shown } from "@plenoptic-js/tensor/engine";

/** A layer of a network: a function from one tensor to another. */
export type Layer = (x: Tensor) => Tensor;

/** Numbers of a layer: a tensor, or one of a file, as `readSafetensors` and `readNpz` give them. */
export type LayerWeights = Tensor | PtTensor;

export interface Conv2dLayer {
  /** [output channels, input channels / groups, rows, columns]. */
  readonly weight: LayerWeights;
  /** A number for each output channel. */
  readonly bias?: LayerWeights;
  /** Default 1. */
  readonly stride?: Pair;
  /** Zeros around the image. Default 0. */
  readonly padding?: Pair;
  /** Default 1. */
  readonly dilation?: Pair;
  /** Default 1. */
  readonly groups?: number;
}

/** A convolution as torch.nn.Conv2d: cross-correlation with zeros around the image. The precision is the image's. */
export function conv2d(options: Conv2dLayer): Layer {
  const caller = "layers.conv2d";
  checkOptions(`${caller}()`, options, ["weight", "bias", "stride", "padding", "dilation", "groups"]);
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  const weight = inEachPrecision(caller, "weight", options.weight, 4);
  const bias = options.bias === undefined ? undefined : inEachPrecision(caller, "bias", options.bias, 1);
  const two = (pair: Pair): readonly [number, number] => (typeof pair === "number" ? [pair, pair] : pair);
  const [rows, columns] = two(padding);
  return (x) => {
    const around =
      rows === 0 && columns === 0
        ? x
        : pad(x, [
            [rows, rows],
            [columns, columns],
          ]);
    const y = convolve(around, weight(x), { stride: two(stride), dilation: two(dilation), groups });
    return bias === undefined ? y : y.add(bias(x).reshape([-1, 1, 1]));
  };
}

export interface LinearLayer {
  /** [outputs, inputs]. */
  readonly weight: LayerWeights;
  /** A number for each output. */
  readonly bias?: LayerWeights;
}

/** A matrix product with the last axis, as torch.nn.Linear. The precision is the image's. */
export function linear(options: LinearLayer): Layer {
  const caller = "layers.linear";
  checkOptions(`${caller}()`, options, ["weight", "bias"]);
  const weight = inEachPrecision(caller, "weight", options.weight, 2);
  const bias = options.bias === undefined ? undefined : inEachPrecision(caller, "bias", options.bias, 1);
  return (x) => {
    const y = x.matmul(weight(x), { transposeB: true });
    return bias === undefined ? y : y.add(bias(x));
  };
}

/** [batch, all others], as torch.nn.Flatten. */
export function flatten(x: Tensor): Tensor {
  return x.reshape([x.shape[0] ?? 1, -1]);
}

/** Weights in the precision of an image: the same tensor whenever it is asked for, so that tracing twice gives the same graph. */
function inEachPrecision(caller: string, name: string, weights: LayerWeights, rank: number): (x: Tensor) => Tensor {
  const source = weights instanceof PtTensor ? ofFile(caller, name, weights) : weights;
  if (!(source instanceof Tensor)) {
    throw new TypeError(`${caller}: ${name} is ${shown(source)}; it must be a Tensor, or one of a file`);
  }
  if (source.ndim !== rank) {
    throw new ShapeError(`${caller}: ${name} is ${shapeText(source.shape)}; it must have ${rank} axes`);
  }
  const made = new Map<string, Tensor>([[source.dtype, source]]);
  return ({ dtype }) => {
    const known = made.get(dtype) ?? source.cast(dtype as FloatDType);
    made.set(dtype, known);
    return known;
  };
}

function ofFile(caller: string, name: string, weights: PtTensor): Tensor {
  const numbers = weights.data();
  if (numbers instanceof Float32Array || numbers instanceof Float64Array) {
    return tensor(numbers, { shape: weights.shape });
  }
  throw new TypeError(`${caller}: ${name} is ${weights.dtype}; it must be floating`);
}
