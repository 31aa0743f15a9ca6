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

/** Identities by the shape they are of: nodes keep their shapes, and ask often. */
const identities = new WeakMap<readonly number[], IndexMap>();

/** The element at the iteration index itself. */
export function identityMap(shape: readonly number[]): IndexMap {
  let identity = identities.get(shape);
  if (identity === undefined) {
    const axes = shape.map((_, i) => ({ offset: 0, coefficients: shape.map((_, k) => (k === i ? 1 : 0)) }));
    identity = { iteration: shape, axes };
    identities.set(shape, identity);
  }
  return identity;
}

/** Whether a map into an array of this shape gives the element at the iteration index itself. */
export function isIdentity(map: IndexMap, shape: readonly number[]): boolean {
  const { iteration, axes } = map;
  if (iteration === shape && identities.get(shape) === map) return true;
  if (!sameNumbers(iteration, shape)) return false;
  for (let i = 0; i < axes.length; i++) {
    if (shape[i] === 1) continue;
    const { offset, coefficients } = axes[i];
    if (offset !== 0) return false;
    for (let k = 0; k < coefficients.length; k++) {
      if (shape[k] !== 1 && coefficients[k] !== (k === i ? 1 : 0)) return false;
    }
  }
  return true;
}

/** Whether two lists hold the same numbers. */
export function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether two maps of one iteration are equal. */
export function sameMap(a: IndexMap, b: IndexMap): boolean {
  if (a === b) return true;
  if (a.axes.length !== b.axes.length) return false;
  for (let i = 0; i < a.axes.length; i++) {
    const [x, y] = [a.axes[i], b.axes[i]];
    if (x !== y && (x.offset !== y.offset || !sameNumbers(x.coefficients, y.coefficients))) return false;
  }
  return true;
}

/** A place in memory as a function of the iteration index, given the strides of the array's axes. */
export function place({ iteration, axes }: IndexMap, strides: readonly number[]): Affine {
  let offset = 0;
  const coefficients = new Array<number>(iteration.length).fill(0);
  for (let i = 0; i < axes.length; i++) {
    const axis = axes[i];
    offset += axis.offset * strides[i];
    for (let k = 0; k < coefficients.length; k++) coefficients[k] += axis.coefficients[k] * strides[i];
  }
  return { offset, coefficients };
}

/** Axes [from, to) of one shape that hold the same elements as some of another. */
export interface AxisGroup {
  readonly a: readonly [from: number, to: number];
  readonly b: readonly [from: number, to: number];
}

/** By the second shape, the groups that were found last: nodes keep their shapes, and ask often. */
const matched = new WeakMap<
  readonly number[],
  { readonly a: readonly number[]; readonly groups: readonly AxisGroup[] }
>();

/** Groups of axes of two shapes that hold the same elements. Both are of equal size, not zero. */
export function matchAxes(a: readonly number[], b: readonly number[]): readonly AxisGroup[] {
  const known = matched.get(b);
  if (known?.a === a) return known.groups;
  const groups = findGroups(a, b);
  matched.set(b, { a, groups });
  return groups;
}

function findGroups(a: readonly number[], b: readonly number[]): AxisGroup[] {
  const groups: AxisGroup[] = [];
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
