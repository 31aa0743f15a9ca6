// `npm run bench:networks`: three whole networks of vision, made from a seed, one thread: value and gradient of the image, beside this machine's
// ceilings, with which they take turns. Options: --only TEXT (networks whose name holds it), --dtype float32,float64, --rounds N (turns of
// each, default 5), --python PYTHON (one that has torch: its times, too), --write FOLDER (nothing is timed; the networks are written there
// as ONNX files). Exit code: 0 all is well, 1 a rate is below its target, 2 it could not be run.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readOnnx } from "@plenoptic-js/networks/onnx";
import { type WholeNetwork, wholeNetworks } from "@plenoptic-js/proof/onnx/wholeNetworks";
import { Peer, PeerError } from "@plenoptic-js/proof/peer/peer";
import { gradient, Tensor } from "@plenoptic-js/tensor";
import { inputLeaf, Program } from "@plenoptic-js/tensor/engine";
import { ceilings } from "./ceilings.ts";
import { positive, UsageError } from "./options.ts";
import type { Float, Run } from "./programs.ts";
import { turn } from "./timing.ts";

const SEED = 1;
const SHAPE = [1, 3, 224, 224];
const DTYPES: readonly Float[] = ["float32", "float64"];

/** Thousand millions of additions and multiplications in a second that are wanted, at 4 a multiply-add: forward and gradient. */
const TARGETS: Readonly<Record<string, Readonly<Record<Float, number>>>> = {
  ResNet50: { float32: 15, float64: 7 },
  VGG16: { float32: 18, float64: 8 },
  "ViT-B/16": { float32: 22, float64: 9 },
};

interface Made {
  readonly run: Run;
  /** Milliseconds from the file's bytes to a program that runs. */
  readonly ready: number;
  readonly megabytes: number;
}

async function made(bytes: Uint8Array, dtype: Float): Promise<Made> {
  const start = performance.now();
  const network = await readOnnx(bytes);
  const leaf = inputLeaf(SHAPE, dtype);
  const x = new Tensor<Float>(leaf);
  const value = network.forward(x).square().sum();
  const outputs = { value: value.node, gradient: gradient(value, x).node };
  const program = new Program({ buffers: { x: leaf }, entries: { run: { outputs } } });
  const ready = performance.now() - start;
  const pixels = Float64Array.from({ length: 3 * 224 * 224 }, (_, i) => ((i * 7919) % 10007) / 10007);
  program.set("x", { dtype, shape: SHAPE, re: dtype === "float64" ? pixels : Float32Array.from(pixels) });
  return { run: () => program.run("run"), ready, megabytes: program.bytes / 1e6 };
}

interface Times {
  readonly ours: number;
  readonly theirs: number | null;
  /** The machine's own rate in registers, in G/s. */
  readonly limit: number;
}

/** A turn of a network repeats its run until so many milliseconds are over; networks.py does the same. */
const TURN_MS = 1000;

/** The shortest run of one turn, in milliseconds of the processor: one of seconds is never alone on a machine with other work. */
async function longTurn(run: Run): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + TURN_MS;
  do {
    const start = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  } while (performance.now() < end);
  return best;
}

/** Shortest runs, in turns. */
async function race(run: Run, one: WholeNetwork, dtype: Float, rounds: number, peer: Peer | null): Promise<Times> {
  const [registers] = ceilings(dtype);
  const best = { ours: Number.POSITIVE_INFINITY, theirs: Number.POSITIVE_INFINITY, limit: Number.POSITIVE_INFINITY };
  for (let round = 0; round < rounds; round++) {
    best.ours = Math.min(best.ours, await longTurn(run));
    best.limit = Math.min(best.limit, await turn(registers.run));
    if (peer === null) continue;
    const { ms } = await peer.ask({ run: one.name, dtype, threads: 1 });
    if (typeof ms !== "number") throw new PeerError(`Python answered ${JSON.stringify(ms)} for a time`);
    best.theirs = Math.min(best.theirs, ms);
  }
  const { ours, theirs, limit } = best;
  return { ours, theirs: peer === null ? null : theirs, limit: registers.amount / limit / 1e6 };
}

const HEAD = ["network", "dtype", "ready s", "MB", "ms", "G/s", "must", "registers", "of", "PyTorch ms", "ratio"];

function line(cells: readonly string[]): string {
  const widths = [9, 8, 8, 6, 8, 6, 5, 10, 6, 11, 6];
  return cells.map((cell, i) => (i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join(" ");
}

function chosenNetworks(only: string): readonly WholeNetwork[] {
  const found = wholeNetworks.filter(({ name }) => name.toLowerCase().includes(only.toLowerCase()));
  if (found.length > 0) return found;
  const names = wholeNetworks.map(({ name }) => name).join(", ");
  throw new UsageError(`--only ${JSON.stringify(only)}: no network's name holds it; there are ${names}`);
}

function dtypesOf(text: string): readonly Float[] {
  const found = text.split(",").map((name) => DTYPES.find((dtype) => dtype === name));
  if (found.includes(undefined)) throw new UsageError(`--dtype ${text}: it must be of float32 and float64`);
  return found as Float[];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      dtype: { type: "string", default: DTYPES.join(",") },
      rounds: { type: "string", default: "5" },
      python: { type: "string" },
      write: { type: "string" },
    },
  });
  const networks = chosenNetworks(values.only);
  if (values.write !== undefined) {
    mkdirSync(values.write, { recursive: true });
    for (const { name, make } of networks) {
      const file = join(values.write, `${name.replace("/", "")}.onnx`);
      writeFileSync(file, make(SEED));
      console.log(file);
    }
    return 0;
  }
  const [dtypes, rounds] = [dtypesOf(values.dtype), positive("rounds", values.rounds)];
  const script = fileURLToPath(new URL("./networks.py", import.meta.url));
  const peer = values.python === undefined ? null : await Peer.start(values.python, script);
  try {
    const versions = `Node ${process.version}${peer === null ? "" : `; ${peer}`}`;
    console.log(
      `${versions}. Shortest of ${rounds} turns, one thread, the processor's time. G/s: 4 operations a multiply-add.`,
    );
    console.log(
      "registers: the machine's own rate of additions and multiplications in registers, in the same minutes.\n",
    );
    console.log(line(HEAD));
    let missed = 0;
    for (const one of networks) {
      const bytes = one.make(SEED);
      for (const dtype of dtypes) {
        const { run, ready, megabytes } = await made(bytes, dtype);
        const { ours, theirs, limit } = await race(run, one, dtype, rounds, peer);
        const rate = (4 * one.multiplyAdds) / ours / 1e6;
        const must = TARGETS[one.name][dtype];
        if (rate < must) missed++;
        const times = [(ready / 1000).toFixed(2), megabytes.toFixed(0), ours.toFixed(0), rate.toFixed(1), String(must)];
        const beside = [limit.toFixed(1), `${((100 * rate) / limit).toFixed(0)} %`];
        const ratio = theirs === null ? [] : [theirs.toFixed(0), (ours / theirs).toFixed(1)];
        console.log(line([one.name, dtype, ...times, ...beside, ...ratio]));
      }
    }
    return missed === 0 ? 0 : 1;
  } finally {
    peer?.close();
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof PeerError) && !(error instanceof UsageError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
