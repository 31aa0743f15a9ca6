// Lowers the Fourier operations of ops/fourier.ts to kernels. The order of operations is described there and in
// math/fft.ts; how the work is cut, and which kernel does it, changes no bits.

import { type Plan, planOf } from "../../../math/fft.ts";
import { halfSize } from "../../../math/realLines.ts";
import type { DType, Node, Operand } from "../../../ops/definition.ts";
import { realOf, type Shape, sizeOf } from "../../../ops/definition.ts";
import type { ModuleBuilder } from "../../assembler/assembler.ts";
import { type Layout, layoutOf, rowBytes } from "../../layout.ts";
import { type Address, type Kernel, type Lowered, type LoweredStep, numbers } from "../kernel.ts";
import type { LineKernel, Side } from "./group.ts";
import { emitHalves, type HalvesKernel, halvesKey } from "./halves.ts";
import { emitLines, lineKey, lineScratch } from "./lines.ts";
import {
  emitRows,
  fitsRowKernel,
  joinsRows,
  ROW_PARAMETERS,
  type RowKernel,
  type RowNumbers,
  rowKey,
  rowScratch,
  zeroRows,
} from "./rows.ts";
import { type Share, twoShares, wholeShare } from "./shares.ts";
import { factorTable, LANES, type Lanes } from "./vectors.ts";

// Vectors in a group of columns: a cache line of 64 bytes from every row; or two, which is faster where the group still
// fits a second-level cache, and enough groups are left for many threads. Measured: bench/RESULTS.md, "Tuned numbers".
const NARROW_GROUP = 4;
const WIDE_GROUP = 8;
const WIDE_GROUP_ROWS = 1024;
const MANY_GROUPS = 16;

// From so many rows on columns are transformed in two passes, whose groups have so many vectors at most: a kilobyte from
// every row, and blocks that fit a second-level cache. Tried beside others: a quarter of it is up to a fifth slower.
const LONG = 1024;
const BLOCK_GROUP = 64;
const LEAST_BLOCK_GROUP = 4;

// Measured: nanoseconds per vector, stage of radix 4 and element.
const STAGE_COST = 1.3;

/** Where an array of the operation lies. Its imaginary parts lie in a plane, or in a row behind the real ones. */
interface Place {
  readonly layout: Layout;
  address(part: "re" | "im"): Address;
  /** Where rows are folded to (halves.ts). */
  readonly fold?: Address;
}

const lanesOf = (dtype: DType): Lanes => LANES[realOf(dtype) === "float64" ? "f64" : "f32"];

const planeOf = (part: "re" | "im"): 0 | 1 => (part === "re" ? 0 : 1);

function placeOfInput({ shape, dtype }: Operand): Place {
  return { layout: layoutOf(shape, dtype), address: (part) => ({ of: "input", index: 0, plane: planeOf(part) }) };
}

function outputPlace({ shape, dtype }: Node): Place {
  return { layout: layoutOf(shape, dtype), address: (part) => ({ of: "output", plane: planeOf(part) }) };
}

/** A real image as columns c + i (c + h), h = ceil(W / 2) (math/realLines.ts). */
function packed(place: Place): Place {
  const { columns, elementBytes } = place.layout;
  const partner = Math.ceil(columns / 2) * elementBytes;
  const re = place.address("re");
  return {
    ...place,
    address: (part) => (part === "re" ? re : { ...re, offset: (re.offset ?? 0) + partner }),
  };
}

const sidesOf = (shape: Shape): [rows: number, columns: number] => [shape[shape.length - 2], shape[shape.length - 1]];

/** Vectors in a group of columns at most. */
function mostVectors({ length }: Plan, lines: number, { count }: Lanes): number {
  return length <= WIDE_GROUP_ROWS && lines >= WIDE_GROUP * MANY_GROUPS * count ? WIDE_GROUP : NARROW_GROUP;
}

/** Vectors in a group such that groups do not overlap; null where there is no such number. */
function wholeGroups(lines: number, count: number): number | null {
  for (let vectors = BLOCK_GROUP; vectors >= LEAST_BLOCK_GROUP; vectors--) {
    if (lines % (vectors * count) === 0) return vectors;
  }
  return null;
}

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

/** Packed rows folded into the place of a half plane. */
const folded = (place: Place): Place => ({ ...packed(place), fold: place.address("im") });

