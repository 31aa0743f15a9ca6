// JSON of which there is one text for one value.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson, type JsonValue } from "../../src/json/canonicalJson.ts";

const anyJson = fc.jsonValue({ stringUnit: "grapheme" }).map((value) => JSON.parse(JSON.stringify(value)) as JsonValue);

/** The same value with the keys of every object in reverse order. */
function reversed(value: JsonValue): JsonValue {
  if (value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}

describe("canonicalJson", () => {
  it("is undone by JSON.parse and does not depend on the order of keys", () => {
    fc.assert(
      fc.property(anyJson, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(value);
        expect(canonicalJson(reversed(value))).toBe(text);
      }),
    );
  });

  it("sorts keys by code unit, writes no spaces and the shortest numbers", () => {
    const value = {
      "\u20ac": 1e21,
      "1": [1, 1e-7, 0.1],
      "\r": null,
      ö: true,
      "\u{1f600}": 'a\n\u0007"\\é',
      a: {},
      B: [],
    };
    const expected =
      '{"\\r":null,"1":[1,1e-7,0.1],"B":[],"a":{},"ö":true,"\u20ac":1e+21,"\u{1f600}":"a\\n\\u0007\\"\\\\é"}';
    expect(canonicalJson(value)).toBe(expected);
  });

  it.each<[string, unknown, RegExp]>([
    ["NaN", { a: [0, Number.NaN] }, /^value\.a\[1\] is NaN/],
    ["infinity", [-Infinity], /^value\[0\] is -Infinity/],
    ["-0", { lr: -0 }, /^value\.lr is -0/],
    ["undefined", { a: undefined }, /^value\.a is undefined/],
    ["a hole", new Array(1), /^value\[0\] is undefined/],
    ["a function", () => 1, /^value is a function/],
    ["a bigint", 1n, /^value is 1n/],
    ["a Map", { a: new Map() }, /^value\.a is a Map/],
    ["a Date", new Date(0), /^value is a Date/],
    ["a typed array", Float64Array.of(1), /^value is a Float64Array/],
    ["whole numbers", Int32Array.of(1), /^value is an Int32Array/],
    ["bytes", Uint8Array.of(1), /^value is a Uint8Array/],
    ["an object of a class without a name", new (class {})(), /^value is an object of a class without a name/],
    ["a promise", Promise.resolve(1), /^value is a Promise \(did you forget `await`\?\)/],
    ["a symbol key", { [Symbol("s")]: 1 }, /^value has a symbol/],
    ["half a surrogate pair", ["\ud83d"], /^value\[0\] holds half/],
    ["half a surrogate pair in a key", { "\ude00": 1 }, /^a key of value holds half/],
  ])("refuses %s and says where", (_, value, message) => {
    expect(() => canonicalJson(value as JsonValue)).toThrow(TypeError);
    expect(() => canonicalJson(value as JsonValue)).toThrow(message);
  });

  it("refuses a circle but not one object in two places", () => {
    const shared = { x: 1 };
    expect(canonicalJson([shared, shared])).toBe('[{"x":1},{"x":1}]');
    const circle: Record<string, unknown> = {};
    circle.self = { again: circle };
    expect(() => canonicalJson(circle as JsonValue)).toThrow(/^value\.self\.again contains itself/);
  });
});
