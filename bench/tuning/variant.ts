// The bench's work as one file, with one number of the source replaced: nothing in the library can be set from outside for it.

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

export interface Constant {
  /** Its name in the source. */
  readonly name: string;
  /** Path from packages/tensor/src. */
  readonly file: string;
}

/** The declaration's beginning, its number, and its end. */
const declaration = (name: string): RegExp => new RegExp(`^((?:export )?const ${name} = )([0-9][0-9_.]*)(;)`, "gm");

/** The number that a source gives a constant; an error where that is not said once. */
export function numberIn(source: string, { name, file }: Constant): number {
  const found = [...source.matchAll(declaration(name))];
  if (found.length !== 1) {
    throw new Error(`${file} declares the number ${name} ${found.length} times; the bench must know the one line`);
  }
  return Number(found[0][2].replaceAll("_", ""));
}

const replaced = (source: string, { name }: Constant, value: number): string =>
  source.replace(declaration(name), `$1${value}$3`);

/** Builds the worker into `folder`, with `value` for the constant; the result is the file to run. */
export async function buildVariant(constant: Constant, value: number, folder: string): Promise<string> {
  const path = join(ROOT, "packages/tensor/src", constant.file).replaceAll("\\", "/");
  let seen = 0;
  await build({
    root: ROOT,
    configFile: false,
    logLevel: "error",
    plugins: [
      {
        name: "replace-a-number",
        enforce: "pre",
        transform(code, id) {
          if (id !== path) return null;
          numberIn(code, constant);
          seen++;
          return replaced(code, constant, value);
        },
      },
    ],
    resolve: { conditions: ["@plenoptic-js/source", "node", "import"] },
    ssr: { noExternal: true, resolve: { conditions: ["@plenoptic-js/source", "node", "import"] } },
    build: {
      ssr: join(ROOT, "bench/tuning/worker.ts"),
      outDir: folder,
      emptyOutDir: false,
      minify: false,
      target: "esnext",
      rolldownOptions: { output: { entryFileNames: "worker.mjs" } },
    },
  });
  if (seen !== 1) throw new Error(`the bench's work took in ${constant.file} ${seen} times; it must be once`);
  return join(folder, "worker.mjs");
}
