// Refuses machines that keep the high byte of a number first: elements go between files and typed arrays as they are. (The tensor
// package has the same check; neither may import the other.) It is called by a module that every such path needs, where
// bundlers cannot drop it.

/** The first byte of the number 1, in this machine's order: 1, or 0 on a big-endian one. */
const firstByteOfOne = (): number => new Uint8Array(new Uint16Array([1]).buffer)[0];

/** @throws Error on a big-endian machine */
export function requireLittleEndian(firstByte: number = firstByteOfOne()): void {
  if (firstByte === 1) return;
  throw new Error(
    "@plenoptic-js/formats needs a little-endian machine: this one is big-endian, and every number would be wrong",
  );
}
