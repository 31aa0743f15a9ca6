// The one order in which sums are taken (docs/numerics.md, "Reductions").
//
// Axes of size one do not count. Up to 64 elements: left to right in C order, from +0. Beyond that, rows along the
// innermost reduced axis are cut into blocks of 512; inside a block column j belongs to lane j mod L (L = 2 for
// float64, 4 for 32-bit types); every lane adds its elements in order, from +0; then lanes, and last all blocks of all rows,
// are added in a balanced tree by index.

/** Sums of at most this many elements run left to right. */
export const SEQUENTIAL_LIMIT = 64;

/** Columns of one block. A multiple of every lane count. */
export const BLOCK = 512;

/** Lanes of one block. */
export function lanesOf(elementBytes: 4 | 8): 2 | 4 {
  return elementBytes === 8 ? 2 : 4;
}

/** Adds n numbers in a balanced tree by index, in place: neighbours first, an odd last one moves up unchanged. */
export function addTree<T extends Float32Array | Float64Array | Int32Array>(values: T, n: number): number {
  if (n === 0) return 0;
  let count = n;
  while (count > 1) {
    const half = count >> 1;
    for (let i = 0; i < half; i++) values[i] = values[2 * i] + values[2 * i + 1];
    if (count & 1) values[half] = values[count - 1];
    count = half + (count & 1);
  }
  return values[0];
}

/** The same tree over any kind of value. */
export function addTreeLevels<T>(values: readonly T[], join: (a: T, b: T) => T): T {
  let level = values;
  while (level.length > 1) {
    const next: T[] = [];
    for (let i = 0; i + 1 < level.length; i += 2) next.push(join(level[i], level[i + 1]));
    if (level.length & 1) next.push(level[level.length - 1]);
    level = next;
  }
  return level[0];
}
