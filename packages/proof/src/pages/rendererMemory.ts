// A command of browser tests: the memory of the renderer, read in Node where the system tells it.

import { readdirSync, readFileSync } from "node:fs";

/** In MiB. */
interface Memory {
  readonly resident: number;
  /** Addresses, used or not. */
  readonly reserved: number;
}

interface Process {
  readonly parent: number;
  readonly renders: boolean;
  readonly memory: Memory;
}

function processes(): Map<number, Process> {
  const found = new Map<number, Process>();
  for (const id of readdirSync("/proc").map(Number).filter(Number.isInteger)) {
    try {
      const status = readFileSync(`/proc/${id}/status`, "utf8");
      const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      found.set(id, {
        parent: field("PPid"),
        renders: readFileSync(`/proc/${id}/cmdline`, "utf8").includes("--type=renderer"),
        memory: { resident: field("VmRSS") / 1024, reserved: field("VmSize") / 1024 },
      });
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** The memory of the largest renderer among the processes that this one has started; null where that is not told. */
export function rendererMemory(): Memory | null {
  if (process.platform !== "linux") return null;
  const all = processes();
  const isOurs = (id: number): boolean =>
    id === process.pid || (all.has(id) && isOurs((all.get(id) as Process).parent));
  const renderers = [...all].filter(([id, { renders }]) => renders && isOurs(id)).map(([, { memory }]) => memory);
  return renderers.sort((a, b) => b.resident - a.resident)[0] ?? null;
}
