// The default weight of the reference metric in a MAD competition: a power of ten near the ratio of the two metrics, as in
// Python's plenoptic.

import { log64 } from "@plenoptic-js/tensor";
import type { FloatDType } from "../../validate/error.ts";

/** 10 to the power of log10(optimized / reference), rounded; null where that ratio is no number above 0. */
export function tradeoffWeight(optimized: number, reference: number, dtype: FloatDType): number | null {
  const ratio = optimized / reference;
  if (!(ratio > 0 && ratio < Infinity)) return null;
  const power = Number(`1e${Math.round(log64(ratio) / log64(10))}`);
  return dtype === "float32" ? Math.fround(power) : power;
}
