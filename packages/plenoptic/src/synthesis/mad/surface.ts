// The arrays of constrained MAD competition: one compiled program, whose entries are steered by a few numbers.
//
// Image, gradients, the direction and the memory of L-BFGS stay in the program's memory. `trial` is the image that is being looked
// at, `best` the one that is to be moved to. Pixels that are held at a bound are closed; vectors without them, and at right angles
// to the gradient of the reference metric, are called flat here.

import { type FloatDType, gradient, Tensor, where } from "@plenoptic-js/tensor";
import { fromValue, inputLeaf, type Node, type Program, type ProgramSpec } from "@plenoptic-js/tensor/engine";
import { fittingProgram } from "../../fitting.ts";
import type { Values } from "../frame/descent.ts";
import type { ConstrainedProblem, ConstrainedTerms } from "./constrained.ts";
import type { HeldSums } from "./multiplier.ts";

const LARGEST = { float32: 3.4028234663852886e38, float64: Number.MAX_VALUE };

/** How much of what was learned of the curvature is kept at each step. */
const KEPT = 0.9;
/** How much of the mean over all pixels each pixel is given: where nothing moved, nothing is known. */
const SHARED = 1e-6;

const ARRAYS = [
  "x",
  "xBefore",
  "g",
  "gBefore",
  "n",
  "nBefore",
  "ahead",
  "trial",
  "best",
  "open",
  "down",
  "normal",
  "q",
  "squareS",
  "squareY",
  "s",
  "y",
] as const;
const NUMBERS = ["m", "t", "a", "b", "meanS", "meanY"] as const;

/** Norm of the way down, and squared norms of it, the normal and the image. */
export interface Norms {
  readonly norm: number;
  readonly cc: number;
  readonly nn: number;
  readonly xx: number;
}

/** Products of a pair, over the open pixels: its change of the image s, of the gradient y, and the normal n. */
export interface PairProducts {
  readonly ss: number;
  readonly sy: number;
  readonly yy: number;
  readonly sn: number;
  readonly yn: number;
}

const dot = (u: Tensor, v: Tensor): Tensor => u.mul(v).sum();

/**
 * The program, as it is compiled.
 *
 * @param slots how many pairs are remembered
 */
