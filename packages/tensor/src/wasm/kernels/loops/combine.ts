// The last part of a row reduction: adds the partial results of all blocks of all rows of an output in a balanced
// tree by index (math/summation.ts). Neighbours first; an odd last one moves up unchanged.

import { type ReduceKind, type Shape, sizeOf, stridesOf } from "../../../ops/definition.ts";
import type { Local, ModuleBuilder } from "../../assembler/assembler.ts";
import type { Layout } from "../../layout.ts";
import { type GivenNumber, type Kernel, kernelSignature, numbers } from "../kernel.ts";
import { joinScalars, treeInPlace } from "./join.ts";

export interface CombineSpec {
  readonly kind: ReduceKind;
  readonly type: "f32" | "f64" | "i32";
  /** Shape whose rows were reduced, and the reduced axes (the last axis among them). */
  readonly shape: Shape;
  readonly axes: readonly number[];
  readonly blocks: number;
  readonly output: Layout;
}

export interface CombinePlan {
  /** Address parameters: partials, output plane, row table; then numbers. */
  readonly kernel: Kernel;
  readonly numbers: readonly GivenNumber[];
  readonly units: number;
  readonly scratchBytes: number;
  readonly unitCost: number;
  /** First partial of every row of every output. */
  readonly table: Uint8Array;
}

/** Rows of each output, in C order of the reduced axes. */
function rowTable({ shape, axes, blocks }: CombineSpec): { table: Int32Array; rowsPerOutput: number } {
  const strides = stridesOf(shape.slice(0, -1));
  const offsets = (list: readonly number[]): number[] => {
    let all = [0];
    for (const axis of list) {
      const before = all;
      all = [];
      for (let k = 0; k < before.length; k++) {
        for (let i = 0; i < shape[axis]; i++) all.push(before[k] + i * strides[axis]);
      }
    }
    return all;
  };
  const leading = strides.map((_, i) => i);
  const outputs = offsets(leading.filter((i) => !axes.includes(i)));
  const rows = offsets(leading.filter((i) => axes.includes(i)));
  const table = new Int32Array(outputs.length * rows.length);
  let next = 0;
  for (let a = 0; a < outputs.length; a++) {
    for (let b = 0; b < rows.length; b++) table[next++] = (outputs[a] + rows[b]) * blocks;
  }
  return { table, rowsPerOutput: rows.length };
}

export function planCombine(spec: CombineSpec): CombinePlan {
  const { table, rowsPerOutput } = rowTable(spec);
  const { kind, type, blocks, output } = spec;
  const count = rowsPerOutput * blocks;
  const bytes = type === "f64" ? 8 : 4;
  return {
    kernel: {
      key: `combine ${kind} ${type}`,
      addresses: 7,
      emit: (m) => emitCombine(m, kind, type),
    },
    numbers: numbers(rowsPerOutput, blocks, output.columns, output.pitch),
    units: sizeOf(output.shape),
    scratchBytes: count * bytes,
    unitCost: count * 3,
    table: new Uint8Array(table.buffer),
  };
}

function emitCombine(module: ModuleBuilder, kind: ReduceKind, type: CombineSpec["type"]): number {
  const bytes = type === "f64" ? 8 : 4;
  return module.func(null, kernelSignature(7), [], (f, ...params) => {
    const [partials, out, table, rows, blocks, columns, pitch, scratch, begin, end] = params;
    const o = f.local("i32");
    const from = f.local("i32");
    const to = f.local("i32");
    const i = f.local("i32");
    const b = f.local("i32");
    const load = (at: Local, offset = 0) => f.load(`${type}.load`, at, offset);
    f.forRange(o, begin, end, 1, () => {
      f.set(to, scratch);
      const list = f.local("i32");
      f.set(list, f.op("i32.add", table, f.op("i32.mul", o, f.op("i32.shl", rows, 2))));
      f.forRange(i, 0, rows, 1, () => {
        f.set(from, f.op("i32.add", partials, f.op("i32.mul", f.load("i32.load", list), bytes)));
        f.forRange(b, 0, blocks, 1, () => {
          f.store(`${type}.store`, to, load(from));
          f.set(from, f.op("i32.add", from, bytes));
          f.set(to, f.op("i32.add", to, bytes));
        });
        f.set(list, f.op("i32.add", list, 4));
      });
      treeInPlace(
        f,
        f.op("i32.mul", rows, blocks),
        scratch,
        bytes,
        (at, offset) => f.load(`${type}.load`, at, offset),
        (at, value) => f.store(`${type}.store`, at, value),
        (x, y) => joinScalars(f, kind, type, x, y),
      );
      const row = f.op("i32.div_u", o, columns);
      const column = f.op("i32.rem_u", o, columns);
      const index = f.op("i32.add", f.op("i32.mul", row, pitch), column);
      f.store(`${type}.store`, f.op("i32.add", out, f.op("i32.mul", index, bytes)), load(scratch));
    });
  });
}
