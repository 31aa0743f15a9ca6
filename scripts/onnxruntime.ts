// `npm run onnxruntime -- FOLDER [--only TEXT]`: results of networks here and by ONNX Runtime, both in float32: every ONNX file of a golden
// folder, and the three whole networks of the bench. Says the largest difference of each, as a part of its largest number. What ONNX
// Runtime cannot run is told, and is no failure. First: npm ci --prefix scripts/onnxruntime. Exit code: 0 all agree, 1 some
// differ by more than 1e-3, 2 it could not be run.

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { FileError } from "@plenoptic-js/formats";
import { OnnxError, readOnnx } from "@plenoptic-js/networks/onnx";
import { readArray, readIndex } from "@plenoptic-js/proof/conformance/format";
import { wholeNetworks } from "@plenoptic-js/proof/onnx/wholeNetworks";
import { type Tensor, tensor } from "@plenoptic-js/tensor";

const USAGE = "Usage: npm run onnxruntime -- FOLDER [--only TEXT], FOLDER with an index.json of ONNX cases";
const FOLDER = fileURLToPath(new URL("./onnxruntime/", import.meta.url));
const DOOR = join(FOLDER, "node_modules/onnxruntime-web/dist/ort.node.min.mjs");
const MOST = 1e-3;

/** What is used of it here; its own types are not there where it is not installed. */
interface Runtime {
  readonly env: { logLevel: string; readonly wasm: { numThreads: number } };
  readonly Tensor: new (type: "float32", data: Float32Array, dims: readonly number[]) => unknown;
  readonly InferenceSession: {
    create(
      file: Uint8Array,
      options: { readonly externalData: readonly { readonly path: string; readonly data: Uint8Array }[] },
    ): Promise<{
      readonly inputNames: readonly string[];
      run(
        feeds: Readonly<Record<string, unknown>>,
      ): Promise<Readonly<Record<string, { readonly data: ArrayLike<number> }>>>;
      release(): Promise<void>;
    }>;
  };
}

interface Comparison {
  readonly name: string;
  file(): Uint8Array;
  /** Files with weights, by name. */
  readonly external: Readonly<Record<string, Uint8Array>>;
  image(): { readonly shape: readonly number[]; readonly data: Float32Array };
}

/** The files of a golden folder, each once, with the image of its first case. */
function golden(folder: string): Comparison[] {
  const seen = new Set<string>();
  return readIndex(folder).flatMap((one) => {
    const { file, external = [] } = one.model as { file: string; external?: readonly { file: string }[] };
    if (seen.has(file)) return [];
    seen.add(file);
    const read = (name: string): Uint8Array => readFileSync(join(folder, name));
    return [
      {
        name: file,
        file: () => read(file),
        external: Object.fromEntries(external.map((more) => [basename(more.file), read(more.file)])),
        image() {
          const { shape, data } = readArray(folder, one.inputs.x);
          return { shape, data: Float32Array.from(data) };
        },
      },
    ];
  });
}

const SIDE = 224;
const SEED = 1;

const whole: readonly Comparison[] = wholeNetworks.map(({ name, make }) => ({
  name,
  file: () => make(SEED),
  external: {},
  image: () => ({
    shape: [1, 3, SIDE, SIDE],
    data: Float32Array.from({ length: 3 * SIDE * SIDE }, (_, i) => ((i * 7919) % 10007) / 10007),
  }),
}));

/** The largest difference of all results, as a part of the largest number of that result. */
async function compared(ort: Runtime, { file, external, image }: Comparison): Promise<number> {
  const bytes = file();
  const { shape, data } = image();
  const network = await readOnnx(bytes, { external });
  const ours: readonly Tensor[] = network.layers(tensor(data, { shape, dtype: "float32" }), network.outputs);
  const externalData = Object.entries(external).map(([path, content]) => ({ path, data: content }));
  const session = await ort.InferenceSession.create(bytes, { externalData });
  try {
    const results = await session.run({ [session.inputNames[0]]: new ort.Tensor("float32", data, shape) });
    const differences = [];
    for (const [i, name] of network.outputs.entries()) {
      const [own, other] = [await ours[i].data(), Array.from(results[name].data, Number)];
      if (own.length !== other.length) throw new Error(`${name} has ${own.length} numbers, and ${other.length} there`);
      const size = other.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
      const difference = other.reduce((most, x, k) => Math.max(most, Math.abs(x - own[k])), 0);
      differences.push(difference === 0 ? 0 : difference / size);
    }
    return Math.max(...differences);
  } finally {
    await session.release();
  }
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { only: { type: "string", default: "" } },
  });
  const [folder] = positionals;
  if (folder === undefined || !existsSync(join(folder, "index.json"))) throw new Error(USAGE);
  if (!existsSync(DOOR)) throw new Error("ONNX Runtime is not there; run: npm ci --prefix scripts/onnxruntime");
  const ort = (await import(pathToFileURL(DOOR).href)) as Runtime;
  ort.env.wasm.numThreads = 1;
  ort.env.logLevel = "fatal";
  const all = [...golden(folder), ...whole].filter(({ name }) => name.includes(values.only));
  let [largest, count, wrong] = [0, 0, 0];
  const untold: string[] = [];
  for (const one of all) {
    try {
      const difference = await compared(ort, one);
      console.log(`${one.name}: ${difference.toExponential(1)}`);
      largest = Math.max(largest, difference);
      count++;
      if (!(difference <= MOST)) wrong++;
    } catch (error) {
      // What we should have computed, and did not, is no agreement.
      const isOurs = error instanceof OnnxError || error instanceof FileError;
      if (isOurs && !(error instanceof OnnxError && error.code === "unsupported")) wrong++;
      untold.push(
        `${one.name}: ${String(error instanceof Error ? error.message : error)
          .split("\n")[0]
          .slice(0, 160)}`,
      );
    }
  }
  for (const line of untold) console.log(`not compared: ${line}`);
  console.log(`${count} files compared, largest difference ${largest.toExponential(1)}; ${untold.length} not compared`);
  return wrong === 0 && count > 0 ? 0 : 1;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
