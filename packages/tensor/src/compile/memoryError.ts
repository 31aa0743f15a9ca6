// The error of programs that do not fit. In a file of its own because users' compilers read its declaration, and need not know
// what a WebAssembly.Memory is.

/** Something that would make a computation fit. Numbers, where there are some, are enough on their own. */
export type WayOut =
  /** float32 instead of float64. */
  | { readonly kind: "float32" }
  | { readonly kind: "smaller batch"; readonly images: number; readonly instead: number }
  | { readonly kind: "smaller image"; readonly size?: readonly [height: number, width: number] }
  /** Of a search for k eigendistortions. */
  | { readonly kind: "smaller k" };

/** What a MemoryError knows besides its words. */
export interface MemoryFacts {
  /** What the program would take. */
  readonly bytes: number;
  /** Whether it is more than any system gives. */
  readonly isTooLarge: boolean;
  /** Default: none is known. */
  readonly ways?: readonly WayOut[];
}

/** What a program does cannot be held in 32-bit memory, or the system does not give the memory. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
  /** What the program would take. */
  readonly bytes: number;
  /** What is wrong, without what may be done about it. */
  readonly problem: string;
  /** Whether it is more than any system gives. */
  readonly isTooLarge: boolean;
  /** What may be done about it, as data: for programs that have words of their own. Empty where the message knows no more. */
  readonly ways: readonly WayOut[];

  constructor(problem: string, advice: string, facts: MemoryFacts, options?: ErrorOptions) {
    super(`${problem}. ${advice}`, options);
    this.problem = problem;
    this.bytes = facts.bytes;
    this.isTooLarge = facts.isTooLarge;
    this.ways = facts.ways ?? [];
  }
}
