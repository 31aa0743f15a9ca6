// Values of .pt files made at random, with parts that are shared.

import fc from "fast-check";
import {
  PtByteArray,
  PtComplex,
  PtCounter,
  PtDevice,
  PtDtype,
  type PtElementType,
  PtFloat,
  PtOrderedDict,
  PtSet,
  PtSize,
  PtStorage,
  PtTensor,
  PtTuple,
  type PtValue,
} from "../../src/index.ts";

/** Any UTF-16 units, so also halves of surrogate pairs. */
export const anyString = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0x7f }), fc.integer({ min: 0, max: 0xffff })), { maxLength: 12 })
  .map((units) => String.fromCharCode(...units));

/** Up to what one byte of length can hold: 255 bytes. */
export const anyInt = fc.oneof(
  fc.bigInt({ min: -70000n, max: 70000n }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc.bigInt({ min: -(2n ** 2039n), max: 2n ** 2039n - 1n }),
);

const plain = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.double(),
  anyInt,
  anyString,
  fc.uint8Array({ maxLength: 9 }),
  fc.uint8Array({ maxLength: 9 }).map((bytes) => new PtByteArray(bytes)),
  fc.tuple(fc.double(), fc.double()).map(([re, im]) => new PtComplex(re, im)),
  fc.array(fc.nat(), { maxLength: 4 }).map((sizes) => new PtSize(sizes)),
  fc.constantFrom("float32", "int4", "bits8").map((name) => new PtDtype(name)),
  fc.constantFrom(new PtDevice("cpu"), new PtDevice("cuda", 3)),
);

/** Keys, of which no two of one dict are equal in Python: strings, and ints beside floats that are none. */
const key = fc.oneof(
  anyString,
  fc.integer(),
  fc.double({ noInteger: true, noNaN: true }),
  fc.bigInt({ min: 2n ** 60n, max: 2n ** 70n }),
  fc.constant(null),
);

const types: readonly PtElementType[] = [
  ...(["float32", "float64", "float16", "bfloat16", "complex64", "complex128"] as const),
  ...(["int64", "int32", "int16", "int8", "uint8", "bool", "uint16", "uint64"] as const),
];

/** Row-major or turned around, anywhere in a storage that has some elements more. */
const anyTensor = fc
  .record({
    dtype: fc.constantFrom(...types),
    shape: fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 3 }),
    offset: fc.integer({ min: 0, max: 3 }),
    flipped: fc.boolean(),
    flags: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    seed: fc.nat(),
  })
  .map(({ dtype, shape, offset, flipped, flags, seed }) => {
    const [grad, isParameter, conjugated, neg] = flags;
    const conj = conjugated && dtype.startsWith("complex");
    const requiresGrad = grad && /float|complex/.test(dtype);
    const [tensor] = [PtTensor.of("uint8", shape, new Uint8Array(shape.reduce((a, b) => a * b, 1)))];
    const count = tensor.size + offset + 1;
    const width = { float16: 2, bfloat16: 2, int16: 2, uint16: 2, int8: 1, uint8: 1, bool: 1 }[dtype as string];
    const bytes = width ?? { float32: 4, int32: 4, complex128: 16 }[dtype as string] ?? 8;
    const isUntyped = dtype.startsWith("uint") && dtype !== "uint8";
    const data = Uint8Array.from({ length: count * bytes }, (_, i) => Math.imul(seed + i, 2654435761) >>> 24);
    const storage = new PtStorage(isUntyped ? null : dtype, isUntyped ? count * bytes : count, data, "cuda:0");
    const strides = flipped ? [...tensor.strides].reverse() : tensor.strides;
    const turned = flipped ? [...shape].reverse() : shape;
    return new PtTensor({ dtype, shape: turned, strides, offset, storage, requiresGrad, isParameter, conj, neg });
  });

/** How a value is put together from values made before it. */
type Recipe = (parts: readonly PtValue[], keys: readonly PtValue[]) => PtValue;

const recipes: readonly Recipe[] = [
  (parts) => [...parts],
  (parts) => new PtTuple(parts),
  (parts, keys) => new Map(parts.map((part, i) => [keys[i % keys.length], part])),
  (parts, keys) => new PtOrderedDict(parts.map((part, i) => [keys[i % keys.length], part])),
  (parts, keys) => {
    const dict = new PtOrderedDict();
    dict.attributes = new Map(parts.map((part, i) => [keys[i % keys.length], part]));
    return dict;
  },
  (_, keys) => new PtCounter(keys.map((key, i) => [key, BigInt(i)])),
  (_, keys) => new PtSet(keys.filter((key) => typeof key === "string")),
  (parts) => new Map<PtValue, PtValue>([[new PtTuple([1n, "a", null]), parts[0] ?? null]]),
  () => new Map<PtValue, PtValue>([[new PtFloat(2), true]]),
  (parts) => {
    const tensor = parts.find((part) => part instanceof PtTensor);
    // A second view of the same memory.
    return tensor === undefined ? null : new PtTensor({ ...tensor, neg: !tensor.neg });
  },
];

/** A list of values, each of which may hold some of those before it, so that much is shared. */
export const anyValue = fc
  .array(
    fc.record({
      plain: fc.oneof({ weight: 3, arbitrary: plain }, { weight: 1, arbitrary: anyTensor }),
      recipe: fc.option(fc.nat({ max: recipes.length - 1 })),
      parts: fc.array(fc.nat(), { maxLength: 4 }),
      keys: fc.uniqueArray(key as fc.Arbitrary<PtValue>, { minLength: 1, maxLength: 4, selector: String }),
    }),
    { maxLength: 20 },
  )
  .map((steps) => {
    const made: PtValue[] = [];
    for (const { plain, recipe, parts, keys } of steps) {
      const chosen = made.length === 0 ? [] : parts.map((part) => made[part % made.length]);
      made.push(recipe === null ? plain : recipes[recipe](chosen, keys));
    }
    return made;
  });
