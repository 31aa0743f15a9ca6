// What Node loads of the packages: few files instead of hundreds, of which each takes time to find, read and compile. Bundlers and
// browsers take the files that tsc made, one for each source file, so that they can leave out what a page does not use.
//
// Bundled is the source, so that source maps name it. A package's doors share their files, and other packages stay outside: a program
// and what it loads, a model of the user's for one, have one library between them. Files lie as deep as source files do, in dist/node,
// because the library finds its pictures from where it lies.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const PACKAGES = fileURLToPath(new URL("../packages/", import.meta.url));

/** The doors of every package that is published. */
const DOORS = {
  formats: ["index"],
  tensor: ["index", "engine"],
  networks: ["index", "onnx"],
  plenoptic: ["index", "engine"],
  runs: ["index"],
  cli: ["index", "main"],
};

/** A module of a package whose entry is CommonJS: Node would have to find out what it is. */
const INSIDE = /^gifenc\//;

/** Bundles all packages. tsc has checked them. */
export async function bundlePackages() {
  for (const [name, doors] of Object.entries(DOORS)) {
    const root = join(PACKAGES, name);
    await build({
      configFile: false,
      logLevel: "warn",
      root,
      ssr: { noExternal: ["gifenc"] },
      build: {
        ssr: true,
        outDir: "dist/node",
        emptyOutDir: true,
        sourcemap: true,
        minify: false,
        target: "es2022",
        rolldownOptions: {
          input: Object.fromEntries(doors.map((door) => [door, join(root, `src/${door}.ts`)])),
          external: (name) => /^[^./]/.test(name) && !INSIDE.test(name),
          // A door shows its names and no other.
          preserveEntrySignatures: "strict",
          output: { entryFileNames: "[name].js", chunkFileNames: "[name].js" },
        },
      },
    });
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundlePackages();
