// The error of programs that do not fit. In a file of its own because users' compilers read its declaration, and need not know
// what a WebAssembly.Memory is.

/** What a program does cannot be held in 32-bit memory, or the system does not give the memory. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
  /** What the program would take. */
  readonly bytes: number;
  /** What is wrong, without what may be done about it. */
  readonly problem: string;
  /** Whether it is more than any system gives. */
  readonly isTooLarge: boolean;

  constructor(
    problem: string,
    advice: string,
    about: Pick<MemoryError, "bytes" | "isTooLarge">,
    options?: ErrorOptions,
  ) {
    super(`${problem}. ${advice}`, options);
    this.problem = problem;
    this.bytes = about.bytes;
    this.isTooLarge = about.isTooLarge;
  }
}
