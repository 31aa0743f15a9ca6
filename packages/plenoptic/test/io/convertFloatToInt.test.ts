// `convertFloatToInt`: floats from 0 to 1 as whole numbers, as Python's `convert_float_to_int` makes them.

import { describe, expect, it } from "vitest";
import { convertFloatToInt } from "../../src/io/convertFloatToInt.ts";

describe("convertFloatToInt", () => {
  it("rounds to whole numbers of the kind asked for", () => {
    expect(convertFloatToInt([0, 0.5, 0.999, 1])).toEqual(Uint8Array.of(0, 128, 255, 255));
    expect(convertFloatToInt(Float32Array.of(0, 0.5, 1), "uint16")).toEqual(Uint16Array.of(0, 32768, 65535));
    expect(convertFloatToInt([])).toEqual(new Uint8Array(0));
  });

  it.each<[string, number[], RegExp]>([
    ["NaN", [0, Number.NaN], /value 1 is NaN; all must lie in \[0, 1\]/],
    ["values below 0", [0, 1, -1e-9, -3], /value 2 is -1e-9; .*image\.clip\(0, 1\)/],
    ["values above 1", [1.5], /value 0 is 1\.5/],
    ["infinity", [Number.POSITIVE_INFINITY], /value 0 is Infinity/],
  ])("refuses %s", (_, values, message) => {
    expect(() => convertFloatToInt(values)).toThrow(RangeError);
    expect(() => convertFloatToInt(values)).toThrow(message);
  });

  it("refuses other kinds of numbers", () => {
    expect(() => convertFloatToInt([0], "int8" as "uint8")).toThrow('dtype is "int8"; it must be "uint8" or "uint16"');
  });
});
