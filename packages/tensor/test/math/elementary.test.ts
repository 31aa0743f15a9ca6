// The elementary functions: exactness on a sample (scripts/accuracy.ts takes many more), C99's special values, and
// equal bits from interpreter and SIMD kernels.

import { SUBJECTS } from "@plenoptic-js/proof/accuracy/functions";
import { draw, measure } from "@plenoptic-js/proof/accuracy/measure";
import { bitsOf, runKernel } from "@plenoptic-js/proof/kernels/scalarKernel";
import { describe, expect, test } from "vitest";
import { atan, atan2 } from "../../src/math/atan.ts";
import { erf } from "../../src/math/erf.ts";
import { exp, expm1 } from "../../src/math/exp.ts";
import { sigmoid, softplus, tanh } from "../../src/math/hyperbolic.ts";
import { log, log1p } from "../../src/math/log.ts";
import { pow } from "../../src/math/pow.ts";
import { arg, constant, type FloatType, type Scalar } from "../../src/math/scalar.ts";
import { cos, sin, tan } from "../../src/math/trig.ts";
import { evaluateScalars } from "../../src/reference/scalars.ts";
import { lanesFor } from "../../src/wasm/kernels/loops/scalars.ts";

const TYPES: readonly FloatType[] = ["f64", "f32"];
const CASES = SUBJECTS.flatMap((subject) =>
  TYPES.map((type) => ({ subject, type, name: subject.name, bound: subject.bound[type] })),
);

const planeOf = (type: FloatType, values: readonly number[]): Float64Array | Float32Array =>
  type === "f64" ? Float64Array.from(values) : Float32Array.from(values);

const { NaN: nan, POSITIVE_INFINITY: inf } = Number;

describe("exactness", () => {
  test.each(CASES)("$name $type is within $bound ulp of the exact value", ({ subject, type, bound }) => {
    const { worst, args, result, exact } = measure(subject, type, 600, 7);
    expect(worst, `at ${args}: ${result}, exactly ${exact}`).toBeLessThanOrEqual(bound);
    // A function that is exact everywhere would mean that nothing was compared.
    expect(worst).toBeGreaterThan(0.3);
  });

  // Expected values from 1000-digit arithmetic.
  test("the double nearest to a multiple of pi/2", () => {
    const hardest = 6381956970095103 * 2 ** 797;
    const [s, c, t] = evaluateScalars(
      [sin, cos, tan].map((f) => f(arg(0, "f64"))),
      [Float64Array.of(hardest)],
      1,
    );
    expect([s[0], c[0], t[0]]).toEqual([1, -4.687165924254628e-19, -2.133485385753704e18]);
  });
});

