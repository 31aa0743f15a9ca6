// Whether a program would fit, by its plan alone: shapes decide. Nothing is compiled, no array of the program is made, and arrays that
// are made when they are needed (deferred.ts) are not.

import { PAGE } from "../wasm/memory/pool.ts";
import { Places } from "./places.ts";
import { partsOf } from "./plan.ts";
import { planEntries } from "./plans.ts";
import { getGrain } from "./schedule.ts";
import { checkSpec, type ProgramSpec } from "./spec.ts";

/**
 * Throws MemoryError where the program does not fit into memory.
 *
 * @returns the bytes it would take
 */
export function checkFits(spec: ProgramSpec, { threads = 1 }: { readonly threads?: number } = {}): number {
  const request = checkSpec(spec);
  const parts = partsOf(request);
  const { plans, kept, shelved } = planEntries(request, parts, threads, getGrain());
  const places = new Places(request, kept, shelved);
  places.add(plans, threads);
  return places.allPages * PAGE;
}
