// Kernels of ops/gather.ts. All sizes come from tables, so that every shape runs the same few functions.
//
// Along the last axis the index table is first cut into pieces that vectors can do (plan.ts). Along other
// axes whole rows are copied or summed.
//
// Sums start from -0: (-0) + x is x for every x, -0 included, so the first element needs no case of its own.

import type { IndexTable } from "../../../math/indexTables.ts";
import { type Node, sizeOf } from "../../../ops/definition.ts";
import type { Expr, FunctionBuilder, Local } from "../../assembler/assembler.ts";
import { layoutOf, rowBytes } from "../../layout.ts";
import { type Element, elementOf } from "../element.ts";
import type { Kernel, Lowered } from "../kernel.ts";
import { wordsOf } from "../tiles.ts";
import { planRow } from "./plan.ts";
import { perPlane, UNIT_OVERHEAD, unitKernel } from "./units.ts";

/** Byte order of a vector with its lanes turned around. */
const BACKWARDS_4 = [12, 13, 14, 15, 8, 9, 10, 11, 4, 5, 6, 7, 0, 1, 2, 3];
const BACKWARDS_8 = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];

// Along other axes than the last

// Words of the rows table: the sizes, then where each list begins (bytes from the table's start), then the lists
// (bytes from the first source row).
const ROWS_HEAD = 6;

function rowsKernel(e: Element): Kernel {
  return unitKernel(`gatherRows/${e.type}`, (f, unit, { x, out, table, word }) => {
    const [perGroup, inner, groupBytes, inRow, outRow, width] = [0, 1, 2, 3, 4, 5].map(word);
    const group = f.op("i32.div_u", unit, perGroup);
    const within = f.op("i32.rem_u", unit, perGroup);
    const list = f.op("i32.add", table, f.op("i32.shl", f.op("i32.div_u", within, inner), 2));
    const first = f.let(f.op("i32.add", table, f.load("i32.load", list, 4 * ROWS_HEAD)));
    const end = f.op("i32.add", table, f.load("i32.load", list, 4 * ROWS_HEAD + 4));
    const listBytes = f.let(f.op("i32.sub", end, first));
    const row = f.op("i32.mul", f.op("i32.rem_u", within, inner), inRow);
    const source = f.let(f.op("i32.add", f.op("i32.add", x, f.op("i32.mul", group, groupBytes)), row));
    const to = f.let(f.op("i32.add", out, f.op("i32.mul", unit, outRow)));
    const total = f.let(width);

    const sum = (at: Local, vectors: number): void => {
      const sums = Array.from({ length: vectors }, () => f.local("v128"));
      for (const s of sums) f.set(s, e.vector.neutral);
      const entry = f.local("i32");
      f.forRange(entry, 0, listBytes, 4, () => {
        const offset = f.load("i32.load", f.op("i32.add", first, entry));
        const from = f.let(f.op("i32.add", f.op("i32.add", source, at), offset));
        sums.forEach((s, i) => {
          f.set(s, f.op(e.vector.add, s, f.load("v128.load", from, 16 * i)));
        });
      });
      const target = f.op("i32.add", to, at);
      sums.forEach((s, i) => {
        f.store("v128.store", target, s, 16 * i);
      });
    };

    f.if(
      f.op("i32.eqz", listBytes),
      () => f.memoryFill(to, 0, total),
      () =>
        f.if(
          f.op("i32.eq", listBytes, 4),
          () => f.memoryCopy(to, f.op("i32.add", source, f.load("i32.load", first)), total),
          () => {
            const at = f.local("i32");
            const blocks = f.let(f.op("i32.and", total, -64));
            f.forRange(at, 0, blocks, 64, () => sum(at, 4));
            f.forRange(at, blocks, total, 16, () => sum(at, 1));
          },
        ),
    );
  });
}

/** Whether a gatherSum node is its operand with rows of zeros behind it. */
export function addsZeroRows({ attributes, shape, inputs: [x] }: Node): boolean {
  const { axis, starts, indices } = attributes as unknown as IndexTable & { axis: number };
  const n = x.shape[axis];
  return (
    axis === shape.length - 2 && n === indices.length && indices.every((index, i) => index === i && starts[i] === i)
  );
}

function lowerRows(node: Node, table: IndexTable, axis: number): Lowered {
  const x = layoutOf(node.inputs[0].shape, node.dtype);
  const out = layoutOf(node.shape, node.dtype);
  const inner = sizeOf(node.shape.slice(axis + 1, -1));
  const inRow = rowBytes(x);
  const outRow = rowBytes(out);
  const width = Math.ceil((out.columns * out.elementBytes) / 16) * 16;
  const lists = 4 * (ROWS_HEAD + table.starts.length);
  const words = [
    node.shape[axis] * inner,
    inner,
    x.shape[axis] * inner * inRow,
    inRow,
    outRow,
    width,
    ...Array.from(table.starts, (start) => lists + 4 * start),
    ...Array.from(table.indices, (index) => index * inner * inRow),
  ];
  const perRow = table.indices.length / Math.max(1, node.shape[axis]);
  const unitCost = UNIT_OVERHEAD + 0.1 * width * (1 + perRow);
  const step = { kernel: rowsKernel(elementOf(node)), units: out.rows, unitCost };
  return { steps: perPlane(node, 0, step, { table: 0, offset: 0 }), temporaries: [], tables: [wordsOf(words)] };
}

// Along the last axis

