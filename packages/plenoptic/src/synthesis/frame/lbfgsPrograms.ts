// The programs of L-BFGS: that of the objective, and banks.
//
// `trial` is the point at which entry `evaluate` looks. The gradients and the pairs (s, y) are stacks, of which entries see
// a slot at a time, so that nothing is copied. Pairs for which the program of the objective has no room lie in banks: further
// programs with the same recursion, whose memories are their own. A history longer than may be asked for comes from a file, and is mostly
// a way to say "all": there, banks come when pairs do.

import { type FloatDType, gradient, MemoryError, Tensor } from "@plenoptic-js/tensor";
import {
  type EntrySpec,
  GRADIENT_SLOTS,
  inputLeaf,
  MOST_HISTORY,
  type Node,
  type Program,
  type ProgramSpec,
  shapeText,
} from "@plenoptic-js/tensor/engine";
import { fittingProgram, fittingSlots } from "../../fitting.ts";
import type { Objective } from "./descent.ts";
import { termOutputs } from "./terms.ts";

/** A program that holds the pairs from the slot `from` on. */
export interface Bank {
  readonly program: Program;
  readonly from: number;
}

/** How many pairs programs hold: that of the objective, and each of the others. */
export interface BankSizes {
  readonly first: number;
  readonly others: number;
}

type Tensors = Readonly<Record<string, Tensor>>;
type Entries = Readonly<Record<string, EntrySpec>>;

/** A program but for its slots. */
interface Parts {
  readonly buffers: Tensors;
  readonly entries: Entries;
  readonly stacks?: ProgramSpec["stacks"];
}

const nodesOf = (tensors: Tensors): Record<string, Node> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.node]));
const entry = (outputs: Tensors, updates: Tensors = {}): EntrySpec => ({
  outputs: nodesOf(outputs),
  updates: nodesOf(updates),
});
const dot = (u: Tensor, v: Tensor): Tensor => u.mul(v).sum();
const largest = (u: Tensor): Tensor => u.abs().max();

function specOf({ buffers, entries, stacks }: Parts, slots: number): ProgramSpec {
  return {
    buffers: nodesOf(buffers),
    stacks: { ...stacks, strides: { slots, windows: ["s"] }, changes: { slots, windows: ["y"] } },
    entries,
  };
}

/** Pairs of a bank, where banks come when pairs do. */
const GROWN = 256;

/** The programs, and how many pairs they have room for. */
export class LbfgsPrograms {
  /** That of the objective first. */
  readonly banks: Bank[];
  readonly recorded: readonly string[];
  #room: number;
  readonly #next: () => Bank & { readonly room: number };

