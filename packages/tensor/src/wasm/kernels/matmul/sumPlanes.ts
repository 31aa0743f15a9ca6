// Adds planes that hold the partial results of blocks in a balanced tree by index (math/summation.ts), element by element.

import { type Kernel, kernelSignature } from "../kernel.ts";

/** Bytes of every plane that a unit adds. Measured: bench/RESULTS.md, "Tuned numbers". */
const CHUNK = 1024;

export interface PlanesPlan {
  /** Address parameters: partial planes (overwritten), output plane, table. */
  readonly kernel: Kernel;
  readonly units: number;
  readonly unitCost: number;
  readonly table: Uint8Array;
}

/** Adds `count` planes of `planeBytes` (a multiple of 16) each, one after the other in memory. */
export function planSumPlanes(type: "f32" | "f64", count: number, planeBytes: number): PlanesPlan {
  return {
    kernel: { key: `sumPlanes/${type}`, addresses: 3, emit: (module) => emitSumPlanes(type, module) },
    units: Math.ceil(planeBytes / CHUNK),
    unitCost: count * (CHUNK / 16) * 1.5,
    table: new Uint8Array(Int32Array.of(count, planeBytes).buffer),
  };
}

function emitSumPlanes(type: "f32" | "f64", module: Parameters<Kernel["emit"]>[0]): number {
  const plus = type === "f64" ? "f64x2.add" : "f32x4.add";
  return module.func(null, kernelSignature(3), [], (f, partials, out, table, _scratch, begin, end) => {
    const [planes, planeBytes] = [0, 1].map((i) => f.let(f.load("i32.load", table, 4 * i)));
    const [unit, count, from, to, at, pair] = Array.from({ length: 6 }, () => f.local("i32"));
    f.forRange(unit, begin, end, 1, () => {
      const offset = f.let(f.op("i32.mul", unit, CHUNK));
      const base = f.let(f.op("i32.add", partials, offset));
      const left = f.let(f.op("i32.sub", planeBytes, offset));
      const bytes = f.let(f.select(left, CHUNK, f.op("i32.lt_s", left, CHUNK)));
      f.set(count, planes);
      f.loop((again) => {
        // Neighbours first; an odd last one moves up.
        f.set(from, base);
        f.set(to, base);
        f.forRange(pair, 0, f.op("i32.shr_u", count, 1), 1, () => {
          const second = f.let(f.op("i32.add", from, planeBytes));
          f.forRange(at, 0, bytes, 16, () => {
            const x = f.load("v128.load", f.op("i32.add", from, at));
            const y = f.load("v128.load", f.op("i32.add", second, at));
            f.store("v128.store", f.op("i32.add", to, at), f.op(plus, x, y));
          });
          f.set(from, f.op("i32.add", second, planeBytes));
          f.set(to, f.op("i32.add", to, planeBytes));
        });
        f.if(f.op("i32.and", count, 1), () => f.memoryCopy(to, from, bytes));
        f.set(count, f.op("i32.shr_u", f.op("i32.add", count, 1), 1));
        f.brIf(again, f.op("i32.gt_s", count, 1));
      });
      f.memoryCopy(f.op("i32.add", out, offset), base, bytes);
    });
  });
}
