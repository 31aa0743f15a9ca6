// The one Fourier transform of every size: which stages, in which order.
//
// y[k] = sum over j of x[j] w^(jk), w = exp(-2 pi i / n) forward and exp(+2 pi i / n) inverse, unnormalised. Only the
// size decides how:
//
// Sizes whose prime factors are 2, 3, 5, 7, 11 and 13, by the self-sorting algorithm of Stockham (Cochran et al., "What is
// the fast Fourier transform?", Proc. IEEE 55, 1967) in its mixed-radix form: radix 4 as often as it divides, then 2, then
// the odd ones, rising. Stage by stage, with r the radix, s the product of the radices before, m = n / (s r):
//
//   for 0 <= p < m, 0 <= q < s:   y = DFT of size r of x[j] = in[q + s (p + m j)],   0 <= j < r
//                                 out[q + s (r p + k)] = y[k] exp(-+ 2 pi i p k / (r m)),   0 <= k < r
//
// All other sizes as a convolution (Bluestein, "A linear filtering approach to the computation of discrete Fourier
// transform", IEEE Trans. Audio Electroacoust. 18, 1970). With the chirp c[j] = exp(-+ pi i j^2 / n), jk = (j^2 + k^2 -
// (k - j)^2) / 2 gives y[k] = c[k] sum over j of (x[j] c[j]) conj c[k - j]. The convolution is cyclic, of the smallest
// length M >= 2n - 1 that is 1, 3 or 5 times a power of two from 4 on: the line times the chirp, padded with zeros to
// M; its transform; times the spectrum (the transform of conj c, divided by M); the transform in the opposite
// direction; times the chirp.

export interface Stage {
  readonly radix: number;
  /** Product of the radices before: s above. */
  readonly stride: number;
  /** Number of different twiddle sets: m above. */
  readonly rest: number;
  /**
   * Where the twiddle factors exp(-+ 2 pi i p k / (r m)) come from. `none`: m = 1, they are all 1. `table`: every
   * output k >= 1 is multiplied by a rounded root of unity, p = 0 included. `constants`: the same, but multiples of
   * an eighth of a turn take their exact short form (`rotate` in butterfly.ts).
   */
  readonly twiddles: "none" | "table" | "constants";
  /** Whether the stage goes in the direction opposite to the transform's. */
  readonly back: boolean;
  /** Whether inputs are multiplied by the chirp first; those from `size` on are 0. */
  readonly chirped: boolean;
  /** What outputs are multiplied by. After the chirp only the first `size` count. */
  readonly outputs: "as they are" | "times spectrum" | "times chirp";
}

export interface Plan {
  readonly size: number;
  /** Elements of a line between stages: the size, or the length of the convolution. */
  readonly length: number;
  readonly stages: readonly Stage[];
}

/** The longest side that can be transformed. */
export const MAX_SIDE = 65536;

/** Whether a line of this many elements can be transformed. */
export function hasPlan(size: number): boolean {
  return Number.isInteger(size) && size >= 1 && size <= MAX_SIDE;
}

/** The radices whose product is the size; null if it has other prime factors. */
function radicesOf(size: number): number[] | null {
  if (size === 1) return [1];
  const radices: number[] = [];
  let left = size;
  for (const radix of [4, 2, 3, 5, 7, 11, 13]) {
    for (; left % radix === 0; left /= radix) radices.push(radix);
  }
  return left === 1 ? radices : null;
}

/** The length of the convolution that transforms a line. */
function convolutionLength(size: number): number {
  const lengths = [1, 3, 5].map((factor) => {
    let length = 4 * factor;
    while (length < 2 * size - 1) length *= 2;
    return length;
  });
  return Math.min(...lengths);
}

function stagesOf(size: number, radices: readonly number[]): Stage[] {
  let stride = 1;
  return radices.map((radix, i): Stage => {
    const rest = size / (stride * radix);
    // Later stages with few twiddle sets, all of them short, have them written into the code.
    const twiddles = rest === 1 ? "none" : i > 0 && (rest === 2 || rest === 4) ? "constants" : "table";
    const stage = { radix, stride, rest, twiddles, back: false, chirped: false, outputs: "as they are" } as const;
    stride *= radix;
    return stage;
  });
}

function makePlan(size: number): Plan {
  const radices = radicesOf(size);
  if (radices !== null) return { size, length: size, stages: stagesOf(size, radices) };
  const length = convolutionLength(size);
  const stages = stagesOf(length, radicesOf(length) as number[]);
  const last = stages.length - 1;
  const there = stages.map((stage, i): Stage => {
    return { ...stage, chirped: i === 0, outputs: i === last ? "times spectrum" : stage.outputs };
  });
  const back = stages.map((stage, i): Stage => {
    return { ...stage, back: true, outputs: i === last ? "times chirp" : stage.outputs };
  });
  return { size, length, stages: [...there, ...back] };
}

const plans = new Map<number, Plan>();

/** The plan of a size for which `hasPlan` holds, or that is the length of a convolution. */
export function planOf(size: number): Plan {
  let plan = plans.get(size);
  if (plan === undefined) {
    plan = makePlan(size);
    plans.set(size, plan);
  }
  return plan;
}
