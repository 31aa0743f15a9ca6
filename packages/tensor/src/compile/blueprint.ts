// Blueprints: what programs of one structure have in common, compiled once. They differ in the values of their arrays alone, which
// are data: written into each one's memory when it is made.
//
// Some blueprints are kept, those used last, and every program keeps its own. One that is neither kept nor in use is collected, and
// its machine code with it.

import type { Node } from "../ops/definition.ts";
import { type Layout, layoutOf } from "../wasm/layout.ts";
import type { DataPlan } from "../wasm/memory/data.ts";
import { MAX_PAGES, PAGE } from "../wasm/memory/pool.ts";
import { helpers, mayWait } from "../wasm/threads/pool.ts";
import type { Schedule } from "../wasm/threads/schedule.ts";
import { Canonical } from "./canonical.ts";
import { countCompiled } from "./counts.ts";
import { differsByPart, link, stepName } from "./link.ts";
import { Places, type Window } from "./places.ts";
import { type EntryPlan, partsOf } from "./plan.ts";
import { planEntries, SHELF } from "./plans.ts";
import type { Rehearsal } from "./rehearsal.ts";
import { cutSteps, joinPhases, type StepCost } from "./schedule.ts";
import type { CheckedSpec } from "./spec.ts";

/** Where an array lies, and how. */
export interface Place {
  readonly address: number;
  readonly layout: Layout;
}

/** A large constant, which other programs may have as well. */
export interface Shelved {
  readonly layout: Layout;
  /** Where its address is to be kept. */
  readonly cell: number;
  /** What it is made of: the numbers of arrays of the request; and how. Of an array, that alone. */
  readonly arrays: readonly number[];
  readonly text: string;
  /** Of no array: the number of the entry that makes it, and where that wants arrays to be. */
  readonly making: { readonly entry: number; readonly arrays: Blueprint["arrays"] } | undefined;
}

export interface Blueprint {
  readonly module: WebAssembly.Module;
  readonly schedule: Schedule;
  readonly data: DataPlan;
  /** Every thread's scratch. */
  readonly scratch: readonly number[];
  /** Bytes of WebAssembly memory that a program takes to run. */
  readonly bytes: number;
  /** Threads that share the work. */
  readonly threads: number;
  readonly buffers: ReadonlyMap<string, Place>;
  /** Whether every run is to be given all of them. */
  readonly isPassing: boolean;
  readonly windows: ReadonlyMap<string, Window>;
  /** Outputs as "entry.output". */
  readonly outputs: ReadonlyMap<string, Place>;
  /** Numbers of entries; 0 is that of the constants. */
  readonly entries: ReadonlyMap<string, number>;
  /** Where arrays are to be when the constants are computed, in the order of the request's; undefined where nobody reads one. */
  readonly arrays: readonly (Place | undefined)[];
  readonly shelved: readonly Shelved[];
  /** A buffer that holds an array while they are computed, and the array's number. */
  readonly rehearsal: { readonly place: Place; readonly array: number } | undefined;
  readonly tables: readonly { readonly address: number; readonly bytes: Uint8Array }[];
  /** Bytes that the blueprint itself takes, roughly. */
  readonly size: number;
}

/** Blueprints kept for the next program of their structure, and the bytes that they may take together. */
const KEPT = 16;
const KEPT_BYTES = 16 * 1024 * 1024;

const kept = new Map<string, Blueprint>();

/** The blueprint of a request: one that is known, or a new one. */
export function blueprintOf(request: CheckedSpec, threads: number, grain: number, shelf = SHELF): Blueprint {
  const key = `${threads} ${grain} ${shelf} ${request.structure}`;
  const known = kept.get(key);
  const blueprint = known ?? compile(request, threads, grain, shelf);
  // Where some helpers were refused, they may be had another time.
  if (known !== undefined || blueprint.threads === threads || blueprint.threads === 1) keep(key, blueprint);
  return blueprint;
}

function keep(key: string, blueprint: Blueprint): void {
  // A Map remembers insertion order: the first key is the one longest not used.
  kept.delete(key);
  kept.set(key, blueprint);
  let bytes = 0;
  for (const [text, { size }] of kept) bytes += size + 2 * text.length;
  for (const [oldest, { size }] of kept) {
    if (kept.size <= KEPT && bytes <= KEPT_BYTES) break;
    kept.delete(oldest);
    bytes -= size + 2 * oldest.length;
  }
}

