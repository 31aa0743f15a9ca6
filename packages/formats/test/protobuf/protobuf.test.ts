// Messages of protocol buffers, written here byte by byte: what is read, and what is damage.

import { ProtobufReader } from "@plenoptic-js/formats";
import { describe, expect, test } from "vitest";

const reader = (...bytes: number[]): ProtobufReader => new ProtobufReader(Uint8Array.from(bytes), "file");
/** Reads all fields without looking at them. */
const walk = (...bytes: number[]): number[] => {
  const message = reader(...bytes);
  const fields = [];
  for (let field = message.next(); field !== 0; field = message.next()) fields.push(field);
  return fields;
};
/** The first field, which is a whole number. */
const integer = (...bytes: number[]): number => {
  const message = reader(0x08, ...bytes);
  message.next();
  return message.integer();
};

describe("what is read", () => {
  test("whole numbers of 64 bits, with their sign", () => {
    expect(integer(0)).toBe(0);
    expect(integer(0x96, 0x01)).toBe(150);
    expect(integer(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)).toBe(-1);
    expect(integer(0x80, 0x80, 0x80, 0x80, 0x10)).toBe(2 ** 32);
    expect(integer(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f)).toBe(Number.MAX_SAFE_INTEGER);
    expect(integer(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f)).toBe(2 ** 63);
    expect(integer(0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01)).toBe(-(2 ** 63));
  });

  test("texts, messages, and fields that nobody asks for", () => {
    const message = reader(0x0a, 2, 0x68, 0x69, 0x12, 2, 0x08, 7, 0x1d, 0, 0, 0x80, 0x3f, 0x21, 1, 2, 3, 4, 5, 6, 7, 8);
    expect([message.next(), message.text(10)]).toEqual([1, "hi"]);
    expect(message.next()).toBe(2);
    const inner = message.message();
    expect([inner.next(), inner.integer(), inner.next()]).toEqual([1, 7, 0]);
    expect([message.next(), message.float(), message.next(), message.next()]).toEqual([3, 1, 4, 0]);
  });

  test("repeated numbers, in one piece and one by one", () => {
    const numbers: number[] = [];
    const message = reader(0x0a, 3, 1, 0x96, 0x01, 0x08, 5);
    for (let field = message.next(); field !== 0; field = message.next()) message.integers(numbers, 10);
    expect(numbers).toEqual([1, 150, 5]);
    const floats: number[] = [];
    const other = reader(0x0a, 4, 0, 0, 0x80, 0x3f, 0x0d, 0, 0, 0, 0x40);
    for (let field = other.next(); field !== 0; field = other.next()) other.floats(floats, 10);
    expect(floats).toEqual([1, 2]);
  });

  test("rows are counted before they are kept", () => {
    const message = reader(0x0a, 3, 1, 0x96, 0x01, 0x08, 5, 0x0a, 8, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f);
    const to = new Float64Array(4);
    message.next();
    const two = message.row(0);
    two.into(to, 0);
    message.next();
    message.row(0).into(to, two.count);
    message.next();
    const doubles = message.row(8);
    doubles.into(to, 3);
    expect([two.count, doubles.count, ...to]).toEqual([2, 1, 1, 150, 5, 1]);
  });
});

describe("what is damage", () => {
  const damage: readonly (readonly [what: string, bytes: readonly number[], words: string])[] = [
    ["a number of eleven bytes", [0x08, ...new Array(10).fill(0x80), 0x01], "more than 64 bits"],
    ["a number beyond 64 bits", [0x08, ...new Array(9).fill(0xff), 0x02], "more than 64 bits"],
    ["a number that is cut off", [0x08, 0x80], "cut off"],
    ["a length beyond the end", [0x0a, 5, 1], "cut off"],
    ["a length of 2^40", [0x0a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20], "cut off"],
    ["four bytes of which two are there", [0x0d, 1, 2], "cut off"],
    ["field 0", [0x00, 0x01], "number 0"],
    ["a group", [0x0b], "written as kind 3"],
    ["a kind that there is not", [0x0e], "written as kind 6"],
  ];

  test.each(damage)("%s", (_, bytes, words) => {
    expect(() => walk(...bytes)).toThrow(words);
  });

  test("a field of another kind, a text that is none, too many of something", () => {
    const at = (...bytes: number[]): ProtobufReader => {
      const message = reader(...bytes);
      message.next();
      return message;
    };
    expect(() => at(0x08, 1).data()).toThrow("file: field 1 should be bytes, but is a whole number");
    expect(() => at(0x0a, 1, 0xff).text(10)).toThrow("not UTF-8");
    expect(() => at(0x0a, 3, 0x61, 0x61, 0x61).text(2)).toThrow("a text of 3 bytes; at most 2");
    expect(() => at(0x0a, 3, 1, 2, 3).integers([], 2)).toThrow("more than 2 numbers");
    expect(() => at(0x0a, 3, 1, 2, 3).floats([], 2)).toThrow("no row of float32");
    expect(() => at(0x0a, 3, 1, 2, 3).row(8)).toThrow("no row of numbers of 8 bytes");
    const taken = at(0x08, 1);
    taken.integer();
    expect(() => taken.integer()).toThrow("field 1 should be a whole number, but is read already");
  });
});
