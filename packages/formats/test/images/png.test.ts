// PNG files of every kind, read and written; damage is refused.

import { readFileSync } from "node:fs";
import { headerChunk, join, makePng, type PngParts, samplesOf, signature } from "@plenoptic-js/proof/files/makePng";
import fc from "fast-check";
import { decode as fastPngDecode } from "fast-png";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.ts";
import type { IntegerPixels } from "../../src/images/pixels.ts";
import { readPng, writePng } from "../../src/images/png/png.ts";
import { writeChunk } from "../../src/images/png/pngChunks.ts";

const dataFolder = new URL("../data/files/", import.meta.url);
const readData = (file: string): Uint8Array => readFileSync(new URL(file, dataFolder));
const index = JSON.parse(readFileSync(new URL("index.json", dataFolder), "utf8"));

const depthsOf: Record<number, number[]> = { 0: [1, 2, 4, 8, 16], 2: [8, 16], 3: [1, 2, 4, 8], 4: [8, 16], 6: [8, 16] };

/** A PNG of any kind, with the samples that went into it. */
const anyPng = fc
  .record({
    kind: fc.constantFrom(
      ...Object.entries(depthsOf).flatMap(([type, depths]) => depths.map((d) => [Number(type), d])),
    ),
    width: fc.integer({ min: 1, max: 20 }),
    height: fc.integer({ min: 1, max: 20 }),
    interlaced: fc.boolean(),
    filters: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 7 }),
    chunkBytes: fc.integer({ min: 1, max: 200 }),
    seed: fc.integer(),
  })
  .map(({ kind: [colourType, depth], seed, ...rest }) => {
    let state = seed;
    const samples = Array.from({ length: rest.width * rest.height * samplesOf(colourType) }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      return (state >>> 8) & ((1 << depth) - 1);
    });
    return { ...rest, colourType, depth, samples };
  });

/** A palette whose colour number i is (i, 255 - i, 7 i mod 256). */
const palette = (colours: number): Uint8Array =>
  writeChunk("PLTE", Uint8Array.from(Array.from({ length: colours }, (_, i) => [i, 255 - i, 7 * i]).flat()));

const text = (value: string): Uint8Array => Uint8Array.from(value, (char) => char.charCodeAt(0));

function refusal(bytes: Uint8Array, options?: { maxPixels?: number }): FileError {
  try {
    readPng(bytes, { ...options, name: "x.png" });
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).message).toMatch(/^x\.png: /);
    return error as FileError;
  }
  throw new Error("the file was accepted");
}

const gray: PngParts = { width: 3, height: 2, depth: 8, colourType: 0, samples: [1, 2, 3, 4, 5, 6] };

