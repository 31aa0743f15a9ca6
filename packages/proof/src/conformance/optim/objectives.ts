// The objectives that the golden optimizer runs descend: plain doubles, in the order of operations
// that the reference has.

export interface Evaluation {
  readonly f: number;
  readonly g: readonly number[];
}

export type Objective = (x: ArrayLike<number>) => Evaluation;

/** Constants of quad50. */
export interface QuadConstants {
  readonly lambda_: readonly number[];
  readonly v: readonly number[];
  readonly c: readonly number[];
  readonly v_dot_v: number;
}

/** An objective that is a sum of terms of one variable each. `term` returns f after adding its own, and its slope. */
export function separable(term: (x: number, f: number, i: number) => readonly [f: number, slope: number]): Objective {
  return (x) => {
    let f = 0;
    const g = Array.from(x, (xi, i) => {
      const [sum, slope] = term(xi, f, i);
      f = sum;
      return slope;
    });
    return { f, g };
  };
}

export const rosen: Objective = (x) => {
  let f = 0;
  const g = Array.from(x, () => 0);
  for (let i = 0; i + 1 < x.length; i++) {
    const a = x[i + 1] - x[i] * x[i];
    const b = 1 - x[i];
    f += 100 * (a * a) + b * b;
    g[i] += -400 * (x[i] * a) - 2 * b;
    g[i + 1] += 200 * a;
  }
  return { f, g };
};

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

function quad({ lambda_, v, c, v_dot_v }: QuadConstants): Objective {
  const reflect = (z: readonly number[]): number[] => {
    const p = (2 * dot(v, z)) / v_dot_v;
    return z.map((zi, i) => zi - p * v[i]);
  };
  return (x) => {
    const y = reflect(Array.from(x, (xi, i) => xi - c[i]));
    let f = 0;
    y.forEach((yi, i) => {
      f += lambda_[i] * (yi * yi);
    });
    return { f: 0.5 * f, g: reflect(y.map((yi, i) => lambda_[i] * yi)) };
  };
}

/** All objectives, by their names in the golden files. */
export function objectives(constants: QuadConstants): ReadonlyMap<string, Objective> {
  return new Map<string, Objective>([
    ["rosen", rosen],
    ["quad50", quad(constants)],
    [
      "ratio",
      separable((x, f) => {
        const q = 1 + x * x;
        return [f + (x * x) / q, (2 * x) / (q * q)];
      }),
    ],
    ["linear", separable((x, f, i) => [f - (i + 1) * x, -(i + 1)])],
    [
      "quartic",
      separable((x, f) => {
        const a = x * x - 1;
        return [f + ((a * a) / 4 + 0.1 * x), x * a + 0.1];
      }),
    ],
    [
      "tiny",
      separable((x, f) => {
        const d = x - 1;
        return [f + 0.0005 * (d * d), 0.001 * d];
      }),
    ],
    [
      "kink",
      separable((x, f) => {
        const r = Math.sqrt(x * x + 1e-6);
        return [f + r, x / r];
      }),
    ],
    [
      "wiggle",
      separable((x, f) => {
        const w = x * x;
        return [f + (w - 1.9 * (w * x) + 0.93 * (w * w)), 2 * x - 5.7 * w + 3.72 * (w * x)];
      }),
    ],
    [
      "wall",
      separable((x) => {
        const d = x - 3;
        return x > 1 ? [Number.POSITIVE_INFINITY, 0] : [d * d, 2 * d];
      }),
    ],
    [
      "bigwall",
      separable((x) => {
        const d = x - 3;
        const e = x - 1;
        return x > 1 ? [d * d + 1e6 * (e * e), 2 * d + 2e6 * e] : [d * d, 2 * d];
      }),
    ],
    [
      "tiltkink",
      separable((x) => {
        const a = -x;
        const b = 5 * (x - 0.3) - 0.3;
        return a >= b ? [a, -1] : [b, 5];
      }),
    ],
  ]);
}