function compile(request: CheckedSpec, threads: number, grain: number, shelf: number): Blueprint {
  const parts = partsOf(request);
  const { plans, rehearsal, kept: stays, shelved, made } = planEntries(request, parts, threads, grain, shelf);
  const places = new Places(request, stays, shelved);
  places.add(plans, threads);
  const bytesOfAll = places.allPages * PAGE;

  // Helpers, and the shared memory they need, only if there is something to share.
  const costs = costsOf(plans, request.entries.length, rehearsal);
  const wanted = cutSteps(costs, threads, grain);
  const crew = wanted.some((phases) => phases.some((phase) => phase.shared)) ? helpers(threads - 1) : [];
  const { pages, stateEnd, stacks } = places;
  // Programs of one thread and of many have the same constants: in a memory that fits both.
  const data = { pages, stateEnd, stacks, shared: crew.length > 0 || (shelved.size > 0 && mayWait()) };
  const cut = crew.length + 1 === threads ? wanted : cutSteps(costs, crew.length + 1, grain);
  const joined = joinPhases(cut);
  const bytes = link(plans, places, joined, { initialPages: pages, maximumPages: MAX_PAGES, shared: data.shared });
  countCompiled({ plans, moduleBytes: bytes.length, memoryBytes: bytesOfAll });
  const tables = tablesOf(plans, places);
  return {
    module: new WebAssembly.Module(bytes),
    schedule: joined.schedule,
    data,
    scratch: places.scratch.slice(0, crew.length + 1),
    bytes: bytesOfAll,
    threads: crew.length + 1,
    ...namesOf(request, places),
    isPassing: request.isPassing,
    arrays: arraysOf(request, places, plans[0]),
    shelved: [...places.cells].map(([node, cell]) => {
      const n = request.entries.length + 1 + made.indexOf(node);
      const making = made.includes(node) ? { entry: n, arrays: arraysOf(request, places, plans[n + 1]) } : undefined;
      return { layout: layoutOf(node.shape, node.dtype), cell, ...originOf(node, request), making };
    }),
    rehearsal: rehearsal && {
      place: placeOf(rehearsal.buffer, places.kept(rehearsal.buffer)),
      array: request.arrays.indexOf(rehearsal.array),
    },
    tables,
    size: tables.reduce((sum, table) => sum + table.bytes.length, bytes.length),
  };
}

/** Where arrays are to be when a plan of constants begins. */
function arraysOf({ arrays }: CheckedSpec, places: Places, plan: EntryPlan): Blueprint["arrays"] {
  return arrays.map((node) => {
    const address = places.array(node, plan);
    return address === undefined ? undefined : placeOf(node, address);
  });
}

/** What a constant is made of, and how: equal where it is the same in another program. */
function originOf(node: Node, { arrays }: CheckedSpec): Pick<Shelved, "arrays" | "text"> {
  const alone = new Canonical();
  alone.nodes([node]);
  return { arrays: alone.arrays.map((x) => arrays.indexOf(x)), text: alone.words.key() };
}

/** The costs of what makes the constants, then of every entry's steps, then of those that make one constant each. */
function costsOf(plans: readonly EntryPlan[], count: number, rehearsal: Rehearsal | undefined): StepCost[][] {
  const costs = plans.map((plan, n) =>
    plan.steps.map((step, i): StepCost => {
      const { units, unitCost } = step;
      const parts = plan.parts[i];
      const names = Array.from({ length: differsByPart(plan, step) ? parts : 0 }, (_, part) => stepName(n, i, part));
      const partNames = names.length > 0 ? names : undefined;
      return { name: stepName(n, i), units, unitCost, group: plan.groups[i], parts, partNames, loop: plan.loops[i] };
    }),
  );
  const [initial, last] = [costs[0], costs[count + 1]];
  const entries = costs.slice(1, count + 1);
  const rehearsed: StepCost[] = [];
  if (rehearsal !== undefined) {
    const { entry, steps, copies } = rehearsal;
    rehearsed.push(...steps.map(({ number, group }) => ({ ...entries[entry][number], group })));
    entries[entry].length -= copies.length;
  }
  // Steps that follow each other are of one group only if they were in their plan.
  const parts = [initial, rehearsed, last];
  return [
    parts.flatMap((part, n) => part.map((cost) => ({ ...cost, group: parts.length * cost.group + n }))),
    ...entries,
    ...costs.slice(count + 2),
  ];
}

const placeOf = (node: Node, address: number): Place => ({ address, layout: layoutOf(node.shape, node.dtype) });

function tablesOf(plans: readonly EntryPlan[], places: Places): Blueprint["tables"] {
  return plans.flatMap(({ tables }, n) => tables.map((bytes, i) => ({ address: places.tables(n)[i], bytes })));
}

/** Where things with names lie. */
function namesOf(
  { buffers, entries }: CheckedSpec,
  places: Places,
): Pick<Blueprint, "buffers" | "windows" | "outputs" | "entries"> {
  const windows = new Map<string, Window>();
  for (const [name, node] of buffers) {
    const window = places.windows.get(node);
    if (window !== undefined) windows.set(name, window);
  }
  const outputs = entries.flatMap((e, n) =>
    [...e.outputs].map(([name, node]) => [`${e.name}.${name}`, placeOf(node, places.output(n, node))] as const),
  );
  return {
    buffers: new Map([...buffers].map(([name, node]) => [name, placeOf(node, places.kept(node))])),
    windows,
    outputs: new Map(outputs),
    entries: new Map(entries.map((e, n) => [e.name, n + 1])),
  };
}
