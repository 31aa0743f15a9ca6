// The arrays of L-BFGS in their programs (lbfgsPrograms.ts), one step at a time as `lbfgsStep` asks for it. The direction d goes
// to the bank whose pairs are next. A node has one value wherever it is computed, so the number of banks changes no bit.

import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { type Direction, type Evaluation, fromValue, type LbfgsSpace, type Program } from "@plenoptic-js/tensor/engine";
import type { Objective, TermNumbers, Values } from "./descent.ts";
import { type Bank, type BankSizes, LbfgsPrograms } from "./lbfgsPrograms.ts";
import { readTerms } from "./terms.ts";

export interface Look extends Evaluation, TermNumbers {
  readonly gradientNorm: number;
}

/** A pair's place. */
interface Slot {
  readonly program: Program;
  readonly number: number;
}

export class LbfgsArrays implements LbfgsSpace<Look> {
  readonly single: boolean;
  readonly stages: number;
  /** The stage in which the objective is looked at. */
  stage = 0;
  /** Called before a pair's place is written to; null: nobody wants to know. */
  onRemember: ((pair: number) => void) | null = null;
  readonly #programs: LbfgsPrograms;
  readonly #shape: readonly number[];
  /** That of the objective. */
  readonly #program: Program;
  /** The one that has the present direction. */
  #leading: Program;

  constructor(start: Tensor<FloatDType>, historySize: number, objective: Objective, sizes?: BankSizes) {
    const { shape, dtype } = start;
    this.single = dtype === "float32";
    this.#shape = shape;
    this.stages = objective.stages;
    // The newest pair is made before the oldest is forgotten.
    this.#programs = new LbfgsPrograms(start, objective, historySize + 1, sizes);
    this.#program = this.#programs.banks[0].program;
    this.#leading = this.#program;
    this.#program.set("x", { dtype, shape, re: start.dataSync() });
  }

