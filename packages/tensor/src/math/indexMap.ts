// Index maps: which element of an array an iteration reads, as affine functions of the iteration index. Views say their
// own map (ops/view.ts); the compiler folds the maps of a chain of views, so that reading through a view costs nothing.

/** offset + sum_k coefficients[k] * (iteration index k) */
export interface Affine {
  readonly offset: number;
  readonly coefficients: readonly number[];
}

/** The index along every axis of an array, as a function of the iteration index. */
export interface IndexMap {
  /** Shape of the iteration. */
  readonly iteration: readonly number[];
  readonly axes: readonly Affine[];
}

/** The element at the iteration index itself. */
export function identityMap(shape: readonly number[]): IndexMap {
  const axes = shape.map((_, i) => ({ offset: 0, coefficients: shape.map((_, k) => (k === i ? 1 : 0)) }));
  return { iteration: shape, axes };
}

/** Whether a map into an array of this shape gives the element at the iteration index itself. */
export function isIdentity(map: IndexMap, shape: readonly number[]): boolean {
  return (
    map.iteration.length === shape.length &&
    map.iteration.every((n, i) => n === shape[i]) &&
    map.axes.every(
      (axis, i) =>
        shape[i] === 1 ||
        (axis.offset === 0 && axis.coefficients.every((c, k) => c === (k === i ? 1 : 0) || shape[k] === 1)),
    )
  );
}

/** Equal texts for equal maps of one iteration. */
export function mapKey(map: IndexMap): string {
  return map.axes.map((axis) => `${axis.offset}:${axis.coefficients.join(",")}`).join("|");
}

/** A place in memory as a function of the iteration index, given the strides of the array's axes. */
export function place(map: IndexMap, strides: readonly number[]): Affine {
  let offset = 0;
  const coefficients = map.iteration.map(() => 0);
  map.axes.forEach((axis, i) => {
    offset += axis.offset * strides[i];
    axis.coefficients.forEach((c, k) => {
      coefficients[k] += c * strides[i];
    });
  });
  return { offset, coefficients };
}

/** Groups of axes of two shapes that hold the same elements, as [from, to) in each. Both are of equal size, not zero. */
export function matchAxes(
  a: readonly number[],
  b: readonly number[],
): { a: [from: number, to: number]; b: [from: number, to: number] }[] {
  const groups: { a: [number, number]; b: [number, number] }[] = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    const start = { i, j };
    let p = i < a.length ? a[i++] : 1;
    let q = j < b.length ? b[j++] : 1;
    while (p !== q) {
      if (p < q) p *= a[i++];
      else q *= b[j++];
    }
    groups.push({ a: [start.i, i], b: [start.j, j] });
  }
  return groups;
}
