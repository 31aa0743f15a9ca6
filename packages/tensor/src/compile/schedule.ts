// Cuts the steps of entries into pieces of work for threads. Only how fast a program is depends on it.

import { MOST_PIECES, type Phase, type Schedule } from "../wasm/threads/schedule.ts";

export interface StepCost {
  /** Name of the exported function. */
  readonly name: string;
  readonly units: number;
  /** Rough nanoseconds per unit. */
  readonly unitCost: number;
  /** Steps of one group are neighbours, and independent of each other or a chain. */
  readonly group: number;
  /** The parts of its chain (parts.ts); 1 (if left out) where it is in none. */
  readonly parts?: number;
  /** The function of each part, where they differ. */
  readonly partNames?: readonly string[] | undefined;
  /** Where it is one of those that are done for one image of a batch after the other (batch.ts): which those are, and how many images. */
  readonly loop?: ImageLoop | undefined;
}

/** Neighbouring steps that are done for one image after the other. */
export interface ImageLoop {
  readonly number: number;
  readonly images: number;
}

const partsOf = ([{ parts = 1 }]: readonly StepCost[]): number => parts;

/**
 * Nanoseconds of work that a thread takes at once. Tried beside others with two threads, so far on a machine too busy to tell:
 * bench/RESULTS.md, "Tuned numbers".
 */
const GRAIN = 20_000;

let grain = GRAIN;

/** The grain of programs that are given none. */
export const getGrain = (): number => grain;

/** For tests only: cuts finer, so that small programs are shared too. Without a number: as it was. */
export function setGrain(nanoseconds: number = GRAIN): void {
  grain = nanoseconds;
}

/**
 * How many grains a group of steps must hold to be shared, and the rest of an entry to wake helpers that sleep. Tried beside
 * others, so far on a machine too busy to tell: bench/RESULTS.md, "Tuned numbers".
 */
const SHARED_GRAINS = 0.4;
const WAKING_GRAINS = 5;

/** Pieces of one step at most. */
const MOST_PIECES_OF_STEP = 1023;
const MOST_STEPS_OF_GROUP = Math.floor(MOST_PIECES / MOST_PIECES_OF_STEP);

const costOf = (steps: readonly StepCost[]): number =>
  steps.reduce((sum, s) => sum + s.units * s.unitCost * (s.loop?.images ?? 1), 0);

