// Random graphs for the test that interpreter and compiled program agree bit for bit.

import { avgPool2d, convTranspose2d, einsum, interpolate, maxPool2d, roll, Tensor, take } from "@plenoptic-js/tensor";
import { fourierOps } from "../../../tensor/src/compile/fourierKernels.ts";
import { arrayLeaf, inputLeaf, ops } from "../../../tensor/src/graph/build.ts";
import { gradient } from "../../../tensor/src/graph/gradient.ts";
import { topological } from "../../../tensor/src/graph/node.ts";
import { pushforward } from "../../../tensor/src/graph/pushforward.ts";
import {
  type ArrayValue,
  allocate,
  type DType,
  isComplex,
  isDifferentiable,
  type Node,
  realOf,
  type Shape,
  sizeOf,
} from "../../../tensor/src/ops/definition.ts";

/** A small deterministic generator (mulberry32). */
class Dice {
  #state: number;
  constructor(seed: number) {
    this.#state = seed | 0;
  }
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }
  int(n: number): number {
    return Math.floor(this.next() * n);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.int(list.length)];
  }
  chance(p: number): boolean {
    return this.next() < p;
  }
}

const SPECIAL = [
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  0,
  -0,
  5e-324,
  -5e-324,
  1e-310,
  1e-40,
  1,
  -1,
  3e38,
  1.7e308,
];
const INTS = [0, 1, -1, 2147483647, -2147483648, 7];

function randomValue(dice: Dice, shape: Shape, dtype: DType): ArrayValue {
  const value = allocate(dtype, shape);
  const wild = dice.chance(0.3);
  for (const plane of value.im ? [value.re, value.im] : [value.re]) {
    for (let i = 0; i < plane.length; i++) {
      const real = realOf(dtype);
      if (real === "bool") plane[i] = dice.int(2);
      else if (real === "int32") plane[i] = dice.chance(0.3) ? dice.pick(INTS) : dice.int(21) - 10;
      else plane[i] = wild && dice.chance(0.2) ? dice.pick(SPECIAL) : dice.next() * 4 - 2;
    }
  }
  return value;
}

const FLOATS: DType[] = ["float32", "float64"];
const COMPLEX: DType[] = ["complex64", "complex128"];

function randomShape(dice: Dice): number[] {
  const rank = dice.pick([0, 1, 1, 2, 2, 2, 3, 4]);
  const big = dice.chance(0.15);
  return Array.from({ length: rank }, (_, i) => {
    if (dice.chance(0.12)) return 1;
    if (dice.chance(0.03)) return 0;
    if (big && i === rank - 1) return dice.pick([64, 67, 130, 513, 1030]);
    return 1 + dice.int(rank > 2 ? 5 : 9);
  });
}

function batchShape(dice: Dice, images: number): number[] {
  const sides = [1 + dice.int(6), dice.chance(0.1) ? dice.pick([64, 67, 130]) : 1 + dice.int(9)];
  return dice.chance(0.5) ? [images, ...sides] : [images, 1 + dice.int(3), ...sides];
}

export interface RandomGraph {
  readonly outputs: Node[];
  readonly inputs: Map<Node, ArrayValue>;
  readonly operations: string[];
}

