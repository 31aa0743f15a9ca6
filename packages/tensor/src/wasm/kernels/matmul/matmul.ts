// Matrix products as steps. All kernels have one order of operations (ops/matmul.ts), so which of them runs changes no bit.
//
// Sums of more than one block of terms get a plane of partial results per block, so that threads can share long sums;
// the planes are added last.

import { arg } from "../../../math/scalar.ts";
import { BLOCK, SEQUENTIAL_LIMIT } from "../../../math/summation.ts";
import { componentsOf, type Node, type Shape, sizeOf } from "../../../ops/definition.ts";
import { type Layout, layoutOf, rowBytes } from "../../layout.ts";
import { type Element, floatElementOf } from "../element.ts";
import type { Address, Lowered, LoweredStep } from "../kernel.ts";
import { planLoop } from "../loops/loops.ts";
import { wordsOf } from "../tiles.ts";
import {
  COLUMNS_SCRATCH,
  COLUMNS_SIZES,
  type ColumnsSizes,
  columnsKernel,
  GROUP_ROWS,
  PANEL_BYTES,
} from "./columns.ts";
import { type Pieces, piecesOf } from "./pieces.ts";
import { ROW_PANEL_BYTES, ROW_SIZES, type RowSizes, rowKernel, rowScratch } from "./row.ts";
import { rowsKernel, rowsTable } from "./rows.ts";
import { planSumPlanes } from "./sumPlanes.ts";

/** Bytes of a matrix from which on it is worth a kernel of its own to read it in order, for a single row. */
const LARGE_BYTES = 0x4_0000;

/** An operand in memory: an input of the node, or a temporary per plane. */
interface Operand {
  readonly layout: Layout;
  /** Bytes from one row of the matrix to the next, and how rows lie, if in pieces. */
  readonly row: number;
  readonly pieces: Pieces | null;
  plane(plane: 0 | 1): Address;
}

/** Collects the steps of one node. */
class Steps {
  readonly steps: LoweredStep[] = [];
  readonly temporaries: number[] = [];
  readonly tables: Uint8Array[] = [];
  readonly #node: Node;
  readonly #operands: readonly Node[];
  readonly #element: Element<"f32" | "f64">;

  constructor(node: Node, operands: readonly Node[], element: Element<"f32" | "f64">) {
    this.#node = node;
    this.#operands = operands;
    this.#element = element;
  }

  input(index: number): Operand {
    const matrix = this.#node.inputs[index];
    const { shape, dtype } = this.#operands[index];
    const layout = layoutOf(shape, dtype);
    const pieces = piecesOf(matrix, layout);
    const row = rowBytes(layout) * (pieces === null ? 1 : (shape.at(-2) as number));
    return { layout, row, pieces, plane: (plane) => ({ of: "input", index, plane }) };
  }