/** Columns to transform: `lines` complex ones for each of `batch` images. */
interface Columns {
  readonly rows: number;
  readonly batch: number;
  readonly lines: number;
  /** Of how many of them there are imaginary parts in the input, and should be in the output. */
  readonly fromIm: number;
  readonly toIm: number;
}

interface Cut {
  readonly shares: readonly Share[];
  /** Vectors in a group, and groups of every image. */
  readonly vectors: number;
  readonly groups: number;
}

/** Steps, tables and temporaries in the making. */
class Lowering {
  readonly steps: LoweredStep[] = [];
  readonly tables: Uint8Array[] = [];
  readonly temporaries: number[] = [];
  readonly #lanes: Lanes;
  readonly #inverse: boolean;
  /** False where a unit has rows of several images. */
  #isPartwise = true;

  constructor({ dtype }: Node, inverse: boolean) {
    this.#lanes = lanesOf(dtype);
    this.#inverse = inverse;
  }

  /** Room for an array. */
  temporary(shape: Shape, dtype: DType): Place {
    const layout = layoutOf(shape, dtype);
    const index = this.temporaries.push(layout.bytes) - 1;
    return {
      layout,
      address: (part) => ({ of: "temporary", index, offset: planeOf(part) * layout.planeBytes }),
    };
  }

