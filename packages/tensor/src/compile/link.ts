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
      module.func(stepName(n, i), ["i32", "i32", "i32"], [], (f, scratch, begin, end) => {
        const addresses = step.arguments.map((r) => {
          const place = places.of(n, plan, r);
          return typeof place === "number"
            ? place
            : f.op("i32.add", f.load("i32.load", place.window.cell), place.offset);
        });
        f.call(kernel, ...addresses, scratch, begin, end);
      });
    });
  });
  return module.emit();
}
