// The kernel of ops/convolve/weight.ts: vectors run along the rows of both operands, whose lanes are those of the summation
// order; rows that are loaded serve several outputs and taps.
//
// A unit is a few outputs of a group and a stretch of the taps. For every block of positions it goes through its tiles, a few
// outputs and taps of sums in registers; the blocks' sums wait in scratch. The last tile may do some taps again, to the same
// values. The last vector of a row may reach past its end, by less than a vector: what it finds there is masked out, and behind
// any array there is at least this kernel's own scratch.

import { BLOCK } from "../../../math/summation.ts";
import { positionBlocks } from "../../../ops/convolve/weight.ts";
import { type Node, sizeOf } from "../../../ops/definition.ts";
import type { Expr, FunctionBuilder, Local, Operand } from "../../assembler/assembler.ts";
import { layoutOf, rowBytes } from "../../layout.ts";
import { type Element, floatElementOf } from "../element.ts";
import { type Address, type Kernel, kernelSignature, type Lowered } from "../kernel.ts";
import { joinLanes } from "../loops/join.ts";
import { forTiles, readWords, type Tile, withTile } from "../tiles.ts";
import { neighboursOf } from "./neighbours.ts";

/** Taps of a unit, at most. Measured: bench/RESULTS.md, "Tuned numbers". */
const UNIT_TAPS = 192;

/** Words of the kernel's table; `Bytes` are distances. */
interface WeightSizes {
  readonly chunks: number;
  readonly chunkTaps: number;
  readonly taps: number;
  /** Tiles of outputs in a group. */
  readonly tiles: number;
  readonly outputsPerGroup: number;
  readonly groupBytes: number;
  readonly gPlaneBytes: number;
  readonly weightBytes: number;
  /** Of the pieces of rows, which make blocks. */
  readonly blockPieces: number;
  readonly pieces: number;
}

const SIZES: readonly (keyof WeightSizes)[] = [
  "chunks",
  "chunkTaps",
  "taps",
  "tiles",
  "outputsPerGroup",
  "groupBytes",
  "gPlaneBytes",
  "weightBytes",
  "blockPieces",
  "pieces",
];

/**
 * After the sizes: the mask of a row's last vector (aligned); for every tap where its operands and its result lie from the first;
 * for every piece where it lies in both operands, the bytes of its whole vectors, and whether a last vector follows.
 */
const MASK_AT = Math.ceil((4 * SIZES.length) / 16) * 16;
const TAPS_AT = MASK_AT + 16;
const TAP_WORDS = 2;
const PIECE_WORDS = 4;

/** Outputs and taps of a tile: outputs as many as divide a group's, if any does. */
function tilesOf(outputs: number): readonly Tile[] {
  const down = [4, 3, 2].find((n) => outputs % n === 0) ?? Math.min(outputs, 4);
  return [
    [down, down > 2 ? 2 : 4],
    [down, 1],
  ];
}

function weightKernel(e: Element<"f32" | "f64">, tiles: readonly Tile[]): Kernel {
  return {
    key: `convolutionWeight/${e.type}/${tiles[0][0]}`,
    addresses: 4,
    emit: (module) =>
      module.func(null, kernelSignature(4), [], (f, x, g, out, table, scratch, begin, end) =>
        emitWeight(f, e, tiles, { x, g, out, table, scratch, begin, end }),
      ),
  };
}

interface Params {
  readonly x: Local;
  readonly g: Local;
  readonly out: Local;
  readonly table: Local;
  readonly scratch: Local;
  readonly begin: Local;
  readonly end: Local;
}

