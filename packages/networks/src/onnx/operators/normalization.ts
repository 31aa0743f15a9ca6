// Normalizations: by numbers of the file, by channels, by neighbours, and softmax.

import { pad, type Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { MOST_SMALL } from "../file/limits.ts";
import { known, numbersOf } from "../values/value.ts";
import type { Call, Operator } from "./operator.ts";

/** A vector of one number for each channel, beside images of a rank. */
function perChannel(call: Call, index: number, channels: number, rank: number): Tensor {
  const shape = call.shape(index);
  if (shape.length !== 1 || shape[0] !== channels) {
    throw call.wrong(
      `its input ${index} is ${shapeText(shape)}; it must have one number for each of ${channels} channels`,
    );
  }
  return call.tensor(index).reshape([channels, ...new Array<number>(rank - 2).fill(1)]);
}

const channelsOf = (call: Call): number => {
  if (call.shape(0).length < 2) throw call.wrong(`its input is ${shapeText(call.shape(0))}; it must have channels`);
  return call.shape(0)[1];
};

/** a x + b for every channel, with a and b made in float64 where their parts are known. */
const batch: Operator = {
  attributes: { epsilon: "float", momentum: "float", training_mode: "int", spatial: "int" },
  inputs: [5, 5],
  run(call) {
    if (call.flag("training_mode")) {
      throw call.unsupported("it was exported in training mode; call eval() before exporting");
    }
    if (!call.flag("spatial", true)) throw call.unsupported("its spatial is 0, which is not computed");
    const channels = channelsOf(call);
    const rank = call.shape(0).length;
    const epsilon = call.float("epsilon", 1e-5);
    const parts = [1, 2, 3, 4].map((index) => call.value(index));
    const affine = (scale: Tensor, bias: Tensor, mean: Tensor, variance: Tensor): [Tensor, Tensor] => {
      const a = scale.div(variance.add(epsilon).sqrt());
      return [a, bias.sub(mean.mul(a))];
    };
    for (const index of [1, 2, 3, 4]) perChannel(call, index, channels, rank);
    if (parts.every((part) => part.known) && channels <= MOST_SMALL) {
      const exact = parts.map((part) => call.around.constants.of(part as never, "float64"));
      const made = affine(exact[0], exact[1], exact[2], exact[3]);
      const [a, b] = made.map((vector) => {
        const numbers = known("float", [channels], numbersOf(vector.broadcastTo([channels])));
        return call.around.constants
          .of(numbers, call.dtype)
          .reshape([channels, ...new Array<number>(rank - 2).fill(1)]);
      });
      return call.like(call.tensor(0).mul(a).add(b));
    }
    const [scale, bias, mean, variance] = [1, 2, 3, 4].map((index) => perChannel(call, index, channels, rank));
    const [a, b] = affine(scale, bias, mean, variance);
    return call.like(call.tensor(0).mul(a).add(b));
  },
};

/** (x - mean) / sqrt(variance + epsilon), over some axes. */
function standardized(x: Tensor, axes: readonly number[], epsilon: number): Tensor {
  const centred = x.sub(x.mean(axes, { keepdims: true }));
  return centred.div(centred.square().mean(axes, { keepdims: true }).add(epsilon).sqrt());
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

const layer: Operator = {
  attributes: { axis: "int", epsilon: "float", stash_type: "int" },
  inputs: [2, 3],
  run(call) {
    const rank = call.shape(0).length;
    const first = call.axis(call.int("axis", -1), rank);
    const y = standardized(call.tensor(0), range(first, rank), call.float("epsilon", 1e-5)).mul(call.tensor(1));
    return call.like(call.has(2) ? y.add(call.tensor(2)) : y);
  },
};

const instance: Operator = {
  attributes: { epsilon: "float" },
  inputs: [3, 3],
  run(call) {
    const [channels, rank] = [channelsOf(call), call.shape(0).length];
    const y = standardized(call.tensor(0), range(2, rank), call.float("epsilon", 1e-5));
    return call.like(y.mul(perChannel(call, 1, channels, rank)).add(perChannel(call, 2, channels, rank)));
  },
};

const group: Operator = {
  attributes: { epsilon: "float", num_groups: "int", stash_type: "int" },
  inputs: [3, 3],
  run(call) {
    const [channels, shape] = [channelsOf(call), call.shape(0)];
    const groups = call.int("num_groups");
    if (groups < 1 || channels % groups !== 0) {
      throw call.wrong(`its num_groups is ${groups}; it must divide ${channels} channels`);
    }
    const split = call.tensor(0).reshape([shape[0], groups, channels / groups, ...shape.slice(2)]);
    const y = standardized(split, range(2, shape.length + 1), call.float("epsilon", 1e-5));
    // One number for each group before opset 21, for each channel since.
    if (call.opset < 21) {
      const [scale, bias] = [1, 2].map((index) => perChannel(call, index, groups, shape.length + 1));
      return call.like(y.mul(scale).add(bias).reshape(shape));
    }
    const [scale, bias] = [1, 2].map((index) => perChannel(call, index, channels, shape.length));
    return call.like(y.reshape(shape).mul(scale).add(bias));
  },
};

/** x / (bias + alpha / size * s)^beta, where s is the sum of squares over neighbouring channels. */
const localResponse: Operator = {
  attributes: { alpha: "float", beta: "float", bias: "float", size: "int" },
  inputs: [1, 1],
  run(call) {
    const [channels, rank] = [channelsOf(call), call.shape(0).length];
    const size = call.int("size");
    if (size < 1 || size > 2 * channels)
      throw call.wrong(`its size is ${size}; it must be from 1 on, and no more than is there`);
    call.checkTaps(size);
    const x = call.tensor(0);
    const before = Math.floor((size - 1) / 2);
    const around = [before, size - 1 - before] as const;
    const squares = pad(x.square(), [around, ...new Array<readonly [number, number]>(rank - 2).fill([0, 0])]);
    let sum = squares.slice(1, 0, channels);
    for (let k = 1; k < size; k++) sum = sum.add(squares.slice(1, k, k + channels));
    const inside = sum.mul(call.float("alpha", 1e-4) / size).add(call.float("bias", 1));
    return call.like(x.div(inside.pow(call.float("beta", 0.75))));
  },
};

function softmaxLike(make: (x: Tensor, axis: number) => Tensor): Operator {
  return {
    attributes: { axis: "int" },
    inputs: [1, 1],
    run(call) {
      const shape = call.shape(0);
      const x = call.tensor(0);
      const axis = call.axis(call.int("axis", call.opset < 13 ? 1 : -1), Math.max(shape.length, 1));
      if (call.opset >= 13) return call.like(make(x, axis));
      // All axes from this one on are one.
      const rows = shape.slice(0, axis).reduce((product, n) => product * n, 1);
      return call.like(make(x.reshape([rows, x.size / rows]), 1).reshape(shape));
    },
  };
}

/** Without its largest element, which is a constant for the gradient. */
const lowered = (x: Tensor, axis: number): Tensor => x.sub(x.max(axis, { keepdims: true }).detach());

export function softmax(x: Tensor, axis: number): Tensor {
  const e = lowered(x, axis).exp();
  return e.div(e.sum(axis, { keepdims: true }));
}

/** x / sqrt(mean(x^2) + epsilon), over all axes from one on. */
const rootMeanSquare: Operator = {
  attributes: { axis: "int", epsilon: "float", stash_type: "int" },
  inputs: [2, 2],
  run(call) {
    const rank = call.shape(0).length;
    const axes = range(call.axis(call.int("axis", -1), rank), rank);
    const x = call.tensor(0);
    const size = x.square().mean(axes, { keepdims: true }).add(call.float("epsilon", 1e-5)).sqrt();
    return call.like(x.div(size).mul(call.tensor(1)));
  },
};

/** x divided by its norm along an axis. */
const byNorm: Operator = {
  attributes: { axis: "int", p: "int" },
  inputs: [1, 1],
  run(call) {
    const axis = call.axis(call.int("axis", -1), call.shape(0).length);
    const p = call.int("p", 2);
    const x = call.tensor(0);
    if (p === 2) return call.like(x.div(x.norm(axis, { keepdims: true })));
    if (p === 1) return call.like(x.div(x.abs().sum(axis, { keepdims: true })));
    throw call.wrong(`its p is ${p}; it must be 1 or 2`);
  },
};

export const normalizations: Readonly<Record<string, Operator>> = {
  BatchNormalization: batch,
  LayerNormalization: layer,
  InstanceNormalization: instance,
  GroupNormalization: group,
  RMSNormalization: rootMeanSquare,
  LpNormalization: byNorm,
  LRN: localResponse,
  Softmax: softmaxLike(softmax),
  LogSoftmax: softmaxLike((x, axis) => {
    const low = lowered(x, axis);
    return low.sub(low.exp().sum(axis, { keepdims: true }).log());
  }),
};
