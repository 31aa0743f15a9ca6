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
