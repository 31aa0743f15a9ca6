// Numbers that are not finite, or leave the range of float64 when they are squared: refused by every method, with the cause.

import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

afterAll(po.warnings.on(() => {}));

const METHODS = ["krylov", "exact", "power", "randomized_svd"] as const;
type Method = (typeof METHODS)[number];

const image = (dtype: "float32" | "float64" = "float64"): po.Tensor => {
  po.setSeed(4);
  return po.rand([1, 1, 4, 4], { dtype }).add(0.1).detach();
};

/** Refused with this message, and the object, and the generator's state where `draws` is false, are as they were. */
async function refused(eig: po.Eigendistortion, method: Method, message: RegExp, draws = true): Promise<void> {
  const before = [eig.eigendistortions, eig.eigenvalues, eig.eigenindex, eig.search];
  const state = po.defaultGenerator().getState();
  const work = eig.synthesize({ method, k: 1 });
  await expect(work).rejects.toThrow(po.NonFiniteError);
  await expect(work).rejects.toThrow(message);
  expect([eig.eigendistortions, eig.eigenvalues, eig.eigenindex, eig.search]).toEqual(before);
  if (!draws) expect(po.defaultGenerator().getState()).toEqual(state);
}

describe("a representation that is not finite", () => {
  /** Finite derivatives, but for two pixels the representation is another. */
  const offset = (value: number): po.ModelLike => {
    const offsets = po.tensor(
      Float64Array.from({ length: 16 }, (_, i) => (i === 3 || i === 8 ? value : 0)),
      { shape: [1, 1, 4, 4] },
    );
    return po.model("offset", (x) => x.mul(2).add(offsets));
  };

  test.each(METHODS)("is refused by %s, before anything is drawn", async (method) => {
    await refused(new po.Eigendistortion(image(), offset(Number.NaN)), method, /2 of 16 values .* \(NaN\)/, false);
    await refused(new po.Eigendistortion(image(), offset(Infinity)), method, /2 of 16 values .* \(Infinity\)/, false);
  });

  test("complex ones count once", async () => {
    const model = po.model("complex", (x) => po.complex(x.mul(Number.NaN), x.mul(Infinity)));
    await refused(new po.Eigendistortion(image(), model), "krylov", /16 of 16 values/);
  });

  test("has no Jacobian either", async () => {
    const eig = new po.Eigendistortion(image(), offset(Number.NaN));
    await expect(eig.computeJacobian()).rejects.toThrow(/2 of 16 values of the model's representation/);
    expect(eig.jacobian).toBeNull();
  });
});

describe("a derivative that is not finite", () => {
  const root = po.model("root of 0", (x) => x.sub(x.detach()).sqrt());

  test.each(["krylov", "power", "randomized_svd"] as const)("is refused by %s", async (method) => {
    const eig = new po.Eigendistortion(image(), root);
    await refused(eig, method, /derivative is not finite: 16 of 16 values of a product J v.*square root/);
  });

  test("is refused by exact, which names the entry", async () => {
    const work = new po.Eigendistortion(image(), root).synthesize({ method: "exact" });
    await expect(work).rejects.toThrow(/the derivative of output 0 by pixel 0 is/);
  });
});

describe("numbers beyond the range", () => {
  const times = (factor: number): po.ModelLike => po.model("times", (x) => x.mul(factor));

  test.each(["krylov", "power", "randomized_svd"] as const)("float32 overflows in J^T (J v): %s", async (method) => {
    const eig = new po.Eigendistortion(image("float32"), times(1e25));
    await refused(
      eig,
      method,
      /1?\d of 16 values of a product J\^T \(J v\).*while J v is, with values up to .*range of float32.*to\("float64"\)\), or multiply the model's output by about 1e-2\d/,
    );
    // What is advised helps.
    eig.to("float64");
    await eig.synthesize({ method, k: 1 });
    expect(eig.eigenvalues?.dataSync()[0]).toBeCloseTo(1e50, -45);
  });

  test.each(METHODS)("squares overflow in float64: %s", async (method) => {
    const eig = new po.Eigendistortion(image(), times(1e90));
    await refused(eig, method, /squares leave the range of float64.*Multiply the model's output by about 1e-\d\d/);
    const larger = new po.Eigendistortion(image(), times(1e160));
    await refused(larger, method, /Multiply the model's output by about 1e-1\d\d/);
  });

  test.each(METHODS)("squares underflow in float64: %s", async (method) => {
    await refused(new po.Eigendistortion(image(), times(1e-90)), method, /squares are 0 in float64.*such as 1e90/);
    const eig = new po.Eigendistortion(image(), times(1e-60));
    await eig.synthesize({ method, k: 1 });
    expect((eig.eigenvalues?.dataSync()[0] as number) * 1e120).toBeCloseTo(1, 9);
  });

  test("a derivative of 0 is told, also where float32 has lost it", async () => {
    for (const factor of [0, 1e-30]) {
      const eig = new po.Eigendistortion(image("float32"), times(factor));
      const { words } = await eig.synthesize();
      expect(words).toMatch(/The derivative of the model at this image is 0, or too small for the precision/);
    }
  });
});
