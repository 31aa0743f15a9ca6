// How far the reference metric of a MAD competition is from where it was to stay, in words.

import { significant } from "../../significant.ts";

/** `off by 5.9 %`; where it was to stay at 0, which has no hundredths, `off by 2e-5`. */
export function driftWords(value: number, target: number): string {
  const off = Math.abs(value - target);
  return target === 0 ? `off by ${significant(off)}` : `off by ${significant(100 * Math.abs(value / target - 1))} %`;
}

/** A sentence of it, with both values. */
export function driftSentence(value: number, target: number): string {
  return (
    `the reference metric is ${driftWords(value, target)}: ${significant(value, 4)}, and was to stay at ` +
    significant(target, 4)
  );
}
