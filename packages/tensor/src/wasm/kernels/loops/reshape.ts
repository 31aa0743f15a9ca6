// Copies an array into another shape where padding keeps the reshaped array from being a mere view.

import type { Expr, FunctionBuilder, Local, ModuleBuilder } from "../../assembler/assembler.ts";
import { type Layout, rowBytes } from "../../layout.ts";
import { type GivenNumber, type Kernel, kernelSignature, numbers } from "../kernel.ts";

export interface ReshapePlan {
  /** Address parameters: source plane, destination plane; then numbers. */
  readonly kernel: Kernel;
  readonly numbers: readonly GivenNumber[];
  readonly units: number;
  readonly unitCost: number;
}

/** Bytes from which on a piece is worth a call of the engine's own copying. */
const LONG = 256;

/** Units are rows of the destination. Pieces that lie in one row of both are copied at once. */
export function planReshape(from: Layout, to: Layout): ReshapePlan {
  const { elementBytes: bytes } = from;
  const isLong = Math.min(from.columns, to.columns) * bytes >= LONG;
  return {
    kernel: {
      key: `reshape ${bytes} ${isLong}`,
      addresses: 6,
      emit: (m) => emitReshape(m, bytes, isLong),
    },
    numbers: numbers(from.columns, rowBytes(from), to.columns, rowBytes(to)),
    units: to.rows,
    unitCost: to.columns * 0.5 + 10,
  };
}

function emitReshape(module: ModuleBuilder, bytes: 4 | 8, isLong: boolean): number {
  return module.func(null, kernelSignature(6), [], (f, source, destination, ...rest) => {
    const [fromColumns, fromRow, toColumns, toRow, _scratch, begin, end] = rest;
    const u = f.local("i32");
    const read = f.local("i32");
    /** Where the row that is read ends. */
    const limit = f.local("i32");
    const write = f.local("i32");
    const stop = f.local("i32");
    const rowEnd = f.let(f.op("i32.mul", fromColumns, bytes));
    f.forRange(u, begin, end, 1, () => {
      const element = f.let(f.op("i32.mul", u, toColumns));
      const column = f.op("i32.rem_u", element, fromColumns);
      const row = f.let(f.op("i32.add", source, f.op("i32.mul", f.op("i32.div_u", element, fromColumns), fromRow)));
      f.set(read, f.op("i32.add", row, f.op("i32.mul", column, bytes)));
      f.set(limit, f.op("i32.add", row, rowEnd));
      f.set(write, f.op("i32.add", destination, f.op("i32.mul", u, toRow)));
      f.set(stop, f.op("i32.add", write, f.op("i32.mul", toColumns, bytes)));
      f.loop((again) => {
        const toLimit = f.let(f.op("i32.sub", limit, read));
        const toStop = f.let(f.op("i32.sub", stop, write));
        const size = f.let(f.select(toLimit, toStop, f.op("i32.lt_u", toLimit, toStop)));
        if (isLong) f.memoryCopy(write, read, size);
        else copyShort(f, write, read, size, bytes);
        f.set(write, f.op("i32.add", write, size));
        f.set(read, f.op("i32.add", read, size));
        f.if(f.op("i32.eq", read, limit), () => {
          f.set(read, f.op("i32.add", read, f.op("i32.sub", fromRow, rowEnd)));
          f.set(limit, f.op("i32.add", limit, fromRow));
        });
        f.brIf(again, f.op("i32.lt_u", write, stop));
      });
    });
  });
}

/** Vectors, then what is left one by one. Bits are copied as they are: no such access ever changes them. */
function copyShort(f: FunctionBuilder, write: Local, read: Local, size: Expr, bytes: 4 | 8): void {
  const i = f.local("i32");
  const whole = f.let(f.op("i32.and", size, -16));
  const copy = (type: "v128" | "i32" | "i64"): void =>
    f.store(`${type}.store`, f.op("i32.add", write, i), f.load(`${type}.load`, f.op("i32.add", read, i)), 0, bytes);
  f.forRange(i, 0, whole, 16, () => copy("v128"));
  f.forRange(i, whole, size, bytes, () => copy(bytes === 8 ? "i64" : "i32"));
}
