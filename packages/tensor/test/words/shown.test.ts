// Values in messages.

import { describe, expect, test } from "vitest";
import { Adam } from "../../src/optim/adam.ts";
import { shown } from "../../src/words/shown.ts";

describe("shown", () => {
  test.each<[unknown, string]>([
    ["2", '"2"'],
    ['say "no"', '"say \\"no\\""'],
    [2, "2"],
    [-0, "-0"],
    [Number.NaN, "NaN"],
    [3n, "3n"],
    [true, "true"],
    [null, "null"],
    [undefined, "undefined"],
    [Symbol("s"), "Symbol(s)"],
    [() => 1, "a function"],
    [function named() {}, "the function named"],
    [[1, "a", [null]], '[1, "a", [null]]'],
    [[1, 2, 3, 4, 5, 6, 7, 8, 9], "[1, 2, 3, 4, 5, 6, 7, 8, ...]"],
    [{}, "an empty object"],
    [{ a: 1, b: 2 }, "an object with a, b"],
    [Adam(), "Adam(...)"],
    [Object.create(null), "an empty object"],
    [new Map(), "a Map"],
    [new Error("x"), "an Error"],
    [Float32Array.of(1), "a Float32Array"],
    [Int8Array.of(1), "an Int8Array"],
    [Uint8Array.of(1), "a Uint8Array"],
    [new URL("file:///a"), "a URL"],
    [new (class {})(), "an empty object"],
    [Promise.resolve(1), "a Promise (did you forget `await`?)"],
    ["x".repeat(100), `"${"x".repeat(60)}"...`],
  ])("%o", (value, text) => {
    expect(shown(value)).toBe(text);
  });

  test("an array within itself ends", () => {
    const endless: unknown[] = [1];
    endless.push(endless);
    expect(shown(endless)).toBe("[1, [1, [1, [1, an Array]]]]");
  });
});
