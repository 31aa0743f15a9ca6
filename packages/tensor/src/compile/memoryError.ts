// The error of programs that do not fit. In a file of its own because users' compilers read its declaration, and need not know
// what a WebAssembly.Memory is.

/** What a program does cannot be held in 32-bit memory. */
export class MemoryError extends Error {
  override readonly name = "MemoryError";
}
