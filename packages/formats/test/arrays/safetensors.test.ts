// .safetensors files: one that the library of that name wrote; round trips; headers that lie.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSafetensors, writeSafetensors } from "../../src/arrays/safetensors.ts";
import { FileError } from "../../src/errors.ts";
import { type PtElementType, PtStorage, PtTensor } from "../../src/index.ts";

/** A file of this header and this many bytes of data. */
function fileOf(header: string | Uint8Array, dataBytes = 0, length?: bigint): Uint8Array {
  const json = typeof header === "string" ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (dtype: string, shape: string, from: number | string, to: number | string): string =>
  `{"dtype":"${dtype}","shape":${shape},"data_offsets":[${from},${to}]}`;

describe("readSafetensors", () => {
  it("reads what the Python library writes", () => {
    const text =
      "AAEAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJieSI6InRlc3QifSwiayI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbMSwxXSwiZGF0YV9vZmZzZXRzIjpbMCw4XX0s" +
      "ImUiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzAsMl0sImRhdGFfb2Zmc2V0cyI6WzgsOF19LCJ3Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlszXSwiZGF0YV9v" +
      "ZmZzZXRzIjpbOCwyMF19LCJtIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzIwLDIyXX19ICAgICAgBwAAAAAAAAAAAAAAAACA" +
      "PwAAAEABAA==";
    const { tensors, metadata } = readSafetensors(Uint8Array.from(atob(text), (char) => char.charCodeAt(0)));
    expect([...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ["k", "int64", [1, 1]],
      ["e", "float64", [0, 2]],
      ["w", "float32", [3]],
      ["m", "bool", [2]],
    ]);
    expect([...tensors.values()].map((tensor) => [...tensor.data()])).toEqual([[7n], [], [0, 1, 2], [1, 0]]);
    expect([...metadata]).toEqual([["by", "test"]]);
  });

  it("takes strange names as names", () => {
    const header = `{"__proto__":${entry("U8", "[1]", 0, 1)},"a\\"{b":${entry("U8", "[1]", 1, 2)}}`;
    expect([...readSafetensors(fileOf(header, 2)).tensors.keys()]).toEqual(["__proto__", 'a"{b']);
  });

  const one = entry("F32", "[2]", 0, 8);
  const lies: readonly [what: string, bytes: Uint8Array, message: RegExp][] = [
    ["an empty file", new Uint8Array(), /the file is empty/],
    ["a few bytes", new Uint8Array(9), /too short/],
    ["a header longer than the file", fileOf("{}", 0, 3n), /its header should have 3 bytes/],
    ["a header of 2^63 bytes", fileOf("{}", 0, 1n << 63n), /should have 9223372036854775808 bytes/],
    ["a huge header", fileOf("{}", 0x1000010, 0x1000001n), /at most 16777216 are read/],
    ["a header that is not JSON", fileOf("{'a': 1}"), /not JSON/],
    ["a header that is not UTF-8", fileOf(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d)), /not JSON/],
    ["a list as header", fileOf("[]"), /does not begin with \{/],
    ["space before the header", fileOf(" {}"), /does not begin with \{/],
    ["a name twice", fileOf(`{"a":${one},"b":{},"\\u0061":${one}}`, 8), /the key "a" twice/],
    [
      "an entry twice",
      fileOf(`{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}`, 8),
      /"shape" twice/,
    ],
    [
      "an unknown entry",
      fileOf(`{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}}`, 8),
      /unknown entry "x"/,
    ],
    ["an unknown type", fileOf(`{"a":${entry("F4", "[2]", 0, 1)}}`, 1), /is F4, which is not read/],
    ["a type that is a name of JavaScript", fileOf(`{"a":${entry("constructor", "[2]", 0, 1)}}`, 1), /not read/],
    ["no type", fileOf(`{"a":{"shape":[2],"data_offsets":[0,8]}}`, 8), /does not say its dtype/],
    ["a number as tensor", fileOf(`{"a":1}`), /the tensor "a" is not an object/],
    ["a negative size", fileOf(`{"a":${entry("F32", "[-2]", 0, 8)}}`, 8), /no shape of whole numbers/],
    ["half a size", fileOf(`{"a":${entry("F32", "[0.5]", 0, 2)}}`, 2), /no shape of whole numbers/],
    [
      "absurd sizes",
      fileOf(`{"a":${entry("F32", "[4294967296,4294967296]", 0, 8)}}`, 8),
      /takes 73786976294838206464 bytes/,
    ],
    [
      "absurd sizes and none",
      fileOf(`{"a":${entry("F32", "[0,9007199254740991,9007199254740991]", 0, 0)}}`),
      /whole numbers/,
    ],
    ["sizes and data that differ", fileOf(`{"a":${entry("F32", "[3]", 0, 8)}}`, 8), /takes 12 bytes/],
    [
      "an end before the start",
      fileOf(`{"a":${entry("F32", "[2]", 8, 0)}}`, 8),
      /takes 8 bytes, but has those from 8 to 0/,
    ],
    [
      "a gap",
      fileOf(`{"a":${one},"b":${entry("U8", "[1]", 9, 10)}}`, 10),
      /"b" begins at byte 9 of the data, not at 8/,
    ],
    [
      "an overlap",
      fileOf(`{"a":${one},"b":${entry("U8", "[4]", 4, 8)}}`, 8),
      /"b" begins at byte 4 of the data, not at 8/,
    ],
    ["data that is cut off", fileOf(`{"a":${one}}`, 7), /ends at byte 8 of 7/],
    ["bytes to spare", fileOf(`{"a":${one}}`, 9), /1 bytes at its end belong to no tensor/],
    ["metadata of numbers", fileOf(`{"__metadata__":{"a":1}}`), /__metadata__ holds "a", which is no text/],
    ["metadata that is a list", fileOf(`{"__metadata__":[]}`), /__metadata__ is not an object/],
    [
      "a bool of 2",
      fileOf(`{"a":${entry("BOOL", "[1]", 0, 1)}}`, 1).map((b, i, { length }) => (i === length - 1 ? 2 : b)),
      /is 2, not/,
    ],
  ];

  it.each(lies)("refuses %s", (_, bytes, message) => {
    const read = (): unknown => readSafetensors(bytes, { name: "a.safetensors" });
    expect(read).toThrow(FileError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^a\.safetensors: /);
  });

  it("gives a value or a FileError for whatever bytes", () => {
    const sound = writeSafetensors(new Map([["a", PtTensor.of("float32", [2], Float32Array.of(1, 2))]]));
    fc.assert(
      fc.property(fc.nat(sound.length - 1), fc.nat(255), (at, byte) => {
        const bytes = sound.slice();
        bytes[at] = byte;
        try {
          expect(readSafetensors(bytes).tensors.size).toBeLessThanOrEqual(1);
        } catch (error) {
          expect(error).toBeInstanceOf(FileError);
        }
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});

describe("writeSafetensors", () => {
  const types: readonly (readonly [PtElementType, width: number])[] = [
    ...([
      ["bool", 1],
      ["uint8", 1],
      ["int8", 1],
      ["float8_e5m2", 1],
      ["float8_e4m3fn", 1],
      ["float8_e8m0fnu", 1],
    ] as const),
    ...([
      ["int16", 2],
      ["uint16", 2],
      ["float16", 2],
      ["bfloat16", 2],
      ["int32", 4],
      ["uint32", 4],
    ] as const),
    ...([
      ["float32", 4],
      ["complex64", 8],
      ["float64", 8],
      ["int64", 8],
      ["uint64", 8],
    ] as const),
  ];

  it("keeps every bit of every type, widest first, where a processor likes it", () => {
    const tensors = new Map(
      types.map(([dtype, width], i) => {
        const raw = Uint8Array.from({ length: 3 * width }, (_, j) => (dtype === "bool" ? j & 1 : i * 16 + j));
        return [`of ${dtype}`, new PtTensor({ dtype, shape: [3], storage: new PtStorage(dtype, 3, raw) })];
      }),
    );
    const bytes = writeSafetensors(tensors);
    const back = readSafetensors(bytes).tensors;
    expect(new Set(back.keys())).toEqual(new Set(tensors.keys()));
    const widths: number[] = [];
    for (const [name, tensor] of back) {
      const { dtype, storage } = tensor;
      expect([dtype, tensor.bytes()]).toEqual([tensors.get(name)?.dtype, tensors.get(name)?.bytes()]);
      expect((storage.bytes.byteOffset - bytes.byteOffset) % storage.elementBytes).toBe(0);
      widths.push(storage.elementBytes);
    }
    expect(widths).toEqual([...widths].sort((a, b) => b - a));
  });

  it("writes views as what they show", () => {
    const storage = new PtStorage("int8", 4, Uint8Array.of(1, 2, 3, 4));
    const view = new PtTensor({ dtype: "int8", shape: [2, 2], strides: [1, 2], storage });
    const back = readSafetensors(writeSafetensors(new Map([["v", view]]))).tensors.get("v");
    expect([...(back?.data() ?? [])]).toEqual([1, 3, 2, 4]);
  });

  it("refuses names and types that the format has not", () => {
    const byte = PtTensor.of("int8", [1], Int8Array.of(1));
    const wide = PtTensor.of("complex128", [1], Float64Array.of(1, 2));
    expect(() => writeSafetensors(new Map([["c", wide]]))).toThrow(/"c" cannot be .* no complex128/);
    for (const name of ["__metadata__", "\ud800"]) {
      expect(() => writeSafetensors(new Map([[name, byte]]))).toThrow(/cannot be the name of a tensor/);
    }
  });
});
