// Large arrays that never change and that several programs may have: the weights of a network, for one. However many programs use one,
// it is in WebAssembly memory at most once, on a shelf (shelf.ts), and in JavaScript at most once: as the array that it was made of, or
// where that is no more, or there was none, set aside.
//
// A constant lives as long as a program that has it. It keeps the memory alive in which it lies; the pool knows it weakly.

import type { ArrayValue, Plane } from "../../ops/definition.ts";
import type { Layout } from "../layout.ts";
import { writeArray } from "../transfer.ts";

/** What a program says of a constant that it has. */
export interface ConstantSource {
  readonly layout: Layout;
  /** Equal texts for constants that are the same. */
  readonly key: string;
  /** Of an array, its value. Other constants are computed by the first program that has them. */
  readonly value: ArrayValue | undefined;
  /** An address of the program's data, where it wants that of the constant. */
  readonly cell: number;
}

/** Where a constant lies. */
export interface Home {
  readonly shelf: object;
  readonly memory: WebAssembly.Memory;
  readonly address: number;
}

export class Constant {
  readonly layout: Layout;
  /** Undefined while no memory has it. */
  home: Home | undefined;
  /** Whether it has its values; else a program is to compute them where it lies. */
  isKnown: boolean;
  /** Its values while they are in no memory. */
  #aside: ArrayValue | Uint8Array<ArrayBuffer> | undefined;
  /** The planes of the array that it is, for as long as others hold them. */
  readonly #planes: readonly WeakRef<Plane>[];

  constructor({ layout, value }: ConstantSource) {
    this.layout = layout;
    this.isKnown = value !== undefined;
    this.#aside = value;
    this.#planes = planesOf(value).map((plane) => new WeakRef(plane));
  }

  /** Lies in a memory from now on, with its values. */
  put(home: Home): void {
    const { memory, address } = home;
    const aside = this.#aside;
    if (aside instanceof Uint8Array) new Uint8Array(memory.buffer).set(aside, address);
    else if (aside !== undefined) writeArray(memory.buffer, address, aside, this.layout);
    this.#aside = undefined;
    this.home = home;
  }

  /** Leaves its memory. Throws a RangeError where there is no room for its values, and stays. */
  setAside(): void {
    const { memory, address } = this.home as Home;
    const { dtype, shape, bytes } = this.layout;
    const [re, im] = this.#planes.map((plane) => plane.deref());
    const isHeld = re !== undefined && (im !== undefined || this.#planes.length === 1);
    if (isHeld) this.#aside = im === undefined ? { dtype, shape, re } : { dtype, shape, re, im };
    // A copy, which is not shared.
    else if (this.isKnown) this.#aside = new Uint8Array(new Uint8Array(memory.buffer, address, bytes));
    this.home = undefined;
  }
}

const planesOf = (value: ArrayValue | undefined): Plane[] =>
  value === undefined ? [] : value.im === undefined ? [value.re] : [value.re, value.im];

let identities = 0;
const identityOfPlane = new WeakMap<Plane, number>();

/** A text that no other array has: it is the array, and not its elements, that tells. */
export function identityOf(value: ArrayValue): string {
  const numbers = planesOf(value).map((plane) => {
    const known = identityOfPlane.get(plane) ?? ++identities;
    identityOfPlane.set(plane, known);
    return known;
  });
  return numbers.join("+");
}

/** The constants that some program has, by key. */
export class Constants {
  readonly #known = new Map<string, WeakRef<Constant>>();
  readonly #collected: FinalizationRegistry<string>;

  /** Calls `lost` when one is collected. */
  constructor(lost: () => void) {
    this.#collected = new FinalizationRegistry((key) => {
      if (this.#known.get(key)?.deref() === undefined) this.#known.delete(key);
      lost();
    });
  }

  /** The constant of a source: one that there is, or a new one. */
  of(source: ConstantSource): Constant {
    const { key } = source;
    const known = this.#known.get(key)?.deref();
    if (known !== undefined) return known;
    const constant = new Constant(source);
    this.#known.set(key, new WeakRef(constant));
    this.#collected.register(constant, key);
    return constant;
  }
}
