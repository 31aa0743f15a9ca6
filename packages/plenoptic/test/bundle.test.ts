// What a page pays for one function: a bundle in one file, without what is not used.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
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
  const code = await bundle('import { metric } from "plenoptic-js";\nexport const { ssim } = metric;\n');
  expect(code).toContain("output may not make sense");
  expect(code).not.toContain("JPEG");
  expect(code.length / 1000).toBeLessThan(LIMIT_KB);
});