export function surfacePlan(
  { shape, dtype }: Pick<Tensor<FloatDType>, "shape" | "dtype">,
  problem: ConstrainedProblem,
  slots: number,
): ProgramSpec {
  const buffers: Record<string, Node> = {};
  for (const name of ARRAYS) buffers[name] = inputLeaf(shape, dtype);
  for (const name of NUMBERS) buffers[name] = inputLeaf([], dtype);
  const leaf = (name: (typeof ARRAYS)[number] | (typeof NUMBERS)[number]): Tensor => new Tensor(buffers[name]);
  const entry = (outputs: Readonly<Record<string, Tensor>>, updates: Readonly<Record<string, Tensor>> = {}) => ({
    outputs: nodesOf(outputs),
    updates: nodesOf(updates),
  });
  const [x, g, n, trial, best] = [leaf("x"), leaf("g"), leaf("n"), leaf("trial"), leaf("best")];
  const [open, down, normal, q] = [leaf("open"), leaf("down"), leaf("normal"), leaf("q")];
  const [s, y, squareS, squareY] = [leaf("s"), leaf("y"), leaf("squareS"), leaf("squareY")];
  const [m, t, a, b] = [leaf("m"), leaf("t"), leaf("a"), leaf("b")];

  const range = problem.allowedRange;
  const clip = (v: Tensor): Tensor => (range === null ? v : v.clip(range[0], range[1]));
  const inside = (v: Tensor): Tensor => (range === null ? v : where(open.gt(0), v, 0));

  const optimized = problem.optimized(best);
  const loss = problem.minmax === "min" ? optimized : optimized.neg();
  const reference = problem.reference(best);
  const slope = gradient(loss, best);
  const referenceSlope = gradient(reference, best);
  const within = (v: Tensor): Tensor<"bool"> => v.abs().le(LARGEST[dtype]);
  const gg = dot(slope, slope);
  const finite = within(loss)
    .and(within(reference))
    .and(within(gg))
    .and(within(dot(referenceSlope, referenceSlope)));
  const moved = (to: Tensor, from: Tensor): Tensor => where(finite, to, from);

  const way = n.mul(m).sub(g);
  const closed = range === null ? null : closedAt(x, way, range);
  const unheld = (v: Tensor): Tensor => (closed === null ? v : where(closed, 0, v));
  const free = unheld(n);
  const wayDown = unheld(way);

  const ahead = clip(x.add(q.mul(t)));
  const back = clip(leaf("ahead").add(normal.mul(t)));
  const tried = problem.optimized(trial);
  const stride = x.sub(leaf("xBefore"));
  const bend = g.sub(n.mul(m)).sub(leaf("gBefore").sub(leaf("nBefore").mul(m)));
  const openS = inside(s);
  const openY = inside(y);
  const flatY = openY.sub(normal.mul(b));
  // The curvature of each pixel on its own: how much its gradient changes when it does.
  const share = squareS
    .add(leaf("meanS"))
    .div(squareY.add(leaf("meanY")))
    .sqrt();
  const weighed = q.mul(share).mul(a);
  const flat = q.sub(normal.mul(b));
  const lower = q.sub(flatY.mul(a));
  const higher = q.add(openS.sub(normal.mul(b)).mul(a));

  return {
    buffers,
    stacks: { strides: { slots, windows: ["s"] }, bends: { slots, windows: ["y"] } },
    entries: {
      move: entry(
        {
          loss,
          optimized,
          reference,
          penalty: problem.penalty(best),
          gg,
          finite: where(finite, gg.mul(0).add(1), 0),
        },
        {
          x: moved(best, x),
          xBefore: moved(x, leaf("xBefore")),
          g: moved(slope, g),
          gBefore: moved(g, leaf("gBefore")),
          n: moved(referenceSlope, n),
          nBefore: moved(n, leaf("nBefore")),
        },
      ),
      held: entry({ gn: dot(g, free), nn: dot(free, free), along: dot(way, free) }),
      flatten: entry(
        { norm: wayDown.norm(), cc: dot(wayDown, wayDown), nn: dot(free, free), xx: dot(x, x) },
        { down: wayDown, normal: free, ...(closed !== null && { open: where(closed, 0, x.mul(0).add(1)) }) },
      ),
      steepest: entry({}, { q: down }),
      ahead: entry({ reference: problem.reference(ahead) }, { ahead, trial: ahead }),
      back: entry({ reference: problem.reference(back) }, { trial: back }),
      judge: entry({
        loss: problem.minmax === "min" ? tried : tried.neg(),
        slope: dot(down, trial.sub(x)).neg(),
      }),
      keep: entry({}, { best: trial }),
      remember: entry(
        { norm: stride.norm(), ss: dot(stride, stride), sy: dot(stride, bend), yy: dot(bend, bend) },
        { s: stride, y: bend },
      ),
      learn: entry(
        {},
        {
          squareS: squareS.mul(KEPT).add(s.square().mul(a)),
          squareY: squareY.mul(KEPT).add(y.square().mul(a)),
        },
      ),
      means: entry({ s: squareS.mean(), y: squareY.mean() }),
      pair: entry({
        ss: dot(openS, openS),
        sy: dot(openS, openY),
        yy: dot(openY, openY),
        sn: dot(openS, normal),
        yn: dot(openY, normal),
      }),
      alongS: entry({ product: dot(s, q) }),
      lower: entry({ product: dot(s, lower) }, { q: lower }),
      bendiness: entry({ product: dot(flatY.mul(share), flatY) }),
      weigh: entry({ product: dot(weighed, normal) }, { q: weighed }),
      level: entry({ product: dot(y, flat) }, { q: flat }),
      higher: entry({ product: dot(y, higher) }, { q: higher }),
      direction: entry({ qq: dot(q, q), qc: dot(q, down) }),
    },
  };
}

export class Surface {
  readonly #dtype: FloatDType;
  readonly #shape: readonly number[];
  readonly #program: Program;

  /** @param slots how many pairs are remembered */
  constructor(start: Tensor<FloatDType>, problem: ConstrainedProblem, slots: number) {
    const { shape, dtype } = start;
    this.#dtype = dtype;
    this.#shape = shape;
    this.#program = fittingProgram(start, surfacePlan(start, problem, slots));
    this.#set("best", start.dataSync());
    this.#setMeans(1, 1);
  }

