// Lowers the Fourier operations of ops/fourier.ts to kernels. The order of operations is described there and in
// math/fft.ts; how the work is cut, and which kernel does it, changes no bits.

import { planOf } from "../../../math/fft.ts";
import { halfSize } from "../../../math/realLines.ts";
import type { DType, Node } from "../../../ops/definition.ts";
import { realOf, type Shape } from "../../../ops/definition.ts";
import type { ModuleBuilder } from "../../assembler/assembler.ts";
import { type Layout, layoutOf, rowBytes } from "../../layout.ts";
import type { Address, Kernel, Lowered, LoweredStep } from "../kernel.ts";
import type { LineKernel } from "./group.ts";
import { emitLines, lineKey, lineScratch } from "./lines.ts";
import { emitRows, fitsRowKernel, type RowKernel, rowKey, rowScratch } from "./rows.ts";
import { factorTable, LANES, type Lanes } from "./vectors.ts";

// Vectors in a group of columns: a cache line of 64 bytes from every row; or two, which is faster where the group still
// fits a second-level cache, and enough groups are left for many threads. Measured: bench/RESULTS.md, "Tuned numbers".
const NARROW_GROUP = 4;
const WIDE_GROUP = 8;
const WIDE_GROUP_ROWS = 1024;
const MANY_GROUPS = 16;

// Measured: nanoseconds per vector, stage of radix 4 and element.
const STAGE_COST = 1.3;

/** Where an array of the operation lies. */
interface Place {
  readonly layout: Layout;
  address(plane: 0 | 1, offset?: number): Address;
}

function inputPlace(shape: Shape, dtype: DType): Place {
  return {
    layout: layoutOf(shape, dtype),
    address: (plane, offset = 0) => ({ of: "input", index: 0, plane, offset }),
  };
}

function outputPlace(shape: Shape, dtype: DType): Place {
  return { layout: layoutOf(shape, dtype), address: (plane, offset = 0) => ({ of: "output", plane, offset }) };
}

function temporaryPlace(shape: Shape, dtype: DType): Place {
  const layout = layoutOf(shape, dtype);
  return {
    layout,
    address: (plane, offset = 0) => ({ of: "temporary", index: 0, offset: plane * layout.planeBytes + offset }),
  };
}

function placesOf(node: Node): [input: Place, output: Place] {
  const [operand] = node.inputs;
  return [inputPlace(operand.shape, operand.dtype), outputPlace(node.shape, node.dtype)];
}

const sidesOf = ({ shape }: Node): [rows: number, columns: number] => [
  shape[shape.length - 2],
  shape[shape.length - 1],
];

/**
 * Cuts lines into groups of at most `most` vectors, as equal as can be. A group is not longer than all lines, unless those
 * are less than a vector.
 */
function cutLines(lines: number, count: number, most: number): { vectors: number; groups: number } {
  for (let groups = Math.ceil(lines / (count * most)); ; groups++) {
    const vectors = Math.ceil(lines / (count * groups));
    if (vectors * count <= lines || vectors === 1) return { vectors, groups };
  }
}

/** Steps and tables in the making. */
class Lowering {
  readonly steps: LoweredStep[] = [];
  readonly tables: Uint8Array[] = [];
  readonly #lanes: Lanes;
  readonly #inverse: boolean;

  constructor(dtype: DType, inverse: boolean) {
    this.#lanes = LANES[realOf(dtype) === "float64" ? "f64" : "f32"];
    this.#inverse = inverse;
  }

  /** Transforms over the rows axis. `rows` and `columns` are those of the image. */
  columns(mode: "complex" | "separate" | "join", from: Place, to: Place, rows: number, columns: number): void {
    const lanes = this.#lanes;
    const inverse = this.#inverse;
    const plan = planOf(rows);
    const half = Math.ceil(columns / 2);
    // Complex rows are padded to whole vectors; the halves of a real row are not.
    const lines = mode === "complex" ? Math.ceil(columns / lanes.count) * lanes.count : half;
    const wide = plan.length <= WIDE_GROUP_ROWS && lines >= WIDE_GROUP * MANY_GROUPS * lanes.count;
    const { vectors, groups } = cutLines(lines, lanes.count, wide ? WIDE_GROUP : NARROW_GROUP);
    const partner = half * lanes.bytes;
    const first = Math.min(lines, lanes.count);
    const kernel: LineKernel = {
      lanes,
      plan,
      inverse,
      mode,
      partner,
      vectors,
      lines,
      groups,
      from: {
        element: rowBytes(from.layout),
        batch: rowBytes(from.layout) * (mode === "join" ? halfSize(rows) : rows),
      },
      to: { element: rowBytes(to.layout), batch: rowBytes(to.layout) * (mode === "separate" ? halfSize(rows) : rows) },
      valid: { first, second: Math.min(columns - half, first) },
      masked: mode !== "complex" && columns % 2 === 1 && half >= lanes.count,
    };
    const batch = (mode === "join" ? to : from).layout.rows / rows;
    const fromIm = mode === "separate" ? from.address(0, partner) : from.address(1);
    const toIm = mode === "join" ? to.address(0, partner) : to.address(1);
    this.#lines(kernel, [from.address(0), fromIm, to.address(0), toIm], [], batch * groups);
  }

