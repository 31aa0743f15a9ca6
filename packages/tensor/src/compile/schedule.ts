// Cuts the steps of entries into pieces of work for threads. Only how fast a program is depends on it.

import { MOST_PIECES, type Phase, type Schedule } from "../wasm/threads/threads.ts";

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

const costOf = (steps: readonly StepCost[]): number => steps.reduce((sum, s) => sum + s.units * s.unitCost, 0);

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

/** Whether a chain's parts keep so many threads busy to its end. */
const fillsThreads = (parts: number, threads: number): boolean => parts % threads === 0 || parts >= 4 * threads;

/**
 * Steps cut into pieces: a schedule, but that a piece may be several calls. It has -1 then in place of a function, the number of the first
 * call, and that after the last; calls are such threes as pieces are, and follow them.
 */
export type Cut = Schedule;

/** Cuts entries for `threads` threads that take `grain` nanoseconds of work at once. */
export function cutSteps(entries: readonly (readonly StepCost[])[], threads: number, grain: number): Cut {
  const functions: string[] = [];
  const pieces: number[] = [];
  /** The calls of pieces that have several; they follow all pieces. */
  const ranges: number[] = [];
  /** Part after part of a chain: every call a piece; or, to be shared, all calls of a part one piece, told by their range. */
  const addChain = (steps: readonly StepCost[], shared: boolean): void => {
    const parts = partsOf(steps);
    const numbers = steps.map(({ name, partNames }) => {
      const first = functions.length;
      for (const one of partNames ?? [name]) functions.push(one);
      return (part: number): number => first + (partNames === undefined ? 0 : part);
    });
    const calls = Array.from({ length: parts }, (_, k) =>
      steps.flatMap(({ units }, i) => [numbers[i](k), (units / parts) * k, (units / parts) * (k + 1)]),
    );
    // One by one: a chain over a large weight has more parts than a call takes arguments.
    if (!shared) for (const list of calls) pieces.push(...list);
    else {
      calls.forEach((list) => {
        pieces.push(-1, ranges.length / 3, (ranges.length + list.length) / 3);
        ranges.push(...list);
      });
    }
  };
  const phasesOf = (steps: readonly StepCost[]): Phase[] => {
    const phases: Phase[] = [];
    let rest = costOf(steps);
    const groups = groupsOf(steps).flatMap((group) =>
      // Threads that a chain would leave idle share its steps, one after the other.
      fillsThreads(partsOf(group), threads) || partsOf(group) === 1
        ? [group]
        : group.map((step) => [{ ...step, parts: 1 }]),
    );
    for (const group of groups) {
      const cost = costOf(group);
      const first = pieces.length / 3;
      const worthSharing = threads > 1 && cost >= SHARED_GRAINS * grain;
      // At least four pieces for every thread, if that does not make them too small.
      const target = Math.min(grain, Math.max(grain / 4, cost / (4 * threads)));
      if (partsOf(group) > 1) addChain(group, worthSharing);
      else
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
  const several = pieces.length / 3;
  for (let i = 0; i < pieces.length; i += 3) {
    if (pieces[i] >= 0) continue;
    pieces[i + 1] += several;
    pieces[i + 2] += several;
  }
  return { functions, pieces: Int32Array.from([...pieces, ...ranges]), entries: cut };
}

/** A piece of a step, which is named by its function. */
export interface Piece {
  readonly step: string;
  readonly begin: number;
  readonly end: number;
}

/** A schedule in which every phase of one thread, and several calls, are one piece, of a function that makes its calls in turn. */
export interface Joined {
  readonly schedule: Schedule;
  /** What these functions do, by name. They take the scratch; the rest of their parameters is not looked at. */
  readonly sequences: ReadonlyMap<string, readonly Piece[]>;
}

/** Joins what one thread does in turn: a program is made, and its memory bound, the sooner the fewer functions it has. */
export function joinPhases({ functions: steps, pieces, entries }: Cut): Joined {
  const sequences = new Map<string, readonly Piece[]>();
  const numbers = new Map<string, number>();
  const joined: number[] = [];
  const add = (name: string, begin: number, end: number): void => {
    const number = numbers.get(name) ?? numbers.size;
    numbers.set(name, number);
    joined.push(number, begin, end);
  };
  const callsOf = (from: number, to: number): Piece[] =>
    Array.from({ length: to - from }, (_, i) => {
      const at = 3 * (from + i);
      return { step: steps[pieces[at]], begin: pieces[at + 1], end: pieces[at + 2] };
    });
  const addSequence = (calls: readonly Piece[]): void => {
    const name = `p${sequences.size}`;
    sequences.set(name, calls);
    add(name, 0, 0);
  };
  const phases = entries.map((entry) =>
    entry.map((phase): Phase => {
      const first = joined.length / 3;
      if (!phase.shared) {
        addSequence(callsOf(phase.first, phase.first + phase.count));
        return { ...phase, first, count: 1 };
      }
      for (let at = 3 * phase.first; at < 3 * (phase.first + phase.count); at += 3) {
        const [number, begin, end] = pieces.subarray(at, at + 3);
        if (number < 0) addSequence(callsOf(begin, end));
        else add(steps[number], begin, end);
      }
      return { ...phase, first };
    }),
  );
  return { schedule: { functions: [...numbers.keys()], pieces: Int32Array.from(joined), entries: phases }, sequences };
}
