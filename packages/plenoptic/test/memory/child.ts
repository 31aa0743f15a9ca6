// The scenario in a Node process of its own, whose memory is that of the syntheses: prints the report as JSON. The process needs
// --expose-gc.

import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { type Memory, runScenario, type Size } from "./scenario.ts";

async function look(): Promise<Memory> {
  // What is collected in one turn is given back in the next ones.
  for (let i = 0; i < 8; i++) {
    globalThis.gc?.();
    await sleep(100);
  }
  const status = readFileSync("/proc/self/status", "utf8");
  const mebibytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) / 1024;
  return { resident: mebibytes("VmRSS"), reserved: mebibytes("VmSize") };
}

const size = JSON.parse(process.argv[2]) as Size;
runScenario(size, look).then(
  (report) => console.log(JSON.stringify(report)),
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
