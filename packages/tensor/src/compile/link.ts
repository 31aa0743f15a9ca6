// Planned entries become one WebAssembly module: every kernel once, a function for each step that threads share, which calls its kernel
// with the step's addresses, and one for each sequence of other steps.

import { type Call, type CallOfUnits, type MemoryLimits, ModuleBuilder } from "../wasm/assembler/assembler.ts";
import type { Step } from "./lower.ts";
import type { Places } from "./places.ts";
import type { EntryPlan } from "./plan.ts";
import type { Joined, StepCall } from "./schedule.ts";

/** The exported function of a step. Its parameters: scratch, first unit, end. */
export const stepName = (plan: number, step: number, part?: number): string =>
  part === undefined ? `e${plan}s${step}` : `e${plan}s${step}p${part}`;

/** Whether a step has a function for each of its parts: some array that it uses lies elsewhere in each. */
export const differsByPart = ({ slim }: EntryPlan, { reads, writes }: Step): boolean =>
  slim.size > 0 && (reads.some((node) => slim.has(node)) || writes.some((node) => slim.has(node)));

/** The module of these plans, as bytes: its functions are those of the schedule. Its memory is imported. */
export function link(
  plans: readonly EntryPlan[],
  places: Places,
  { schedule, sequences, loops }: Joined,
  memory: MemoryLimits,
): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ memory });
  const kernels = new Map<string, number>();
  const calls = new Map<string, Call>();
  plans.forEach((plan, n) => {
    plan.steps.forEach((step, i) => {
      let target = kernels.get(step.kernel.key);
      if (target === undefined) {
        target = step.kernel.emit(module);
        kernels.set(step.kernel.key, target);
      }
      const parts = differsByPart(plan, step) ? Array.from({ length: plan.parts[i] }, (_, part) => part) : [undefined];
      for (const part of parts) {
        const given = step.arguments.map((r) => places.of(n, plan, r, part));
        calls.set(stepName(n, i, part), { target, given });
      }
    });
  });
  for (const name of schedule.functions) {
    const call = calls.get(name);
    if (call !== undefined) module.forward(name, call, 3);
  }
  const inTurn = (pieces: readonly StepCall[]): CallOfUnits[] =>
    pieces.map(({ step, begin, end }) => ({ call: calls.get(step) as Call, begin, end }));
  for (const [name, pieces] of loops) {
    calls.set(name, { target: module.sequence(name, inTurn(pieces), 3), given: [] });
  }
  for (const [name, pieces] of sequences) module.sequence(name, inTurn(pieces));
  return module.emit();
}
