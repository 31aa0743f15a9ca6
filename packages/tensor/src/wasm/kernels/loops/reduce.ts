// Reductions that are not along rows, and short ones: every output walks its own reduced elements, in the order of
// math/summation.ts. Where the last axis is kept, neighbouring outputs fill a vector; else one output is computed at a time.

import type { Scalar } from "../../../math/scalar.ts";
import { addTreeLevels, BLOCK, lanesOf, SEQUENTIAL_LIMIT } from "../../../math/summation.ts";
import { type ReduceKind, type Shape, sizeOf } from "../../../ops/definition.ts";
import type { Expr, FunctionBuilder, Local, ModuleBuilder } from "../../assembler/assembler.ts";
import type { Layout } from "../../layout.ts";
import { Words } from "../../words.ts";
import { type Kernel, kernelSignature } from "../kernel.ts";
import { type Access, bytesOf, loadAlong, type MemoryType, setPointers, writeAccess } from "./access.ts";
import { accumulate, neutral, splat, treeInPlace } from "./join.ts";
import { type Lanes, lanesFor, splatLoad, VectorEmitter } from "./scalars.ts";
import { writeScalars } from "./scalarWords.ts";

/** Address parameters: loads, then one output plane per value. */
export interface ReduceSpec {
  readonly kind: ReduceKind;
  /** The operand's shape, and the reduced axes. */
  readonly shape: Shape;
  readonly axes: readonly number[];
  readonly loads: readonly Access[];
  /** One value per component, of one type: f32, f64 or i32. */
  readonly values: readonly Scalar[];
  readonly output: Layout;
}

/**
 * Columns of one unit, where the last axis is kept. A multiple of every lane count. Measured: bench/RESULTS.md, "Tuned numbers".
 */
const COLUMNS = 64;

export interface ReducePlan {
  readonly kernel: Kernel;
  readonly units: number;
  readonly scratchBytes: number;
  readonly unitCost: number;
}

export function planReduce(spec: ReduceSpec): ReducePlan | null {
  const { shape, axes, output } = spec;
  if (sizeOf(output.shape) === 0) return null;
  const last = shape.length - 1;
  // A last axis of size one is walked as a kept one: its single column is a vector of its own.
  const alongColumns = !axes.includes(last) || shape[last] === 1;
  const count = sizeOf(axes.map((i) => shape[i]));
  const keptLeading = shape.map((_, i) => i).filter((i) => i !== last && !axes.includes(i));
  const reducedAxes = axes.filter((i) => (i !== last || !alongColumns) && shape[i] !== 1);
  const inner = reducedAxes.pop();
  const innerSize = inner === undefined ? 1 : shape[inner];
  const blocks = Math.ceil(innerSize / BLOCK);
  const rows = sizeOf(reducedAxes.map((i) => shape[i]));
  const lanes = lanesFor(spec.values);
  const geometry: Geometry = { alongColumns, count, keptLeading, reducedAxes, inner, innerSize, blocks, rows, lanes };
  const columns = alongColumns ? shape[last] : 1;
  const parts = Math.ceil(columns / COLUMNS);
  const work =
    (1 + spec.loads.length + spec.values.length) * Math.max(1, count) * Math.ceil(Math.min(columns, COLUMNS) / lanes);
  return {
    kernel: {
      key: keyOf(spec),
      addresses: spec.loads.length + spec.values.length,
      emit: (m) => emitReduce(m, spec, geometry),
    },
    units: sizeOf(keptLeading.map((i) => shape[i])) * parts,
    scratchBytes: count <= SEQUENTIAL_LIMIT || spec.kind !== "sum" ? 0 : rows * blocks * 16 * spec.values.length,
    unitCost: work * 0.6 + 10,
  };
}

/** In which keys are written, one after the other. */
const keys = new Words();

function keyOf({ kind, shape, axes, loads, output, values }: ReduceSpec): string {
  const words = keys;
  words.truncate(0);
  words.list(shape);
  words.list(axes);
  words.push(output.pitch);
  words.push(output.columns);
  words.push(loads.length);
  for (const access of loads) writeAccess(words, access);
  writeScalars(words, values);
  return `reduce ${kind} ${words.key()}`;
}

interface Geometry {
  readonly alongColumns: boolean;
  readonly count: number;
  readonly keptLeading: readonly number[];
  /** Reduced axes but the innermost. */
  readonly reducedAxes: readonly number[];
  readonly inner: number | undefined;
  readonly innerSize: number;
  readonly blocks: number;
  readonly rows: number;
  readonly lanes: Lanes;
}

