// The reference's numbers for hand-sized problems.

import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

// Some of the images lie outside [0, 1], as they should.
afterAll(po.warnings.on(() => {}));

const square = (values: number[]): po.Tensor<"float64"> => po.tensor(values, { shape: [1, 1, 2, 2], dtype: "float64" });
const X = square([0.9, 0.2, -0.3, 1.5]);
const Y = square([0.1, 0.4, 0.7, 1.0]);

/** The numbers are printed with 12 digits. */
function expectNumbers(got: ArrayLike<number>, want: readonly number[]): void {
  expect(got.length).toBe(want.length);
  want.forEach((value, i) => {
    expect(Math.abs(got[i] - value), `entry ${i}: ${got[i]}, expected ${value}`).toBeLessThanOrEqual(
      2e-11 * Math.abs(value),
    );
  });
}

describe("losses and penalties", () => {
  test("values", () => {
    expect(po.loss.mse(X, Y).itemSync()).toBeCloseTo(0.4825, 14);
    expect(po.loss.l2Norm(X, Y).itemSync()).toBeCloseTo(1.3892443989449805, 14);
    expect(po.loss.relativeSse(X, Y).itemSync()).toBeCloseTo(1.1626506024096386, 14);
    expect(po.regularize.penalizeRange(X).itemSync()).toBeCloseTo(0.34, 14);
  });

  test("the gradient of penalizeRange is twice the distance", () => {
    const gradient = po.gradient(po.regularize.penalizeRange(X), X).dataSync();
    expect(Array.from(gradient)).toEqual([0, 0, -0.6, 1]);
  });

  test("l2Norm has gradient 0 where both are equal", () => {
    expect(Array.from(po.gradient(po.loss.l2Norm(Y, Y.add(0)), Y).dataSync())).toEqual([0, 0, 0, 0]);
  });

  test("penalizeRange counts four pixels at 2, and four at -1, as 4", () => {
    for (const outside of [2, -1]) {
      const image = square([outside, outside, outside, outside]);
      expect(po.regularize.penalizeRange(image).itemSync()).toBe(4);
    }
    expect(po.regularize.penalizeRange(X, { allowedRange: [-1, 2] }).itemSync()).toBe(0);
  });

  test("l2Norm and relativeSse take complex representations, mse says what to do", () => {
    const a = po.complex(X, Y);
    const b = po.complex(Y, X);
    expect(po.loss.l2Norm(a, b).itemSync()).toBeCloseTo(1.3892443989449805 * Math.SQRT2, 14);
    const sum = 0.81 + 0.04 + 0.09 + 2.25 + 0.01 + 0.16 + 0.49 + 1;
    expect(po.loss.relativeSse(a, b).itemSync()).toBeCloseTo((2 * 1.93) / sum, 14);
    expect(() => po.loss.mse(a, b)).toThrow(/mse: the representation is complex128.*l2Norm/);
  });
});

describe("Metamer of the identity, from X to Y", () => {
  const metamer = (options?: po.MetamerOptions): po.Metamer => new po.Metamer(Y, new po.models.Identity(), options);

  test("default Adam, 5 iterations", async () => {
    const m = metamer();
    await m.setup({ initialImage: X });
    await m.synthesize({ maxIter: 5 });
    expectNumbers(m.losses, [0.5165, 0.50252000039, 0.488786693776, 0.475304144434, 0.462076091016, 0.449105913962]);
    expectNumbers(m.penalties, [0.34, 0.324200000384, 0.308807492231, 0.293826962365, 0.279262502592, 0.26511778772]);
    expectNumbers(m.gradientNorm, [0.778524244966, 0.767142751037, 0.755791128181, 0.744474117116, 0.733196490094]);
    expectNumbers(
      m.pixelChangeNorm,
      [0.0199999991429, 0.0199853135743, 0.0199600775974, 0.0199237207884, 0.019875680796],
    );
    expectNumbers(await m.metamer.data(), [0.850058616477, 0.249704416808, -0.250058616116, 1.45009829618]);
  });

  test.each([
    [
      true,
      [
        0.38750000305, 0.283170712411, 0.20215350169, 0.0161581242354, 0.0252472957379, 0.00442238086177,
        0.00335459007293,
      ],
    ],
    [
      false,
      [
        0.38750000305, 0.283170712411, 0.202153600245, 0.0161595505345, 0.0252517316106, 0.00442574297053,
        0.0033615876066,
      ],
    ],
  ])("Adam with lr 0.1, 40 iterations, amsgrad %s", async (amsgrad, expected) => {
    const m = metamer();
    await m.setup({ initialImage: X, optimizer: po.optim.Adam({ lr: 0.1, amsgrad }) });
    await m.synthesize({ maxIter: 40, stopItersToCheck: 40 });
    expectNumbers(
      [1, 2, 3, 10, 20, 30, 40].map((i) => m.losses[i]),
      expected,
    );
  });

  test("l2Norm with penalty weight 0.5", async () => {
    const m = metamer({ lossFunction: po.loss.l2Norm, penaltyLambda: 0.5 });
    await m.setup({ initialImage: X });
    await m.synthesize({ maxIter: 3 });
    expectNumbers(m.losses, [1.55924439894, 1.53337677771, 1.50777321088, 1.48244044267]);
  });
});

describe("Metamer of Rosenbrock's function by L-BFGS, from (-1.2, 1) to (1, 1)", () => {
  const point = (x: number, y: number): po.Tensor<"float64"> => po.tensor([x, y], { dtype: "float64" });
  const rosenbrock = (p: po.Tensor): po.Tensor => {
    const [a, b] = [p.slice(0, 0, 1), p.slice(0, 1, 2)];
    return po.concat([b.sub(a.square()).mul(10), a.neg().add(1)], 0);
  };
  test.each<[string, po.optim.LBFGSOptions, number[]]>([
    [
      "with a line search",
      { maxIter: 10, maxEval: 10, lineSearchFn: "strong_wolfe" },
      [12.1, 1.87945585897, 0.567548211671, 0.0512279281361, 0.000412875025249, 2.11072875548e-10],
    ],
    ["defaults", {}, [12.1, 0.972843736366, 0.289656845391, 1.94071045304e-8, 1.59466650703e-12, 1.59466650703e-12]],
    ["lr 0.01", { lr: 0.01 }, [12.1, 8.51816369593, 6.48830412073, 5.09446266519, 4.14739397835, 3.50571950313]],
    [
      "lr 0.5, 4 inner iterations",
      { lr: 0.5, maxIter: 4 },
      [12.1, 2.13826676668, 2.05191646656, 2.02391888795, 1.87594737666, 1.3641924325],
    ],
  ])("%s", async (_, options, expected) => {
    const m = new po.Metamer(point(1, 1), rosenbrock, { penaltyLambda: 0 });
    await m.setup({ initialImage: point(-1.2, 1), optimizer: po.optim.LBFGS(options) });
    await m.synthesize({ maxIter: 6, stopItersToCheck: 100 });
    // The same library differs from itself by 6e-12 in the point with a line search and by 3e-8 without
    // (docs/science/optimizers.md, "How closely runs agree"), which moves these losses by less than this.
    const tolerance = options.lineSearchFn ? 3e-12 : 1e-9;
    expected.forEach((value, i) => {
      expect(Math.abs(m.losses[i] - value), `loss ${i}`).toBeLessThanOrEqual(Math.max(tolerance, 2e-11 * value));
    });
    expect(m.losses.length).toBe(7);
  });
});