describe("special values", () => {
  const unary: Record<string, readonly [(x: Scalar) => Scalar, readonly (readonly [number, number])[]]> = {
    exp: [
      exp,
      [
        [0, 1],
        [-0, 1],
        [-inf, 0],
        [inf, inf],
        [nan, nan],
        [1000, inf],
        [-1000, 0],
      ],
    ],
    expm1: [
      expm1,
      [
        [0, 0],
        [-0, -0],
        [-inf, -1],
        [inf, inf],
        [nan, nan],
        [1000, inf],
        [-1000, -1],
      ],
    ],
    log: [
      log,
      [
        [0, -inf],
        [-0, -inf],
        [1, 0],
        [-1, nan],
        [-inf, nan],
        [inf, inf],
        [nan, nan],
      ],
    ],
    log1p: [
      log1p,
      [
        [0, 0],
        [-0, -0],
        [-1, -inf],
        [-2, nan],
        [-inf, nan],
        [inf, inf],
        [nan, nan],
      ],
    ],
    sin: [
      sin,
      [
        [0, 0],
        [-0, -0],
        [inf, nan],
        [-inf, nan],
        [nan, nan],
      ],
    ],
    cos: [
      cos,
      [
        [0, 1],
        [-0, 1],
        [inf, nan],
        [-inf, nan],
        [nan, nan],
      ],
    ],
    tan: [
      tan,
      [
        [0, 0],
        [-0, -0],
        [inf, nan],
        [-inf, nan],
        [nan, nan],
      ],
    ],
    atan: [
      atan,
      [
        [0, 0],
        [-0, -0],
        [inf, Math.PI / 2],
        [-inf, -Math.PI / 2],
        [nan, nan],
      ],
    ],
    tanh: [
      tanh,
      [
        [0, 0],
        [-0, -0],
        [inf, 1],
        [-inf, -1],
        [nan, nan],
        [50, 1],
        [-50, -1],
      ],
    ],
    sigmoid: [
      sigmoid,
      [
        [0, 0.5],
        [-0, 0.5],
        [inf, 1],
        [-inf, 0],
        [nan, nan],
      ],
    ],
    softplus: [
      softplus,
      [
        [inf, inf],
        [-inf, 0],
        [nan, nan],
        [21, 21],
        [1e30, 1e30],
        [-1000, 0],
      ],
    ],
    erf: [
      erf,
      [
        [0, 0],
        [-0, -0],
        [inf, 1],
        [-inf, -1],
        [nan, nan],
        [10, 1],
      ],
    ],
  };
  test.each(Object.keys(unary).flatMap((name) => TYPES.map((type) => [name, type] as const)))("%s %s", (name, type) => {
    const [build, pairs] = unary[name];
    const x = planeOf(
      type,
      pairs.map(([value]) => value),
    );
    const want = planeOf(
      type,
      pairs.map(([, value]) => value),
    );
    expect(evaluateScalars([build(arg(0, type))], [x], x.length)[0]).toEqual(want);
  });

  test.each(TYPES)("pow %s", (type) => {
    const big = type === "f64" ? 2 ** 60 : 2 ** 30;
    const cases = [
      [0, 3, 0],
      [-0, 3, -0],
      [0, 2, 0],
      [-0, 2, 0],
      [-0, 0.5, 0],
      [0, inf, 0],
      [-0, inf, 0],
      [0, -3, inf],
      [-0, -3, -inf],
      [0, -2, inf],
      [-0, -2, inf],
      [-0, -0.5, inf],
      [0, -inf, inf],
      [-0, -inf, inf],
      [-1, inf, 1],
      [-1, -inf, 1],
      [1, nan, 1],
      [1, inf, 1],
      [nan, 0, 1],
      [nan, -0, 1],
      [0, 0, 1],
      [inf, 0, 1],
      [-5, 0, 1],
      [nan, 1, nan],
      [2, nan, nan],
      [nan, nan, nan],
      [0, nan, nan],
      [-2, 0.5, nan],
      [-2, -0.5, nan],
      [-2, 3, -8],
      [-2, 2, 4],
      [-2, -1, -0.5],
      [-2, big, inf],
      [-2, -big, 0],
      [0.5, inf, 0],
      [-0.5, inf, 0],
      [2, inf, inf],
      [-2, inf, inf],
      [0.5, -inf, inf],
      [-0.5, -inf, inf],
      [2, -inf, 0],
      [inf, 2, inf],
      [inf, -2, 0],
      [inf, 0.5, inf],
      [-inf, 3, -inf],
      [-inf, 2, inf],
      [-inf, 0.5, inf],
      [-inf, -3, -0],
      [-inf, -2, 0],
      [-inf, -0.5, 0],
      [inf, inf, inf],
      [inf, -inf, 0],
      [-inf, inf, inf],
      [-1, big + big / 4, 1],
      [-1, 5, -1],
      [10, 2, 100],
      [9, 0.5, 3],
      [2, 10, 1024],
    ];
    const [x, y, want] = [0, 1, 2].map((k) =>
      planeOf(
        type,
        cases.map((c) => c[k]),
      ),
    );
    expect(evaluateScalars([pow(arg(0, type), arg(1, type))], [x, y], cases.length)[0]).toEqual(want);
  });

  test.each(TYPES)("atan2 %s (y, x)", (type) => {
    const pi = Math.PI;
    const [tiny, huge] = type === "f64" ? [2 ** -1074, 1.7976931348623157e308] : [2 ** -149, 3.4028234663852886e38];
    const cases = [
      [0, 0, 0],
      [-0, 0, -0],
      [0, -0, pi],
      [-0, -0, -pi],
      [0, 5, 0],
      [-0, 5, -0],
      [0, -5, pi],
      [-0, -5, -pi],
      [5, 0, pi / 2],
      [5, -0, pi / 2],
      [-5, 0, -pi / 2],
      [-5, -0, -pi / 2],
      [inf, 5, pi / 2],
      [inf, -huge, pi / 2],
      [-inf, huge, -pi / 2],
      [5, inf, 0],
      [-5, inf, -0],
      [5, -inf, pi],
      [-5, -inf, -pi],
      [huge, inf, 0],
      [inf, inf, pi / 4],
      [inf, -inf, (3 * pi) / 4],
      [-inf, inf, -pi / 4],
      [-inf, -inf, (-3 * pi) / 4],
      [nan, 1, nan],
      [1, nan, nan],
      [nan, inf, nan],
      [inf, nan, nan],
      [nan, nan, nan],
      [huge, huge, pi / 4],
      [huge, -huge, (3 * pi) / 4],
      [tiny, tiny, pi / 4],
      [-tiny, -tiny, (-3 * pi) / 4],
      [tiny, huge, 0],
      [huge, tiny, pi / 2],
      [tiny, -huge, pi],
    ];
    const [y, x, want] = [0, 1, 2].map((k) =>
      planeOf(
        type,
        cases.map((c) => c[k]),
      ),
    );
    expect(evaluateScalars([atan2(arg(0, type), arg(1, type))], [y, x], cases.length)[0]).toEqual(want);
  });
});

describe("kernels", () => {
  test.each(CASES)("$name $type has the interpreter's bits", ({ subject, type }) => {
    const drawn = draw(subject, type, 3000, 11);
    const special = [0, -0, inf, -inf, nan, 1, -1, 2, -2, 0.5, 1e-310, -1e-40, 1e38, -1e300];
    for (const a of special) for (const b of special) drawn.push(subject.second ? [a, b] : [a]);
    const operands = drawn[0].map((_, k) => arg(k, type));
    const planes = operands.map((_, k) =>
      planeOf(
        type,
        drawn.map((args) => args[k]),
      ),
    );
    const outputs = [subject.build(...operands)];
    // float32 functions stay in 32-bit lanes.
    expect(lanesFor(outputs)).toBe(type === "f64" ? 2 : 4);
    const got = runKernel(
      outputs,
      operands.map(() => type),
      planes,
      drawn.length,
    );
    expect(bitsOf(got[0])).toBe(bitsOf(evaluateScalars(outputs, planes, drawn.length)[0]));
  });
});

describe("refusals", () => {
  test("operands that are not floats, or of two types", () => {
    expect(() => exp(arg(0, "i32"))).toThrow("exp: the operand has type i32; it must be f32 or f64");
    expect(() => pow(arg(0, "f32"), constant("f64", 2))).toThrow(/x has type f32 and y has type f64/);
    expect(() => atan2(arg(0, "f32"), constant("f64", 2))).toThrow(/y has type f32 and x has type f64/);
  });
});