describe("readPng", () => {
  it("reads every kind, depth, filter, interlacing and split into chunks", () => {
    fc.assert(
      fc.property(anyPng, (parts) => {
        const pixels = readPng(makePng({ ...parts, before: parts.colourType === 3 ? [palette(256)] : [] }));
        expect([pixels.width, pixels.height]).toEqual([parts.width, parts.height]);
        if (parts.colourType === 3) {
          expect(pixels.channels).toBe(3);
          expect(pixels.maxValue).toBe(255);
          expect([...pixels.data]).toEqual(parts.samples.flatMap((i) => [i, 255 - i, (7 * i) & 255]));
        } else {
          expect(pixels.channels).toBe(samplesOf(parts.colourType));
          expect(pixels.maxValue).toBe((1 << parts.depth) - 1);
          expect([...pixels.data]).toEqual(parts.samples);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("agrees with fast-png where that reads unpacked samples", () => {
    fc.assert(
      fc.property(
        anyPng.filter(({ colourType, depth }) => depth >= 8 && colourType !== 3),
        (parts) => {
          const file = makePng(parts);
          expect([...readPng(file).data]).toEqual([...fastPngDecode(file, { checkCrc: true }).data]);
        },
      ),
    );
  });

  it.each(index.png as { file: string; channels: number; maxValue: number; values: number[] }[])(
    "reads $file as Pillow does",
    ({ file, values, ...expected }) => {
      const pixels = readPng(readData(file));
      expect(pixels).toMatchObject({ channels: expected.channels, maxValue: expected.maxValue });
      expect([...pixels.data]).toEqual(values);
    },
  );

  it("reads plain, packed and international texts", () => {
    expect(readPng(readData("rgba8_texts.png")).text).toEqual(
      new Map([
        ["Title", "a plain text"],
        ["Where", "Zürich → 東京"],
        ["Long", "packed ".repeat(50)],
        ["Packed", "Größe ".repeat(50)],
      ]),
    );
    expect(readPng(readData("gray8.png"))).not.toHaveProperty("text");
  });

  it("makes alpha of a transparent colour and of palette transparency", () => {
    const key = writeChunk("tRNS", Uint8Array.of(0, 2));
    const two = readPng(makePng({ ...gray, before: [key] }));
    expect(two.channels).toBe(2);
    expect([...two.data]).toEqual([1, 255, 2, 0, 3, 255, 4, 255, 5, 255, 6, 255]);
    const wide = { ...gray, width: 1, height: 2, depth: 16, samples: [0x0102, 0x0002] };
    const sixteen = readPng(makePng({ ...wide, before: [key] }));
    expect([...sixteen.data]).toEqual([0x0102, 65535, 2, 0]);
    const oneBit = readPng(
      makePng({ ...gray, depth: 1, samples: [0, 1, 0, 1, 1, 1], before: [writeChunk("tRNS", Uint8Array.of(0, 1))] }),
    );
    expect(oneBit.maxValue).toBe(1);
    expect([...oneBit.data]).toEqual([0, 1, 1, 0, 0, 1, 1, 0, 1, 0, 1, 0]);
    const indexed = { ...gray, colourType: 3, width: 2, height: 1, samples: [0, 1] };
    const four = readPng(makePng({ ...indexed, before: [palette(2), writeChunk("tRNS", Uint8Array.of(9))] }));
    expect([...four.data]).toEqual([0, 255, 0, 9, 1, 254, 7, 255]);
  });

  it("ignores what lies behind the end, unknown extras and empty data chunks", () => {
    const file = makePng({
      ...gray,
      before: [writeChunk("quIX", Uint8Array.of(1)), writeChunk("IDAT", new Uint8Array(0))],
    });
    expect([...readPng(join([file, text("trailing")])).data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("reads a view into a larger buffer", () => {
    const file = makePng(gray);
    const larger = new Uint8Array(file.length + 20).fill(7);
    larger.set(file, 11);
    expect([...readPng(larger.subarray(11, 11 + file.length)).data]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});

describe("readPng refuses", () => {
  it.each<[string, Uint8Array, string, RegExp]>([
    ["no bytes", new Uint8Array(0), "damaged", /the file is empty/],
    [
      "another signature",
      text("GIF89a.................................."),
      "unsupported",
      /this is a GIF image, not a PNG/,
    ],
    [
      "line ends changed as in text",
      join([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0a, 0x1a, 0x0a), makePng(gray).subarray(8)]),
      "damaged",
      /copied as text/,
    ],
    ["the signature alone", Uint8Array.from(signature), "damaged", /ends after 8 bytes/],
    [
      "another first chunk",
      join([Uint8Array.from(signature), writeChunk("IDAT", new Uint8Array(13))]),
      "damaged",
      /IHDR/,
    ],
    ["zero width", makePng({ ...gray, width: 0, imageData: text("x") }), "damaged", /0 x 2/],
    ["zero height", makePng({ ...gray, height: 0, imageData: text("x") }), "damaged", /3 x 0/],
    [
      "2^31 x 2^31 pixels",
      makePng({ ...gray, width: 2147483648, height: 2147483648, imageData: text("x") }),
      "damaged",
      /2147483648/,
    ],
    [
      "2^31-1 squared pixels",
      makePng({ ...gray, width: 2147483647, height: 2147483647, imageData: text("x") }),
      "too-big",
      /at most 67108864/,
    ],
    [
      "an impossible depth",
      makePng({ ...gray, depth: 3, imageData: text("x") }),
      "damaged",
      /type 0 cannot have 3 bits/,
    ],
    [
      "RGB of 4 bits",
      makePng({ ...gray, colourType: 2, depth: 4, samples: [], imageData: text("x") }),
      "damaged",
      /4 bits/,
    ],
    ["an unknown colour type", makePng({ ...gray, colourType: 5, imageData: text("x") }), "damaged", /colour type 5/],
    ["two headers", makePng({ ...gray, before: [headerChunk(gray)] }), "damaged", /two headers/],
    ["no image data", makePng({ ...gray, imageData: new Uint8Array(0) }), "damaged", /no image data/],
    ["broken zlib data", makePng({ ...gray, imageData: text("not zlib at all") }), "damaged", /cannot be unpacked/],
    ["too little image data", makePng({ ...gray, imageData: zlibSync(new Uint8Array(7)) }), "damaged", /7 of 8 bytes/],
    [
      "far too much image data",
      makePng({ ...gray, imageData: zlibSync(new Uint8Array(70_000)) }),
      "damaged",
      /more than the 8 bytes/,
    ],
    [
      "an unknown filter",
      makePng({ ...gray, filters: [0, 5] }),
      "damaged",
      /filter that does not exist \(5\) in row 1/,
    ],
    ["a missing palette", makePng({ ...gray, colourType: 3 }), "damaged", /no palette/],
    [
      "a palette of 4 bytes",
      makePng({ ...gray, colourType: 3, before: [writeChunk("PLTE", text("abcd"))] }),
      "damaged",
      /palette/,
    ],
    [
      "an index above the palette",
      makePng({ ...gray, colourType: 3, before: [palette(6)] }),
      "damaged",
      /row 1, column 2 uses number 6/,
    ],
    [
      "a suggested palette of 4 bytes",
      makePng({ ...gray, colourType: 2, samples: new Array(18).fill(1), before: [writeChunk("PLTE", text("abcd"))] }),
      "damaged",
      /palette of the PNG has 4 bytes/,
    ],
    ["two palettes", makePng({ ...gray, colourType: 3, before: [palette(9), palette(9)] }), "damaged", /two PLTE/],
    [
      "more alphas than colours",
      makePng({ ...gray, colourType: 3, before: [palette(7), writeChunk("tRNS", new Uint8Array(8))] }),
      "damaged",
      /8 alpha values \(tRNS\) for 7/,
    ],
    [
      "a transparent colour of the wrong size",
      makePng({ ...gray, before: [writeChunk("tRNS", text("abc"))] }),
      "damaged",
      /tRNS/,
    ],
    [
      "a transparent colour beside alpha",
      makePng({
        ...gray,
        colourType: 4,
        samples: new Array(12).fill(1),
        before: [writeChunk("tRNS", new Uint8Array(4))],
      }),
      "damaged",
      /tRNS/,
    ],
    [
      "an unknown extension",
      makePng({ ...gray, before: [writeChunk("CgBI", new Uint8Array(4))] }),
      "unsupported",
      /CgBI/,
    ],
    ["an animation", makePng({ ...gray, before: [writeChunk("acTL", new Uint8Array(8))] }), "unsupported", /animated/],
    [
      "a chunk without a name",
      makePng({ ...gray, before: [writeChunk("t?Xt", new Uint8Array(8))] }),
      "damaged",
      /at byte 33/,
    ],
    ["a text without a keyword", makePng({ ...gray, before: [writeChunk("tEXt", text("\0x"))] }), "damaged", /tEXt/],
    [
      "a text without an end of keyword",
      makePng({ ...gray, before: [writeChunk("tEXt", text("x"))] }),
      "damaged",
      /tEXt/,
    ],
    ["broken UTF-8", makePng({ ...gray, before: [writeChunk("iTXt", text("k\0\0\0\0\0\xff"))] }), "damaged", /iTXt/],
    ["a cut iTXt", makePng({ ...gray, before: [writeChunk("iTXt", text("k\0\0"))] }), "damaged", /iTXt/],
    [
      "a broken packed text",
      makePng({ ...gray, before: [writeChunk("zTXt", text("k\0\0nonsense"))] }),
      "damaged",
      /zTXt/,
    ],
    [
      "a packed text of 17 MiB",
      makePng({
        ...gray,
        before: [writeChunk("zTXt", join([text("k\0\0"), zlibSync(new Uint8Array(17 * 1024 * 1024))]))],
      }),
      "too-big",
      /texts/,
    ],
    [
      "thousands of texts",
      makePng({ ...gray, before: new Array(1001).fill(writeChunk("tEXt", text("k\0x"))) }),
      "too-big",
      /1000 text chunks/,
    ],
  ])("%s", (_, bytes, code, message) => {
    const error = refusal(bytes);
    expect(error.message).toMatch(message);
    expect(error.code).toBe(code);
  });

  it("chunks out of order", () => {
    const parts = [Uint8Array.from(signature), headerChunk(gray)];
    const data = zlibSync(Uint8Array.of(0, 1, 2, 3, 0, 4, 5, 6));
    const [head, tail] = [writeChunk("IDAT", data.subarray(0, 5)), writeChunk("IDAT", data.subarray(5))];
    const end = writeChunk("IEND", new Uint8Array(0));
    expect([...readPng(join([...parts, head, tail, end])).data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect(refusal(join([...parts, head, palette(2), tail, end])).message).toMatch(/interrupted/);
    expect(refusal(join([...parts, head, tail, palette(2), end])).message).toMatch(/PLTE chunk after/);
    const longEnd = writeChunk("IEND", Uint8Array.of(0));
    expect(refusal(join([...parts, head, tail, longEnd])).message).toMatch(/IEND\) holds 1 bytes, not none/);
  });

  it("a file cut off anywhere", () => {
    const file = readData("rgba8_texts.png");
    for (let length = 0; length < file.length; length++) {
      expect(refusal(file.subarray(0, length)).code).toBe("damaged");
    }
  });

  it("any single changed byte", () => {
    const file = makePng({ ...gray, before: [writeChunk("tEXt", text("k\0text"))] });
    for (let at = 0; at < file.length; at++) {
      for (const change of [1, 0x20, 0x80, 0xff]) {
        const changed = file.slice();
        changed[at] ^= change;
        refusal(changed);
      }
    }
  });

  it("image data that unpacks without end, before it does so", () => {
    const bomb = zlibSync(new Uint8Array(60_000_000), { level: 9 });
    expect(bomb.length).toBeLessThan(65536);
    const hostile = makePng({ ...gray, width: 8, height: 8, imageData: bomb });
    const before = process.cpuUsage();
    expect(refusal(hostile).message).toMatch(/more than the 72 bytes/);
    expect(process.cpuUsage(before).user).toBeLessThan(1e6);
  });

  it("200 MB of image data for a small image, at once", () => {
    const file = makePng({ ...gray, imageData: new Uint8Array(0) });
    const end = file.subarray(file.length - 12);
    const hostile = Buffer.concat([file.subarray(0, file.length - 12), Buffer.alloc(200_000_012), end]);
    hostile.writeUInt32BE(200_000_000, file.length - 12);
    hostile.write("IDAT", file.length - 8, "latin1");
    const before = process.cpuUsage();
    expect(refusal(hostile).message).toMatch(/200000000 bytes of image data \(IDAT\) are absurd for 3 x 2/);
    expect(process.cpuUsage(before).user).toBeLessThan(1e6);
  });

  it("an image above the caller's limit, and takes no memory for a small file that claims a large image", () => {
    expect(refusal(makePng(gray), { maxPixels: 5 }).message).toMatch(/3 x 2 pixels; at most 5/);
    expect(readPng(makePng(gray), { maxPixels: 6 }).width).toBe(3);
    const claim = makePng({
      ...gray,
      width: 8192,
      height: 8192,
      depth: 16,
      colourType: 6,
      imageData: zlibSync(text("x")),
    });
    const before = process.memoryUsage().arrayBuffers;
    expect(refusal(claim).message).toMatch(/1 of 536879104 bytes/);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000);
  });

  it("random changes with nothing worse than a FileError", () => {
    const files = ["rgba8_texts.png", "palette16_alpha.png", "gray16.png"].map((file) => readData(file));
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (file, changes) => {
          const changed = file.slice();
          for (const [at, value] of changes) changed[at % file.length] = value;
          repairChecksums(changed);
          try {
            readPng(changed);
          } catch (error) {
            expect(error).toBeInstanceOf(FileError);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** Makes the checksums right again, so that changes reach what lies behind them. */
function repairChecksums(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) return;
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    bytes.set(writeChunk(type, bytes.subarray(at + 8, at + 8 + length)), at);
    at += 12 + length;
  }
}

const anyPixels = fc
  .record({
    width: fc.integer({ min: 1, max: 12 }),
    height: fc.integer({ min: 1, max: 12 }),
    channels: fc.constantFrom(1 as const, 2 as const, 3 as const, 4 as const),
    maxValue: fc.constantFrom(255, 65535),
  })
  .chain((size): fc.Arbitrary<IntegerPixels> => {
    const length = size.width * size.height * size.channels;
    const options = { minLength: length, maxLength: length };
    const data = size.maxValue === 255 ? fc.uint8Array(options) : fc.uint16Array(options);
    return data.map((values) => ({ ...size, data: values }));
  });

const anyText = fc.dictionary(
  fc.stringMatching(/^[!-~¡-ÿ]{1,30}( [!-~¡-ÿ]{1,30})?$/),
  fc.string({ unit: "grapheme" }).filter((value) => !value.includes("\0")),
);

describe("writePng", () => {
  it("is undone by readPng, texts included", () => {
    fc.assert(
      fc.property(anyPixels, anyText, (pixels, texts) => {
        const map = new Map(Object.entries(texts));
        const { text: back, ...rest } = readPng(writePng(pixels, { text: map }));
        expect(rest).toEqual(pixels);
        expect(back ?? new Map()).toEqual(map);
      }),
    );
  });

  it("keeps the texts of the pixels unless it is given others", () => {
    const pixels: IntegerPixels = {
      width: 1,
      height: 1,
      channels: 1,
      maxValue: 255,
      data: Uint8Array.of(3),
      text: new Map([["a", "b"]]),
    };
    expect(readPng(writePng(pixels)).text).toEqual(new Map([["a", "b"]]));
    expect(readPng(writePng(pixels, { text: new Map([["c", "d"]]) })).text).toEqual(new Map([["c", "d"]]));
    expect(readPng(writePng(pixels, { text: new Map() })).text).toBeUndefined();
  });

  it("keeps characters from 0x80 to 0x9f, which windows-1252 would change", () => {
    const pixels: IntegerPixels = { width: 1, height: 1, channels: 1, maxValue: 255, data: Uint8Array.of(3) };
    const texts = new Map([["k", "\x80\x9f ÿ\n"]]);
    expect(readPng(writePng(pixels, { text: texts })).text).toEqual(texts);
    expect(readPng(makePng({ ...gray, before: [writeChunk("tEXt", text("k\0\x80\x9f"))] })).text?.get("k")).toBe(
      "\x80\x9f",
    );
  });

  it("refuses pixels that do not fit together", () => {
    const pixels: IntegerPixels = { width: 2, height: 1, channels: 1, maxValue: 255, data: Uint8Array.of(1, 2) };
    expect(() => writePng({ ...pixels, maxValue: 15 })).toThrow(/maxValue 255 or 65535, not 15/);
    expect(() => writePng({ ...pixels, maxValue: 65535 })).toThrow(/Uint16Array/);
    expect(() => writePng({ ...pixels, data: Uint16Array.of(1, 2) })).toThrow(/Uint8Array/);
    expect(() => writePng({ ...pixels, width: 0, data: new Uint8Array(0) })).toThrow(/0 x 1/);
    expect(() => writePng({ ...pixels, width: 1.5 })).toThrow(/1.5 x 1/);
    expect(() => writePng({ ...pixels, channels: 3 })).toThrow(/need 6 values, got 2/);
  });

  it("refuses texts that PNG cannot hold", () => {
    const pixels: IntegerPixels = { width: 1, height: 1, channels: 1, maxValue: 255, data: Uint8Array.of(3) };
    for (const keyword of ["", " a", "a ", "a  b", "a\nb", "é".repeat(80), "東"]) {
      expect(() => writePng(pixels, { text: new Map([[keyword, "x"]]) })).toThrow(/keyword/);
    }
    expect(() => writePng(pixels, { text: new Map([["k", "a\0b"]]) })).toThrow(/zero character/);
    expect(() => writePng(pixels, { text: new Map([["k", "\ud800"]]) })).toThrow(/surrogate/);
  });
});