/**
 * Runs `body` for every record of a section of the table. A section is the number of its records, then the records;
 * `cursor` is at the section's first word before, at the next section's after. `take` reads the next word.
 */
function forRecords(f: FunctionBuilder, cursor: Local, body: (take: () => Expr) => void): void {
  const take = (): Expr => {
    const word = f.let(f.load("i32.load", cursor));
    f.set(cursor, f.op("i32.add", cursor, 4));
    return word;
  };
  const records = take();
  const record = f.local("i32");
  f.forRange(record, 0, records, 1, () => body(take));
}

function columnsKernel(e: Element): Kernel {
  return unitKernel(`gatherColumns/${e.type}`, (f, unit, { x, out, table, word }) => {
    const source = f.let(f.op("i32.add", x, f.op("i32.mul", unit, word(0))));
    const target = f.let(f.op("i32.add", out, f.op("i32.mul", unit, word(1))));
    const cursor = f.local("i32");
    const i = f.local("i32");
    const from = f.local("i32");
    const to = f.local("i32");
    const setFrom = (offset: Expr): void => f.set(from, f.op("i32.add", source, offset));
    const setTo = (offset: Expr): void => f.set(to, f.op("i32.add", target, offset));
    f.set(cursor, f.op("i32.add", table, 8));

    forRecords(f, cursor, (take) => {
      setTo(take());
      f.memoryFill(to, 0, take());
    });

    forRecords(f, cursor, (take) => {
      setTo(take());
      setFrom(take());
      f.memoryCopy(to, from, take());
    });

    forRecords(f, cursor, (take) => {
      setTo(take());
      const last = take();
      const terms = f.let(f.op("i32.shl", take(), 3));
      const at = f.local("i32");
      const sum = f.local("v128");
      const vector = f.local("v128");
      f.set(at, 0);
      f.loop((again) => {
        f.set(sum, e.vector.neutral);
        f.forRange(i, 0, terms, 8, () => {
          const record = f.op("i32.add", cursor, i);
          const direction = f.let(f.load("i32.load", record, 4));
          setFrom(f.op("i32.add", f.load("i32.load", record), f.op("i32.mul", at, direction)));
          f.set(vector, f.load("v128.load", from, 0, e.bytes));
          f.if(f.op("i32.lt_s", direction, 0), () =>
            f.set(vector, f.shuffle(e.lanes === 2 ? BACKWARDS_8 : BACKWARDS_4, vector, vector)),
          );
          f.set(sum, f.op(e.vector.add, sum, vector));
        });
        f.store("v128.store", f.op("i32.add", to, at), sum, 0, e.bytes);
        // The last vector ends with the piece; it may do some elements again, to the same values.
        const done = f.let(f.op("i32.eq", at, last));
        const next = f.let(f.op("i32.add", at, 16));
        f.set(at, f.select(next, last, f.op("i32.lt_s", next, last)));
        f.brIf(again, f.op("i32.eqz", done));
      });
      f.set(cursor, f.op("i32.add", cursor, terms));
    });

    forRecords(f, cursor, (take) => {
      setTo(take());
      const toStep = take();
      setFrom(take());
      const fromStep = take();
      f.forRange(i, 0, take(), 1, () => {
        f.store(e.single.store, to, f.load(e.single.load, from));
        f.set(to, f.op("i32.add", to, toStep));
        f.set(from, f.op("i32.add", from, fromStep));
      });
    });

    forRecords(f, cursor, (take) => {
      setTo(take());
      const end = f.let(f.op("i32.add", to, f.op("i32.mul", take(), e.bytes)));
      f.loop((again) => {
        const terms = take();
        const sum = f.local(e.single.zero.type);
        f.set(sum, f.select(e.single.neutral, e.single.zero, terms));
        f.forRange(i, 0, terms, 1, () => {
          setFrom(take());
          f.set(sum, f.op(e.single.add, sum, f.load(e.single.load, from)));
        });
        f.store(e.single.store, to, sum);
        f.set(to, f.op("i32.add", to, e.bytes));
        f.brIf(again, f.op("i32.ne", to, end));
      });
    });
  });
}

function lowerColumns(node: Node, table: IndexTable): Lowered {
  const x = layoutOf(node.inputs[0].shape, node.dtype);
  const out = layoutOf(node.shape, node.dtype);
  const bytes = out.elementBytes;
  const plan = planRow(table, bytes);
  const sections = [plan.zeros, plan.copies, plan.sums, plan.spaced, plan.lists];
  const words = [rowBytes(x), rowBytes(out), ...sections.flatMap((records) => [records.length, ...records.flat()])];
  const slow = plan.lists.reduce((sum, list) => sum + list.length, 0);
  const unitCost = UNIT_OVERHEAD + 0.1 * out.columns * bytes + 2 * slow;
  const step = { kernel: columnsKernel(elementOf(node)), units: out.rows, unitCost };
  return { steps: perPlane(node, 0, step, { table: 0, offset: 0 }), temporaries: [], tables: [wordsOf(words)] };
}

/** Steps of a gatherSum node. */
export function lowerGatherSum(node: Node): Lowered {
  if (sizeOf(node.shape) === 0) return { steps: [], temporaries: [], tables: [] };
  const axis = node.attributes.axis as number;
  const table = { starts: node.attributes.starts, indices: node.attributes.indices } as IndexTable;
  const lowered = axis === node.shape.length - 1 ? lowerColumns(node, table) : lowerRows(node, table, axis);
  // Units are rows of the result.
  return { ...lowered, isPartwise: axis >= node.shape.length - 2 };
}