  /** How columns are cut into passes and groups. */
  #cut({ rows, lines, fromIm, toIm }: Columns): Cut {
    const { count } = this.#lanes;
    const plan = planOf(rows);
    const shares = plan.length >= LONG && fromIm === lines && toIm === lines ? twoShares(plan) : null;
    const vectors = wholeGroups(lines, count);
    if (shares !== null && vectors !== null) return { shares, vectors, groups: lines / (vectors * count) };
    return { shares: [wholeShare(plan)], ...cutLines(lines, count, mostVectors(plan, lines, this.#lanes)) };
  }

  /** Whether columns may be transformed where they lie: in one pass, by groups that do not overlap. */
  worksInPlace(what: Columns): boolean {
    const { shares, vectors, groups } = this.#cut(what);
    const { lines, fromIm, toIm } = what;
    return shares.length === 1 && fromIm === toIm && vectors * groups * this.#lanes.count === lines;
  }

  /** Whether packed columns may be folded: they take one pass, and the rows behind them unfold them. */
  folds(what: Columns, columns: number): boolean {
    return this.#cut(what).shares.length === 1 && fitsRowKernel(planOf(columns), this.#lanes);
  }

  /** Transforms over the rows axis. The second of two passes works in place. */
  columns(from: Place, to: Place, what: Columns): void {
    const cut = this.#cut(what);
    cut.shares.forEach((share, i) => {
      this.#columns(share, i === 0 ? from : to, to, what, cut);
    });
  }

  #columns(
    share: Share,
    from: Place,
    to: Place,
    { rows, batch, lines, fromIm, toIm }: Columns,
    { vectors, groups }: Cut,
  ): void {
    const lanes = this.#lanes;
    const re = Math.min(lines, lanes.count);
    const side = ({ layout }: Place, imaginary: number, kind: "from" | "to"): Side => {
      const row = rowBytes(layout);
      // The first of two passes leaves its results in rows that follow each other.
      const adjoins = share.kind === "first" && kind === "to";
      return {
        element: row * (adjoins ? 1 : share.blocks),
        block: row * (adjoins ? share.length : 1),
        batch: row * (kind === "to" && to.fold !== undefined ? halfSize(rows) : rows),
        re,
        im: Math.min(imaginary, re),
      };
    };
    const kernel: LineKernel = {
      lanes,
      plan: planOf(rows),
      share,
      inverse: this.#inverse,
      alongRows: false,
      vectors,
      lines,
      groups,
      from: side(from, fromIm, "from"),
      to: side(to, toIm, "to"),
      masked: fromIm < lines && lines >= lanes.count,
      folds: to.fold !== undefined,
    };
    const addresses = [from.address("re"), from.address("im"), to.address("re"), to.address("im")];
    this.#lines(kernel, addresses, to.fold ? [to.fold] : [], batch * share.blocks * groups);
  }

  /** Transforms every row. */
  rows(from: Place, to: Place): void {
    const lanes = this.#lanes;
    const { rows, columns } = from.layout;
    const plan = planOf(columns);
    if (fitsRowKernel(plan, lanes)) {
      this.#fittingRows(from, to, "nothing", { imageRows: 0, count: 0, given: 0 });
      return;
    }
    this.#isPartwise = false;
    const side = ({ layout }: Place): Side => ({
      element: lanes.bytes,
      block: 0,
      batch: rowBytes(layout),
      re: lanes.count,
      im: lanes.count,
    });
    const kernel: LineKernel = {
      lanes,
      plan,
      share: wholeShare(plan),
      inverse: this.#inverse,
      alongRows: true,
      vectors: 1,
      lines: 0,
      groups: 0,
      from: side(from),
      to: side(to),
      masked: false,
      folds: false,
    };
    const start = from.address("re");
    const end = { ...start, offset: (start.offset ?? 0) + rows * rowBytes(from.layout) };
    const addresses = [start, from.address("im"), to.address("re"), to.address("im")];
    this.#lines(kernel, addresses, [end], Math.ceil(rows / lanes.count));
  }

  /** From packed rows to the first `count` rows of half planes, or more, and transforms these. */
  separatedRows(from: Place, to: Place, imageRows: number, count: number): void {
    const { columns } = to.layout;
    if (fitsRowKernel(planOf(columns), this.#lanes))
      this.#fittingRows(from, to, "separate", { imageRows, count, given: halfSize(imageRows) });
    else {
      this.#halves(from, to, "separate", to.layout, imageRows);
      this.rows(to, to);
    }
  }

  /** Transforms rows of half planes `from`, of each of which `given` lie there, and packs them. The other rows are 0. */
  joinedRows(from: Place, to: Place, imageRows: number, given: number): void {
    const { columns, shape, dtype } = from.layout;
    const plan = planOf(columns);
    if (fitsRowKernel(plan, this.#lanes) && joinsRows(plan)) {
      this.#fittingRows(from, to, "join", { imageRows, count: halfSize(imageRows), given });
    } else {
      const turned = this.temporary(shape, dtype);
      this.rows(from, turned);
      this.#halves(turned, to, "join", from.layout, imageRows);
    }
  }

  #fittingRows(
    from: Place,
    to: Place,
    also: RowKernel["also"],
    halves: Pick<RowNumbers, "imageRows" | "count" | "given">,
  ): void {
    const lanes = this.#lanes;
    const { rows, columns } = (also === "separate" ? to : from).layout;
    const plan = planOf(columns);
    const kernel: RowKernel = { lanes, plan, inverse: this.#inverse, also, folded: from.fold !== undefined };
    const { count, given, imageRows } = halves;
    const addresses = [from.address("re"), from.fold ?? from.address("im"), to.address("re"), to.address("im")];
    const zeros = also === "join" && given < count ? this.#table(zeroRows(kernel)) : addresses[0];
    this.tables.push(factorTable(plan, lanes, lanes.count));
    const emit = (module: ModuleBuilder): number => emitRows(module, kernel);
    const more = [zeros, ...numbers(rowBytes(from.layout), rowBytes(to.layout), count, given, imageRows)];
    this.#step({ key: rowKey(kernel), addresses: ROW_PARAMETERS, emit }, addresses, more, {
      units: also === "nothing" ? rows : (rows / (also === "join" ? given : halfSize(imageRows))) * count,
      scratchBytes: rowScratch(kernel),
      unitCost: (STAGE_COST * plan.stages.length * plan.size) / lanes.count,
    });
  }

  #halves(
    from: Place,
    to: Place,
    direction: HalvesKernel["direction"],
    { rows, columns }: Layout,
    imageRows: number,
  ): void {
    const lanes = this.#lanes;
    const sides = { from: rowBytes(from.layout), to: rowBytes(to.layout) };
    const kernel: HalvesKernel = { lanes, direction, imageRows, columns, ...sides };
    this.steps.push({
      kernel: { key: halvesKey(kernel), addresses: 4, emit: (module) => emitHalves(module, kernel) },
      addresses: [from.address("re"), from.address("im"), to.address("re"), to.address("im")],
      units: rows,
      scratchBytes: 0,
      unitCost: (STAGE_COST * columns) / lanes.count,
    });
  }

  /** `more` are the addresses after the table. */
  #lines(kernel: LineKernel, addresses: readonly Address[], more: readonly Address[], units: number): void {
    const { plan, share, lanes, vectors, lines, masked } = kernel;
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
      unitCost: STAGE_COST * share.stages.length * share.length * vectors,
    });
  }

  #table(bytes: Uint8Array): Address {
    return { of: "table", index: this.tables.push(bytes) - 1 };
  }

  /** Adds a step that reads the newest table. */
  #step(
    kernel: Kernel,
    addresses: readonly Address[],
    more: LoweredStep["addresses"],
    rest: Pick<LoweredStep, "units" | "scratchBytes" | "unitCost">,
  ): void {
    this.steps.push({
      kernel,
      addresses: [...addresses, { of: "table", index: this.tables.length - 1 }, ...more],
      ...rest,
    });
  }

  get lowered(): Lowered {
    const { steps, temporaries, tables } = this;
    return { steps, temporaries, tables, isPartwise: this.#isPartwise };
  }
}