  #temporary(bytes: number): Address {
    // An empty one has a place of its own, too: without, it would lie where others do.
    return { of: "temporary", index: this.temporaries.push(Math.max(bytes, 16)) - 1 };
  }

  #table(bytes: Uint8Array): Address {
    return { of: "table", index: this.tables.push(bytes) - 1 };
  }

  /** A copy of an operand with its last two axes exchanged. */
  transposed(x: Operand): Operand {
    const { shape, dtype } = x.layout;
    const [n, k] = shape.slice(-2);
    const turned: Shape = [...shape.slice(0, -2), k, n];
    const layout = layoutOf(turned, dtype);
    const { type } = this.#element;
    const [from, to] = [x.layout.pitch, layout.pitch];
    const plan = planLoop({
      shape: [sizeOf(shape.slice(0, -2)), k, n],
      loads: [{ type, offset: 0, strides: [n * from, 1, from] }],
      stores: [{ to: { type, offset: 0, strides: [k * to, to, 1] }, value: arg(0, type) }],
      reductions: [],
    });
    const copies = Array.from({ length: componentsOf(dtype) }, () => this.#temporary(layout.planeBytes));
    copies.forEach((copy, plane) => {
      if (plan === null) return;
      this.steps.push({ ...plan, addresses: [x.plane(plane as 0 | 1), copy, ...plan.numbers], scratchBytes: 0 });
    });
    return { layout, row: rowBytes(layout), pieces: null, plane: (plane) => copies[plane] };
  }

  /** The product of the given planes: one of each operand, or both of both. */
  product(
    a: Operand,
    b: Operand,
    planes: readonly (readonly [a: 0 | 1, b: 0 | 1, out: 0 | 1])[],
    byRows: boolean,
  ): void {
    const out = layoutOf(this.#node.shape, this.#node.dtype);
    const [rows, columns] = this.#node.shape.slice(-2);
    const matrices = out.rows / rows;
    const terms = this.#node.inputs[0].shape.at(-1) as number;
    const blocks = Math.max(1, Math.ceil(terms / BLOCK));
    const results: Address[] = planes.map(([, , plane]) =>
      blocks === 1 ? { of: "output", plane } : this.#temporary(blocks * out.planeBytes),
    );
    const data = [...planes.map(([p]) => a.plane(p)), ...planes.map(([, p]) => b.plane(p)), ...results];
    const shape = { rows, columns, terms, blocks, matrices };
    const isLarge = terms * b.row >= LARGE_BYTES;
    const isRow = !byRows && isLarge && rows === 1 && planes.length === 1 && b.pieces === null;
    this.steps.push(
      byRows
        ? this.#byRows(a, b, out, data, shape)
        : isRow
          ? this.#row(a, b, out, data, shape)
          : this.#byColumns(a, b, out, data, shape),
    );
    if (blocks === 1) return;
    const sum = planSumPlanes(this.#element.type, blocks, out.planeBytes);
    const table = this.#table(sum.table);
    planes.forEach(([, , plane], i) => {
      this.steps.push({ ...sum, addresses: [results[i], { of: "output", plane }, table], scratchBytes: 0 });
    });
  }

  #byRows(a: Operand, b: Operand, out: Layout, data: readonly Address[], shape: ProductShape): LoweredStep {
    const e = this.#element;
    const { rows, columns, terms, blocks, matrices } = shape;
    const components = (data.length / 3) as 1 | 2;
    const [first, second] = this.#node.inputs;
    const own = first === second;
    const pieces = a.pieces ?? b.pieces;
    const planes = (i: number): readonly Address[] => data.slice(i * components, (i + 1) * components);
    // The terms commute, so either operand may be the first: tiles are wider along the second one's rows.
    const sides = [
      { operand: a, planes: planes(0), count: rows, outBytes: rowBytes(out) },
      { operand: b, planes: planes(1), count: columns, outBytes: e.bytes },
    ];
    const [x, y] = rows <= columns ? sides : sides.reverse();
    const sizes = {
      blocks,
      terms,
      pieceBytes: pieces?.bytes ?? 0,
      aRowBytes: x.operand.row,
      aMatrixBytes: x.count * x.operand.row,
      aGapBytes: x.operand.pieces?.gap ?? 0,
      bRowBytes: y.operand.row,
      bMatrixBytes: y.count * y.operand.row,
      bGapBytes: y.operand.pieces?.gap ?? 0,
      outABytes: x.outBytes,
      outBBytes: y.outBytes,
      outMatrixBytes: rows * rowBytes(out),
      planeBytes: out.planeBytes,
    };
    const { table, pairs } = rowsTable(sizes, { a: x.count, b: y.count }, own, e);
    const units = matrices * blocks * pairs;
    return {
      kernel: rowsKernel(e, components, { own, inPieces: pieces !== null }),
      addresses: [...x.planes, ...y.planes, ...planes(2), this.#table(table)],
      units,
      scratchBytes: 0,
      unitCost: 30 + cost(shape, components, e) / (units * (own ? 2 : 1)),
    };
  }

  #row(a: Operand, b: Operand, out: Layout, data: readonly Address[], shape: ProductShape): LoweredStep {
    const e = this.#element;
    const { columns, terms, blocks, matrices } = shape;
    const width = Math.ceil((columns * e.bytes) / 16) * 16;
    const sizes: RowSizes = {
      blocks,
      blockTerms: BLOCK,
      terms,
      lanes: terms <= SEQUENTIAL_LIMIT ? 1 : e.lanes,
      width,
      panels: Math.ceil(width / ROW_PANEL_BYTES),
      aMatrixBytes: a.row,
      bRowBytes: b.row,
      outMatrixBytes: rowBytes(out),
      planeBytes: out.planeBytes,
    };
    const table = wordsOf(ROW_SIZES.map((name) => sizes[name]));
    const units = matrices * blocks * sizes.panels;
    return {
      kernel: rowKernel(e),
      addresses: [...data, this.#table(table)],
      units,
      scratchBytes: rowScratch(e),
      unitCost: 30 + cost(shape, 1, e) / units,
    };
  }

  #byColumns(a: Operand, b: Operand, out: Layout, data: readonly Address[], shape: ProductShape): LoweredStep {
    const e = this.#element;
    const { rows, columns, terms, blocks, matrices } = shape;
    const components = (data.length / 3) as 1 | 2;
    const width = Math.ceil((columns * e.bytes) / 16) * 16;
    const sizes: ColumnsSizes = {
      blocks,
      blockTerms: BLOCK,
      terms,
      lanes: terms <= SEQUENTIAL_LIMIT ? 1 : e.lanes,
      rows,
      width,
      rowGroups: Math.ceil(rows / GROUP_ROWS),
      panels: Math.ceil(width / PANEL_BYTES),
      aRowBytes: a.row,
      bRowBytes: b.row,
      bMatrixBytes: terms * b.row,
      bPieceBytes: b.pieces?.bytes ?? width,
      bGapBytes: b.pieces?.gap ?? 0,
      outRowBytes: rowBytes(out),
      planeBytes: out.planeBytes,
    };
    const table = wordsOf(COLUMNS_SIZES.map((name) => sizes[name]));
    const units = matrices * blocks * sizes.rowGroups * sizes.panels;
    return {
      kernel: columnsKernel(e, components),
      addresses: [...data, this.#table(table)],
      units,
      scratchBytes: COLUMNS_SCRATCH,
      unitCost: 30 + cost(shape, components, e) / units,
    };
  }
}

interface ProductShape {
  readonly rows: number;
  readonly columns: number;
  readonly terms: number;
  readonly blocks: number;
  readonly matrices: number;
}

/** Rough nanoseconds. */
function cost({ rows, columns, terms, matrices }: ProductShape, components: 1 | 2, e: Element): number {
  return ((matrices * rows * columns * terms) / e.lanes) * components * components * 0.5;
}

/** Steps of a matmul node. */
export function lowerMatmul(node: Node, { operands }: { readonly operands: readonly Node[] }): Lowered {
  const element = floatElementOf(node);
  const steps = new Steps(node, operands, element);
  if (sizeOf(node.shape) > 0) {
    const a = steps.input(0);
    const given = steps.input(1);
    const transposeB = node.attributes.transposeB as boolean;
    // Short sums run left to right, so vectors cannot run along them.
    const byRows = transposeB && (node.inputs[0].shape.at(-1) as number) > SEQUENTIAL_LIMIT;
    const b = transposeB && !byRows ? steps.transposed(given) : given;
    const [first, second] = node.inputs.map((x) => componentsOf(x.dtype));
    if (first === 2 && second === 2) {
      steps.product(
        a,
        b,
        [
          [0, 0, 0],
          [1, 1, 1],
        ],
        byRows,
      );
    } else {
      steps.product(a, b, [[0, 0, 0]], byRows);
      if (first === 2) steps.product(a, b, [[1, 0, 1]], byRows);
      if (second === 2) steps.product(a, b, [[0, 1, 1]], byRows);
    }
  }
  return { steps: steps.steps, temporaries: steps.temporaries, tables: steps.tables };
}
