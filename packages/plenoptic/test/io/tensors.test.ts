// Tensors to and from the tensors of files.

import { PtStorage, PtTensor } from "@plenoptic-js/formats";
import { complex, tensor } from "@plenoptic-js/tensor";
import { describe, expect, it } from "vitest";
import { fromTensor, toTensor } from "../../src/io/tensors.ts";

describe("Tensor", () => {
  it("comes from those dtypes that fit, and no other", async () => {
    const same = toTensor(PtTensor.of("float64", [1, 2], Float64Array.of(0.1, -0)));
    expect([same.dtype, same.shape, await same.data()]).toEqual(["float64", [1, 2], Float64Array.of(0.1, -0)]);
    const z = toTensor(PtTensor.of("complex64", [1], Float32Array.of(1, 2)));
    expect([z.dtype, await z.data()]).toEqual(["complex64", Float32Array.of(1, 2)]);
    const bool = toTensor(PtTensor.of("bool", [2], Uint8Array.of(0, 1)));
    expect([bool.dtype, await bool.data()]).toEqual(["bool", Uint8Array.of(0, 1)]);
    const short = toTensor(PtTensor.of("int16", [2, 3], Int16Array.of(0, 1, 2, 3, 4, 5)));
    expect([short.dtype, await short.data()]).toEqual(["int32", Int32Array.of(0, 1, 2, 3, 4, 5)]);
    const bytes = toTensor(PtTensor.of("uint8", [1], Uint8Array.of(255)));
    expect([bytes.dtype, await bytes.data()]).toEqual(["int32", Int32Array.of(255)]);
    const one = new PtStorage("float16", 1, Uint8Array.of(0, 0x3c));
    const half = toTensor(new PtTensor({ dtype: "float16", shape: [1], storage: one }));
    expect([half.dtype, await half.data()]).toEqual(["float32", Float32Array.of(1)]);
    expect(() => toTensor(PtTensor.of("int64", [1], BigInt64Array.of(1n)))).toThrow(/int64 fits no dtype.*data\(\)/);
  });

  it("becomes a PtTensor of its dtype", async () => {
    const made = await fromTensor(complex(tensor([1, 2]), tensor([3, 4])), true);
    expect([made.dtype, made.shape, made.requiresGrad]).toEqual(["complex64", [2], true]);
    expect(made.data()).toEqual(Float32Array.of(1, 3, 2, 4));
  });

  it("becomes one with one bit pattern for NaN", async () => {
    const odd = new Float32Array(Uint32Array.of(0xffc00001, 0x3f800000).buffer);
    const made = await fromTensor(tensor(odd, { shape: [2] }));
    expect([...new Uint32Array(made.bytes().buffer)]).toEqual([0x7fc00000, 0x3f800000]);
  });
});
