// Planned entries become one WebAssembly module: every kernel once, and a function for each step that calls its kernel
// with the step's addresses.

import { type MemoryLimits, ModuleBuilder } from "../wasm/assembler/assembler.ts";
import type { Places } from "./places.ts";
import type { EntryPlan } from "./plan.ts";

/** The exported function of a step. Its parameters: scratch, first unit, end. */
export const stepName = (plan: number, step: number): string => `e${plan}s${step}`;

/** The module of these plans, as bytes. Its memory is imported. */
export function link(plans: readonly EntryPlan[], places: Places, memory: MemoryLimits): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ memory });
  const kernels = new Map<string, number>();
  plans.forEach((plan, n) => {
    plan.steps.forEach((step, i) => {
      const kernel = kernels.get(step.kernel.key) ?? step.kernel.emit(module);
      kernels.set(step.kernel.key, kernel);
      const addresses = step.arguments.map((r) => places.of(n, plan, r));
      module.forward(stepName(n, i), kernel, addresses, 3);
    });
  });
  return module.emit();
}
