// What an optimizer remembers, in another precision.

import type { FloatDType } from "@plenoptic-js/tensor";
import type { FormulaSnapshot, LbfgsSnapshot, Snapshot, Values } from "./descent.ts";

export function castValues(values: Values, dtype: FloatDType): Values {
  return dtype === "float32" ? Float32Array.from(values) : Float64Array.from(values);
}

export function castSnapshot(snapshot: Snapshot, dtype: FloatDType): Snapshot {
  const cast = (values: Values): Values => castValues(values, dtype);
  if (snapshot.kind === "formula") {
    const arrays = Object.entries(snapshot.arrays).map(([name, values]) => [name, cast(values)]);
    return { ...snapshot, arrays: Object.fromEntries(arrays) } satisfies FormulaSnapshot;
  }
  const { pairs, last } = snapshot;
  return {
    ...snapshot,
    pairs: pairs.map(({ y, s, ro }) => ({ y: cast(y), s: cast(s), ro })),
    last: last === null ? null : { ...last, direction: cast(last.direction), gradient: cast(last.gradient) },
  } satisfies LbfgsSnapshot;
}
