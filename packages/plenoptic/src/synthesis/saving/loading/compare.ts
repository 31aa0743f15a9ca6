// Whether a saved tensor is the one at hand, as Python's plenoptic decides it.

import type { Tensor } from "@plenoptic-js/tensor";
import { describe } from "@plenoptic-js/tensor/engine";

export interface Tolerance {
  readonly atol: number;
  readonly rtol: number;
}

/** How two tensors differ: in a way that is always refused (dtype), or one that a check may let pass. */
export interface Difference {
  readonly always: boolean;
  readonly text: string;
}

/**
 * The first way in which `saved` differs from `own`; null when it does not. Two values agree when they differ by at most
 * atol + rtol |own|, or are both NaN.
 */
export async function differenceOf(
  what: string,
  saved: Tensor,
  own: Tensor,
  { atol, rtol }: Tolerance,
): Promise<Difference | null> {
  const sameShape = saved.shape.length === own.shape.length && saved.shape.every((n, i) => n === own.shape[i]);
  if (!sameShape && !(saved.size === 1 && own.size === 1)) {
    return { always: false, text: `the saved ${what} is ${describe(saved)}, that of this object ${describe(own)}` };
  }
  if (saved.dtype !== own.dtype) {
    const advice = `use to("${saved.dtype}") on this object, or make it anew from a ${saved.dtype} image`;
    return {
      always: true,
      text: `the saved ${what} is ${describe(saved)}, that of this object ${describe(own)}; ${advice}`,
    };
  }
  const [a, b] = [await saved.data(), await own.data()];
  let worst = 0;
  let needed = 0;
  let at = -1;
  for (let i = 0; i < a.length; i++) {
    if (Number.isNaN(a[i]) && Number.isNaN(b[i])) continue;
    const apart = Math.abs(a[i] - b[i]);
    if (a[i] === b[i] || apart <= atol + rtol * Math.abs(b[i])) continue;
    // The largest excess, whatever the two are.
    if (at < 0 || !(apart <= worst)) [worst, at] = [apart, i];
    const ratio = (apart - atol) / Math.abs(b[i]);
    if (!(ratio <= needed)) needed = ratio;
  }
  if (at < 0) return null;
  let largest = 0;
  for (const value of b) largest = Math.max(largest, Math.abs(value));
  const wayOut =
    needed <= ALIKE
      ? `tensorEqualityRtol: ${roundedUp(needed)} would let it pass`
      : worst <= ALIKE * largest
        ? `tensorEqualityAtol: ${roundedUp(worst)} would let it pass`
        : "that is more than rounding or another machine would make of it";
  const pass = Number.isFinite(worst) ? `; ${wayOut}` : "";
  return {
    always: false,
    text: `the saved ${what} differs from that of this object: ${a[at]} and ${b[at]} at element ${at}${pass}`,
  };
}

/** Up to this share of what they are, numbers may be meant to be the same, and a tolerance is advised. */
const ALIKE = 0.1;

/** Two digits, rounded up. */
function roundedUp(x: number): string {
  const text = x.toExponential(1);
  return Number(text) >= x ? text : (x * 1.05).toExponential(1);
}
