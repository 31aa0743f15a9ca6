// Runs the golden cases of the random generators: every file that the folder's index.json lists.
//
// Each case is a list of calls on one generator; the
// index says how exactly the answers must agree. Files with the rule "informative" are left out: they show what the
// reference does on a processor without fused multiply-add, which is another stream and not ours.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type NumpyIntegerDtype, NumpyRandomState, TorchGenerator } from "@plenoptic-js/tensor";

export interface GoldenOutcome {
  name: string;
  outcome: "passed" | "failed" | "not supported" | "known difference";
  detail?: string;
}

interface Index {
  files: Record<string, { rule: string; cases: number; sha256: string }>;
}

/** One call of a case, or the expected answer of one. Which fields it has depends on `op`. */
interface Op {
  op: string;
  [field: string]: unknown;
}

interface Case {
  id: string;
  ops: Op[];
}

interface LayoutCase {
  id: string;
  seed: string;
  op: string;
  logical_shape: number[];
  strides: number[];
  out_row_major: number[];
}

/** What a call returned: float32, float64 or 64-bit integers. Null for calls without an answer. */
type Answer = Float32Array | Float64Array | BigInt64Array | null;

/** Judges one double: an error text, or null when it is close enough. */
type Judge = (got: number, want: number, op: Op) => string | null;

class Unsupported extends Error {}

const exact: Judge = (got, want) => (Object.is(got, want) ? null : `${got} is not ${want}`);

/** The outcomes of all cases in `folder`, which holds an index.json. Throws if a file is not the one indexed. */
export function* runRandomGolden(folder: string): Iterable<GoldenOutcome> {
  const index = JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as Index;
  for (const [file, { rule, cases, sha256 }] of Object.entries(index.files)) {
    const bytes = readFileSync(join(folder, file));
    if (sha256Hex(bytes) !== sha256)
      throw new Error(`${join(folder, file)}: the SHA-256 is not the one in index.json.`);
    const golden = JSON.parse(bytes.toString("utf8")) as { cases: unknown[] };
    if (golden.cases.length !== cases) throw new Error(`${join(folder, file)}: index.json promises ${cases} cases.`);
    if (rule === "informative") continue;

    if (file === "layout.json") {
      for (const c of golden.cases as LayoutCase[]) yield outcomeOf(`${file}/${c.id}`, () => checkLayout(c));
    } else if (file === "numpy.json") {
      for (const c of golden.cases as Case[]) {
        const generator = new NumpyRandomState(0);
        yield outcomeOf(`${file}/${c.id}`, () => checkOps(c.ops, (op) => callNumpy(generator, op), judgeNumpy));
      }
    } else {
      const share = { identical: 0, total: 0 };
      const judge = rule === "exact" ? exact : judgeNormals(share);
      for (const c of golden.cases as Case[]) {
        const generator = new TorchGenerator();
        yield outcomeOf(`${file}/${c.id}`, () => checkOps(c.ops, (op) => callTorch(generator, op), judge));
      }
      if (rule !== "exact") {
        yield outcomeOf(`${file}/identical share`, () => {
          if (!(share.identical >= 0.97 * share.total)) {
            throw new Error(
              `only ${share.identical} of ${share.total} values are identical; at least 97% are expected`,
            );
          }
        });
      }
    }
  }
}

function outcomeOf(name: string, check: () => void): GoldenOutcome {
  try {
    check();
    return { name, outcome: "passed" };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { name, outcome: error instanceof Unsupported ? "not supported" : "failed", detail };
  }
}

// --- The rules -------------------------------------------------------------------------------------------------

/** The distance between the doubles around x. */
function ulp(x: number): number {
  const bits = new BigUint64Array(new Float64Array([Math.abs(x)]).buffer)[0];
  const exponent = Math.max(Number(bits >> 52n), 1) - 1075;
  return exponent < -1022 ? Number.MIN_VALUE * 2 ** (exponent + 1074) : 2 ** exponent;
}

