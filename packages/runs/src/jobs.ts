// The jobs of a plan: each is a recipe without a result, with an id and a name for its folder.

import type { JsonObject } from "@plenoptic-js/formats";
import { hashOf, ID_DIGITS, type JobRecipe, jobId } from "./jobId.ts";
import type { Cell, Plan } from "./plan.ts";
import { derivedSeed } from "./seeds.ts";

/** What is to be made of a cell, but for the seed. */
export interface Described {
  /** The hash of what decides the seed, where it is derived. Stimuli of a set that is to share its start say the same. */
  readonly settled: string;
  /** The size of the start that a seed draws; null where none is drawn. Jobs of one seed and one size share their start. */
  readonly start: string | null;
  /** What listings say of it besides what the plan says. */
  readonly told: readonly (readonly [name: string, value: string])[];
  /** What `plenoptic run` needs besides the recipe, by its options: `image`, `model`. */
  readonly given: Readonly<Record<string, string>>;
  recipe(seed: number): JobRecipe | Promise<JobRecipe>;
}

/** The stimuli of a cell: one, or a set. */
export type Describe = (cell: Cell, plan: Plan) => Promise<readonly Described[]>;

export interface Job {
  readonly id: string;
  /** The name of its folder and of its file. */
  readonly name: string;
  /** All that the plan gives, and what else tells it from others. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly seed: number;
  readonly sharesStart: boolean;
  readonly given: Readonly<Record<string, string>>;
  /** Steps at most; null where a method searches until it has found. */
  readonly steps: number | null;
}

export interface PlannedJob extends Job {
  readonly recipe: JobRecipe;
  /** The same for jobs whose steps cost the same: all but image content, seed and number of steps. */
  readonly kind: string;
}

export interface Planned {
  readonly jobs: readonly PlannedJob[];
  /** Names of parameters that vary. */
  readonly varying: readonly string[];
  /** Stimuli of the plan that are another one of it once more. */
  readonly repeated: number;
}

/** The jobs, in the order of the plan. */
export async function planJobs(plan: Plan, describe: Describe): Promise<Planned> {
  type Draft = Omit<PlannedJob, "name" | "sharesStart"> & { readonly start: string | null };
  const drafts = new Map<string, Draft>();
  /** Derived seeds, by what they were derived from. */
  const derived = new Map<string, number>();
  const taken = new Set(plan.cells.flatMap(({ seed }) => seed ?? []));
  const more = new Set<string>();
  const kinds = new Map<object, string>();
  let repeated = 0;
  for (const cell of plan.cells) {
    for (const one of await describe(cell, plan)) {
      const seed = cell.seed ?? seedFor(one.settled, cell.replicate, derived, taken);
      const recipe = await one.recipe(seed);
      const id = jobId(recipe);
      if (drafts.has(id)) {
        repeated++;
        continue;
      }
      for (const [name] of one.told) more.add(name);
      const kind = kinds.get(recipe.calls) ?? kindOf(recipe);
      kinds.set(recipe.calls, kind);
      const parameters = Object.fromEntries([...cell.parameters, ...one.told]);
      drafts.set(id, {
        id,
        parameters,
        seed,
        given: one.given,
        steps: stepsOf(recipe),
        recipe,
        kind,
        start: one.start === null ? null : `${seed} ${one.start}`,
      });
    }
  }
  const all = [...drafts.values()];
  const starts = new Map<string, number>();
  for (const { start } of all) if (start !== null) starts.set(start, (starts.get(start) ?? 0) + 1);
  const varying = [...plan.varying, ...more].filter((name, i, names) => {
    const [first] = all;
    const isNew = names.indexOf(name) === i;
    return isNew && all.some(({ parameters }) => parameters[name] !== first.parameters[name]);
  });
  const jobs = all.map(({ start, ...draft }): PlannedJob => {
    const sharesStart = start !== null && (starts.get(start) ?? 0) > 1;
    return { ...draft, name: nameOf(draft, varying), sharesStart };
  });
  return { jobs, varying, repeated };
}

function seedFor(settled: string, replicate: number, derived: Map<string, number>, taken: Set<number>): number {
  const key = `${settled} ${replicate}`;
  const known = derived.get(key);
  if (known !== undefined) return known;
  const seed = derivedSeed(settled, replicate, taken);
  taken.add(seed);
  derived.set(key, seed);
  return seed;
}

/** Letters of a name before the digits of its id. */
const LONGEST = 120;

/** A name for files: the parameters that vary, and the first digits of the id, by which a folder is known again. */
function nameOf({ id, parameters }: Pick<Job, "id" | "parameters">, varying: readonly string[]): string {
  const parts = varying.flatMap((name) => {
    const value = parameters[name];
    if (value === undefined) return [];
    return name === "image" ? plain(value.replace(/\.\w+$/, "")) : `${plain(name)}-${plain(value)}`;
  });
  const words = parts.length === 0 ? plain((parameters.image ?? "").replace(/\.\w+$/, "")) : parts.join("_");
  return `${words.slice(0, LONGEST)}-${id.slice(0, ID_DIGITS)}`;
}

/** A text for a file's name, with letters that every system takes. */
const plain = (text: string): string => text.replaceAll(/[^A-Za-z0-9._]+/g, "-").replace(/^[-.]+|-+$/g, "") || "x";

function stepsOf({ method, calls }: JobRecipe): number | null {
  if (method === "Eigendistortion") return null;
  return calls.reduce((sum, { call, options }) => sum + (call === "synthesize" ? Number(options.maxIter ?? 0) : 0), 0);
}

function kindOf({ method, image, model, options, calls }: JobRecipe): string {
  const { dtype, shape } = image;
  const rest = calls.map(({ call, options }) => ({ call, options: { ...options, maxIter: 0, initialImage: null } }));
  const names = Object.entries(options).map(([name, value]) => [name, (value as JsonObject | null)?.name ?? value]);
  return hashOf({
    method,
    dtype,
    shape,
    model: model?.fingerprint ?? null,
    options: Object.fromEntries(names) as JsonObject,
    rest,
  });
}
