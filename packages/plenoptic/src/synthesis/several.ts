// Syntheses that differ in their seed alone: are there many such images, and how different are they? Each is what it is alone, to the
// bit, in its file and its recipe too. They have one compiled program, of which each has its own numbers, and take turns: nothing is
// computed for one that is done, and none waits for the line search of another.

import { defaultGenerator, globalNumpy, setSeed } from "@plenoptic-js/tensor";
import { shown } from "@plenoptic-js/tensor/engine";
import { checkListener } from "./frame/callbacks.ts";
import type { SynthesisSummary } from "./frame/iterations.ts";
import { NonFiniteError } from "./frame/nonFinite.ts";
import type { Progress, SynthesizeOptions } from "./frame/synthesizeOptions.ts";
import { told } from "./frame/told.ts";
import { Turns } from "./frame/turns.ts";
import { IterativeSynthesis } from "./iterativeSynthesis.ts";

/** A synthesis that goes on by iterations: Metamer, MetamerCTF, MADCompetition. */
export interface Iterating {
  readonly isSetUp: boolean;
  setup(): Promise<void>;
  synthesize(options: SynthesizeOptions): Promise<SynthesisSummary>;
}

/** Whose iteration was done. */
export interface OfSeed {
  readonly seed: number;
}

/** Options of the method's own synthesize(); `onProgress` is told whose iteration was done. */
export type SeveralOptions<S extends Iterating> = Omit<NonNullable<Parameters<S["synthesize"]>[0]>, "onProgress"> & {
  readonly onProgress?: (progress: Progress & OfSeed) => unknown;
};

/** Iterations in a turn: so many that it does not matter where a member's numbers must be brought back to memory first. */
const TURN = 10;

/** Syntheses of several seeds. */
export interface Several<S extends Iterating> {
  readonly seeds: readonly number[];
  /** One for each seed, in their order: objects like any other, to be saved, drawn, and gone on with. */
  readonly members: readonly S[];
  /**
   * Runs all members, in turns of a few iterations, each until its own stop rule ends it; resolves with their summaries in the
   * order of the seeds. `maxIter` is each one's, `maxSeconds` that of all together. A checkpoint is a file of each: of "m.pt" those are
   * m-seed-0.pt and so on.
   *
   * One whose loss is no longer finite stops, and the others go on; when all are done it rejects with a NonFiniteError that names
   * the seeds. Rejects with the signal's reason when `signal` aborts, and with what `onProgress` throws; that ends all. All can go on
   * with another call.
   */
  synthesize(options?: SeveralOptions<S>): Promise<SynthesisSummary[]>;
}

/**
 * Makes a synthesis for each seed, ready to run.
 *
 * @param seeds whole numbers, each once
 * @param make makes one, and may set it up. It is called with each seed in turn, the global generators being seeded with it, and makes
 *   of each the same but for what is drawn. What all have in common, such as the model, is better made before, and once.
 *
 * The global generators are left as they were.
 *
 * @example
 * const model = new po.models.PortillaSimoncelli([256, 256]);
 * const metamers = await po.several([0, 1, 2, 3], () => new po.Metamer(image, model));
 * await metamers.synthesize({ maxIter: 200 });
 * await metamers.members[2].save("metamer-2.pt");
 */
export async function several<S extends Iterating>(
  seeds: readonly number[],
  make: (seed: number) => S | Promise<S>,
): Promise<Several<S>> {
  checkSeeds(seeds);
  if (typeof make !== "function") {
    throw new TypeError(`several: make is ${shown(make)}; it must be a function that makes one synthesis for a seed`);
  }
  const before = { torch: defaultGenerator().getState(), numpy: globalNumpy().getState() };
  const members: S[] = [];
  try {
    for (const seed of seeds) {
      setSeed(seed);
      const member = await make(seed);
      checkMember(member);
      if (members.includes(member)) {
        throw new RangeError("several: make has given one object twice; it must make a new one for each seed");
      }
      if (!member.isSetUp) await member.setup();
      members.push(member);
    }
  } finally {
    defaultGenerator().setState(before.torch);
    globalNumpy().setState(before.numpy);
  }
  const ofSeeds = Object.freeze([...seeds]);
  return Object.freeze({
    seeds: ofSeeds,
    members: Object.freeze(members),
    synthesize: (options = {} as SeveralOptions<S>) => inTurns(ofSeeds, members, options as SeveralOptions<Iterating>),
  });
}

async function inTurns(
  seeds: readonly number[],
  members: readonly Iterating[],
  { onProgress, ...options }: SeveralOptions<Iterating>,
): Promise<SynthesisSummary[]> {
  checkListener("synthesize", onProgress);
  const turns = new Turns();
  /** What ended a member that was not its own numbers: it ends the others too. */
  let end: { readonly reason: unknown } | undefined;
  const ends = await Promise.allSettled(
    members.map((member, i) =>
      turns.during(async (pass) => {
        const goOn = (): void => {
          if (end !== undefined) throw end.reason;
        };
        const ofMember = async (progress: Progress): Promise<void> => {
          await told(onProgress, { ...progress, seed: seeds[i] });
          if (progress.iteration % TURN === 0) await pass();
          goOn();
        };
        try {
          goOn();
          const own = ofSeed(options, seeds[i]);
          return await member.synthesize({ ...own, onProgress: ofMember });
        } catch (reason) {
          if (!(reason instanceof NonFiniteError)) end ??= { reason };
          throw reason;
        }
      }),
    ),
  );
  const failures = ends.flatMap((end, i) => (end.status === "rejected" ? [{ seed: seeds[i], ...end }] : []));
  const other = failures.find(({ reason }) => !(reason instanceof NonFiniteError));
  if (other !== undefined) throw other.reason;
  if (failures.length > 0) {
    const words = failures.map(({ seed, reason }) => `seed ${seed}: ${(reason as Error).message}`);
    throw new NonFiniteError(words.join("\n"), { cause: failures[0].reason });
  }
  return ends.map((end) => (end as PromiseFulfilledResult<SynthesisSummary>).value);
}

/** The options of one: its checkpoint is a file of its own, m-seed-3.pt for m.pt. */
function ofSeed(options: SynthesizeOptions, seed: number): SynthesizeOptions {
  const { checkpoint } = options;
  if (checkpoint === null || checkpoint === undefined || typeof checkpoint.path !== "string") return options;
  const path = checkpoint.path.replace(/(\.[^./\\]*)?$/, `-seed-${seed}$1`);
  return { ...options, checkpoint: { ...checkpoint, path } };
}

const LARGEST_SEED = 4294967295;

function checkSeeds(seeds: readonly number[]): void {
  if (!Array.isArray(seeds) || seeds.length === 0) {
    throw new TypeError(
      `several: the seeds are ${shown(seeds)}; they must be an array of whole numbers, such as [0, 1, 2]`,
    );
  }
  seeds.forEach((seed, i) => {
    if (!Number.isInteger(seed) || seed < 0 || seed > LARGEST_SEED) {
      throw new RangeError(
        `several: seeds[${i}] is ${shown(seed)}; it must be a whole number from 0 to ${LARGEST_SEED}`,
      );
    }
    if (seeds.indexOf(seed) < i)
      throw new RangeError(`several: seed ${seed} is there twice; each would be the same image`);
  });
}

function checkMember(made: unknown): asserts made is Iterating {
  if (made instanceof IterativeSynthesis) return;
  throw new TypeError(
    `several: make has given ${shown(made)}; it must give a synthesis that iterates: a Metamer, a MetamerCTF or a MADCompetition`,
  );
}
