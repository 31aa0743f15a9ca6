// Elements of an axis around a place between them, and what each weighs.

export interface Tap {
  readonly index: number;
  readonly weight: number;
}

export function linearTaps(p: number): Tap[] {
  const low = Math.floor(p);
  return [
    { index: low, weight: 1 - (p - low) },
    { index: low + 1, weight: p - low },
  ];
}

export function cubicTaps(p: number, a: number): Tap[] {
  const low = Math.floor(p);
  return [-1, 0, 1, 2].map((k) => {
    const d = Math.abs(p - (low + k));
    const weight = d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
    return { index: low + k, weight };
  });
}

/** The taps of many places, by tap and then by place. Flat: a million places would be several million objects. */
export interface TapTable {
  readonly indices: readonly Int32Array[];
  readonly weights: readonly Float64Array[];
}

/** Of places with the same number of taps each. Elements outside of the n of the axis become those at the edge. */
export function tapTable(count: number, n: number, tapsOf: (place: number) => readonly Tap[]): TapTable {
  const length = count === 0 ? 1 : tapsOf(0).length;
  const indices = Array.from({ length }, () => new Int32Array(count));
  const weights = Array.from({ length }, () => new Float64Array(count));
  for (let i = 0; i < count; i++) {
    const taps = tapsOf(i);
    for (let k = 0; k < length; k++) {
      const { index, weight } = taps[k];
      if (Number.isNaN(index)) throw new RangeError(`the coordinate of element ${i} is no number`);
      indices[k][i] = Math.max(0, Math.min(n - 1, index));
      weights[k][i] = weight;
    }
  }
  return { indices, weights };
}
