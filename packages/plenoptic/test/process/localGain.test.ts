// Local gain control: the inverse, gradients, dictionaries, kinks, errors.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { expectBatchBits, expectGradient, largestDifference, signed } from "./arrays.ts";

const { localGainControl, localGainControlDict, localGainRelease, localGainReleaseDict } = po.process;

const complexImage = (shape: readonly number[]): po.Tensor => po.complex(signed(shape), signed(shape, "float64", 9));

describe("localGainControl", () => {
  test.each([[[1, 2, 16, 18]], [[2, 1, 15, 17]], [[1, 2, 3, 12, 9]]])(
    "is undone by localGainRelease, %j",
    async (shape) => {
      for (const x of [signed(shape), complexImage(shape)]) {
        const [norm, direction] = localGainControl(x, { epsilon: 1e-3 });
        expect(norm.dtype).toBe("float64");
        expect(norm.shape.slice(-2)).toEqual(shape.slice(-2).map((n) => Math.ceil(n / 2)));
        const back = localGainRelease(norm, direction, { epsilon: 1e-3 });
        expect(await largestDifference(back, x)).toBeLessThan(1e-14);
      }
    },
  );

  test("takes orientations as channels of their own", async () => {
    const x = signed([1, 2, 3, 12, 9]);
    const [norm, direction] = localGainControl(x);
    for (const k of [0, 1, 2]) {
      const one = (y: po.Tensor): po.Tensor => y.slice(2, k, k + 1).squeeze(2);
      const [n, d] = localGainControl(one(x));
      expect(await largestDifference(one(norm), n)).toBe(0);
      expect(await largestDifference(one(direction), d)).toBe(0);
    }
  });

  test("the norm of a complex image is that of its modulus", async () => {
    const x = complexImage([1, 1, 16, 16]);
    expect(await largestDifference(localGainControl(x)[0], localGainControl(x.abs())[0])).toBeLessThan(1e-14);
  });

  test("gradients agree with finite differences", async () => {
    await expectGradient((x) => localGainControl(x), signed([1, 2, 9, 12]), [0, 50, 107, 108, 215], 1e-7);
    // Cut off from each other: the direction is computed from the norm.
    const [norm, direction] = localGainControl(signed([1, 1, 9, 12])).map((part) => part.detach());
    await expectGradient((x) => [localGainRelease(x, direction)], norm, [0, 7, 29], 1e-7);
    await expectGradient((x) => [localGainRelease(norm, x)], direction, [0, 50, 107], 1e-7);
  });

  test("where there is nothing, norm and direction are 0 and the gradient is finite", async () => {
    const x = po.pad(signed([1, 1, 4, 4]), [
      [0, 12],
      [0, 12],
    ]);
    const [norm, direction] = localGainControl(x);
    expect((await norm.data())[63]).toBe(0);
    expect((await direction.data())[255]).toBe(0);
    const slope = await po.gradient(norm.sum().add(direction.sum()), x).data();
    expect(slope.every(Number.isFinite)).toBe(true);
    expect((await po.gradient(norm.sum(), x).data())[255]).toBe(0);
  });

  test("NaN is not hidden", async () => {
    const x = po.full([1, 1, 8, 8], Number.NaN, { dtype: "float64" });
    expect((await localGainControl(x)[0].data()).every(Number.isNaN)).toBe(true);
  });

  test("a batch member has the bits it has alone", async () => {
    await expectBatchBits((x) => localGainControl(x), [2, 21, 18]);
    await expectBatchBits((x) => localGainControl(x), [2, 3, 12, 9]);
  });
});

describe("dictionaries", () => {
  const pyramid = new po.process.SteerablePyramidFreq([32, 32], { height: 2, order: 1 });
  const coefficients = pyramid.forward(signed([1, 1, 32, 32]));

  test("come back in their order, residuals last", async () => {
    const [energy, state] = localGainControlDict(coefficients);
    expect([...energy.keys()]).toEqual([0, 1, "residual_lowpass", "residual_highpass"]);
    expect([...state.keys()]).toEqual([0, 1]);
    const back = localGainReleaseDict(energy, state);
    expect([...back.keys()]).toEqual([...energy.keys()]);
    for (const [key, value] of coefficients) {
      expect(await largestDifference(back.get(key) as po.Tensor, value)).toBeLessThan(1e-12);
    }
  });

  test("come back without residuals, on request", () => {
    const [energy, state] = localGainControlDict(coefficients, { residuals: false });
    expect([...energy.keys()]).toEqual([0, 1]);
    expect([...localGainReleaseDict(energy, state, { residuals: false }).keys()]).toEqual([0, 1]);
    // Residuals need no entry among the others then.
    expect(() => localGainControlDict(new Map([["a", signed([1, 1, 8, 8])]]), { residuals: false })).not.toThrow();
  });
});

describe("errors", () => {
  const x = signed([1, 1, 8, 8]);
  test.each<[string, () => unknown, RegExp]>([
    ["3 axes", () => localGainControl(signed([1, 8, 8])), /must have 4 or 5 dimensions/],
    ["6 axes", () => localGainRelease(x, signed([1, 1, 1, 1, 8, 8])), /must have 4 or 5 dimensions/],
    ["a norm of the wrong size", () => localGainRelease(x, x), /norm is \[1, 1, 8, 8\].*must be \[1, 1, 4, 4\]/],
    ["a small image", () => localGainControl(signed([1, 1, 2, 8])), /too small/],
    ["integers", () => localGainControl(x.cast("int32")), /int32/],
    ["a negative epsilon", () => localGainControl(x, { epsilon: -1 }), /epsilon is -1/],
    ["an unknown option", () => localGainControl(x, { eps: 1 } as never), /no option "eps"/],
    ["a dictionary without residuals", () => localGainControlDict(new Map([[0, x]])), /no entry "residual_lowpass"/],
    [
      "a state without the key",
      () => localGainReleaseDict(new Map([[3, signed([1, 1, 4, 4])]]), new Map(), { residuals: false }),
      /state has no entry 3/,
    ],
  ])("refuses %s", (_name, make, message) => {
    expect(make).toThrow(message);
  });
});