  /**
   * Programs for pairs in `slots` slots. There is one alone where it has room for all.
   *
   * @param sizes for tests; as a rule, a program holds what it has room for
   * @throws MemoryError where the objective alone is too large
   */
  constructor(start: Tensor<FloatDType>, objective: Objective, slots: number, sizes?: BankSizes) {
    const isGrowing = slots > MOST_HISTORY + 1;
    if (!isGrowing) refuseTooLong(start, slots);
    const at = leaves(start);
    const { recorded, ...first } = objectiveParts(at, objective);
    this.recorded = recorded;
    const { d, s, y, a, h } = at;
    const joining: Entries = { sd: entry({ product: dot(s, d) }), yd: entry({ product: dot(y, d) }) };
    const bank: Parts = { buffers: { d, s, y, a, h }, entries: { ...recursion(at), ...joining } };
    const main: Parts = { ...first, entries: { ...first.entries, ...joining, along: entry(along(at.g, d)) } };
    const atOnce = isGrowing ? GROWN : slots;
    let most = 0;
    this.#next = () => {
      most ||= sizes?.others ?? fittingSlots(start, (n) => specOf(bank, n), atOnce);
      const room = Math.min(most, slots - this.#room);
      return { program: fittingProgram(start, specOf(bank, room), this.banks[0].program), from: this.#room, room };
    };
    this.#room = slots;
    const whole = sizes === undefined && !isGrowing ? fittingOrNone(start, specOf(first, slots)) : null;
    if (whole !== null) {
      this.banks = [{ program: whole, from: 0 }];
      return;
    }
    // One slot of the first is where pairs are made that go to another.
    this.#room = sizes?.first ?? fittingSlots(start, (n) => specOf(main, n), isGrowing ? GROWN + 1 : slots) - 1;
    this.banks = [{ program: fittingProgram(start, specOf(main, this.#room + 1)), from: 0 }];
    if (!isGrowing) this.makeRoom(slots);
  }

  /**
   * Has room for so many pairs.
   *
   * @throws MemoryError where there is none
   */
  makeRoom(pairs: number): void {
    while (this.#room < pairs) {
      const { room, ...bank } = this.#next();
      this.banks.push(bank);
      this.#room += room;
    }
  }
}

/** The program; null where it is too large. */
function fittingOrNone(start: Tensor<FloatDType>, spec: ProgramSpec): Program | null {
  try {
    return fittingProgram(start, spec);
  } catch (error) {
    if (!(error instanceof MemoryError) || !error.isTooLarge) throw error;
    return null;
  }
}

/** Bytes of all pairs that are laid out: more than a machine with much memory has. */
const GIBIBYTE = 1_073_741_824;
const MOST_PAIR_BYTES = 64 * GIBIBYTE;

/** Before anything is laid out. Throws MemoryError naming the longest history there is room for. */
function refuseTooLong({ shape, dtype }: Tensor<FloatDType>, slots: number): void {
  const each = 2 * (dtype === "float64" ? 8 : 4) * shape.reduce((product, n) => product * n, 1);
  const most = Math.max(1, Math.floor(MOST_PAIR_BYTES / each) - 1);
  if (slots - 1 <= most) return;
  const gibibytes = Math.floor((slots * each) / GIBIBYTE);
  throw new MemoryError(
    `L-BFGS cannot remember ${slots - 1} steps of an image ${shapeText(shape)}, which takes ${gibibytes} GiB`,
    `For such an image its history is of ${most} steps at most; the default, 100, is mostly enough.`,
    { bytes: slots * each, isTooLarge: false },
  );
}

type Leaves = ReturnType<typeof leaves>;

function leaves({ shape, dtype }: Tensor<FloatDType>) {
  const array = (): Tensor => new Tensor(inputLeaf(shape, dtype));
  const number = (): Tensor => new Tensor(inputLeaf([], dtype));
  return {
    x: array(),
    before: array(),
    trial: array(),
    d: array(),
    g: array(),
    gBefore: array(),
    s: array(),
    y: array(),
    t: number(),
    a: number(),
    h: number(),
  };
}

const along = (g: Tensor, direction: Tensor): Tensors => ({ slope: dot(g, direction), largest: largest(direction) });

/** The two loops, where the pair that comes next is in the same program. */
function recursion({ d, s, y, a, h }: Leaves): Entries {
  const down = d.add(y.mul(a));
  const turn = down.mul(h);
  const up = d.add(s.mul(a));
  return {
    down: entry({ product: dot(s, down) }, { d: down }),
    turn: entry({ product: dot(y, turn) }, { d: turn }),
    up: entry({ product: dot(y, up) }, { d: up }),
  };
}

/** Evaluations and steps, and the recursion. */
function objectiveParts(at: Leaves, objective: Objective): Parts & { readonly recorded: readonly string[] } {
  const { x, before, trial, d, g, gBefore, s, t, a, h } = at;
  const evaluations: Record<string, EntrySpec> = {};
  const recorded = new Set<string>();
  for (let stage = 0; stage < objective.stages; stage++) {
    const terms = objective.terms(trial, stage);
    const slope = gradient(terms.loss, trial);
    const seen = { largest: largest(slope), slope: dot(slope, d), gradientNorm: slope.norm() };
    evaluations[`evaluate.${stage}`] = {
      outputs: { ...termOutputs(terms), ...nodesOf(seen) },
      updates: nodesOf({ g: slope }),
    };
    for (const name of Object.keys(terms.recorded ?? {})) recorded.add(name);
  }
  const ahead = x.add(d.mul(t));
  const steepest = g.neg();
  const scaled = g.neg().mul(h);
  const change = g.sub(gBefore);
  const stride = d.mul(t);
  const up = d.add(s.mul(a));
  return {
    recorded: [...recorded],
    buffers: at,
    stacks: { gradients: { slots: GRADIENT_SLOTS, windows: ["g", "gBefore"] } },
    entries: {
      begin: entry({}, { before: x }),
      change: entry({ norm: x.sub(before).norm() }),
      restore: entry({}, { x: before }),
      here: entry({}, { trial: x }),
      ahead: entry({}, { trial: ahead }),
      ...evaluations,
      move: entry({}, { x: ahead }),
      steepest: entry({ ...along(g, steepest), sum: g.abs().sum() }, { d: steepest }),
      remember: entry({ ys: dot(change, stride), yy: dot(change, change) }, { y: change, s: stride }),
      scaled: entry(along(g, scaled), { d: scaled }),
      first: entry({ product: dot(s, steepest) }, { d: steepest }),
      ...recursion(at),
      last: entry(along(g, up), { d: up }),
    },
  };
}