/** The rule of float64 normals: 4 ulp, of the value itself for mean 0 and std 1. Counts identical values. */
function judgeNormals(share: { identical: number; total: number }): Judge {
  return (got, want, op) => {
    share.total += 1;
    if (Object.is(got, want)) share.identical += 1;
    const { mean = 0, std = 1 } = op as { mean?: number; std?: number };
    const scale = mean === 0 && std === 1 ? want : Math.max(Math.abs(want - mean), Math.abs(mean));
    return Math.abs(got - want) <= 4 * ulp(scale) ? null : `${got} is more than 4 ulp from ${want}`;
  };
}

const judgeNumpy: Judge = (got, want, op) => {
  if (!["randn", "normal", "state"].includes(op.op)) return exact(got, want, op);
  return Math.abs(got - want) <= 3 * ulp(want) ? null : `${got} is more than 3 ulp from ${want}`;
};

function checkOps(ops: Op[], call: (op: Op) => Answer | Record<string, unknown>, judge: Judge): void {
  ops.forEach((op, i) => {
    const where = `call ${i + 1} (${op.op})`;
    const answer = call(op);
    if (op.op === "state") checkState(answer as Record<string, unknown>, op, judge, where);
    else if (answer !== null) checkAnswer(answer as Exclude<Answer, null>, op, judge, where);
  });
}

function checkState(got: Record<string, unknown>, op: Op, judge: Judge, where: string): void {
  for (const [field, want] of Object.entries(op.out as Record<string, unknown>)) {
    const normal = field === "normal_y" || field === "cached_gaussian";
    const fault = normal
      ? judge(got[field] as number, want as number, op)
      : got[field] === want
        ? null
        : `${got[field]} is not ${want}`;
    if (fault !== null) throw new Error(`${where}: ${field}: ${fault}`);
  }
}

function checkAnswer(got: Exclude<Answer, null>, op: Op, judge: Judge, where: string): void {
  const wanted = op.out as (number | string)[] | undefined;
  if (wanted !== undefined) {
    if (got.length !== wanted.length) throw new Error(`${where}: ${got.length} elements instead of ${wanted.length}`);
    checkElements(got, wanted, op, judge, where);
    return;
  }
  const places = op.sample_index as number[];
  const sample =
    got instanceof BigInt64Array
      ? BigInt64Array.from(places, (i) => got[i])
      : got.constructor === Float32Array
        ? Float32Array.from(places, (i) => got[i])
        : Float64Array.from(places, (i) => got[i]);
  checkElements(sample, op.sample as (number | string)[], op, judge, `${where}, samples`);
  const digest = sha256Hex(new Uint8Array(got.buffer, got.byteOffset, got.byteLength));
  if (digest !== op.sha256_le) throw new Error(`${where}: SHA-256 ${digest} is not ${op.sha256_le}`);
}

function checkElements(
  got: Exclude<Answer, null>,
  want: (number | string)[],
  op: Op,
  judge: Judge,
  where: string,
): void {
  const bits = got instanceof Float32Array ? new Uint32Array(got.buffer, got.byteOffset, got.length) : null;
  want.forEach((value, i) => {
    let fault: string | null;
    if (bits !== null) fault = bits[i] === value ? null : `bits ${bits[i]} are not ${value}`;
    else if (got instanceof BigInt64Array) {
      fault = got[i] === BigInt.asIntN(64, BigInt(value)) ? null : `${got[i]} is not ${value}`;
    } else fault = judge(got[i], Number(value), op);
    if (fault !== null) throw new Error(`${where}: element ${i}: ${fault}`);
  });
}

function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

// --- The calls -------------------------------------------------------------------------------------------------

function integers(values: ArrayLike<number | bigint>): BigInt64Array {
  return BigInt64Array.from({ length: values.length }, (_, i) => BigInt.asIntN(64, BigInt(values[i])));
}

function countOf(op: Op): number {
  return (op.shape as number[]).reduce((n, extent) => n * extent, 1);
}

function dtypeOf(op: Op): "float32" | "float64" {
  return op.dtype === "f64" ? "float64" : "float32";
}