/** The columns of complex images, padded to whole vectors. */
function complexColumns({ shape, dtype }: Node): Columns {
  const [rows, columns] = sidesOf(shape);
  const { count } = lanesOf(dtype);
  const lines = Math.ceil(columns / count) * count;
  return { rows, batch: sizeOf(shape.slice(0, -2)), lines, fromIm: lines, toIm: lines };
}

/** One axis, the last or the one before it. */
export function lowerFft(node: Node): Lowered {
  const lowering = new Lowering(node, node.attributes.inverse as boolean);
  if (node.attributes.axis === -1) lowering.rows(placeOfInput(node.inputs[0]), outputPlace(node));
  else lowering.columns(placeOfInput(node.inputs[0]), outputPlace(node), complexColumns(node));
  return lowering.lowered;
}

/** Columns, then rows. */
export function lowerFft2(node: Node): Lowered {
  const lowering = new Lowering(node, node.attributes.inverse as boolean);
  const output = outputPlace(node);
  lowering.columns(placeOfInput(node.inputs[0]), output, complexColumns(node));
  lowering.rows(output, output);
  return lowering.lowered;
}

/** Packed columns, then rows of the half plane, as many as are read. */
export function lowerRfft2h(node: Node, { rowsRead }: { readonly rowsRead: number }): Lowered {
  const [{ shape, dtype }] = node.inputs;
  const [rows, columns] = sidesOf(shape);
  const batch = shape.slice(0, -2);
  const lines = Math.ceil(columns / 2);
  const lowering = new Lowering(node, false);
  const output = outputPlace(node);
  const what = { rows, batch: sizeOf(batch), lines, fromIm: columns - lines, toIm: lines };
  const spectrum = lowering.folds(what, columns)
    ? folded(output)
    : packed(lowering.temporary([...batch, rows, 2 * lines], dtype));
  lowering.columns(packed(placeOfInput(node.inputs[0])), spectrum, what);
  lowering.separatedRows(spectrum, output, rows, Math.min(halfSize(rows), rowsRead));
  return lowering.lowered;
}

/** Whether the kernels of an irfft2h node know what rows of zeros become. */
export function knowsZeroRows({ shape, dtype }: Node): boolean {
  const plan = planOf(shape[shape.length - 1]);
  return fitsRowKernel(plan, lanesOf(dtype)) && joinsRows(plan);
}

/** Rows of the half plane, those that are not 0, then packed columns. */
export function lowerIrfft2h(node: Node, { operands: [operand] }: { readonly operands: readonly Node[] }): Lowered {
  const { shape, dtype } = node;
  const [rows, columns] = sidesOf(shape);
  const batch = shape.slice(0, -2);
  const lines = Math.ceil(columns / 2);
  const lowering = new Lowering(node, true);
  const output = packed(outputPlace(node));
  const what = { rows, batch: sizeOf(batch), lines, fromIm: lines, toIm: columns - lines };
  const spectrum = lowering.worksInPlace(what)
    ? output
    : packed(lowering.temporary([...batch, rows, 2 * lines], dtype));
  lowering.joinedRows(placeOfInput(operand), spectrum, rows, operand.shape[operand.shape.length - 2]);
  lowering.columns(spectrum, output, what);
  return lowering.lowered;
}
