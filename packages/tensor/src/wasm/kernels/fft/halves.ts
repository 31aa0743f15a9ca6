// Between the half plane of a real image's transform and its packed form: the transform of columns c + i (c + h) of the image,
// h = ceil(W / 2), which has a row for each of the image and h complex columns (math/realLines.ts). Memory holds a packed
// row as 2 h numbers, real parts first. A row that is its own mirror image is real in both halves of the half plane, so its
// packed form is that row itself.
//
// Packed rows may be folded: row k of the image, k <= H / 2, lies in the place of the real parts of row k of the half plane,
// and its mirror image in that of the imaginary parts. So what becomes row k lies where it belongs.
//
// Row kernels do this on their way where they can (rows.ts); here it is by itself. A unit is a row of the half plane.

import { halfSize, join, separate } from "../../../math/realLines.ts";
import type { Expr, FunctionBuilder, Local, ModuleBuilder, Operand } from "../../assembler/assembler.ts";
import { type Lanes, loadLanes, storeLanes, VECTOR, vectorArithmetic } from "./vectors.ts";

/**
 * A row of a half plane: its number among all half planes, those of the packed row and of that row's mirror image, and whether
 * they are one (there is no other then).
 */
export interface HalfRow {
  readonly plane: Expr;
  /** Its number in its half plane. */
  readonly k: Expr;
  readonly packed: Expr;
  readonly mirrored: Expr;
  readonly own: Expr;
}

/**
 * Row `unit` of the first `count` rows of every half plane, of images with `imageRows` rows, where memory has `rows` rows for
 * each half plane.
 */
export function halfRow(f: FunctionBuilder, unit: Local, count: Operand, rows: Operand, imageRows: Operand): HalfRow {
  const image = f.let(f.op("i32.div_u", unit, count));
  const k = f.let(f.op("i32.sub", unit, f.op("i32.mul", image, count)));
  const first = f.let(f.op("i32.mul", image, imageRows));
  const middle = f.op("i32.eq", f.op("i32.shl", k, 1), imageRows);
  return {
    plane: f.let(f.op("i32.add", f.op("i32.mul", image, rows), k)),
    k,
    packed: f.let(f.op("i32.add", first, k)),
    mirrored: f.let(f.op("i32.add", first, f.op("i32.sub", imageRows, k))),
    own: f.let(f.op("i32.or", f.op("i32.eqz", k), middle)),
  };
}

export interface HalvesKernel {
  readonly lanes: Lanes;
  readonly direction: "separate" | "join";
  readonly imageRows: number;
  readonly columns: number;
  /** Bytes from one row to the next. */
  readonly from: number;
  readonly to: number;
}

export function halvesKey({ lanes, direction, imageRows, columns, from, to }: HalvesKernel): string {
  return ["fftHalves", lanes.type, direction, imageRows, columns, from, to].join("/");
}

/** Emits the kernel: addresses from re, from im, to re, to im. */
export function emitHalves(module: ModuleBuilder, kernel: HalvesKernel): number {
  const { lanes, direction, imageRows, columns, from, to } = kernel;
  const separates = direction === "separate";
  const half = Math.ceil(columns / 2);
  const seconds = columns - half;
  const partner = half * lanes.bytes;
  return module.func(null, Array<"i32">(7).fill("i32"), [], (f, fromRe, fromIm, toRe, toIm, _scratch, begin, end) => {
    const a = vectorArithmetic(f, lanes);
    const fromDistance = f.let(f.op("i32.sub", fromIm, fromRe));
    const toDistance = f.let(f.op("i32.sub", toIm, toRe));
    const row = f.local("i32");
    const column = f.local("i32");
    f.forRange(row, begin, end, 1, () => {
      const kept = halfSize(imageRows);
      const { packed, mirrored, own } = halfRow(f, row, kept, kept, imageRows);
      const place = (base: Local, number: Expr, stride: number): Expr =>
        f.let(f.op("i32.add", base, f.op("i32.mul", number, stride)));
      const plane = place(separates ? toRe : fromRe, row, separates ? to : from);
      const line = place(separates ? fromRe : toRe, packed, separates ? from : to);
      const mirror = place(separates ? fromRe : toRe, mirrored, separates ? from : to);
      /** Vectors at `column`, of which so many lanes are there: of the first half, and of the second. */
      const vectors = (first: number, second: number, isOwn: boolean): void => {
        const at = (start: Expr): Expr => f.op("i32.add", start, column);
        const load = (start: Expr, valid: number, offset: number) => ({
          re: loadLanes(f, lanes, valid, at(start), offset),
          im: loadLanes(f, lanes, valid, f.op("i32.add", at(start), fromDistance), offset),
        });
        const store = (start: Expr, valid: number, z: { re: Expr; im: Expr }, offset: number): void => {
          storeLanes(f, lanes, valid, at(start), z.re, offset);
          storeLanes(f, lanes, valid, f.op("i32.add", at(start), toDistance), z.im, offset);
        };
        if (separates) {
          const z = load(line, first, 0);
          const [x, y] = separate(a, isOwn, z, isOwn ? z : load(mirror, first, 0));
          store(plane, first, x, 0);
          store(plane, second, y, partner);
        } else {
          const [x, y] = [load(plane, first, 0), load(plane, second, partner)];
          store(line, first, join(a, isOwn ? "own" : "lower", x, y), 0);
          if (!isOwn) store(mirror, first, join(a, "upper", x, y), 0);
        }
      };
      const whole = Math.floor(seconds / lanes.count);
      const all = (isOwn: boolean): void => {
        f.forRange(column, 0, whole * VECTOR, VECTOR, () => vectors(lanes.count, lanes.count, isOwn));
        const [first, second] = [half, seconds].map((n) => n - whole * lanes.count);
        if (first > 0) {
          f.set(column, whole * VECTOR);
          vectors(first, second, isOwn);
        }
      };
      f.if(
        own,
        () => all(true),
        () => all(false),
      );
    });
  });
}
