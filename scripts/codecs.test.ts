// The decoders in the package are those of the pinned jSquash packages, byte for byte, with their licences.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { inflateSync } from "node:zlib";
import { expect, it } from "vitest";
import { wasm as libwebp } from "../packages/formats/src/images/codecs/libwebp.ts";
import { wasm as mozjpeg } from "../packages/formats/src/images/codecs/mozjpeg.ts";
import { codecFiles } from "./codecs.ts";

const path = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url));

it.each([
  ["mozjpeg", mozjpeg, "node_modules/@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm"],
  ["libwebp", libwebp, "node_modules/@jsquash/webp/codec/dec/webp_dec.wasm"],
])("%s unpacks to the WebAssembly of its package", (_, text, file) => {
  expect(Buffer.compare(inflateSync(Buffer.from(text, "base64")), readFileSync(path(file)))).toBe(0);
});

it("the files are what `npm run codecs` writes", () => {
  const files = codecFiles();
  expect([...files.keys()].sort()).toEqual([
    "packages/formats/assets/codecs/NOTICES.md",
    "packages/formats/src/images/codecs/libwebp.ts",
    "packages/formats/src/images/codecs/mozjpeg.ts",
  ]);
  // Other versions of Node may pack in other ways: the test above unpacks.
  const unpacked = (text: string): string => text.replace(/^ {2}"[\w+/=]{1000,}";$/m, "  PACKED");
  for (const [name, text] of files) {
    if (name.endsWith(".ts")) expect(unpacked(text)).toContain("PACKED");
    expect(unpacked(readFileSync(path(name), "utf8")) === unpacked(text), name).toBe(true);
  }
});

it("the licences ship with the package, and name all that is in it", () => {
  const { files } = JSON.parse(readFileSync(path("packages/plenoptic/package.json"), "utf8"));
  expect(files).toContain("assets");
  const notices = readFileSync(path("packages/formats/assets/codecs/NOTICES.md"), "utf8");
  for (const text of [
    "MozJPEG, which is built on\nlibjpeg-turbo and under its licenses",
    "based in part on the work of the Independent JPEG Group",
    "D. R. Commander",
    "the WebP decoder is libwebp, under a BSD license",
    "Google Inc.",
    "Apache License",
    "jamsinclair",
  ]) {
    expect(notices.includes(text), text).toBe(true);
  }
});