function arrayOf(op: Op, field: string): Float32Array | Float64Array {
  const values = op[field] as number[];
  return dtypeOf(op) === "float32" ? Float32Array.from(values) : Float64Array.from(values);
}

/** Number bounds where both are safe integers, so that both forms of randint are tried. */
function bounds(op: Op): [number, number] | [bigint, bigint] {
  const low = Number(op.low);
  const high = Number(op.high);
  if (Number.isSafeInteger(low) && Number.isSafeInteger(high)) return [low, high];
  return [BigInt(op.low as string), BigInt(op.high as string)];
}

function callTorch(generator: TorchGenerator, op: Op): Answer | Record<string, unknown> {
  const numbers = op as unknown as { mean: number; std: number; from: number; to: number; p: number; n: number };
  switch (op.op) {
    case "manual_seed":
      generator.manualSeed(BigInt(op.seed as string));
      return null;
    case "set_draws":
      generator.setState(forcedState(op.u32 as number[]));
      return null;
    case "state":
      return torchState(generator.getState());
    case "random64":
      return integers(generator.random64(numbers.n));
    case "rand":
      return generator.rand(countOf(op), dtypeOf(op));
    case "uniform_":
      return generator.uniform(countOf(op), numbers.from, numbers.to, dtypeOf(op));
    case "randn":
      return generator.randn(countOf(op), dtypeOf(op));
    case "normal_":
      return generator.normal(countOf(op), numbers.mean, numbers.std, dtypeOf(op));
    case "normal_tt":
      return generator.normalEach(arrayOf(op, "mean"), arrayOf(op, "std"));
    case "normal_ft":
      return generator.normalEach(numbers.mean, arrayOf(op, "std"));
    case "normal_tf":
      return generator.normalEach(arrayOf(op, "mean"), numbers.std);
    case "randint": {
      const [low, high] = bounds(op);
      return integers(
        typeof low === "bigint"
          ? generator.randint(low, high as bigint, countOf(op))
          : generator.randint(low, high as number, countOf(op)),
      );
    }
    case "random_": {
      const n = countOf(op);
      if (op.dtype === "f32") return generator.random(n, "float32");
      if (op.dtype === "f64") return generator.random(n, "float64");
      if (op.dtype === "i64") return generator.random(n, "int64");
      if (op.dtype === "i32") return integers(generator.random(n, "int32"));
      if (op.dtype === "u8") return integers(generator.random(n, "uint8"));
      break;
    }
    case "randperm":
      return integers(generator.randperm(numbers.n));
    case "bernoulli":
      return integers(generator.bernoulli(arrayOf(op, "p")));
    case "bernoulli_scalar":
      return integers(generator.bernoulliScalar(numbers.p, countOf(op)));
  }
  throw new Unsupported(`the call ${op.op} with dtype ${op.dtype}`);
}

function torchState(bytes: Uint8Array): Record<string, unknown> {
  const view = new DataView(bytes.buffer);
  const words = Uint32Array.from({ length: 624 }, (_, i) => view.getUint32(24 + 8 * i, true));
  return {
    initial_seed: view.getBigUint64(0, true).toString(),
    left: view.getInt32(8, true),
    next: Number(view.getBigUint64(16, true)),
    normal_is_valid: view.getInt32(5040, true),
    normal_y: view.getFloat64(5024, true),
    words_sha256_le: sha256Hex(new Uint8Array(words.buffer)),
    word0: words[0],
    word623: words[623],
  };
}

/** A snapshot whose next outputs are the given ones (at most 623): the words are the outputs, untempered. */
function forcedState(outputs: number[]): Uint8Array {
  if (outputs.length > 623) throw new Unsupported(`${outputs.length} forced outputs`);
  const bytes = new Uint8Array(5056);
  const view = new DataView(bytes.buffer);
  view.setInt32(8, 624, true); // left
  view.setInt32(12, 1, true); // seeded
  view.setBigUint64(16, 1n, true); // next
  outputs.forEach((output, i) => {
    view.setUint32(24 + 8 * (i + 1), untemper(output), true);
  });
  return bytes;
}