function emitWeight(f: FunctionBuilder, e: Element<"f32" | "f64">, tiles: readonly Tile[], params: Params): void {
  const add = (a: Operand, b: Operand): Expr => f.op("i32.add", a, b);
  const mul = (a: Operand, b: Operand): Expr => f.op("i32.mul", a, b);
  const least = (a: Expr, b: Expr): Expr => f.select(a, b, f.op("i32.lt_s", a, b));
  const size = readWords(f, params.table, SIZES);
  const mask = f.let(f.load("v128.load", params.table, MASK_AT));
  const tapsAt = f.let(add(params.table, TAPS_AT));
  const piecesAt = f.let(add(tapsAt, mul(size.taps, 4 * TAP_WORDS)));
  const piecesEnd = f.let(add(piecesAt, mul(size.pieces, 4 * PIECE_WORDS)));
  const blockBytes = f.let(mul(size.blockPieces, 4 * PIECE_WORDS));
  const outputs = tiles[0][0];

  // Where the unit's operands and results begin, its first tap in the table, and its number of taps.
  const [x, g, out, firstTap, taps] = [0, 1, 2, 3, 4].map(() => f.local("i32"));
  const [block, piece, tap, at, waiting] = [0, 1, 2, 3, 4].map(() => f.local("i32"));

  const oneTile = (across: number, blockEnd: Expr): void => {
    const record = f.let(add(firstTap, f.op("i32.shl", tap, 3)));
    const tapBases = Array.from({ length: across }, (_, t) =>
      f.let(add(x, f.load("i32.load", record, 4 * TAP_WORDS * t))),
    );
    const sums = Array.from({ length: outputs * across }, () => f.local("v128"));
    for (const sum of sums) f.set(sum, e.vector.zero);
    f.set(piece, block);
    f.loop((again) => {
      const xOffset = f.load("i32.load", piece);
      const rowsOfX = tapBases.map((base) => f.let(add(base, xOffset)));
      const rowsOfG: Expr[] = [f.let(add(g, f.load("i32.load", piece, 4)))];
      while (rowsOfG.length < outputs) rowsOfG.push(f.let(add(rowsOfG[rowsOfG.length - 1], size.gPlaneBytes)));
      const whole = f.let(f.load("i32.load", piece, 8));
      const addTerms = (from: Operand, masked: boolean): void => {
        const [left, right] = [rowsOfG, rowsOfX].map((rows) =>
          rows.map((row) => f.load("v128.load", add(row, from), 0, e.bytes)),
        );
        left.forEach((a, o) => {
          right.forEach((b, t) => {
            const sum = sums[o * across + t];
            const term = f.op(e.vector.mul, a, b);
            f.set(sum, f.op(e.vector.add, sum, masked ? f.op("v128.and", term, mask) : term));
          });
        });
      };
      f.forRange(at, 0, whole, 16, () => addTerms(at, false));
      f.if(f.load("i32.load", piece, 12), () => addTerms(whole, true));
      f.set(piece, add(piece, 4 * PIECE_WORDS));
      f.brIf(again, f.op("i32.ne", piece, blockEnd));
    });
    const joined = sums.map((sum) => {
      const total = f.local(e.single.zero.type);
      f.set(total, joinLanes(f, "sum", e.type, sum));
      return total;
    });
    f.if(f.op("i32.ne", block, piecesAt), () => {
      joined.forEach((total, i) => {
        f.set(total, f.op(e.single.add, f.load(e.single.load, waiting, i * e.bytes), total));
      });
    });
    f.if(
      f.op("i32.ne", blockEnd, piecesEnd),
      () => {
        joined.forEach((total, i) => {
          f.store(e.single.store, waiting, total, i * e.bytes);
        });
      },
      () => {
        for (let t = 0; t < across; t++) {
          let to: Expr = add(out, f.load("i32.load", record, 4 * TAP_WORDS * t + 4));
          for (let o = 0; o < outputs; o++) {
            if (o > 0) to = add(to, size.weightBytes);
            f.store(e.single.store, to, joined[o * across + t]);
          }
        }
      },
    );
    f.set(waiting, add(waiting, joined.length * e.bytes));
  };

  const inTiles = ([, across]: Tile): void => {
    f.set(block, piecesAt);
    f.loop((next) => {
      // By what is left: addresses beyond 2 GiB are negative.
      const left = f.let(f.op("i32.sub", piecesEnd, block));
      const blockEnd = f.let(add(block, least(left, blockBytes)));
      f.set(waiting, params.scratch);
      forTiles(f, tap, taps, across, () => oneTile(across, blockEnd));
      f.set(block, blockEnd);
      f.brIf(next, f.op("i32.ne", block, piecesEnd));
    });
  };

  const unit = f.local("i32");
  f.forRange(unit, params.begin, params.end, 1, () => {
    const chunk = f.op("i32.rem_u", unit, size.chunks);
    const byChunk = f.let(f.op("i32.div_u", unit, size.chunks));
    const tile = f.op("i32.rem_u", byChunk, size.tiles);
    const group = f.let(f.op("i32.div_u", byChunk, size.tiles));
    const within = least(f.let(mul(tile, outputs)), f.let(f.op("i32.sub", size.outputsPerGroup, outputs)));
    const output = f.let(add(mul(group, size.outputsPerGroup), within));
    const first = f.let(mul(chunk, size.chunkTaps));
    f.set(x, add(params.x, mul(group, size.groupBytes)));
    f.set(g, add(params.g, mul(output, size.gPlaneBytes)));
    f.set(out, add(params.out, mul(output, size.weightBytes)));
    f.set(firstTap, add(tapsAt, f.op("i32.shl", first, 3)));
    f.set(taps, least(f.let(f.op("i32.sub", size.taps, first)), size.chunkTaps));
    withTile(f, tiles, ([, across]) => f.op("i32.ge_s", taps, across), inTiles);
  });
}

