// fft, rfft and their relatives: conventions, errors and gradients, as in NumPy and PyTorch.

import { generator, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { checkMultilinear } from "@plenoptic-js/proof/graphs/derivatives";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { Program } from "../src/compile/program.ts";
import { fromValue } from "../src/create.ts";
import {
  fft,
  fft2,
  fftfreq,
  fftshift,
  ifft,
  ifft2,
  ifftshift,
  irfft,
  irfft2,
  rfft,
  rfft2,
  rfftfreq,
} from "../src/fourier.ts";
import { inputLeaf } from "../src/graph/build.ts";
import { irfft2h, rfft2h } from "../src/halfPlane.ts";
import { rootsOfUnity } from "../src/math/roots.ts";
import { type ArrayValue, type DType, type Node, type Shape, sizeOf } from "../src/ops/definition.ts";
import { interpret } from "../src/reference/interpret.ts";
import { Tensor } from "../src/tensor.ts";

const draw = generator(11);

const random = <D extends DType>(shape: Shape, dtype: D): Tensor<D> => fromValue<D>(randomArray(draw, shape, dtype));

const evaluated = (x: Tensor): ArrayValue => interpret([x.node])[0];

/** The direct sum along one axis, in float64. */
function direct(x: ArrayValue, axis: number, inverse = false): ArrayValue {
  const at = axis < 0 ? axis + x.shape.length : axis;
  const n = x.shape[at];
  const step = sizeOf(x.shape.slice(at + 1));
  const { cos, sin } = rootsOfUnity(n, "f64");
  const re = new Float64Array(x.re.length);
  const im = new Float64Array(x.re.length);
  for (let i = 0; i < re.length; i++) {
    const k = Math.floor(i / step) % n;
    for (let j = 0; j < n; j++) {
      const from = i + (j - k) * step;
      const [c, s] = [cos[(j * k) % n], inverse ? sin[(j * k) % n] : -sin[(j * k) % n]];
      const imaginary = x.im?.[from] ?? 0;
      re[i] += x.re[from] * c - imaginary * s;
      im[i] += x.re[from] * s + imaginary * c;
    }
  }
  return { dtype: "complex128", shape: x.shape, re, im };
}

function expectClose(actual: Tensor, expected: ArrayValue, factor = 1): void {
  const value = evaluated(actual);
  expect(value.shape).toEqual(expected.shape);
  const wanted = [...expected.re, ...(expected.im ?? [])].map((v) => v * factor);
  const got = [...value.re, ...(value.im ?? [])];
  expect(got.length).toBe(wanted.length);
  const size = Math.sqrt(wanted.reduce((sum, v) => sum + v * v, 0) / wanted.length);
  const error = Math.max(...got.map((v, i) => Math.abs(v - wanted[i])));
  expect(error).toBeLessThan((value.re instanceof Float32Array ? 1e-5 : 2e-14) * size);
}

describe("fft and ifft", () => {
  it.each([1, 2, 3, 8, 10, 11, 17, 30])("are the direct sums over %i elements, along any axis", (n) => {
    for (const axis of [-1, 1, 0]) {
      const shape = [3, 2, 4].map((m, i) => (i === (axis + 3) % 3 ? n : m));
      const x = random(shape, "complex128");
      expectClose(fft(x, { axis }), direct(evaluated(x), axis));
      expectClose(ifft(x, { axis }), direct(evaluated(x), axis, true), 1 / n);
    }
  });

  it("take real tensors, in both precisions", () => {
    const x = random([6], "float64");
    const y = fft(x);
    const checked: Tensor<"complex128"> = y;
    expect(checked.dtype).toBe("complex128");
    expectClose(y, direct(evaluated(x), 0));
    const single = random([2, 9], "float32");
    expect(ifft(single).dtype).toBe("complex64");
    expectClose(ifft(single), direct(evaluated(single), 1, true), 1 / 9);
  });

  it("cut, or pad with zeros, to n elements", () => {
    const x = random([2, 7], "complex128");
    const { re, im } = evaluated(x) as { re: Float64Array; im: Float64Array };
    const row = (r: number, plane: Float64Array, n: number): number[] =>
      Array.from({ length: n }, (_, i) => (i < 7 ? plane[r * 7 + i] : 0));
    for (const n of [1, 5, 7, 12]) {
      const expected: ArrayValue = {
        dtype: "complex128",
        shape: [2, n],
        re: Float64Array.from([...row(0, re, n), ...row(1, re, n)]),
        im: Float64Array.from([...row(0, im, n), ...row(1, im, n)]),
      };
      expectClose(fft(x, { n }), direct(expected, 1));
    }
  });

  it("are scaled by norm", () => {
    const x = random([10], "complex128");
    const sum = direct(evaluated(x), 0);
    const back = direct(evaluated(x), 0, true);
    expectClose(fft(x, { norm: "backward" }), sum);
    expectClose(fft(x, { norm: "forward" }), sum, 0.1);
    expectClose(fft(x, { norm: "ortho" }), sum, 1 / Math.sqrt(10));
    expectClose(ifft(x, { norm: "forward" }), back);
    expectClose(ifft(x, { norm: "ortho" }), back, 1 / Math.sqrt(10));
  });
});

describe("fft2 and ifft2", () => {
  it.each([
    [-2, -1],
    [-1, -2],
    [0, 2],
    [1, 0],
  ] as const)("are the direct sums along axes %i and %i", (a, b) => {
    const x = random([3, 10, 4], "complex128");
    const axes = [a, b] as const;
    const n = x.shape.at(a)! * x.shape.at(b)!;
    expectClose(fft2(x, { axes }), direct(direct(evaluated(x), a), b));
    expectClose(ifft2(x, { axes }), direct(direct(evaluated(x), a, true), b, true), 1 / n);
    expectClose(ifft2(fft2(x, { axes, norm: "ortho" }), { axes, norm: "ortho" }), evaluated(x));
  });

  it("cut and pad to s", () => {
    const x = random([2, 5, 4], "float64");
    const y = fft2(x, { s: [3, 6] });
    expect(y.shape).toEqual([2, 3, 6]);
    const one = fft(fft(x, { axis: 1, n: 3 }), { axis: 2, n: 6 });
    expectClose(y, evaluated(one));
  });
});

/** The first elements along the last axis. */
function firstColumns(x: ArrayValue, count: number): ArrayValue {
  return evaluated(fromValue(x).slice(-1, 0, count));
}

describe("real transforms", () => {
  it.each([1, 2, 3, 6, 7, 16, 17])("rfft and irfft of %i elements", (n) => {
    const x = random([3, n], "float64");
    const half = firstColumns(direct(evaluated(x), 1), Math.floor(n / 2) + 1);
    expectClose(rfft(x), half);
    expectClose(irfft(rfft(x), { n }), evaluated(x));
    expectClose(rfft(x.permute([1, 0]), { axis: 0 }).permute([1, 0]), half);
    expectClose(irfft(rfft(x, { norm: "forward" }), { n, norm: "forward" }), evaluated(x));
  });

  it("irfft ignores what no real line has, and pads or cuts", () => {
    const z = random([5], "complex128");
    const { re, im } = evaluated(z) as { re: Float64Array; im: Float64Array };
    const line = (n: number): ArrayValue => {
      const all = Array.from({ length: n }, (_, k) => (2 * k <= n ? k : n - k));
      const zero = (k: number): boolean => k === 0 || 2 * k === n;
      return {
        dtype: "complex128",
        shape: [n],
        re: Float64Array.from(all, (k) => re[k] ?? 0),
        im: Float64Array.from(all, (k, i) => (zero(k) ? 0 : i === k ? (im[k] ?? 0) : -(im[k] ?? 0))),
      };
    };
    for (const n of [6, 8, 9, 13]) {
      const full = direct(line(n), 0, true);
      expectClose(irfft(z, { n }), { dtype: "float64", shape: [n], re: full.re }, 1 / n);
    }
    expect(irfft(z).shape).toEqual([8]);
  });

  it.each([
    [1, 1],
    [4, 6],
    [5, 7],
    [7, 4],
    [2, 11],
    [17, 6],
  ])("rfft2 and irfft2 of %i x %i", (rows, columns) => {
    const x = random([2, rows, columns], "float64");
    const full = direct(direct(evaluated(x), 1), 2);
    const half = firstColumns(full, Math.floor(columns / 2) + 1);
    expectClose(rfft2(x), half);
    expectClose(irfft2(rfft2(x), { s: [rows, columns] }), evaluated(x));
    const turned = rfft2(x, { axes: [2, 1] });
    expectClose(turned, evaluated(fromValue(full).slice(1, 0, Math.floor(rows / 2) + 1)));
    expectClose(irfft2(turned, { axes: [2, 1], s: [columns, rows] }), evaluated(x));
    expect(irfft2(rfft2(x, { s: [3, 8] })).shape).toEqual([2, 3, 8]);
    const halfRows = evaluated(fromValue(full).slice(1, 0, Math.floor(rows / 2) + 1));
    expectClose(rfft2h(x), halfRows);
    expectClose(irfft2h(rfft2h(x), rows), evaluated(x), rows * columns);
  });

  it("irfft2 of what no real image has is NumPy's: the transform over the first axis, then irfft", () => {
    for (const columns of [6, 7]) {
      const z = random([5, 4], "complex128");
      expectClose(irfft2(z, { s: [5, columns] }), evaluated(irfft(ifft(z, { axis: 0 }), { n: columns })));
    }
  });
});

describe("shifts and frequencies", () => {
  const counting = (shape: Shape): Tensor => {
    const re = Float64Array.from({ length: sizeOf(shape) }, (_, i) => i);
    return fromValue({ dtype: "float64", shape, re });
  };

  it("fftshift puts element 0 into the middle, ifftshift puts it back", () => {
    expect([...fftshift(counting([5])).dataSync()]).toEqual([3, 4, 0, 1, 2]);
    expect([...fftshift(counting([4])).dataSync()]).toEqual([2, 3, 0, 1]);
    expect([...ifftshift(counting([5])).dataSync()]).toEqual([2, 3, 4, 0, 1]);
    expect([...fftshift(counting([2, 3])).dataSync()]).toEqual([5, 3, 4, 2, 0, 1]);
    expect([...fftshift(counting([2, 3]), { axes: -1 }).dataSync()]).toEqual([2, 0, 1, 5, 3, 4]);
    const x = counting([3, 4, 1, 5]);
    expect([...ifftshift(fftshift(x, { axes: [0, 3] }), { axes: [0, 3] }).dataSync()]).toEqual([...x.dataSync()]);
    expect(fftshift(counting([0, 3])).shape).toEqual([0, 3]);
  });

  it("fftfreq and rfftfreq are NumPy's", () => {
    const list = (x: Tensor): number[] => [...x.dataSync()];
    const dtype = "float64";
    expect(list(fftfreq(8, { d: 0.1, dtype }))).toEqual([0, 1.25, 2.5, 3.75, -5, -3.75, -2.5, -1.25]);
    expect(list(fftfreq(5, { dtype }))).toEqual([0, 0.2, 0.4, -0.4, -0.2]);
    expect(list(rfftfreq(8, { dtype }))).toEqual([0, 0.125, 0.25, 0.375, 0.5]);
    expect(list(rfftfreq(5, { dtype }))).toEqual([0, 0.2, 0.4]);
    expect(fftfreq(3).dtype).toBe("float32");
  });
});

describe("derivatives", () => {
  const cases: [string, Shape, DType, (x: Tensor) => Tensor][] = [
    ["fft of real lines", [3, 6], "float64", (x) => fft(x)],
    ["fft, cut", [7, 3], "complex128", (x) => fft(x, { axis: 0, n: 5, norm: "ortho" })],
    ["ifft, padded", [2, 3, 4], "complex128", (x) => ifft(x, { axis: 1, n: 5 })],
    ["fft2 of real images", [5, 6], "float64", (x) => fft2(x)],
    ["ifft2 along other axes", [3, 2, 4], "complex128", (x) => ifft2(x, { axes: [2, 0] })],
    ["rfft", [2, 11], "float64", (x) => rfft(x)],
    ["irfft", [2, 5], "complex128", (x) => irfft(x)],
    ["irfft, odd", [2, 5], "complex128", (x) => irfft(x, { n: 9 })],
    ["rfft2", [5, 6], "float64", (x) => rfft2(x)],
    ["rfft2, odd", [6, 7], "float64", (x) => rfft2(x)],
    ["irfft2", [3, 4], "complex128", (x) => irfft2(x)],
    ["irfft2, odd", [5, 4], "complex128", (x) => irfft2(x, { s: [5, 7] })],
    ["fftshift", [3, 4], "complex128", (x) => fftshift(x)],
  ];
  it.each(cases)("%s: forward, adjoint, and both again", (_name, shape, dtype, f) => {
    checkMultilinear(draw, [{ shape, dtype }], (x: Node) => f(new Tensor(x)).node);
    // Not linear: the energy times a part of the transform.
    checkMultilinear(
      draw,
      [
        { shape, dtype },
        { shape, dtype },
      ],
      (x: Node, y: Node) => {
        const [a, b] = [f(new Tensor(x)), f(new Tensor(y))];
        return a.mul(b).node;
      },
    );
  });

  it("compiled programs have the bits of the interpreter", () => {
    for (const [, shape, dtype, f] of cases) {
      const x = inputLeaf(shape, dtype);
      const y = f(new Tensor(x)).node;
      const value = randomArray(draw, shape, dtype);
      const program = new Program({ buffers: { x }, entries: { main: { outputs: { y } } } });
      program.set("x", value);
      program.run("main");
      expect(bitsOf(program.get("main.y"))).toBe(bitsOf(interpret([y], new Map([[x, value]]))[0]));
    }
  });
});

describe("transforms refuse", () => {
  const z = random([3, 4], "complex64");
  it.each([
    ["integers", () => fft(z.real().cast("int32")), "fft: the tensor is int32; cast it to a float first"],
    ["complex tensors where real ones are wanted", () => rfft(z), "rfft: the tensor is complex64; it must be a float"],
    ["axes that do not exist", () => fft(z, { axis: 2 }), "fft: axis 2 does not exist"],
    ["one axis twice", () => fft2(z, { axes: [1, -1] }), "fft2: axis 1 is named twice"],
    ["lines for images", () => fft2(z.slice(0, 0, 1).reshape([4])), "fft2: the tensor is [4]; it needs two axes"],
    ["three axes", () => fft2(z, { axes: [0, 1, 2] as never }), "fft2: axes has 3 numbers; it must have 2"],
    ["no elements", () => ifft(z, { n: 0 }), "ifft: 0 elements cannot be transformed"],
    ["half a size", () => rfft2(z.real(), { s: [3, 2.5] }), "rfft2: 2.5 elements cannot be transformed"],
    ["nothing to come back to", () => irfft(z.slice(1, 0, 1)), "irfft: 0 elements cannot be transformed"],
    ["unknown norms", () => fft(z, { norm: "unit" as never }), 'fft: norm is "unit"; it must be one of backward'],
    ["unknown options", () => fft(z, { dim: 0 } as never), 'fft has no option "dim"'],
    ["no frequencies", () => fftfreq(0), "fftfreq: n is 0; it must be a whole number from 1 on"],
    ["no distance", () => rfftfreq(4, { d: 0 }), "rfftfreq: d is 0; it must be a finite number other than 0"],
  ] as const)("%s", (_name, build, message) => {
    expect(build).toThrow(message);
  });
});
