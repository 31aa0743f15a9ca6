// Runs a synthesis in a process of its own and prints by how many bytes the heap and the arrays outside of it have grown in 200 steps.
// The process needs --expose-gc.

import { setTimeout as sleep } from "node:timers/promises";
import { setSeed, setThreads, tensor } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";

async function held(): Promise<number> {
  // What is collected in one turn is given back in the next ones.
  for (let i = 0; i < 4; i++) {
    globalThis.gc?.();
    await sleep(50);
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

async function main(): Promise<void> {
  setThreads(1);
  setSeed(0);
  const side = 64;
  const values = Float64Array.from({ length: side * side }, (_, i) => ((i * 7919) % 10007) / 10007);
  const image = tensor(values, { shape: [1, 1, side, side] });
  const metamer = new po.Metamer(image, new po.models.PortillaSimoncelli([side, side], { nScales: 3 }));
  const step = (count: number) => metamer.synthesize({ maxIter: count, stopCriterion: -1 });
  await step(100);
  const before = await held();
  await step(200);
  console.log(String((await held()) - before));
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
