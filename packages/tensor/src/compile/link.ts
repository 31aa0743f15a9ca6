// Planned entries become one WebAssembly module: every kernel once, and a function for each step that calls its kernel
// with the step's addresses.

import { type MemoryLimits, ModuleBuilder } from "../wasm/assembler/assembler.ts";
import type { Step } from "./lower.ts";
import type { Places } from "./places.ts";
import type { EntryPlan } from "./plan.ts";

/** The exported function of a step. Its parameters: scratch, first unit, end. */
export const stepName = (plan: number, step: number, part?: number): string =>
  part === undefined ? `e${plan}s${step}` : `e${plan}s${step}p${part}`;

/** Whether a step has a function for each of its parts: some array that it uses lies elsewhere in each. */
export const differsByPart = ({ slim }: EntryPlan, { reads, writes }: Step): boolean =>
  slim.size > 0 && [...reads, ...writes].some((node) => slim.has(node));

/** The module of these plans, as bytes. Its memory is imported. */
export function link(plans: readonly EntryPlan[], places: Places, memory: MemoryLimits): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder({ memory });
  const kernels = new Map<string, number>();
  plans.forEach((plan, n) => {
    plan.steps.forEach((step, i) => {
      const kernel = kernels.get(step.kernel.key) ?? step.kernel.emit(module);
      kernels.set(step.kernel.key, kernel);
      const forward = (part?: number): void => {
        const addresses = step.arguments.map((r) => places.of(n, plan, r, part));
        module.forward(stepName(n, i, part), kernel, addresses, 3);
      };
      if (differsByPart(plan, step)) for (let part = 0; part < plan.parts[i]; part++) forward(part);
      else forward();
    });
  });
  return module.emit();
}
