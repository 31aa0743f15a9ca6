// Decompositions of tensors: their dtypes, their bits, and what is refused.

import { describe, expect, it } from "vitest";
import { fixSign } from "../../src/engine.ts";
import { hashTensor, linalg, tensor } from "../../src/index.ts";

const symmetric = tensor(
  [
    [4, 1, -2],
    [1, 2, 0],
    [-2, 0, 3],
  ],
  { dtype: "float64" },
);

describe("linalg of tensors", () => {
  it("decomposes float64 and float32 tensors, in their dtype", async () => {
    for (const dtype of ["float64", "float32"] as const) {
      const digits = dtype === "float64" ? 13 : 5;
      const a = tensor(Float64Array.of(1, 2, 3, 4, 5, 7), { shape: [3, 2] }).cast(dtype);
      const { q, r } = await linalg.qr(a);
      const { u, s, v } = await linalg.svd(a);
      expect([q, r, u, s, v].map((t) => [t.dtype, t.shape])).toEqual([
        [dtype, [3, 2]],
        [dtype, [2, 2]],
        [dtype, [3, 2]],
        [dtype, [2]],
        [dtype, [2, 2]],
      ]);
      const expected = await a.data();
      for (const product of [q.matmul(r), u.mul(s).matmul(v.permute([1, 0]))]) {
        (await product.data()).forEach((x, i) => {
          expect(x).toBeCloseTo(expected[i], digits);
        });
      }
      const { values, vectors } = await linalg.eigh(symmetric.cast(dtype));
      expect([values.dtype, values.shape, vectors.dtype, vectors.shape]).toEqual([dtype, [3], dtype, [3, 3]]);
      const left = await symmetric.cast(dtype).matmul(vectors).data();
      (await vectors.mul(values).data()).forEach((x, i) => {
        expect(x).toBeCloseTo(left[i], digits);
      });
    }
  });

  it("rounds the float64 result of a float32 tensor once", async () => {
    const [single, double] = [
      await linalg.eigh(symmetric.cast("float32")),
      await linalg.eigh(symmetric.cast("float32").cast("float64")),
    ];
    expect(await single.vectors.data()).toEqual(await double.vectors.cast("float32").data());
  });

  it("has the same bits everywhere", async () => {
    // Entries of whole numbers, so that nothing but the decomposition decides; 90 rows take several batches of rotations.
    const table = (rows: number, columns: number): Float64Array =>
      Float64Array.from({ length: rows * columns }, (_, k) => ((k * k * 7 + k * 13) % 101) - 50);
    const a = tensor(table(600, 7), { shape: [600, 7] });
    const square = tensor(table(90, 90), { shape: [90, 90] });
    const { q, r } = await linalg.qr(a);
    const { u, s, v } = await linalg.svd(a);
    const { values, vectors } = await linalg.eigh(square.add(square.permute([1, 0])));
    const hashes = await Promise.all([q, r, u, s, v, values, vectors].map(hashTensor));
    expect(hashes.map((hash) => hash.slice(0, 16))).toEqual([
      "3d0a545d8a74e46d",
      "d0f1c0df95445575",
      "4db68139b824e4ac",
      "056fb89f397187ed",
      "0f8260707c32e58f",
      "a3c948fc6a0ca3d2",
      "e6eded0726e71725",
    ]);
  });

  it("refuses other tensors", async () => {
    await expect(linalg.qr(tensor([1, 2]))).rejects.toThrow(/qr: the tensor has shape \[2\]; it must have two axes/);
    const whole = tensor(Int32Array.of(1), { shape: [1, 1] });
    await expect(linalg.svd(whole)).rejects.toThrow(/svd: the tensor is int32; it must be float32 or float64/);
    await expect(linalg.eigh(tensor([[1, 2]]))).rejects.toThrow(/eigh: the matrix has 1 rows and 2 columns/);
    const large = tensor([[3e38], [3e38]], { dtype: "float32" });
    await expect(linalg.qr(large)).rejects.toThrow(/qr: a result is too large for its dtype/);
    await expect(linalg.eigh(tensor([[Number.NaN]]))).rejects.toThrow(/eigh: entry \[0, 0\] is NaN/);
  });
});

describe("fixSign", () => {
  it("makes the entry of largest size positive; the first of equals decides", () => {
    const turn = (...entries: number[]): [boolean, number[]] => {
      const vector = Float64Array.from(entries);
      return [fixSign(vector), [...vector]];
    };
    expect(turn(1, -3, 2)).toEqual([true, [-1, 3, -2]]);
    expect(turn(1, 3, -2)).toEqual([false, [1, 3, -2]]);
    expect(turn(-2, 2)).toEqual([true, [2, -2]]);
    expect(turn(2, -2)).toEqual([false, [2, -2]]);
    expect(turn(0, 0)).toEqual([false, [0, 0]]);
    expect(turn()).toEqual([false, []]);
  });
});