/** The state word behind an output of the engine: the tempering steps undone, last one first. */
function untemper(output: number): number {
  let y = output ^ (output >>> 18);
  y ^= (y << 15) & 0xefc60000;
  let x = y;
  for (let k = 0; k < 4; k++) x = y ^ ((x << 7) & 0x9d2c5680);
  y = x;
  for (let k = 0; k < 2; k++) x = y ^ (x >>> 11);
  return x >>> 0;
}

function callNumpy(generator: NumpyRandomState, op: Op): Answer | Record<string, unknown> {
  const numbers = op as unknown as { low: number; high: number; loc: number; scale: number; n: number; size: number };
  switch (op.op) {
    case "seed":
      generator.seed(op.seed as number | number[]);
      return null;
    case "state": {
      const { key, position, cachedGaussian } = generator.getState();
      return {
        pos: position,
        has_gauss: cachedGaussian === null ? 0 : 1,
        cached_gaussian: cachedGaussian ?? 0,
        key_sha256_le: sha256Hex(new Uint8Array(key.buffer)),
        key0: key[0],
        key623: key[623],
      };
    }
    case "u32":
      return integers(generator.randint(0, 4294967296, numbers.n, "uint32"));
    case "rand":
      return generator.rand(countOf(op));
    case "randn":
      return generator.randn(countOf(op));
    case "uniform":
      return generator.uniform(numbers.low, numbers.high, countOf(op));
    case "normal":
      return generator.normal(numbers.loc, numbers.scale, countOf(op));
    case "randint": {
      const [low, high] = bounds(op);
      const dtype = (op.dtype ?? "int64") as NumpyIntegerDtype;
      return integers(
        typeof low === "bigint"
          ? generator.randint(low, high as bigint, countOf(op), dtype)
          : generator.randint(low, high as number, countOf(op), dtype),
      );
    }
    case "permutation":
      return integers(generator.permutation(numbers.n));
    case "permutation_rows":
      return integers([...generator.permutation(numbers.n)].flatMap((i) => [10 * i, 10 * i + 1, 10 * i + 2]));
    case "shuffle": {
      const values = Array.from({ length: numbers.n }, (_, i) => i);
      generator.shuffle(values);
      return integers(values);
    }
    case "choice": {
      const p = op.p as number[] | undefined;
      const replace = op.replace as boolean;
      return integers(generator.choice(numbers.n, numbers.size, p === undefined ? { replace } : { replace, p }));
    }
  }
  throw new Unsupported(`the call ${op.op}`);
}

// --- Memory layout ---------------------------------------------------------------------------------------------

/** A fill of a tensor with the given strides: values go in memory order, the answer is read in logical order. */
function checkLayout(c: LayoutCase): void {
  const generator = new TorchGenerator(BigInt(c.seed));
  const offsets = memoryOffsets(c.logical_shape, c.strides);
  const n = offsets.length;
  const rowMajor = isRowMajor(c.logical_shape, c.strides);
  let values: Float32Array;
  if (c.op === "rand_like" || c.op === "uniform_inplace") values = generator.rand(n);
  else if (c.op === "randn_like" || c.op === "normal_inplace") values = generator.randn(n, "float32", { rowMajor });
  else throw new Unsupported(`the call ${c.op}`);

  const logicalPlaces = offsets.map((_, i) => i).sort((a, b) => offsets[a] - offsets[b]);
  const logical = new Float32Array(n);
  logicalPlaces.forEach((place, i) => {
    logical[place] = values[i]!;
  });
  checkElements(logical, c.out_row_major, { op: c.op }, exact, c.op);
}

/** Where each element, in logical row-major order, lies in memory. */
function memoryOffsets(shape: number[], strides: number[]): number[] {
  return shape.reduce<number[]>(
    (offsets, extent, axis) =>
      offsets.flatMap((offset) => Array.from({ length: extent }, (_, i) => offset + i * strides[axis])),
    [0],
  );
}

/** Axes of one element do not count. */
function isRowMajor(shape: number[], strides: number[]): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== expected) return false;
    expected *= shape[axis];
  }
  return true;
}