  image(): Tensor<FloatDType> {
    return fromValue<FloatDType>(this.#program.get("x"));
  }

  /** Moves to the best image, and says all of it; null where something is not finite: then nothing has moved. */
  move(): (ConstrainedTerms & { readonly gradientNorm: number }) | null {
    this.#program.run("move");
    if (this.#out("move", "finite") !== 1) return null;
    return {
      loss: this.#out("move", "loss"),
      penalty: this.#out("move", "penalty"),
      optimizedMetric: this.#out("move", "optimized"),
      referenceMetric: this.#out("move", "reference"),
      gradientNorm: Math.sqrt(this.#out("move", "gg")),
    };
  }

  held(multiplier: number): HeldSums {
    this.#program.setNumber("m", multiplier);
    this.#program.run("held");
    return { gn: this.#out("held", "gn"), nn: this.#out("held", "nn"), along: this.#out("held", "along") };
  }

  /** Fixes the way down, the normal and the open pixels. */
  flatten(multiplier: number): Norms {
    this.#program.setNumber("m", multiplier);
    this.#program.run("flatten");
    return {
      norm: this.#out("flatten", "norm"),
      cc: this.#out("flatten", "cc"),
      nn: this.#out("flatten", "nn"),
      xx: this.#out("flatten", "xx"),
    };
  }

  /** The direction becomes the steepest way down. */
  steepest(): void {
    this.#program.run("steepest");
  }

  /** The trial image is a step along the direction, clipped. Its reference metric. */
  ahead(t: number): number {
    this.#program.setNumber("t", t);
    this.#program.run("ahead");
    return this.#out("ahead", "reference");
  }

  /** The trial image is that, and a distance along the normal. Its reference metric. */
  back(distance: number): number {
    this.#program.setNumber("t", distance);
    this.#program.run("back");
    return this.#out("back", "reference");
  }

  /** The loss of the trial image, and what the gradient says it should have changed by. */
  judge(): { readonly loss: number; readonly slope: number } {
    this.#program.run("judge");
    return { loss: this.#out("judge", "loss"), slope: this.#out("judge", "slope") };
  }

  /** The trial image is the best one. */
  keep(): void {
    this.#program.run("keep");
  }

  /** Notes the last move as a pair. Its products, over all pixels, and the norm of the move. */
  remember(slot: number, multiplier: number): Omit<PairProducts, "sn" | "yn"> & { readonly norm: number } {
    this.#select(slot, slot);
    this.#program.setNumber("m", multiplier);
    this.#program.run("remember");
    return {
      norm: this.#out("remember", "norm"),
      ss: this.#out("remember", "ss"),
      sy: this.#out("remember", "sy"),
      yy: this.#out("remember", "yy"),
    };
  }

  /** Learns each pixel's curvature from the pair last remembered, whose squared stride is `ss`. */
  learn(ss: number): void {
    this.#program.setNumber("a", 1 / ss);
    this.#program.run("learn");
    this.#measure();
  }

  #measure(): void {
    this.#program.run("means");
    this.#setMeans(SHARED * this.#out("means", "s"), SHARED * this.#out("means", "y"));
  }

  /** What each pixel's curvature is mixed with. */
  #setMeans(s: number, y: number): void {
    this.#program.setNumber("meanS", s);
    this.#program.setNumber("meanY", y);
  }

  pair(slot: number): PairProducts {
    this.#select(slot, slot);
    this.#program.run("pair");
    return {
      ss: this.#out("pair", "ss"),
      sy: this.#out("pair", "sy"),
      yy: this.#out("pair", "yy"),
      sn: this.#out("pair", "sn"),
      yn: this.#out("pair", "yn"),
    };
  }

  /** s . q */
  alongS(slot: number): number {
    this.#select(slot, slot);
    return this.#product("alongS", 0, 0);
  }

  /** q -= a flat(y); then s . q of the next pair. */
  lower(slot: number, a: number, b: number, next: number): number {
    this.#select(next, slot);
    return this.#product("lower", a, b);
  }

  /** flat(y) . share flat(y): the curvature of a pair as the single pixels know it. */
  bendiness(slot: number, b: number): number {
    this.#select(slot, slot);
    return this.#product("bendiness", 0, b);
  }

  /** q becomes a share q; its product with the normal. */
  weigh(a: number): number {
    return this.#product("weigh", a, 0);
  }

  /** q -= b normal; then y . q of a pair. */
  level(b: number, next: number): number {
    this.#select(next, next);
    return this.#product("level", 0, b);
  }

  /** q += a flat(s); then y . q of the next pair. */
  higher(slot: number, a: number, b: number, next: number): number {
    this.#select(slot, next);
    return this.#product("higher", a, b);
  }

  /** Squared norm of the direction, and its product with the steepest way down. */
  direction(): { readonly qq: number; readonly qc: number } {
    this.#program.run("direction");
    return { qq: this.#out("direction", "qq"), qc: this.#out("direction", "qc") };
  }

  /** A copy of one half of a pair. */
  readHalf(slot: number, name: "s" | "y"): Values {
    this.#select(slot, slot);
    return this.#get(name);
  }

  writePair(slot: number, { s, y }: { readonly s: Values; readonly y: Values }): void {
    this.#select(slot, slot);
    this.#set("s", s);
    this.#set("y", y);
  }

  /** A copy of one half of what was learned. */
  readSquare(name: "s" | "y"): Values {
    return this.#get(name === "s" ? "squareS" : "squareY");
  }

  writeSquares({ s, y }: { readonly s: Values; readonly y: Values }): void {
    this.#set("squareS", s);
    this.#set("squareY", y);
    this.#measure();
  }

  #select(s: number, y: number): void {
    this.#program.select("s", s);
    this.#program.select("y", y);
  }

  #product(entry: string, a: number, b: number): number {
    this.#program.setNumber("a", a);
    this.#program.setNumber("b", b);
    this.#program.run(entry);
    return this.#out(entry, "product");
  }

  #out(entry: string, name: string): number {
    return this.#program.getNumber(`${entry}.${name}`);
  }

  #get(name: string): Values {
    return this.#program.get(name).re as Values;
  }

  #set(name: string, re: Values): void {
    this.#program.set(name, { dtype: this.#dtype, shape: this.#shape, re });
  }
}

/** Pixels on a bound that the way would take across it. */
function closedAt(x: Tensor, way: Tensor, [low, high]: readonly [number, number]): Tensor<"bool"> {
  const atLow = x.le(low).and(way.lt(0));
  return atLow.or(x.ge(high).and(way.gt(0)));
}

const nodesOf = (tensors: Readonly<Record<string, Tensor>>): Record<string, Node> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.node]));