/** Steps of a conv2dWeight node. */
export function lowerConv2dWeight(node: Node): Lowered {
  const { stride, dilation } = node.attributes as { stride: readonly number[]; dilation: readonly number[] };
  const groups = node.attributes.groups as number;
  const e = floatElementOf(node);
  const [outputs, channels, rows, columns] = node.shape;
  const [layout, g] = node.inputs.map((input) => layoutOf(input.shape, input.dtype));
  const [batch, , height, width] = g.shape;
  const out = layoutOf(node.shape, node.dtype);
  const x = neighboursOf(layout, stride[1], e);
  const channelBytes = layout.shape[2] * x.rowBytes;

  const taps: number[] = [];
  for (let channel = 0; channel < channels; channel++) {
    for (let row = 0; row < rows; row++) {
      const from = channel * channelBytes + row * dilation[0] * x.rowBytes;
      const to = (channel * rows + row) * rowBytes(out);
      for (let column = 0; column < columns; column++) {
        taps.push(from + x.columnBytes(column * dilation[1]), to + column * e.bytes);
      }
    }
  }
  const blocks = positionBlocks(width);
  const pieces: number[] = [];
  for (let image = 0; image < batch; image++) {
    for (let y = 0; y < height; y++) {
      const from = image * layout.shape[1] * channelBytes + y * stride[0] * x.rowBytes;
      const to = (image * outputs * height + y) * rowBytes(g);
      for (let piece = 0; piece < blocks.pieces; piece++) {
        const count = Math.min(BLOCK, width - piece * BLOCK);
        const over = count % e.lanes;
        const first = piece * BLOCK * e.bytes;
        pieces.push(from + first, to + first, (count - over) * e.bytes, over);
      }
    }
  }
  const tapCount = channels * rows * columns;
  const outputsPerGroup = outputs / groups;
  const tiles = tilesOf(outputsPerGroup);
  const chunks = Math.ceil(tapCount / UNIT_TAPS);
  const sizes: WeightSizes = {
    chunks,
    chunkTaps: Math.ceil(tapCount / chunks),
    taps: tapCount,
    tiles: Math.ceil(outputsPerGroup / tiles[0][0]),
    outputsPerGroup,
    groupBytes: channels * channelBytes,
    gPlaneBytes: height * rowBytes(g),
    weightBytes: channels * rows * rowBytes(out),
    blockPieces: blocks.pieces > 1 ? 1 : blocks.rowsOfBlock,
    pieces: pieces.length / PIECE_WORDS,
  };
  const table = new Int32Array(TAPS_AT / 4 + taps.length + pieces.length);
  SIZES.forEach((name, i) => {
    table[i] = sizes[name];
  });
  table.fill(-1, MASK_AT / 4, (MASK_AT + (width % e.lanes) * e.bytes) / 4);
  table.set(taps, TAPS_AT / 4);
  table.set(pieces, TAPS_AT / 4 + taps.length);

  const given: Address = { of: "input", index: 0 };
  const copy: Address = { of: "temporary", index: 0 };
  const units = groups * sizes.tiles * chunks;
  const products = sizeOf(g.shape) * tapCount;
  return {
    steps: [
      ...x.copy(given, copy),
      {
        kernel: weightKernel(e, tiles),
        addresses: [
          stride[1] === 1 ? given : copy,
          { of: "input", index: 1 },
          { of: "output" },
          { of: "table", index: 0 },
        ],
        units,
        scratchBytes: tiles[0][0] * (sizes.chunkTaps + 4) * e.bytes,
        unitCost: 30 + (products * e.bytes) / units / 80,
      },
    ],
    temporaries: stride[1] === 1 ? [] : [x.planeBytes],
    tables: [new Uint8Array(table.buffer)],
  };
}