/** Neighbours of one group together. */
function groupsOf(steps: readonly StepCost[]): StepCost[][] {
  const groups: StepCost[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    const isFull = last !== undefined && partsOf(last) === 1 && last.length >= MOST_STEPS_OF_GROUP;
    if (last !== undefined && last[0].group === step.group && !isFull) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** Neighbours of one loop over images together, and others. */
function loopsOf(steps: readonly StepCost[]): StepCost[][] {
  const loops: StepCost[][] = [];
  for (const step of steps) {
    const last = loops.at(-1);
    if (last !== undefined && last[0].loop?.number === step.loop?.number) last.push(step);
    else loops.push([step]);
  }
  return loops;
}

/** Whether a chain's parts keep so many threads busy to its end. */
const fillsThreads = (parts: number, threads: number): boolean => parts % threads === 0 || parts >= 4 * threads;

/** Units of a step, which is named by its function; or an image, by its number, that goes through a loop. */
export interface StepCall {
  readonly step: string;
  readonly begin: number;
  readonly end: number;
  /** What such a loop does with it. */
  readonly calls?: readonly StepCall[];
}

/** A phase (threads.ts) whose pieces are the calls that they make in turn. One that is not shared has one piece. */
export interface CutPhase extends Pick<Phase, "shared" | "wakes"> {
  readonly pieces: readonly (readonly StepCall[])[];
}

/** What every part of a chain does, from step to step. */
function callsOfParts(steps: readonly StepCost[]): StepCall[][] {
  const parts = partsOf(steps);
  return Array.from({ length: parts }, (_, k) =>
    steps.map(({ name, partNames, units }) => ({
      step: partNames?.[k] ?? name,
      begin: (units / parts) * k,
      end: (units / parts) * (k + 1),
    })),
  );
}

/** A step in calls of so many units at once. */
function callsOfStep({ name: step, units }: StepCost, atOnce: number): StepCall[] {
  const calls: StepCall[] = [];
  for (let begin = 0; begin < units; begin += atOnce) calls.push({ step, begin, end: Math.min(units, begin + atOnce) });
  return calls;
}

/** A loop over images, as a call for each. */
function callsOfLoop(steps: readonly StepCost[], { images }: ImageLoop, step: string): StepCall[] {
  const calls = groupsOf(steps).flatMap((group) =>
    partsOf(group) > 1 ? callsOfParts(group).flat() : group.flatMap((one) => callsOfStep(one, one.units)),
  );
  return Array.from({ length: images }, (_, k) => ({ step, begin: k, end: k + 1, calls }));
}

/** Cuts entries for `threads` threads that take `grain` nanoseconds of work at once. */
export function cutSteps(
  entries: readonly (readonly StepCost[])[],
  threads: number,
  grain: number,
): readonly (readonly CutPhase[])[] {
  return entries.map((steps, entry) => {
    const phases: CutPhase[] = [];
    // What the calling thread does between two phases that are shared.
    let alone: StepCall[] = [];
    const endAlone = (): void => {
      if (alone.length > 0) phases.push({ pieces: [alone], shared: false, wakes: false });
      alone = [];
    };
    let rest = costOf(steps);
    const groups = loopsOf(steps).flatMap((together) =>
      together[0].loop !== undefined
        ? [together]
        : groupsOf(together).flatMap((group) =>
            // Threads that a chain would leave idle share its steps, one after the other.
            fillsThreads(partsOf(group), threads) || partsOf(group) === 1
              ? [group]
              : group.map((step) => [{ ...step, parts: 1 }]),
          ),
    );
    for (const group of groups) {
      const cost = costOf(group);
      const [{ loop }] = group;
      const worthSharing = threads > 1 && cost >= SHARED_GRAINS * grain;
      // At least four pieces for every thread, if that does not make them too small.
      const target = Math.min(grain, Math.max(grain / 4, cost / (4 * threads)));
      const atOnce = ({ units, unitCost }: StepCost): number =>
        worthSharing ? Math.max(1, Math.floor(target / unitCost), Math.ceil(units / MOST_PIECES_OF_STEP)) : units;
      const pieces =
        loop !== undefined
          ? callsOfLoop(group, loop, `e${entry}l${loop.number}`).map((call) => [call])
          : partsOf(group) > 1
            ? callsOfParts(group)
            : group.flatMap((step) => callsOfStep(step, atOnce(step)).map((call) => [call]));
      if (worthSharing && pieces.length > 1) {
        endAlone();
        phases.push({ pieces, shared: true, wakes: rest >= WAKING_GRAINS * grain });
      } else for (const calls of pieces) alone.push(...calls);
      rest -= cost;
    }
    endAlone();
    return phases;
  });
}

/** A schedule whose pieces are one call each: of a step, or of a function that makes its calls in turn. */
export interface Joined {
  readonly schedule: Schedule;
  /** What these functions do, by name. They take the scratch; the rest of their parameters is not looked at. */
  readonly sequences: ReadonlyMap<string, readonly StepCall[]>;
  /** What these do for an image: they take the scratch, and the image's number. */
  readonly loops: ReadonlyMap<string, readonly StepCall[]>;
}

/**
 * Joins what one thread does in turn, and pieces of several calls: a program is made, and its memory bound, the sooner the fewer functions
 * it has.
 */
export function joinPhases(entries: readonly (readonly CutPhase[])[]): Joined {
  const sequences = new Map<string, readonly StepCall[]>();
  const loops = new Map<string, readonly StepCall[]>();
  const numbers = new Map<string, number>();
  const pieces: number[] = [];
  const add = (name: string, begin: number, end: number): void => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    pieces.push(number, begin, end);
  };
  const phases = entries.map((entry) =>
    entry.map((phase): Phase => {
      const first = pieces.length / 3;
      for (const calls of phase.pieces) {
        for (const { step, calls: own } of calls) if (own !== undefined) loops.set(step, own);
        if (phase.shared && calls.length === 1) {
          add(calls[0].step, calls[0].begin, calls[0].end);
          continue;
        }
        const name = `p${sequences.size}`;
        sequences.set(name, calls);
        add(name, 0, 0);
      }
      return { first, count: phase.pieces.length, shared: phase.shared, wakes: phase.wakes };
    }),
  );
  return {
    schedule: { functions: [...numbers.keys()], pieces: Int32Array.from(pieces), entries: phases },
    sequences,
    loops,
  };
}
