// Networks in ONNX files: the values of their layers with gradients, the files that must be refused, and whole networks, one step each. The format of the cases is described in the README.md of their folder.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Network } from "@plenoptic-js/networks";
import { OnnxError, readOnnx } from "@plenoptic-js/networks/onnx";
import { gradient, Tensor, zeros } from "@plenoptic-js/tensor";
import { checkFits, inputLeaf, Program } from "@plenoptic-js/tensor/engine";
import { type Handler, NotSupported } from "./cases.ts";
import type { GoldenArray, GoldenCase } from "./format.ts";
import type { Result } from "./run.ts";
import { toArray, toTensor } from "./tensors.ts";

interface OnnxCase extends GoldenCase {
  readonly model: { readonly file: string; readonly opset: number };
  readonly args: {
    readonly outputs: readonly string[];
    readonly modules?: readonly (string | null)[];
  };
}

/** The layers of a case and its gradient, in the precision that the case asks for. They are compared as float64. */
export const onnxHandler: Handler = async (golden, arrays) => {
  const { model, args, dtype = "float64" } = golden as OnnxCase;
  const single = dtype === "float32";
  const given = (name: string): Tensor => {
    const array = toTensor(arrays.input(name));
    return single ? array : array.cast("float64");
  };
  const network = await readOnnx(arrays.path(model.file)).catch((error: unknown) => notYet(golden, error));
  checkModules(network, args);
  const x = given("x");
  const layers = attempt(golden, () => network.layers(x, args.outputs));
  const terms = layers.map((layer, k) => layer.mul(given(`w_${k}`)).sum());
  const results = new Map<string, GoldenArray>();
  const all = [
    ...layers.entries(),
    [
      "grad_x",
      gradient(
        terms.reduce((a, b) => a.add(b)),
        x,
      ),
    ] as const,
  ];
  for (const [name, tensor] of all) results.set(String(name), { ...(await toArray(tensor)), dtype: "float64" });
  return results;
};

/** Looking up the path of a module must give the value that is named. */
function checkModules(network: Network, { outputs, modules = [] }: OnnxCase["args"]): void {
  modules.forEach((module, i) => {
    if (module === null || network.find(module) === network.find(outputs[i])) return;
    throw new Error(`the module ${module} is found as ${network.find(module)}, and not as ${outputs[i]}`);
  });
}

function attempt<T>(golden: GoldenCase, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    return notYet(golden, error);
  }
}

/** Cases that need not be computed: those of the third tier, and of sets of operators that are refused by their age. */
function notYet({ notes = "", model }: GoldenCase, error: unknown): never {
  const isOld = (model as OnnxCase["model"]).opset < 7;
  const mayBe = /tier 3/.test(notes) || isOld;
  if (mayBe && error instanceof OnnxError && error.code === "unsupported") throw new NotSupported(error.problem);
  throw error;
}

interface Hostile {
  readonly name: string;
  readonly kind: string;
  readonly file: string;
  /** Words that the message must have, in whatever case. */
  readonly says: readonly string[];
}

/** Milliseconds in which a file must be refused. */
const PATIENCE = 1000;

/** A refusal of every file that must be refused, or what was wrong with it. */
export async function* runHostile(folder: string): AsyncGenerator<Result> {
  const { hostile = [] } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { hostile?: Hostile[] };
  for (const { name, kind, file, says } of hostile) {
    const start = performance.now();
    const error = await refusalOf(join(folder, file));
    const took = performance.now() - start;
    const problems = [];
    if (error === undefined) problems.push("it was not refused");
    else {
      const { name: type, code, message } = error as Error & { code?: string };
      const found = type === "FileError" ? "format" : code;
      if (found !== kind) problems.push(`it was refused as ${found}, and not as ${kind}`);
      const words = message.slice(join(folder, file).length).toLowerCase();
      const missing = says.filter((word) => !words.includes(word.toLowerCase()));
      if (missing.length > 0) problems.push(`the message lacks ${missing.join(", ")}: ${message}`);
    }
    if (took > PATIENCE) problems.push(`it took ${took.toFixed(0)} ms`);
    yield {
      name: `hostile/${name}`,
      outcome: problems.length === 0 ? "passed" : "failed",
      detail: problems.length === 0 ? String(error) : problems.join("\n"),
    };
  }
}

/** What reading a file, and computing its own result, says. */
export async function refusalOf(file: string): Promise<unknown> {
  try {
    const network = await readOnnx(file);
    const shape = network.imageShape?.map((n) => n ?? 8) ?? [1, 3, 8, 8];
    network.forward(zeros(shape, { dtype: "float32" }));
    return undefined;
  } catch (error) {
    return error;
  }
}

interface Whole {
  readonly name: string;
  readonly file: string;
  readonly input_shape: readonly number[];
  readonly shapes: Readonly<Record<string, readonly number[]>>;
}

/**
 * Of whole networks the shapes of all values, what a step would take by its plan, and one compiled step: value and gradient of their
 * result. Their weights mean nothing, and so do their results.
 */
export async function* runWhole(folder: string): AsyncGenerator<Result> {
  const { light = [] } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as { light?: Whole[] };
  for (const whole of light) {
    const problems: string[] = [];
    const told: string[] = [];
    const network = await readOnnx(join(folder, whole.file));
    const found = new Map(network.nodes.map((node) => [node.name, node.shape?.join(", ")]));
    const layers = Object.entries(whole.shapes).filter(([value]) => found.has(value));
    for (const [value, shape] of layers) {
      if (found.get(value) === shape.join(", ")) continue;
      problems.push(`${value}: [${found.get(value)}], expected [${shape}]`);
    }
    if (layers.length === 0) problems.push("none of its values is a layer");
    told.push(`${layers.length} shapes`);
    try {
      told.push(stepOf(network, whole.input_shape));
    } catch (error) {
      problems.push(`a step: ${String(error)}`);
    }
    const isGood = problems.length === 0;
    yield { name: whole.name, outcome: isGood ? "passed" : "failed", detail: (isGood ? told : problems).join("\n") };
  }
}

/** Estimates a step and makes it; says what it took. */
function stepOf(network: Network, shape: readonly number[]): string {
  const leaf = inputLeaf(shape, "float32");
  const x = new Tensor<"float32">(leaf);
  const value = network.forward(x).square().sum();
  const outputs = { value: value.node, gradient: gradient(value, x).node };
  const spec = { buffers: { x: leaf }, entries: { step: { outputs } } };
  const expected = checkFits(spec);
  const program = new Program(spec);
  if (program.bytes !== expected) throw new Error(`it takes ${program.bytes} bytes, and ${expected} were expected`);
  const re = Float32Array.from({ length: shape.reduce((n, side) => n * side, 1) }, (_, i) => (i % 251) / 251);
  program.run("step", { x: { dtype: "float32", shape, re } });
  return `a step in ${(expected / 1e6).toFixed(0)} MB, value ${program.getNumber("step.value")}`;
}