/** One random graph with its input data; of a batch of so many images, if they are given. */
export function randomGraph(seed: number, images?: number): RandomGraph {
  const dice = new Dice(seed);
  const inputs = new Map<Node, ArrayValue>();
  const pool: Node[] = [];
  const main = dice.pick(FLOATS);
  const complexMain: DType = main === "float32" ? "complex64" : "complex128";
  const leaf = (shape: Shape, dtype: DType): Node => {
    const value = randomValue(dice, shape, dtype);
    if (dice.chance(0.25)) return arrayLeaf(value);
    const node = inputLeaf(shape, dtype);
    inputs.set(node, value);
    return node;
  };
  const base = images === undefined ? randomShape(dice) : batchShape(dice, images);
  pool.push(leaf(base, main));
  if (dice.chance(0.6)) pool.push(leaf(base, main));
  if (dice.chance(0.3)) pool.push(leaf(base, complexMain));
  if (dice.chance(0.3)) pool.push(leaf(base, "int32"));
  if (dice.chance(0.2)) pool.push(leaf(base, "bool"));
  if (dice.chance(0.15)) pool.push(leaf(base, dice.pick([...FLOATS, ...COMPLEX])));

  const steps = 2 + dice.int(14);
  for (let i = 0; i < steps; i++) {
    const x = dice.chance(0.6) ? pool[pool.length - 1] : dice.pick(pool);
    const made = attempt(() => step(dice, x, pool, leaf));
    if (made) pool.push(made);
  }
  const outputs = [pool[pool.length - 1]];
  if (dice.chance(0.4)) outputs.push(dice.pick(pool));
  if (dice.chance(0.5)) {
    const y = outputs[0];
    const xs = [...topological([y])].filter(
      (n) => n.op.kind === "leaf" && n.op.name !== "literal" && isDifferentiable(n.dtype),
    );
    if (isDifferentiable(y.dtype) && xs.length > 0) {
      const x = dice.pick(xs);
      const grads = gradient(ops, y, [x], ops.like(1, y));
      if (dice.chance(0.3)) outputs.push(...gradient(ops, grads[0], [x], ops.like(1, grads[0])));
      if (dice.chance(0.3)) outputs.push(...pushforward(ops, [y], [x], [ops.like(1, x)]));
      outputs.push(...grads);
    }
  }
  return { outputs, inputs, operations: topological(outputs).map((n) => `${n.op.name}${n.dtype}[${n.shape}]`) };
}

/** Builders refuse what does not fit; a random choice that is refused is simply not made. */
function attempt(make: () => Node | null): Node | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error && ["ShapeError", "DTypeError", "RangeError", "TypeError"].includes(error.name))
      return null;
    throw error;
  }
}

