// What a page pays for one function: a bundle in one file, without what is not used.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import { build } from "vite";
import { expect, test } from "vitest";
import { alias } from "../../../vitest.config.ts";

const LIMIT_KB = 250;

/** A script of one file that uses some of the library, minified. */
async function bundle(code: string): Promise<string> {
  const folder = await mkdtemp(join(import.meta.dirname, "bundle-"));
  try {
    const entry = join(folder, "entry.ts");
    await writeFile(entry, code);
    const built = (await build({
      configFile: false,
      logLevel: "error",
      resolve: { alias },
      build: {
        write: false,
        minify: true,
        target: "es2022",
        lib: { entry, formats: ["iife"], name: "page" },
        rolldownOptions: { external: /^node:/, output: { codeSplitting: false } },
      },
    })) as unknown as readonly { output: readonly { code: string }[] }[];
    expect(built[0].output).toHaveLength(1);
    return built[0].output[0].code;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test(`ssim alone takes less than ${LIMIT_KB} kB, and no decoder of images`, async () => {
  // Taken apart, as in `const { ssim } = metric`, a namespace comes as a whole, with the other metrics.
  const code = await bundle('import { metric } from "plenoptic-js";\nexport const ssim = metric.ssim;\n');
  expect(code).toContain("output may not make sense");
  for (const other of ["JPEG", "nlpd"]) expect(code).not.toContain(other);
  expect(code.length / 1000).toBeLessThan(LIMIT_KB);
});

const pages: readonly [what: string, code: string, who: RegExp][] = [
  [
    "a metric",
    'import { metric } from "plenoptic-js";\nexport const { ssim } = metric;\n',
    /^plenoptic needs a little-endian machine/,
  ],
  [
    "a program of the engine",
    'export { Program } from "@plenoptic-js/tensor/engine";\n',
    /^plenoptic needs a little-endian machine/,
  ],
  [
    "a reader of files",
    'export { readPt } from "@plenoptic-js/formats";\n',
    /^@plenoptic-js\/formats needs a little-endian machine/,
  ],
  [
    "a reader of arrays",
    'export { readNpy } from "@plenoptic-js/formats";\n',
    /^@plenoptic-js\/formats needs a little-endian machine/,
  ],
  [
    "a reader of images",
    'export { readPng } from "@plenoptic-js/formats";\n',
    /^@plenoptic-js\/formats needs a little-endian machine/,
  ],
];

test.each(pages)("a big-endian machine refuses a bundle of %s when it is loaded", async (_, code, words) => {
  const script = `${await bundle(code)}\nvoid 0;`;
  const globals = { TextEncoder, TextDecoder, URL, console, crypto };
  runInContext(script, createContext({ ...globals }));
  // There, the first byte of a word of two bytes that holds 1 is 0.
  const bigEndian = `Uint16Array = class extends Uint16Array {
    constructor(...args) {
      super(...args);
      if (Array.isArray(args[0])) for (let i = 0; i < this.length; i++) this[i] = (this[i] << 8) | (this[i] >> 8);
    }
  };`;
  const other = createContext({ ...globals });
  runInContext(bigEndian, other);
  expect(() => runInContext(script, other)).toThrow(expect.objectContaining({ message: expect.stringMatching(words) }));
});