  #slot(pair: number): Slot {
    this.#programs.makeRoom(pair + 1);
    const { banks } = this.#programs;
    const later = banks.findIndex(({ from }) => from > pair);
    const { program, from } = banks.at(later < 0 ? -1 : later - 1) as Bank;
    return { program, number: pair - from };
  }

  /** Lets a program have the present direction. */
  #lead(program: Program): void {
    if (program !== this.#leading) program.set("d", this.#leading.get("d"));
    this.#leading = program;
  }

  image(beforeStep: boolean): Tensor<FloatDType> {
    return fromValue<FloatDType>(this.#program.get(beforeStep ? "before" : "x"));
  }

  /** A copy of one half of a pair. */
  half(slot: number, name: "y" | "s"): Values {
    return valuesOf(this.#show(slot), name);
  }

  setPair(slot: number, y: Values, s: Values): void {
    const program = this.#show(slot);
    this.#set(program, "y", y);
    this.#set(program, "s", s);
  }

  /** A copy of a gradient. */
  gradient(slot: number): Values {
    this.#program.select("g", slot);
    return valuesOf(this.#program, "g");
  }

  /** A copy of the direction. */
  direction(): Values {
    return valuesOf(this.#leading, "d");
  }

  setLast(slot: number, gradient: Values, direction: Values): void {
    this.#program.select("g", slot);
    this.#set(this.#program, "g", gradient);
    this.#set(this.#program, "d", direction);
    this.#leading = this.#program;
  }

  #set(program: Program, name: string, re: Values): void {
    program.set(name, { dtype: this.single ? "float32" : "float64", shape: this.#shape, re });
  }

  /** Remembers the image before a step. */
  begin(): void {
    this.#program.run("begin");
  }

  /** Norm of what the step has changed so far. */
  change(): number {
    this.#program.run("change");
    return this.#program.getNumber("change.norm");
  }

  restore(): void {
    this.#program.run("restore");
  }

  evaluate(slot: number, known: Look | null): Look {
    if (known !== null) return known;
    this.#program.run("here");
    return this.#look(slot);
  }

  evaluateAhead(t: number, slot: number): Look {
    this.#lead(this.#program);
    this.#program.setNumber("t", t);
    this.#program.run("ahead");
    return this.#look(slot);
  }

  #look(slot: number): Look {
    const program = this.#program;
    this.#lead(program);
    program.select("g", slot);
    const entry = `evaluate.${this.stage}`;
    program.run(entry);
    return {
      ...readTerms(program, entry, this.#programs.recorded),
      largest: program.getNumber(`${entry}.largest`),
      slope: program.getNumber(`${entry}.slope`),
      gradientNorm: program.getNumber(`${entry}.gradientNorm`),
      gradient: slot,
    };
  }

  move(t: number): void {
    this.#lead(this.#program);
    this.#program.setNumber("t", t);
    this.#program.run("move");
  }

  steepest(slot: number): Required<Direction> {
    this.#descend("steepest", slot);
    return { ...this.#direction("steepest"), sum: this.#program.getNumber("steepest.sum") };
  }

  scaled(slot: number, h: number): Direction {
    this.#program.setNumber("h", h);
    this.#descend("scaled", slot);
    return this.#direction("scaled");
  }

  /** Runs an entry that takes the direction from a gradient. */
  #descend(entry: string, slot: number): void {
    this.#program.select("g", slot);
    this.#program.run(entry);
    this.#leading = this.#program;
  }

  remember(slot: number, before: number, t: number, pair: number): { readonly ys: number; readonly yy: number } {
    this.onRemember?.(pair);
    const program = this.#program;
    this.#lead(program);
    program.select("g", slot);
    program.select("gBefore", before);
    const { program: bank, number } = this.#slot(pair);
    const isApart = bank !== program;
    // The slot after those that the program keeps.
    const made = isApart ? this.#programs.banks[1].from : number;
    for (const name of ["s", "y"]) program.select(name, made);
    program.setNumber("t", t);
    program.run("remember");
    if (isApart) {
      for (const name of ["s", "y"]) {
        bank.select(name, number);
        bank.set(name, program.get(name));
      }
    }
    return { ys: program.getNumber("remember.ys"), yy: program.getNumber("remember.yy") };
  }

  first(slot: number, next: number): number {
    const { program, number } = this.#slot(next);
    if (program !== this.#program) {
      this.#descend("steepest", slot);
      return this.#product(program, "sd", { s: number });
    }
    program.select("s", number);
    this.#descend("first", slot);
    return program.getNumber("first.product");
  }

  down(pair: number, a: number, next: number): number {
    return this.#loop("down", "y", pair, a, "s", next);
  }

  up(pair: number, a: number, next: number): number {
    return this.#loop("up", "s", pair, a, "y", next);
  }

  /** Adds a multiple of `own` of a pair to the direction, and multiplies that with `other` of the next. */
  #loop(entry: "down" | "up", own: "s" | "y", pair: number, a: number, other: "s" | "y", next: number): number {
    const { program, number } = this.#slot(pair);
    const following = this.#slot(next);
    const isTogether = following.program === program;
    program.setNumber("a", a);
    const product = this.#product(program, entry, {
      [own]: number,
      [other]: isTogether ? following.number : number,
    });
    return isTogether ? product : this.#product(following.program, `${other}d`, { [other]: following.number });
  }

  turn(pair: number, a: number, h: number): number {
    const { program, number } = this.#slot(pair);
    program.setNumber("a", a);
    program.setNumber("h", h);
    return this.#product(program, "turn", { y: number });
  }

  last(pair: number, a: number, slot: number): Direction {
    const { program, number } = this.#slot(pair);
    program.setNumber("a", a);
    this.#program.select("g", slot);
    if (program !== this.#program) {
      this.#product(program, "up", { s: number, y: number });
      this.#lead(this.#program);
      this.#program.run("along");
      return this.#direction("along");
    }
    this.#lead(program);
    program.select("s", number);
    program.run("last");
    return this.#direction("last");
  }

  /** The windows of its program show a pair. */
  #show(pair: number): Program {
    const { program, number } = this.#slot(pair);
    program.select("s", number);
    program.select("y", number);
    return program;
  }

  /** Runs an entry of a program where windows show these slots. */
  #product(program: Program, entry: string, windows: Readonly<Record<string, number>>): number {
    this.#lead(program);
    for (const [name, number] of Object.entries(windows)) program.select(name, number);
    program.run(entry);
    return program.getNumber(`${entry}.product`);
  }

  #direction(entry: string): Direction {
    return {
      slope: this.#program.getNumber(`${entry}.slope`),
      largest: this.#program.getNumber(`${entry}.largest`),
    };
  }
}

const valuesOf = (program: Program, name: string): Values => program.get(name).re as Values;
