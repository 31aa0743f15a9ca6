// The contract between kernel emitters and the compiler: what an operation becomes in WebAssembly.
//
// A lowered operation is a list of steps. Each step calls one kernel function over a range of independent work
// units; steps run one after the other, the units of one step in any order and on any thread. A kernel's result
// must not depend on how the units are cut.

import type { ModuleBuilder } from "../assembler/assembler.ts";

/** A function to be generated. Equal keys mean identical code, so it is emitted once per module. */
export interface Kernel {
  readonly key: string;
  /** Number of leading parameters: byte addresses, and numbers that a step says, so that steps of other sizes share the kernel (all i32). */
  readonly addresses: number;
  /**
   * Emits the function `(i32 × addresses, scratch: i32, begin: i32, end: i32) -> ()`, processing units
   * begin <= u < end, and returns its function index. `scratch` is a 128-byte aligned area private to the
   * running thread, of at least the step's `scratchBytes`; its content is garbage at entry.
   */
  emit(module: ModuleBuilder): number;
}

/** Parameters of a kernel's function: addresses and numbers, scratch, begin, end. */
export function kernelSignature(addresses: number): "i32"[] {
  return new Array<"i32">(addresses + 3).fill("i32");
}

/** What an address parameter points at. `plane` 1 is the imaginary plane; `offset` is added in bytes. */
export type Address =
  | { readonly of: "input"; readonly index: number; readonly plane?: 0 | 1; readonly offset?: number }
  | { readonly of: "output"; readonly index?: number; readonly plane?: 0 | 1; readonly offset?: number }
  | { readonly of: "temporary"; readonly index: number; readonly offset?: number }
  | { readonly of: "table"; readonly index: number; readonly offset?: number };

/** A parameter that is a number of 32 bits, signed or unsigned. */
export interface GivenNumber {
  readonly of: "number";
  readonly value: number;
}

/** Numbers as parameters. */
export const numbers = (...values: readonly number[]): GivenNumber[] =>
  values.map((value) => ({ of: "number", value }));

export interface LoweredStep {
  readonly kernel: Kernel;
  readonly addresses: readonly (Address | GivenNumber)[];
  /** Number of independent work units. */
  readonly units: number;
  /** Bytes of private scratch each thread needs. */
  readonly scratchBytes: number;
  /**
   * Rough cost of one unit in nanoseconds. It only decides how many units a thread takes at once, so it may be wrong by half.
   */
  readonly unitCost: number;
}

export interface Lowered {
  readonly steps: readonly LoweredStep[];
  /** Byte sizes of temporaries that live only during these steps (128-byte aligned). */
  readonly temporaries: readonly number[];
  /** Constant data the kernels read (twiddles, index tables), little endian, placed 128-byte aligned, shared by content. */
  readonly tables: readonly Uint8Array[];
  /**
   * Whether all steps can be cut along the axes of the result but the last two, such that each writes one of as many equal parts of it
   * (in C order), and reads the same part of the inputs and temporaries only. False if left out.
   */
  readonly isPartwise?: boolean;
}
