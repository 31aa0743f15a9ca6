// The kind of an image file is told by its content; damaged bytes give a FileError and nothing worse.

import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.ts";
import { readImage } from "../../src/images/readImage.ts";

const latin1 = (text: string): Uint8Array => Uint8Array.from(text, (char) => char.charCodeAt(0));
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const png = readFileSync(new URL("../data/files/gray8.png", import.meta.url));

async function refusal(bytes: Uint8Array, name: string, options?: { maxPixels?: number }): Promise<FileError> {
  try {
    await readImage(bytes, { ...options, name });
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).source).toBe(name);
    return error as FileError;
  }
  throw new Error("the file was accepted");
}

describe("readImage", () => {
  it("goes by content, not by name", async () => {
    expect(await readImage(png, { name: "picture.pgm" })).toMatchObject({ width: 7, height: 5 });
    expect(await readImage(latin1("P5 2 1 255\nab"), { name: "picture.png" })).toMatchObject({ width: 2, height: 1 });
    expect(await readImage(latin1("P1\n# c\n1 1 0"), { name: "picture" })).toMatchObject({ width: 1, height: 1 });
  });

  it("passes limits and names on", async () => {
    const { message } = await refusal(png, "a.png", { maxPixels: 9 });
    expect(message).toBe("a.png: 7 x 5 pixels; at most 9 pixels are read");
    const pgm = await refusal(latin1("P5 5 2 255\n"), "a.pgm", { maxPixels: 9 });
    expect(pgm.message).toMatch(/^a\.pgm: 5 x 2 pixels/);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["GIF", latin1("GIF89a\x01\0"), /^x\.png: GIF is not read yet; convert to PNG$/],
    ["little-endian BigTIFF", latin1("II+\0\x08\0\0\0"), /BigTIFF is not read yet; save it as an ordinary TIFF/],
    ["big-endian BigTIFF", latin1("MM\0+\0\x08\0\0"), /BigTIFF is not read yet; save it as an ordinary TIFF/],
    ["BMP", latin1("BM\x36\0\0\0\0\0\0\0\x36\0\0\0"), /BMP is not read yet/],
    ["AVIF", latin1("\0\0\0\x20ftypavif"), /HEIC, AVIF or video is not read yet/],
    ["PAM", latin1("P7\nWIDTH 1\n"), /PAM is not read yet; convert to PNG, PGM or PPM/],
    ["a NumPy array", latin1("\x93NUMPY\x01\0"), /this is a NumPy array, not an image/],
    ["a .pt file", latin1("PK\x03\x04\0\0"), /this is a zip archive/],
  ])("refuses %s by name", async (_, bytes, message) => {
    const error = await refusal(bytes, "x.png");
    expect(error.message).toMatch(message);
    expect(error.code).toBe("unsupported");
  });

  it.each<[string, Uint8Array, RegExp]>([
    ["an empty file", new Uint8Array(0), /^x\.png: the file is empty$/],
    [
      "text",
      utf8("Hello, this is\n no  picture\tat all, but a letter to my aunt"),
      /looks like text: "Hello, this is no picture at all, but a "$/,
    ],
    ["text that begins like a BMP", utf8("BMW is a maker of cars"), /looks like text: "BMW is/],
    ["text cut inside a character", utf8("é".repeat(300) + "x"), /looks like text/],
    ["text with an odd number of bytes before it", utf8("x" + "é".repeat(300)), /looks like text/],
    ["two bytes of text", utf8("hi"), /looks like text: "hi"/],
    ["blanks", utf8(" \n\n"), /nothing but blanks/],
    ["a web page", utf8("\n<!DOCTYPE html>\n<html>"), /web page/],
    ["a drawing", utf8('<?xml version="1.0"?>\n<!-- x -->\n<svg xmlns="http://www.w3.org/2000/svg">'), /SVG/],
    ["other bytes", Uint8Array.of(0, 1, 2, 250), /begins with the bytes 00 01 02 fa$/],
    ["a mangled PNG", latin1("\x89PNG\n\x1a\n\0\0\0"), /copied as text/],
    ["the start of a JPEG", latin1("\xff\xd8\xff\xe0\0\x10JFIF"), /the JPEG is cut off/],
    ["the start of a WebP", latin1("RIFF\x24\0\0\0WEBPVP8 "), /the WebP is cut off: 16 of 44 bytes/],
    ["the start of a little-endian TIFF", latin1("II*\0\x08\0\0\0"), /the TIFF is cut off: a directory lies beyond/],
    ["the start of a big-endian TIFF", latin1("MM\0*\0\0\0\x08"), /the TIFF is cut off: a directory lies beyond/],
    ["a text called PNM", utf8("P2 is my favourite printer"), /"i" where the width should be/],
  ])("says what %s is", async (_, bytes, message) => {
    const error = await refusal(bytes, "x.png");
    expect(error.message).toMatch(message);
    expect(error.message).not.toMatch(/\n/);
    expect(error.code).toBe("damaged");
  });

  it("meets random bytes with nothing worse than a FileError", async () => {
    const starts = ["", "\xff\xd8\xff", "RIFF\x30\0\0\0WEBP", "II*\0", "MM\0*", "\x89PNG\r\n\x1a\n", "P6 "].map(latin1);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 64 }), async (start, bytes) => {
        await refusal(Uint8Array.from([...start, ...bytes]), "x");
      }),
      { seed: 1, numRuns: 1000 },
    );
  });
});
