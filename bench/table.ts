// Tables as text, a line at a time, so that long runs show what they have.

import type { Workload } from "./workloads.ts";

/** A function that makes lines: workload and dtype to the left, the columns that follow to the right. */
export function lines(workloads: readonly Workload[]): (cells: readonly string[]) => string {
  const name = Math.max(...workloads.map((workload) => workload.name.length));
  return ([workload, dtype, ...numbers]) =>
    [workload.padEnd(name), dtype.padEnd(7), ...numbers.map((text) => text.padStart(8))].join("  ").trimEnd();
}
