// The tuned numbers of the compiler, and what each can be seen on. No number here changes a bit of a result.

import type { Constant } from "./variant.ts";

export interface Tuned extends Constant {
  /** Work it matters for, by the number of threads. */
  readonly works: readonly (readonly [name: string, threads: number])[];
  /** Today's number times these, where they are allowed. */
  readonly factors?: readonly number[];
}

const QUARTER_TO_FOUR = [1 / 4, 1 / 2, 1, 2, 4];

/** What a constant is tried with, rounded to a whole number where today's is one. */
export const valuesOf = (today: number, factors: readonly number[] = QUARTER_TO_FOUR): readonly number[] => [
  ...new Set(factors.map((factor) => (Number.isInteger(today) ? Math.round(today * factor) : today * factor))),
];

const convolve = "wasm/kernels/convolve";
const gather = "wasm/kernels/gather";
const matmul = "wasm/kernels/matmul";
const fft = "wasm/kernels/fft/fft.ts";
const threads = "wasm/threads";
const EVERY_PROGRAM: Tuned["works"] = [
  ["chain 256²", 2],
  ["texture 128²", 2],
];
const TRANSFORMS: Tuned["works"] = [
  ["real transform 256²", 1],
  ["real transform 2048²", 1],
];

export const tuned: readonly Tuned[] = [
  { name: "GRAIN", file: "compile/schedule.ts", works: EVERY_PROGRAM },
  { name: "SHARED_GRAINS", file: "compile/schedule.ts", works: EVERY_PROGRAM },
  {
    name: "WAKING_GRAINS",
    file: "compile/schedule.ts",
    works: [
      ["chain 256², after a break", 2],
      ["texture 128², after a break", 2],
    ],
  },
  { name: "LOOKS", file: `${threads}/threads.ts`, works: EVERY_PROGRAM },
  { name: "LOOKS", file: `${threads}/worker.ts`, works: EVERY_PROGRAM },
  {
    name: "LARGEST_LOOP",
    file: "compile/fuse.ts",
    works: [
      ["chain 256²", 1],
      ["SSIM 256²", 1],
      ["texture 256²", 1],
    ],
  },
  {
    name: "LARGE",
    file: "compile/parts.ts",
    works: [
      ["texture 256²", 1],
      ["texture 512²", 1],
    ],
  },
  {
    name: "CHEAP",
    file: "compile/fuse.ts",
    works: [
      ["chain 256²", 1],
      ["SSIM 256²", 1],
      ["texture 256²", 1],
    ],
  },
  {
    name: "SMALL",
    file: "compile/eager.ts",
    factors: [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2],
    works: [
      ["eager, new graphs", 1],
      ["eager, the same graphs", 1],
    ],
  },
  {
    name: "COST",
    file: "ops/fourier.ts",
    factors: [1 / 4, 1, 4, 8, 16],
    works: [
      ["eager transforms, new", 1],
      ["eager transforms, the same", 1],
    ],
  },
  {
    name: "COLUMNS",
    file: "wasm/kernels/loops/reduce.ts",
    works: [
      ["sums of columns, 256²", 1],
      ["sums of columns, 1024²", 2],
    ],
  },
  {
    name: "ROWS",
    file: `${convolve}/shiftedRows.ts`,
    works: [
      ["Gaussian 31x31, 256²", 1],
      ["taps 7x7, 256²", 1],
      ["conv 3x3, 64 channels, 56²", 1],
    ],
  },
  { name: "WIDE_SPAN", file: `${convolve}/shiftedRows.ts`, works: [["Gaussian 31x31, 1024²", 1]] },
  {
    name: "SPAN",
    file: `${convolve}/shiftedRows.ts`,
    works: [
      ["conv 3x3, 64 channels, 224²", 1],
      ["conv 1x1, 256 channels, 56²", 1],
    ],
  },
  {
    name: "TAPS",
    file: `${convolve}/shiftedRows.ts`,
    works: [
      ["conv 3x3, 64 channels, 224²", 1],
      ["conv 1x1, 256 channels, 56²", 1],
    ],
  },
  { name: "UNIT_TAPS", file: `${convolve}/weight.ts`, works: [["conv 3x3, 64 channels, 56², weight", 1]] },
  { name: "CHUNK", file: `${matmul}/sumPlanes.ts`, works: [["a b, 64 x 8192 x 64", 1]] },
  {
    name: "GROUP_ROWS",
    file: `${matmul}/rows.ts`,
    works: [
      ["a bᵀ, 256²", 1],
      ["a bᵀ, 768²", 1],
    ],
  },
  {
    name: "GROUP_ROWS",
    file: `${matmul}/columns.ts`,
    works: [
      ["a b, 256²", 1],
      ["a b, 768²", 1],
    ],
  },
  {
    name: "PANEL_BYTES",
    file: `${matmul}/columns.ts`,
    works: [
      ["a b, 256²", 1],
      ["a b, 768²", 1],
    ],
  },
  {
    name: "UNIT_OVERHEAD",
    file: `${gather}/units.ts`,
    works: [["NLPD 256²", 2]],
  },
  // Not less than the lanes of a vector.
  { name: "SHORTEST", file: `${gather}/plan.ts`, factors: [1, 2, 4, 8], works: [["NLPD 256²", 1]] },
  // A group's vectors come in whole cache lines: fft/fft.ts says which of them its kernels know.
  { name: "NARROW_GROUP", file: fft, works: TRANSFORMS },
  { name: "WIDE_GROUP", file: fft, works: TRANSFORMS },
  { name: "WIDE_GROUP_ROWS", file: fft, works: TRANSFORMS },
  { name: "MANY_GROUPS", file: fft, works: TRANSFORMS },
  { name: "LONG", file: fft, works: [["real transform 2048²", 1]] },
  { name: "BLOCK_GROUP", file: fft, works: [["real transform 2048²", 1]] },
];
