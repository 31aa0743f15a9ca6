// Refuses machines that keep the high byte of a number first. Formulas here look at the words of a double, and arrays are copied
// to WebAssembly, which is little-endian everywhere: on such a machine all numbers would be wrong, without an error.
//
// It is called where bundlers cannot drop it: in modules that nothing numeric does without. An `import` for its effect alone
// would be dropped, because the package says that it has no side effects.

/** The first byte of the number 1, in this machine's order: 1, or 0 on a big-endian one. */
const firstByteOfOne = (): number => new Uint8Array(new Uint16Array([1]).buffer)[0];

/** @throws Error on a big-endian machine */
export function requireLittleEndian(firstByte: number = firstByteOfOne()): void {
  if (firstByte === 1) return;
  throw new Error("plenoptic needs a little-endian machine: this one is big-endian, and every number would be wrong");
}
