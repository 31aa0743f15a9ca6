// Lowers the Fourier operations of ops/fourier.ts to column and row kernels. The order of operations is described
// there and in math/fft.ts; how the work is cut, and which kernel does it, changes no bits.

import { halfSize, planOf } from "../math/fft.ts";
import type { DType, Node } from "../ops/definition.ts";
import { realOf, type Shape } from "../ops/definition.ts";
import { type ColumnKernel, columnKey, columnScratch, emitColumns } from "./fft-columns.ts";
import { emitRows, fitsRowKernel, type RowKernel, rowKey, rowScratch } from "./fft-rows.ts";
import { LANES, type Lanes, twiddleTable } from "./fft-vectors.ts";
import type { Address, Kernel, Lowered, LoweredStep } from "./kernel.ts";
import { type Layout, layoutOf } from "./layout.ts";

// Vectors in a group of columns: a cache line of 64 bytes from every row; or two, which is faster where the group still
// fits a second-level cache, and enough groups are left for many threads.
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

function pitchBytes({ layout }: Place): number {
  return layout.pitch * layout.elementBytes;
}

/** Steps and tables in the making. */
class Lowering {
  readonly steps: LoweredStep[] = [];
  readonly tables: Uint8Array[] = [];
  private readonly lanes: Lanes;
  private readonly inverse: boolean;

  constructor(dtype: DType, inverse: boolean) {
    this.lanes = LANES[realOf(dtype) === "float64" ? "f64" : "f32"];
    this.inverse = inverse;
  }

  /** Transforms over the rows axis. `rows` and `columns` are those of the image. */
  columns(mode: ColumnKernel["mode"], from: Place, to: Place, rows: number, columns: number): void {
    const { lanes, inverse } = this;
    const lines = mode === "complex" ? columns : Math.ceil(columns / 2);
    const plan = planOf(rows);
    const whole = lines >= lanes.count;
    const total = whole ? lines / lanes.count : 1;
    const wide = rows <= WIDE_GROUP_ROWS && total >= WIDE_GROUP * MANY_GROUPS;
    const vectors = Math.min(total, wide ? WIDE_GROUP : NARROW_GROUP);
    const groups = total / vectors;
    const partner = lines * lanes.bytes;
    // Complex rows are padded to whole vectors; the halves of a real row are not.
    const first = mode === "complex" || whole ? lanes.count : lines;
    const kernel: ColumnKernel = {
      lanes,
      plan,
      inverse,
      mode,
      partner,
      vectors,
      groups,
      from: { element: pitchBytes(from), batch: pitchBytes(from) * (mode === "join" ? halfSize(rows) : rows) },
      to: { element: pitchBytes(to), batch: pitchBytes(to) * (mode === "separate" ? halfSize(rows) : rows) },
      valid: { first, second: columns === 1 ? 0 : first },
    };
    const batch = (mode === "join" ? to : from).layout.rows / rows;
    const fromIm = mode === "separate" ? from.address(0, partner) : from.address(1);
    const toIm = mode === "join" ? to.address(0, partner) : to.address(1);
    this.lines(kernel, [from.address(0), fromIm, to.address(0), toIm], batch * groups);
  }

  /** Transforms every row. */
  rows(from: Place, to: Place): void {
    const { lanes, inverse } = this;
    const { rows, columns } = from.layout;
    const plan = planOf(columns);
    const addresses = [from.address(0), from.address(1), to.address(0), to.address(1)];
    if (!fitsRowKernel(plan, lanes)) {
      const kernel: ColumnKernel = {
        lanes,
        plan,
        inverse,
        mode: "complex",
        partner: 0,
        vectors: 1,
        groups: 1,
        from: { element: lanes.bytes, batch: pitchBytes(from) },
        to: { element: lanes.bytes, batch: pitchBytes(to) },
        valid: { first: 1, second: 0 },
      };
      this.lines(kernel, addresses, rows);
      return;
    }
    const kernel: RowKernel = { lanes, plan, inverse, from: pitchBytes(from), to: pitchBytes(to) };
    this.tables.push(twiddleTable(plan, lanes, lanes.count));
    this.step({ key: rowKey(kernel), addresses: 5, emit: (module) => emitRows(module, kernel) }, addresses, {
      units: rows,
      scratchBytes: rowScratch(kernel),
      unitCost: (STAGE_COST * plan.stages.length * plan.size) / lanes.count,
    });
  }

  private lines(kernel: ColumnKernel, addresses: readonly Address[], units: number): void {
    const { plan, lanes, vectors } = kernel;
    this.tables.push(twiddleTable(plan, lanes, 1));
    this.step({ key: columnKey(kernel), addresses: 5, emit: (module) => emitColumns(module, kernel) }, addresses, {
      units,
      scratchBytes: columnScratch(kernel),
      unitCost: STAGE_COST * plan.stages.length * plan.size * vectors,
    });
  }

  /** Adds a step that reads the newest table. */
  private step(
    kernel: Kernel,
    addresses: readonly Address[],
    rest: Pick<LoweredStep, "units" | "scratchBytes" | "unitCost">,
  ): void {
    this.steps.push({
      kernel,
      addresses: [...addresses, { of: "table", index: this.tables.length - 1 }],
      ...rest,
    });
  }
}

/** Lowers a node of `fft2`, `rfft2h` or `irfft2h`. */
export function lowerFft(node: Node): Lowered {
  const operand = node.inputs[0];
  const input = inputPlace(operand.shape, operand.dtype);
  const output = outputPlace(node.shape, node.dtype);
  switch (node.op.name) {
    case "fft2": {
      const [rows, columns] = node.shape.slice(-2);
      const lowering = new Lowering(node.dtype, node.attributes.inverse as boolean);
      lowering.columns("complex", input, output, rows, columns);
      lowering.rows(output, output);
      return { steps: lowering.steps, temporaries: [], tables: lowering.tables };
    }
    case "rfft2h": {
      const [rows, columns] = operand.shape.slice(-2);
      const lowering = new Lowering(node.dtype, false);
      lowering.columns("separate", input, output, rows, columns);
      lowering.rows(output, output);
      return { steps: lowering.steps, temporaries: [], tables: lowering.tables };
    }
    case "irfft2h": {
      const [rows, columns] = node.shape.slice(-2);
      const lowering = new Lowering(node.dtype, true);
      const turned = temporaryPlace(operand.shape, operand.dtype);
      lowering.rows(input, turned);
      lowering.columns("join", turned, output, rows, columns);
      return { steps: lowering.steps, temporaries: [turned.layout.bytes], tables: lowering.tables };
    }
    default:
      throw new Error(`lowerFft: ${node.op.name} is not a Fourier operation`);
  }
}