function emitReduce(module: ModuleBuilder, spec: ReduceSpec, g: Geometry): number {
  const { shape, loads, values, kind, output } = spec;
  const { lanes } = g;
  const addresses = loads.length + values.length;
  const type = values[0].type as MemoryType;
  const bytes = bytesOf(type);
  const columns = g.alongColumns ? shape[shape.length - 1] : 1;
  const stridesAlong = (axes: readonly number[]): number[][] =>
    loads.map((a) => axes.map((i) => a.strides[i] * bytesOf(a.type)));
  return module.func(null, kernelSignature(addresses), [], (f, ...params) => {
    const scratch = params[addresses];
    const begin = params[addresses + 1];
    const end = params[addresses + 2];
    const unitPointers = loads.map(() => f.local("i32"));
    const rowPointers = loads.map(() => f.local("i32"));
    const pointers = loads.map(() => f.local("i32"));
    const u = f.local("i32");
    const j = f.local("i32");
    const q = f.local("i32");
    const i = f.local("i32");
    const none = splat(type, neutral(kind, type));

    /** The values at the present pointers; then the pointers move one step along the innermost reduced axis. */
    const take = (valid: number): Expr[] => {
      const emitter = new VectorEmitter(f, lanes);
      const leaf = (s: Scalar): Expr => {
        const k = s.value as number;
        const a = loads[k];
        const still = !g.alongColumns || columns === 1 || a.strides[shape.length - 1] === 0;
        return still ? splatLoad(f, a.type, lanes, pointers[k]) : loadAlong(f, a, lanes, pointers[k], j, valid);
      };
      const taken = values.map((v) => f.let(emitter.value(v, leaf)));
      loads.forEach((a, k) => {
        const step = g.inner === undefined ? 0 : a.strides[g.inner] * bytesOf(a.type);
        if (step !== 0) f.set(pointers[k], f.op("i32.add", pointers[k], step));
      });
      return taken;
    };
    const join = (into: readonly Local[], valid: number): void => {
      take(valid).forEach((v, n) => {
        f.set(into[n], accumulate(f, kind, type, into[n], v));
      });
    };
    const fresh = (): Local[] =>
      values.map(() => {
        const local = f.local("v128");
        f.set(local, none);
        return local;
      });
    const eachRow = (body: () => void): void => {
      f.forRange(q, 0, g.rows, 1, () => {
        const sizes = g.reducedAxes.map((axis) => shape[axis]);
        const offsets = loads.map(() => 0);
        setPointers(f, q, { sizes, offsets, strides: stridesAlong(g.reducedAxes) }, unitPointers, rowPointers);
        loads.forEach((_, k) => {
          f.set(pointers[k], rowPointers[k]);
        });
        body();
      });
    };

    /** One vector of outputs, of which `valid` count. */
    const reduceVector = (valid: number): readonly Expr[] => {
      if (g.count <= SEQUENTIAL_LIMIT || kind !== "sum") {
        const totals = fresh();
        eachRow(() => f.forRange(i, 0, g.innerSize, 1, () => join(totals, valid)));
        return totals;
      }
      const width = lanesOf(bytes);
      const to = f.local("i32");
      const b = f.local("i32");
      f.set(to, scratch);
      const block = (size: number): void => {
        const lane = Array.from({ length: width }, fresh);
        const rest = size % width;
        f.forRange(i, 0, size - rest, width, () => {
          for (const totals of lane) join(totals, valid);
        });
        for (let k = 0; k < rest; k++) join(lane[k], valid);
        values.forEach((_, n) => {
          const sum = addTreeLevels(
            lane.map((totals) => totals[n] as Expr),
            (x, y) => accumulate(f, kind, type, x, y),
          );
          f.store("v128.store", f.op("i32.add", to, n * g.rows * g.blocks * 16), sum);
        });
        f.set(to, f.op("i32.add", to, 16));
      };
      eachRow(() => {
        if (g.blocks > 1) f.forRange(b, 0, g.blocks - 1, 1, () => block(BLOCK));
        block(g.innerSize - (g.blocks - 1) * BLOCK);
      });
      return values.map((_, n) => {
        const base = f.local("i32");
        f.set(base, f.op("i32.add", scratch, n * g.rows * g.blocks * 16));
        treeInPlace(
          f,
          g.rows * g.blocks,
          base,
          16,
          (at, offset) => f.load("v128.load", at, offset),
          (at, value) => f.store("v128.store", at, value),
          (x, y) => accumulate(f, kind, type, x, y),
        );
        return f.load("v128.load", base);
      });
    };

    const unit = f.local("i32");
    const parts = Math.ceil(columns / COLUMNS);
    f.forRange(unit, begin, end, 1, () => {
      f.set(u, f.op("i32.div_u", unit, parts));
      const from = f.let(f.op("i32.mul", f.op("i32.rem_u", unit, parts), COLUMNS));
      const sizes = g.keptLeading.map((axis) => shape[axis]);
      const offsets = loads.map((a) => a.offset * bytesOf(a.type));
      setPointers(f, u, { sizes, offsets, strides: stridesAlong(g.keptLeading) }, params, unitPointers);
      const vector = (valid: number): void => {
        reduceVector(valid).forEach((total, n) => {
          storeOutput(f, params[loads.length + n], total);
        });
      };
      const tail = columns % lanes;
      const whole = columns - tail;
      const stop = f.let(f.op("i32.add", from, COLUMNS));
      f.forRange(j, from, f.select(stop, whole, f.op("i32.lt_s", stop, whole)), lanes, () => vector(lanes));
      if (tail > 0) {
        f.if(f.op("i32.ge_s", stop, columns), () => {
          f.set(j, whole);
          vector(tail);
        });
      }
    });

    function storeOutput(builder: FunctionBuilder, plane: Local, total: Expr): void {
      // Output element number: rows of the output's own layout.
      const element = shape[shape.length - 1] === output.columns && g.alongColumns ? null : u;
      if (element === null) {
        const at = builder.op("i32.add", builder.op("i32.mul", u, output.pitch), j);
        storeLanes(builder, builder.op("i32.add", plane, builder.op("i32.mul", at, bytes)), total);
        return;
      }
      const row = builder.op("i32.div_u", element, output.columns);
      const column = builder.op("i32.rem_u", element, output.columns);
      const at = builder.op("i32.add", builder.op("i32.mul", row, output.pitch), column);
      const address = builder.op("i32.add", plane, builder.op("i32.mul", at, bytes));
      builder.storeLane(bytes === 8 ? "v128.store64_lane" : "v128.store32_lane", address, total, 0);
    }

    function storeLanes(builder: FunctionBuilder, address: Expr, total: Expr): void {
      if (bytes * lanes === 16) builder.store("v128.store", address, total, 0, bytes);
      else builder.storeLane("v128.store64_lane", address, total, 0, 0, 4);
    }
  });
}
