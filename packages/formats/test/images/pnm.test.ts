// PBM, PGM and PPM files of every kind; damage is refused.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.ts";
import { readPnm } from "../../src/images/pnm.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));

function refusal(text: string, options?: { maxPixels?: number }): string {
  try {
    readPnm(latin1(text), { ...options, name: "x.pgm" });
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    return (error as FileError).message;
  }
  throw new Error("the file was accepted");
}

describe("readPnm", () => {
  it("reads back what was written, text and binary, of any maxval, with comments and blanks anywhere", () => {
    const blank = fc.array(fc.constantFrom(" ", "\t", "\n", "\r", "# note 7 \n"), { minLength: 1, maxLength: 3 });
    const gap = blank.map((parts) => parts.join(""));
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(1 as const, 3 as const),
        fc.oneof(fc.integer({ min: 1, max: 65535 }), fc.constantFrom(1, 255, 256, 65535)),
        fc.boolean(),
        fc.tuple(gap, gap, gap, gap),
        fc.infiniteStream(fc.nat(65535)),
        (width, height, channels, maxValue, isText, gaps, values) => {
          const data = [...values.take(width * height * channels)].map((value) => value % (maxValue + 1));
          const kind = (channels === 3 ? 3 : 2) + (isText ? 0 : 3);
          const header = `P${kind}${gaps[0]}${width}${gaps[1]}${height}${gaps[2]}${maxValue}`;
          const raster = isText
            ? gaps[3] + data.join(gaps[3])
            : `\n${data.map((v) => (maxValue > 255 ? String.fromCharCode(v >> 8, v & 255) : String.fromCharCode(v))).join("")}`;
          const pixels = readPnm(latin1(header + raster));
          expect(pixels).toMatchObject({ width, height, channels, maxValue });
          expect([...pixels.data]).toEqual(data);
          expect(pixels.data).toBeInstanceOf(maxValue > 255 ? Uint16Array : Uint8Array);
        },
      ),
    );
  });

  it("reads bilevel files, where a set bit is black", () => {
    const expected = [1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1];
    const text = readPnm(latin1("P1 9 2\n010000001\n1 0 0 0 0 0 0 0 0\n"));
    expect(text).toMatchObject({ width: 9, height: 2, channels: 1, maxValue: 1 });
    expect([...text.data]).toEqual(expected);
    expect([...readPnm(latin1("P4 9 2\n\x40\x80\x80\x7f")).data]).toEqual(expected);
  });

  it("copies the pixels", () => {
    const bytes = latin1("P5 2 1 255\nab");
    const { data } = readPnm(bytes);
    bytes.fill(0);
    expect([...data]).toEqual([97, 98]);
  });
});

describe("readPnm refuses", () => {
  it.each<[string, string, RegExp]>([
    ["another beginning", "P9 1 1", /does not begin with P1 to P6/],
    ["a number instead of a blank", "P52 2 255\nabcd", /does not begin with P1 to P6/],
    ["no size", "P5\n# only a comment", /cut off where the width/],
    ["words", "P2 is a road", /byte 3 is "i" where the width should be/],
    ["a negative size", "P5 -3 2 255\n", /"-" where the width/],
    ["zero width", "P5 0 2 255\n", /0 x 2/],
    ["zero height", "P5 2 0 255\n", /2 x 0/],
    ["a huge size", "P5 2147483647 2147483647 255\n", /at most 67108864 pixels/],
    ["an absurd size", "P5 99999999999999999999 1 255\n", /the width is absurd/],
    ["no maxval", "P5 2 2\n", /cut off where the greatest value/],
    ["maxval 0", "P5 1 1 0\nx", /must be 1 to 65535, but is 0/],
    ["maxval 65536", "P5 1 1 65536\nxx", /must be 1 to 65535, but is 65536/],
    ["no blank before the image", "P5 1 1 255", /cut off where a blank/],
    ["a cut binary image", "P5 2 2 255\nabc", /3 of 4 bytes/],
    ["a cut 16-bit image", "P5 2 2 256\n\0\0\0\0\0\0\0", /7 of 8 bytes/],
    ["a cut bilevel image", "P4 9 2\nabc", /3 of 4 bytes/],
    ["bytes behind a binary image", "P5 2 2 255\nabcdef", /2 bytes follow/],
    ["a value above maxval", "P5 2 1 100\n\x64\x65", /value 1 is 101, above the stated maxval 100/],
    ["a text value above maxval", "P2 2 1 100 100 101", /value 1 is 101, above the stated maxval 100/],
    ["too few text values", "P2 2 2 9 1 2 3\n\n\n\n", /cut off where a value/],
    ["far too few text values", "P2 2 2 9 1 2", /cannot hold its 4 values/],
    ["too many text values", "P2 2 1 9 1 2 3", /1 bytes follow/],
    ["a word among text values", "P2 2 1 9 1 x", /"x" where a value/],
    ["a fraction", "P2 2 1 9 1 2.5", /2 bytes follow/],
    ["a 2 in a bilevel file", "P1 2 1 0 2", /"2" where pixel 1/],
  ])("%s", (_, text, message) => {
    expect(refusal(text)).toMatch(message);
  });

  it("images above the caller's limit", () => {
    expect(refusal("P5 3 2 255\nabcdef", { maxPixels: 5 })).toMatch(/3 x 2 pixels; at most 5/);
  });

  it("any cut file", () => {
    const text = "P6 # c\n2 2 300\n" + "\x01\x2c".repeat(12);
    expect(readPnm(latin1(text)).data[11]).toBe(300);
    for (let length = 0; length < text.length; length++) refusal(text.slice(0, length));
  });

  it("random bytes with nothing worse than a FileError", () => {
    const char = fc.constantFrom(..."0123456789 \n#-\0\xff");
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(char, { maxLength: 40 }), (kind, chars) => {
        try {
          readPnm(latin1(`P${kind}${chars.join("")}`));
        } catch (error) {
          expect(error).toBeInstanceOf(FileError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
