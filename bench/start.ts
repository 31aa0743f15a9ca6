// `npm run bench:start`: how long it takes until something is computed, in processes of their own, minima. Compiling: the program of the
// texture model with its loss and gradient, 256 x 256 pixels, on one thread. The command: the texture preset, to the end of its first
// iteration and to its own, and the memory that it takes. Measured are the packages as they are built. Options: --rounds N (default 5);
// --beside FOLDER, another checkout that is built, which takes turns with this one.

import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { begin, positive } from "./options.ts";

type Figures = Readonly<Record<string, number>>;

interface Row {
  readonly name: string;
  readonly unit: string;
  readonly must: number;
}

const ROWS: readonly Row[] = [
  { name: "compile, float64", unit: "ms", must: 300 },
  { name: "compile, float64, processor", unit: "ms", must: 300 },
  { name: "compile, float32", unit: "ms", must: 300 },
  { name: "compile, float32, processor", unit: "ms", must: 300 },
  { name: "command to first iteration", unit: "ms", must: 1300 },
  { name: "whole command", unit: "ms", must: 2200 },
  { name: "whole command, processor", unit: "ms", must: 2200 },
  { name: "whole command, memory", unit: "MB", must: 260 },
];

/** Makes the program in a process that has made none, and prints how long that took. */
const COMPILE = `
  import * as po from "plenoptic-js";
  import { gradient, Tensor, tensor } from "@plenoptic-js/tensor";
  import { inputLeaf, Program } from "@plenoptic-js/tensor/engine";
  const [dtype] = process.argv.slice(-1);
  const shape = [1, 1, 256, 256];
  const reference = tensor(Float64Array.from({ length: 65536 }, (_, i) => ((i * 6421) % 10007) / 10007), { shape, dtype });
  const model = new po.models.PortillaSimoncelli([256, 256]);
  const loss = po.loss.portillaSimoncelliLossFactory(model, reference);
  const target = model.forward(reference);
  const x = new Tensor(inputLeaf(shape, dtype));
  const value = loss(model.forward(x), target);
  const outputs = { value: value.node, gradient: gradient(value, x).node };
  const start = performance.now();
  const before = process.cpuUsage();
  new Program({ buffers: { x: x.node }, entries: { run: { outputs } } });
  const time = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  console.log(JSON.stringify({ ["compile, " + dtype]: time, ["compile, " + dtype + ", processor"]: (user + system) / 1000 }));
`;

/** Loaded before the command: says at its end what it took. */
const AT_EXIT = `data:text/javascript,${encodeURIComponent(`process.on("exit", () => {
  const { user, system } = process.cpuUsage();
  process._rawDebug("TAKEN " + (user + system) / 1000 + " " + process.resourceUsage().maxRSS / 1024);
});`)}`;

/** Runs Node in a checkout; `seen` is told all that it prints, as it comes. */
function run(folder: string, args: readonly string[], seen: (text: string) => void): Promise<void> {
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, args, { cwd: folder });
    let all = "";
    const take = (data: Buffer): void => {
      all += String(data);
      seen(all);
    };
    child.stdout.on("data", take);
    child.stderr.on("data", take);
    child.on("error", failed);
    child.on("close", (code) =>
      code === 0 ? done() : failed(new Error(`node ${args.join(" ")} ended with ${code}:\n${all}`)),
    );
  });
}

async function compile(folder: string, dtype: string): Promise<Figures> {
  let text = "";
  await run(folder, ["--input-type=module", "--eval", COMPILE, "--", dtype], (all) => {
    text = all;
  });
  return JSON.parse(text) as Figures;
}

async function command(folder: string): Promise<Figures> {
  const out = mkdtempSync(join(tmpdir(), "plenoptic-start-"));
  const args = ["metamer", "gravel", "--preset", "texture", "--iterations", "1", "--out", out, "--overwrite"];
  const start = performance.now();
  let first = Number.NaN;
  let taken = ["", "", ""];
  try {
    await run(folder, ["--import", AT_EXIT, join(folder, "packages/cli/bin/plenoptic.js"), ...args], (all) => {
      if (Number.isNaN(first) && all.includes("iteration 1")) first = performance.now() - start;
      taken = /TAKEN (\S+) (\S+)/.exec(all) ?? taken;
    });
  } finally {
    rmSync(out, { recursive: true });
  }
  return {
    "command to first iteration": first,
    "whole command": performance.now() - start,
    "whole command, processor": Number(taken[1]),
    "whole command, memory": Number(taken[2]),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "5" }, beside: { type: "string" } } });
  const rounds = positive("rounds", values.rounds);
  const folders = [join(import.meta.dirname, ".."), ...(values.beside === undefined ? [] : [resolve(values.beside)])];
  const best = folders.map(() => new Map<string, number>());
  for (let round = 0; round < rounds; round++) {
    for (const [i, folder] of folders.entries()) {
      for (const measure of [
        () => compile(folder, "float64"),
        () => compile(folder, "float32"),
        () => command(folder),
      ]) {
        for (const [name, figure] of Object.entries(await measure())) {
          best[i].set(name, Math.min(best[i].get(name) ?? Number.POSITIVE_INFINITY, figure));
        }
      }
    }
  }
  console.log(`Node ${process.version}, minima of ${rounds} rounds`);
  for (const { name, unit, must } of ROWS) {
    const [own, other] = best.map((figures) => figures.get(name) as number);
    const ratio = other === undefined ? "" : `, beside ${other.toFixed(0)}: ${(own / other).toFixed(2)}`;
    console.log(`${name}: ${own.toFixed(0)} ${unit}, must ${must}${ratio}`);
  }
}

await begin(main);