  /** Transforms every row. */
  rows(from: Place, to: Place): void {
    const lanes = this.#lanes;
    const inverse = this.#inverse;
    const { rows, columns } = from.layout;
    const plan = planOf(columns);
    const addresses = [from.address(0), from.address(1), to.address(0), to.address(1)];
    if (!fitsRowKernel(plan, lanes)) {
      const kernel: LineKernel = {
        lanes,
        plan,
        inverse,
        mode: "rows",
        partner: 0,
        vectors: 1,
        lines: 0,
        groups: 0,
        from: { element: lanes.bytes, batch: rowBytes(from.layout) },
        to: { element: lanes.bytes, batch: rowBytes(to.layout) },
        valid: { first: lanes.count, second: 0 },
        masked: false,
      };
      this.#lines(kernel, addresses, [from.address(0, rows * rowBytes(from.layout))], Math.ceil(rows / lanes.count));
      return;
    }
    const kernel: RowKernel = { lanes, plan, inverse, from: rowBytes(from.layout), to: rowBytes(to.layout) };
    this.tables.push(factorTable(plan, lanes, lanes.count));
    this.#step({ key: rowKey(kernel), addresses: 5, emit: (module) => emitRows(module, kernel) }, addresses, [], {
      units: rows,
      scratchBytes: rowScratch(kernel),
      unitCost: (STAGE_COST * plan.stages.length * plan.size) / lanes.count,
    });
  }

  /** `more` are the addresses after the table. */
  #lines(kernel: LineKernel, addresses: readonly Address[], more: readonly Address[], units: number): void {
    const { plan, lanes, vectors, lines, masked } = kernel;
    const factors = factorTable(plan, lanes, 1);
    if (masked) {
      // All ones for every line, zeros for the last.
      const table = new Uint8Array(factors.length + lines * lanes.bytes);
      table.set(factors);
      table.fill(255, factors.length, table.length - lanes.bytes);
      this.tables.push(table);
    } else {
      this.tables.push(factors);
    }
    const emit = (module: ModuleBuilder): number => emitLines(module, kernel);
    this.#step({ key: lineKey(kernel), addresses: 5 + more.length, emit }, addresses, more, {
      units,
      scratchBytes: lineScratch(kernel),
      unitCost: STAGE_COST * plan.stages.length * plan.length * vectors,
    });
  }

  /** Adds a step that reads the newest table. */
  #step(
    kernel: Kernel,
    addresses: readonly Address[],
    more: readonly Address[],
    rest: Pick<LoweredStep, "units" | "scratchBytes" | "unitCost">,
  ): void {
    this.steps.push({
      kernel,
      addresses: [...addresses, { of: "table", index: this.tables.length - 1 }, ...more],
      ...rest,
    });
  }
}

/** One axis, the last or the one before it. */
export function lowerFft(node: Node): Lowered {
  const [input, output] = placesOf(node);
  const lowering = new Lowering(node.dtype, node.attributes.inverse as boolean);
  if (node.attributes.axis === -1) lowering.rows(input, output);
  else lowering.columns("complex", input, output, ...sidesOf(node));
  return { steps: lowering.steps, temporaries: [], tables: lowering.tables };
}

/** Columns, then rows. */
export function lowerFft2(node: Node): Lowered {
  const [input, output] = placesOf(node);
  const lowering = new Lowering(node.dtype, node.attributes.inverse as boolean);
  lowering.columns("complex", input, output, ...sidesOf(node));
  lowering.rows(output, output);
  return { steps: lowering.steps, temporaries: [], tables: lowering.tables };
}

/** Real columns to half columns, then rows. */
export function lowerRfft2h(node: Node): Lowered {
  const [input, output] = placesOf(node);
  const lowering = new Lowering(node.dtype, false);
  lowering.columns("separate", input, output, ...sidesOf(node.inputs[0]));
  lowering.rows(output, output);
  return { steps: lowering.steps, temporaries: [], tables: lowering.tables };
}

/** Rows, then half columns to real columns. */
export function lowerIrfft2h(node: Node): Lowered {
  const [operand] = node.inputs;
  const [input, output] = placesOf(node);
  const lowering = new Lowering(node.dtype, true);
  const turned = temporaryPlace(operand.shape, operand.dtype);
  lowering.rows(input, turned);
  lowering.columns("join", turned, output, ...sidesOf(node));
  return { steps: lowering.steps, temporaries: [turned.layout.bytes], tables: lowering.tables };
}
