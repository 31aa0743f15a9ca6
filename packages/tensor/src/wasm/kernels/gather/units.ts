// What the kernels of gathering and joining share: a function that handles one unit, and a step for every plane.

import { componentsOf, type Node } from "../../../ops/definition.ts";
import type { Expr, FunctionBuilder, Local } from "../../assembler/assembler.ts";
import { type Kernel, kernelSignature, type LoweredStep } from "../kernel.ts";

/** Nanoseconds to get a unit going, for the cutting into pieces. Tried beside others: bench/RESULTS.md, "Tuned numbers". */
export const UNIT_OVERHEAD = 15;

/** One step for every plane of `input`, all with the same kernel and table. */
export function perPlane(
  node: Node,
  input: number,
  step: Omit<LoweredStep, "addresses" | "scratchBytes">,
  place: { readonly table: number; readonly offset: number },
): LoweredStep[] {
  const planes = componentsOf(node.dtype) === 2 ? ([0, 1] as const) : ([0] as const);
  return planes.map((plane) => ({
    ...step,
    addresses: [
      { of: "input", index: input, plane },
      { of: "output", plane, offset: place.offset },
      { of: "table", index: place.table },
    ],
    scratchBytes: 0,
  }));
}

/** A function over (input, output, table) that handles one unit; `word(i)` reads the table's i-th word. */
export function unitKernel(
  key: string,
  body: (
    f: FunctionBuilder,
    unit: Local,
    at: { x: Local; out: Local; table: Local; word: (index: number) => Expr },
  ) => void,
): Kernel {
  return {
    key,
    addresses: 3,
    emit: (module) =>
      module.func(null, kernelSignature(3), [], (f, x, out, table, _scratch, begin, end) => {
        const unit = f.local("i32");
        f.forRange(unit, begin, end, 1, () => {
          body(f, unit, { x, out, table, word: (index) => f.load("i32.load", table, 4 * index) });
        });
      }),
  };
}
