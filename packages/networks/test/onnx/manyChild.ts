// Many small networks, each read, run with its gradient, and dropped: prints as JSON what memory the process holds after some of them, and
// after all, in MiB. The process needs --expose-gc.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readOnnx } from "@plenoptic-js/networks/onnx";
import { makeOnnx } from "@plenoptic-js/proof/onnx/makeOnnx";
import { gradient, tensor } from "@plenoptic-js/tensor";

/** After how many memory is looked at first. */
const EARLY = 100;
const SIDE = 24;

/** Other weights for every number, and other sizes for some. They are large enough to be compiled, and kept as weights. */
function made(number: number): Uint8Array {
  const channels = 36 + 4 * (number % 5);
  const weight = (count: number): Float32Array =>
    Float32Array.from({ length: count }, (_, i) => (((i + 1) * (number + 7)) % 101) / 101 - 0.5);
  return makeOnnx({
    nodes: [
      { op: "Conv", inputs: ["x", "a"], outputs: ["u"], attributes: { pads: [1, 1, 1, 1] } },
      { op: "Relu", inputs: ["u"], outputs: ["v"] },
      { op: "Conv", inputs: ["v", "b"], outputs: ["y"] },
    ],
    tensors: [
      { name: "a", dims: [channels, 36, 3, 3], values: weight(channels * 36 * 9) },
      { name: "b", dims: [300, channels, 1, 1], values: weight(300 * channels) },
    ],
    imageShape: [1, 36, SIDE, SIDE],
    outputs: ["y"],
  });
}

async function run(number: number): Promise<void> {
  const network = await readOnnx(made(number));
  const x = tensor(Float64Array.from({ length: 36 * SIDE * SIDE }, Math.sqrt), {
    shape: [1, 36, SIDE, SIDE],
    dtype: "float32",
  });
  const y = network.forward(x);
  await gradient(y.square().mean(), x).data();
}

async function look(): Promise<{ resident: number; reserved: number }> {
  // What is collected in one turn is given back in the next ones.
  for (let i = 0; i < 8; i++) {
    globalThis.gc?.();
    await sleep(50);
  }
  const status = readFileSync("/proc/self/status", "utf8");
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { resident: mebibytes("VmRSS"), reserved: mebibytes("VmSize") };
}

async function main(count: number): Promise<void> {
  let early = { resident: 0, reserved: 0 };
  for (let i = 0; i < count; i++) {
    await run(i);
    if (i + 1 === EARLY) early = await look();
  }
  console.log(JSON.stringify({ early, last: await look() }));
}

main(Number(process.argv[2])).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