function step(dice: Dice, x: Node, pool: readonly Node[], leaf: (shape: Shape, dtype: DType) => Node): Node | null {
  const rank = x.shape.length;
  const same = pool.filter((n) => n.dtype === x.dtype);
  const y = dice.chance(0.7) ? dice.pick(same) : ops.literal(dice.pick([0, -0, 1, 2, -3, 5]), realOf(x.dtype));
  const axis = rank > 0 ? dice.int(rank) : 0;
  const axes = Array.from({ length: rank }, (_, i) => i).filter(() => dice.chance(0.5));
  const spatial = (): Node => leaf(x.shape.length === 0 ? [] : [...x.shape], x.dtype);
  const last = x.shape[rank - 1] ?? 1;
  switch (dice.int(44)) {
    case 0:
      return ops.add(x, y);
    case 1:
      return ops.sub(x, y);
    case 2:
      return ops.mul(x, y);
    case 3:
      return ops.div(x, y);
    case 4:
      return ops.neg(x);
    case 5:
      return ops.square(x);
    case 6:
      return dice.pick([ops.sqrt, ops.normRoot, ops.rsqrt])(x);
    case 7:
      return ops.abs(x);
    case 8:
      return dice.pick([ops.sign, ops.floor, ops.ceil, ops.trunc, ops.relu])(x);
    case 9:
      return ops.clip(x, -1, 1);
    case 10:
      return ops.minimum(x, y);
    case 11:
      return ops.maximum(x, y);
    case 12: {
      const compare = dice.pick([ops.eq, ops.ne, ops.lt, ops.le])(x, y);
      return ops.where(compare, x, y);
    }
    case 13:
      return ops.not(ops.or(ops.lt(x, y), ops.and(ops.le(y, x), ops.eq(x, y))));
    case 14:
      return ops.cast(x, dice.pick<DType>(["float32", "float64", "int32", "bool", "complex64", "complex128"]));
    case 15:
      return isComplex(x.dtype) ? dice.pick([ops.real, ops.imag, ops.conj])(x) : ops.complex(x, dice.pick(same));
    case 16:
      return ops.sum(x, axes);
    case 17:
      return ops.sum(x);
    case 18:
      return ops.mean(x, axes);
    case 19:
      return dice.pick([ops.min, ops.max])(x, axes);
    case 20: {
      const n = sizeOf(x.shape);
      const divisors = [1, 2, 3, 4, 5, 6, 8].filter((d) => n % d === 0);
      const d = dice.pick(divisors);
      return ops.reshape(
        x,
        dice.pick([[n], [d, n / d], [n / d, d], [1, d, n / d, 1], [...x.shape, 1], [1, ...x.shape]]),
      );
    }
    case 21: {
      const order = Array.from({ length: rank }, (_, i) => i);
      for (let i = rank - 1; i > 0; i--) {
        const j = dice.int(i + 1);
        [order[i], order[j]] = [order[j], order[i]];
      }
      return ops.permute(x, order);
    }
    case 22:
      return ops.broadcastTo(x, [1 + dice.int(3), ...x.shape.map((n) => (n === 1 ? 1 + dice.int(6) : n))]);
    case 23: {
      const steps = x.shape.map(() => dice.pick([1, 1, 2, -1, -2, 3]));
      const starts = x.shape.map((n, i) =>
        n === 0 ? 0 : steps[i] > 0 ? dice.int(Math.min(n, 3)) : n - 1 - dice.int(Math.min(n, 3)),
      );
      const counts = x.shape.map((n, i) =>
        n === 0 ? 0 : steps[i] > 0 ? Math.ceil((n - starts[i]) / steps[i]) : Math.floor(starts[i] / -steps[i]) + 1,
      );
      return ops.slice(x, starts, counts, steps);
    }
    case 24:
      return ops.flip(x, axes);
    case 25:
      return ops.pad(
        x,
        x.shape.map(() => [dice.int(4), dice.int(4)]),
        dice.pick(["constant", "circular", "reflect", "replicate"]),
      );
    case 26:
      return ops.concat([x, dice.pick(same), x].slice(0, 2 + dice.int(2)), axis);
    case 27:
      return ops.correlate1d(x, leaf([1 + dice.int(4)], realOf(x.dtype)), axis);
    case 28: {
      if (rank !== 4) return ops.reshape(x, [...new Array(Math.max(0, 4 - rank)).fill(1), ...x.shape]);
      const groups = x.shape[1] % 2 === 0 ? dice.pick([1, 1, 2]) : 1;
      const sizes = [groups * (1 + dice.int(2)), x.shape[1] / groups, 1 + dice.int(3), 1 + dice.int(3)];
      const weight = leaf(sizes, realOf(x.dtype));
      return ops.conv2d(x, weight, {
        stride: [1 + dice.int(2), 1 + dice.int(2)],
        dilation: [1 + dice.int(2), 1],
        groups,
      });
    }
    case 29:
      if (rank < 2 || !isComplex(x.dtype)) return spatial();
      return dice.chance(0.5) ? fourierOps().fft2(x, dice.chance(0.5)) : fourierOps().fft(x, axis, dice.chance(0.5));
    case 30: {
      const h = dice.pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 17]);
      const w = dice.pick([1, 2, 3, 4, 5, 7, 8, 10, 13, 16, 19, 24]);
      return fourierOps().rfft2h(leaf(dice.chance(0.5) ? [h, w] : [2, h, w], dice.pick(FLOATS)));
    }
    case 31: {
      const rows = 2 * ((x.shape[rank - 2] ?? 0) - 1) + dice.int(2);
      return rank >= 2 && rows > 0 ? fourierOps().irfft2h(x, rows) : null;
    }
    case 32:
      return ops.sum(ops.square(x), axes);
    case 33:
      return dice.pick([ops.exp, ops.expm1, ops.log, ops.log1p, ops.tanh, ops.sigmoid, ops.softplus, ops.erf])(x);
    case 34:
      return dice.chance(0.5)
        ? dice.pick([ops.sin, ops.cos, ops.tan, ops.atan])(x)
        : dice.pick([ops.pow, ops.atan2])(x, y);
    case 35: {
      // One matrix for all, a batch of them, or a vector; now and then real by complex.
      const batch = dice.chance(0.4) ? x.shape.slice(0, -2).map((n) => (dice.chance(0.3) ? 1 : n)) : [];
      const dtype = dice.chance(0.2) ? realOf(x.dtype) : x.dtype;
      const columns = dice.pick([1, 2, 3, 5, 9]);
      if (dice.chance(0.15)) return ops.matmul(x, leaf([last], dtype));
      return dice.chance(0.5)
        ? ops.matmul(x, leaf([...batch, last, columns], dtype))
        : ops.matmul(x, leaf([...batch, columns, last], dtype), { transposeB: true });
    }
    case 36:
      return ops.matmul(x, dice.chance(0.5) ? x : y, { transposeB: dice.chance(0.7) });
    case 37: {
      const n = [..."abcd"].slice(0, rank).join("");
      const other = new Tensor(
        leaf(
          x.shape.map((size) => (dice.chance(0.2) ? 1 : size)),
          x.dtype,
        ),
      );
      const result = [...n].filter(() => dice.chance(0.4)).join("");
      return einsum(`${n},${n}->${result}`, new Tensor(x), other).node;
    }
    case 38:
      return dice.chance(0.5)
        ? roll(new Tensor(x), dice.int(9) - 4, axis).node
        : take(
            new Tensor(x),
            Array.from({ length: 1 + dice.int(6) }, () => dice.int(4) - 2),
            axis,
          ).node;
    case 39: {
      const pool2d = dice.pick([avgPool2d, maxPool2d]);
      const kernel = [1 + dice.int(3), 1 + dice.int(3)] as const;
      const sides = kernel.map((taps) => [dice.int(taps), dice.int(taps)] as const);
      return pool2d(new Tensor(x), kernel, {
        stride: [1 + dice.int(2), 1 + dice.int(3)],
        padding: dice.chance(0.5) && !isComplex(x.dtype) ? [sides[0], sides[1]] : 0,
        ceilMode: dice.chance(0.5),
      }).node;
    }
    case 40: {
      if (rank !== 4) return ops.reshape(x, [...new Array(Math.max(0, 4 - rank)).fill(1), ...x.shape]);
      const weight = leaf([x.shape[1], 1 + dice.int(2), 1 + dice.int(3), 1 + dice.int(3)], realOf(x.dtype));
      return convTranspose2d(new Tensor(x), new Tensor(weight), {
        stride: [1 + dice.int(2), 1 + dice.int(3)],
        padding: [dice.int(2), dice.int(2)],
        dilation: [1, 1 + dice.int(2)],
        groups: dice.chance(0.3) ? x.shape[1] : 1,
      }).node;
    }
    case 41:
      return interpolate(new Tensor(x), dice.chance(0.5) ? [1 + dice.int(12)] : [1 + dice.int(8), 1 + dice.int(8)])
        .node;
    case 42: {
      // More channels, and rows wider than vectors, with the derivatives' ops beside the convolution itself.
      const dtype = dice.pick(FLOATS);
      const groups = 1 + dice.int(2);
      const stride = [1 + dice.int(2), 1 + dice.int(3)] as const;
      const images = leaf([1 + dice.int(2), groups * (1 + dice.int(3)), 3 + dice.int(6), 3 + dice.int(38)], dtype);
      const weight = leaf(
        [groups * (1 + dice.int(6)), images.shape[1] / groups, 1 + dice.int(3), 1 + dice.int(3)],
        dtype,
      );
      const options = { stride, dilation: [1, 1], groups } as const;
      const y = ops.conv2d(images, weight, options);
      return dice.chance(0.5) ? y : ops.conv2dWeight(images, ops.square(y), weight.shape.slice(2), options);
    }
    default:
      return ops.add(ops.mul(x, dice.pick(same)), ops.square(x));
  }
}
