// Copies an array into another shape where padding keeps the reshaped array from being a mere view.

import type { ModuleBuilder } from "../../assembler/assembler.ts";
import type { Layout } from "../../layout.ts";
import { type Kernel, kernelSignature } from "../kernel.ts";

export interface ReshapePlan {
  /** Address parameters: source plane, destination plane. */
  readonly kernel: Kernel;
  readonly units: number;
  readonly unitCost: number;
}

/** Units are rows of the destination. */
export function planReshape(from: Layout, to: Layout): ReshapePlan {
  return {
    kernel: {
      key: `reshape ${from.elementBytes} ${from.columns} ${from.pitch} ${to.columns} ${to.pitch}`,
      addresses: 2,
      emit: (m) => emitReshape(m, from, to),
    },
    units: to.rows,
    unitCost: to.columns * 1.5 + 10,
  };
}

function emitReshape(module: ModuleBuilder, from: Layout, to: Layout): number {
  const bytes = from.elementBytes;
  const type = bytes === 8 ? "f64" : "i32";
  return module.func(null, kernelSignature(2), [], (f, source, destination, _scratch, begin, end) => {
    const u = f.local("i32");
    const column = f.local("i32");
    const read = f.local("i32");
    const write = f.local("i32");
    const stop = f.local("i32");
    f.forRange(u, begin, end, 1, () => {
      const element = f.let(f.op("i32.mul", u, to.columns));
      f.set(column, f.op("i32.rem_u", element, from.columns));
      const row = f.op("i32.div_u", element, from.columns);
      const index = f.op("i32.add", f.op("i32.mul", row, from.pitch), column);
      f.set(read, f.op("i32.add", source, f.op("i32.mul", index, bytes)));
      f.set(write, f.op("i32.add", destination, f.op("i32.mul", u, to.pitch * bytes)));
      f.set(stop, f.op("i32.add", write, to.columns * bytes));
      f.loop((again) => {
        // Bits are copied as they are; an f64 or i32 access never changes them.
        f.store(`${type}.store`, write, f.load(`${type}.load`, read));
        f.set(write, f.op("i32.add", write, bytes));
        f.set(read, f.op("i32.add", read, bytes));
        f.set(column, f.op("i32.add", column, 1));
        f.if(f.op("i32.eq", column, from.columns), () => {
          f.set(column, 0);
          f.set(read, f.op("i32.add", read, (from.pitch - from.columns) * bytes));
        });
        f.brIf(again, f.op("i32.lt_u", write, stop));
      });
    });
  });
}
