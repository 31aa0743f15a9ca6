// Cuts the steps of entries into pieces of work for threads. Only how fast a program is depends on it.

import { MOST_PIECES, type Phase, type Schedule } from "../wasm/threads/threads.ts";

export interface StepCost {
  /** Name of the exported function. */
  readonly name: string;
  readonly units: number;
  /** Rough nanoseconds per unit. */
  readonly unitCost: number;
  /** Steps of one group are neighbours and independent of each other. */
  readonly group: number;
}

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

const costOf = (steps: readonly StepCost[]): number => steps.reduce((sum, s) => sum + s.units * s.unitCost, 0);

/** Neighbours of one group together. */
function groupsOf(steps: readonly StepCost[]): StepCost[][] {
  const groups: StepCost[][] = [];
  for (const step of steps) {
    const last = groups.at(-1);
    if (last !== undefined && last[0].group === step.group && last.length < MOST_STEPS_OF_GROUP) last.push(step);
    else groups.push([step]);
  }
  return groups;
}

/** The schedule of entries, for `threads` threads that take `grain` nanoseconds of work at once. */
export function cutSteps(entries: readonly (readonly StepCost[])[], threads: number, grain: number): Schedule {
  const functions: string[] = [];
  const pieces: number[] = [];
  const phasesOf = (steps: readonly StepCost[]): Phase[] => {
    const phases: Phase[] = [];
    let rest = costOf(steps);
    for (const group of groupsOf(steps)) {
      const cost = costOf(group);
      const first = pieces.length / 3;
      const worthSharing = threads > 1 && cost >= SHARED_GRAINS * grain;
      // At least four pieces for every thread, if that does not make them too small.
      const target = Math.min(grain, Math.max(grain / 4, cost / (4 * threads)));
      for (const { name, units, unitCost } of group) {
        const f = functions.push(name) - 1;
        const atOnce = worthSharing
          ? Math.max(1, Math.floor(target / unitCost), Math.ceil(units / MOST_PIECES_OF_STEP))
          : units;
        for (let begin = 0; begin < units; begin += atOnce) pieces.push(f, begin, Math.min(units, begin + atOnce));
      }
      const count = pieces.length / 3 - first;
      const shared = worthSharing && count > 1;
      const last = phases.at(-1);
      if (!shared && last?.shared === false) phases[phases.length - 1] = { ...last, count: last.count + count };
      else phases.push({ first, count, shared, wakes: shared && rest >= WAKING_GRAINS * grain });
      rest -= cost;
    }
    return phases;
  };
  const cut = entries.map(phasesOf);
  return { functions, pieces: Int32Array.from(pieces), entries: cut };
}

/** A piece of a step, which is named by its function. */
export interface Piece {
  readonly step: string;
  readonly begin: number;
  readonly end: number;
}

/** A schedule in which every phase of one thread is one piece, of a function that does its pieces in turn. */
export interface Joined {
  readonly schedule: Schedule;
  /** What these functions do, by name. They take the scratch; the rest of their parameters is not looked at. */
  readonly sequences: ReadonlyMap<string, readonly Piece[]>;
}

/** Joins what no other thread takes part in: a program is made, and its memory bound, the sooner the fewer functions it has. */
export function joinPhases({ functions: steps, pieces, entries }: Schedule): Joined {
  const sequences = new Map<string, Piece[]>();
  const numbers = new Map<string, number>();
  const joined: number[] = [];
  const add = (name: string, begin: number, end: number): void => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    joined.push(number, begin, end);
  };
  const phases = entries.map((entry) =>
    entry.map((phase): Phase => {
      const first = joined.length / 3;
      const own: Piece[] = [];
      for (let at = 3 * phase.first; at < 3 * (phase.first + phase.count); at += 3) {
        const [step, begin, end] = [steps[pieces[at]], pieces[at + 1], pieces[at + 2]];
        if (phase.shared) add(step, begin, end);
        else own.push({ step, begin, end });
      }
      if (phase.shared) return { ...phase, first };
      const name = `p${sequences.size}`;
      sequences.set(name, own);
      add(name, 0, 0);
      return { ...phase, first, count: 1 };
    }),
  );
  return { schedule: { functions: [...numbers.keys()], pieces: Int32Array.from(joined), entries: phases }, sequences };
}
