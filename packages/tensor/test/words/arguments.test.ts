// Every public function called with what does not belong: each refuses in words that name the function, the value and what it
// must be, and never with JavaScript's own. The last test holds the table against what the package exports.

import { describe, expect, test } from "vitest";
import * as door from "../../src/index.ts";
import { optim, Tensor, tensor } from "../../src/index.ts";

type Call = (...values: unknown[]) => unknown;
type Kind = keyof typeof wrong;
/** A function, its good arguments, and for each of them what kind it is. */
type Row = [name: string, call: Call, good: readonly unknown[], kinds: readonly (Kind | null)[]];

const promise = Promise.resolve(1);
const noTensor = [null, undefined, "text", {}, [], true, promise, () => 1];
const noNumber = [null, undefined, "3", {}, [], true, promise];
const noInteger = [...noNumber, Number.NaN, 0.5];
/** Left out, it has a default. */
const given = (values: readonly unknown[]): unknown[] => values.filter((value) => value !== undefined);
const noOptions = [null, 3, "text", [], { unheardOf: 1 }, promise];

const wrong = {
  tensor: [...noTensor, 3],
  operand: noTensor,
  tensors: [null, undefined, "text", 3, {}, [], [null], ["text"], promise],
  number: noNumber,
  finite: [...noNumber, Number.NaN, Number.POSITIVE_INFINITY],
  integer: noInteger,
  count: [...noInteger, -1],
  optionalCount: [...given(noInteger), -1],
  optionalInteger: given(noInteger),
  optionalNumber: given(noNumber),
  step: [...given(noInteger), 0],
  shape: [null, undefined, "22", 4, {}, [-2], [0.5], [Number.NaN], ["4"], [null], promise],
  sizes: [null, "22", {}, [0], [0.5], ["4"], [null], promise],
  axis: [null, "0", 0.5, Number.NaN, {}, [], 9, -9, promise],
  axes: [null, "0", 0.5, Number.NaN, {}, 9, [9], ["0"], [null], [0, 0], promise],
  dtype: [null, undefined, "float16", "double", 3, {}],
  source: [null, undefined, "text", {}, [null], ["1"], [[1], [1, 2]], new BigInt64Array(2), promise],
  nested: [null, undefined, "text", "12", {}, [null], ["1"], [Number.NaN], [0.5], promise],
  options: noOptions,
  dtypeOption: [...noOptions, { dtype: "float16" }, { dtype: 3 }],
  keepdims: [...noOptions, { keepdims: "no" }, { keepdims: 1 }],
  equation: [null, undefined, 3, {}, "i", "i1"],
  padding: [null, 3, "text", {}, [1], [[1]], [[0.5, 1]], [["1", 1]], [null], [[1, 1, 1]]],
  textual: ["3", {}, Number.NaN, promise],
  word: ["mirror", 3, {}],
  pair: [undefined, "2", 0.5, Number.NaN, 0, -1, {}, [1], ["1", 1]],
  pairOption: ["2", 0.5, Number.NaN, 0, -1, {}, [1], ["1", 1]],
  sidesOption: ["2", 0.5, Number.NaN, -1, {}, [1], ["1", 1], [[1], [1, 1]], [[1, 1]], 2],
  seed: [null, undefined, "1", 0.5, Number.NaN, {}, true],
  function: [null, undefined, 3, "text", {}, promise],
  specs: [null, undefined, 3, {}, [null], [{}], [{ shape: [2] }], [{ shape: "2", dtype: "float32" }], promise],
  floats: [null, undefined, 3, "text", {}, [0.5], promise],
} satisfies Record<string, readonly unknown[]>;

const x = tensor([
  [1, 2],
  [2, 4],
]);
const complexX = door.complex(x, x);
const truth = x.gt(2);
const images = tensor(new Array(16).fill(1), { shape: [1, 1, 4, 4] });
const taps = tensor([1], { shape: [1, 1, 1, 1] });
const generator = new door.TorchGenerator();
const numpy = new door.NumpyRandomState(0);

/** A method of an object, called by its name. */
const method =
  (object: object, name: string): Call =>
  (...values) =>
    (object as Record<string, Call>)[name](...values);
const made =
  (name: "Trace" | "Tensor" | "TorchGenerator" | "NumpyRandomState"): Call =>
  (...values) =>
    Reflect.construct((door as unknown as Record<string, new (...args: unknown[]) => unknown>)[name], values);

const functions: readonly Row[] = [
  ["arange", door.arange as Call, [0, 3, 1, {}], ["finite", "finite", "optionalNumber", "dtypeOption"]],
  ["avgPool2d", door.avgPool2d as Call, [images, 2, {}], ["tensor", "pair", "options"]],
  ["complex", door.complex as Call, [x, x], ["tensor", "tensor"]],
  ["concat", door.concat as Call, [[x, x], 0], ["tensors", "axis"]],
  ["conv2d", door.conv2d as Call, [images, taps, {}], ["tensor", "tensor", "options"]],
  ["convTranspose2d", door.convTranspose2d as Call, [images, taps, {}], ["tensor", "tensor", "options"]],
  [
    "correlateSeparable",
    door.correlateSeparable as Call,
    [x, tensor([1]), tensor([1]), {}],
    ["tensor", "tensor", "tensor", "options"],
  ],
  ["einsum", door.einsum as Call, ["ij,jk", x, x], ["equation", "tensor", "tensor"]],
  ...["fft", "ifft", "rfft", "irfft", "fft2", "ifft2", "rfft2", "irfft2"].map(
    (name): Row => [name, method(door, name), [name.startsWith("r") ? x : complexX, {}], ["tensor", "options"]],
  ),
  ...["fftfreq", "rfftfreq"].map((name): Row => [name, method(door, name), [4, {}], ["count", "dtypeOption"]]),
  ...["fftshift", "ifftshift"].map((name): Row => [name, method(door, name), [x, {}], ["tensor", "options"]]),
  ["full", door.full as Call, [[2], 1, {}], ["shape", "number", "dtypeOption"]],
  ["gradient", door.gradient as Call, [x.sum(), x, {}], ["tensor", "tensor", "options"]],
  ["hashTensor", door.hashTensor as Call, [x], ["tensor"]],
  ["interpolate", door.interpolate as Call, [x, [4]], ["tensor", "sizes"]],
  ["linspace", door.linspace as Call, [0, 1, 3, {}], ["finite", "finite", "count", "dtypeOption"]],
  ["maxPool2d", door.maxPool2d as Call, [images, 2, {}], ["tensor", "pair", "options"]],
  ["meshgrid", door.meshgrid as Call, [tensor([1, 2]), tensor([1])], ["tensor", "tensor"]],
  ...["ones", "zeros", "rand", "randn"].map(
    (name): Row => [name, method(door, name), [[2], {}], ["shape", "dtypeOption"]],
  ),
  ["pad", door.pad as Call, [x, [[1, 1]], "constant", 1], ["tensor", "padding", "word", "optionalNumber"]],
  ["pushforward", door.pushforward as Call, [x.sum(), x, x], ["tensor", "tensor", "tensor"]],
  ["randLike", door.randLike as Call, [x], ["tensor"]],
  ["roll", door.roll as Call, [x, 1, 0], ["tensor", "nested", "axes"]],
  ["setDefaultDtype", door.setDefaultDtype as Call, ["float32"], ["dtype"]],
  ["setThreads", door.setThreads as Call, [1], ["count"]],
  ["stack", door.stack as Call, [[x, x], 0], ["tensors", "axis"]],
  ["take", door.take as Call, [x, [0], 0], ["tensor", "nested", "axis"]],
  ["tensor", door.tensor as Call, [[1, 2], {}], ["source", "dtypeOption"]],
  ["tensor", (shape) => tensor([1, 2, 3, 4], { shape: shape as number[] }), [[2, 2]], ["sizes"]],
  ["trace", door.trace as Call, [(y: Tensor) => y, [{ shape: [2], dtype: "float32" }]], ["function", "specs"]],
  ["where", door.where as Call, [truth, x, x], ["tensor", "operand", "operand"]],
  ...["eigh", "qr", "svd"].map((name): Row => [name, method(door.linalg, name), [x], ["tensor"]]),
];

const operands = ["add", "sub", "mul", "div", "minimum", "maximum", "pow", "atan2", "eq", "ne", "lt", "le", "gt", "ge"];
const reductions = ["sum", "mean", "min", "max", "variance", "norm"];
const methods: readonly Row[] = [
  ...operands.map((name): Row => [name, method(x, name), [x], ["operand"]]),
  ...["and", "or"].map((name): Row => [name, method(truth, name), [truth], ["tensor"]]),
  ...reductions.map((name): Row => [name, method(x, name), [0, {}], ["axes", "keepdims"]]),
  ...["any", "all"].map((name): Row => [name, method(truth, name), [0, {}], ["axes", "keepdims"]]),
  ["broadcastTo", method(x, "broadcastTo"), [[2, 2]], ["shape"]],
  ["cast", method(x, "cast"), ["float64"], ["dtype"]],
  ["clip", method(x, "clip"), [0, 1], ["number", "number"]],
  ["flip", method(x, "flip"), [0], ["axes"]],
  ["matmul", method(x, "matmul"), [x, {}], ["tensor", "options"]],
  ["permute", method(x, "permute"), [[0, 1]], ["shape"]],
  ["reshape", method(x, "reshape"), [[4]], ["shape"]],
  ["slice", method(x, "slice"), [0, 0, 1, 1], ["axis", "integer", "optionalInteger", "step"]],
  ["squeeze", method(x.sum(0, { keepdims: true }), "squeeze"), [0], ["axes"]],
  ["unsqueeze", method(x, "unsqueeze"), [0], ["axis"]],
  ["Tensor", made("Tensor"), [x.node], ["tensor"]],
];

const generators: readonly Row[] = [
  ["bernoulli", method(generator, "bernoulli"), [Float32Array.of(0.5)], ["floats"]],
  ["bernoulliScalar", method(generator, "bernoulliScalar"), [0.5, 2], ["finite", "count"]],
  ["manualSeed", method(generator, "manualSeed"), [1], ["seed"]],
  ["normal", method(generator, "normal"), [2, 0, 1, "float32", {}], ["count", "number", "number", null, "options"]],
  ["normalEach", method(generator, "normalEach"), [Float32Array.of(0), 1], ["floats", "number"]],
  ["rand", method(generator, "rand"), [2, "float32"], ["count", null]],
  ["skipRand", method(generator, "skipRand"), [2, "float32"], ["count", null]],
  ["randint", method(generator, "randint"), [0, 3, 2], ["integer", "integer", "count"]],
  ["randn", method(generator, "randn"), [2, "float32", {}], ["count", null, "options"]],
  ["random", method(generator, "random"), [2, "float32"], ["count", "dtype"]],
  ["random64", method(generator, "random64"), [2], ["count"]],
  ["randperm", method(generator, "randperm"), [2], ["count"]],
  ["skipRand", method(generator, "skipRand"), [2, "float32"], ["count", null]],
  ["setState", method(generator, "setState"), [generator.getState()], ["floats"]],
  ["uniform", method(generator, "uniform"), [2, 0, 1], ["count", "finite", "finite"]],
  ["manualSeed", made("TorchGenerator"), [1], [null]],
  ["choice", method(numpy, "choice"), [3, 2, {}], ["count", "count", "options"]],
  ["choice", (p) => numpy.choice(2, 2, { p: p as number[] }), [[0.5, 0.5]], ["padding"]],
  ["normal", method(numpy, "normal"), [0, 1, 2], ["number", "number", "count"]],
  ["permutation", method(numpy, "permutation"), [2], ["count"]],
  ["rand", method(numpy, "rand"), [2], ["count"]],
  ["randint", method(numpy, "randint"), [0, 3, 2, "int64"], ["integer", "integer", "count", null]],
  ["randn", method(numpy, "randn"), [2], ["count"]],
  ["seed", method(numpy, "seed"), [1], ["seed"]],
  ["setState", method(numpy, "setState"), [numpy.getState()], ["specs"]],
  ["shuffle", method(numpy, "shuffle"), [[1, 2], 1], ["function", "step"]],
  ["uniform", method(numpy, "uniform"), [0, 1, 2], ["finite", "finite", "count"]],
  ["seed", made("NumpyRandomState"), [1], ["seed"]],
];

/** Options, and what each must be. */
const options: readonly Row[] = [
  ["conv2d", (stride) => door.conv2d(images, taps, { stride: stride as [1, 1] }), [[1, 1]], ["pairOption"]],
  ["conv2d", (dilation) => door.conv2d(images, taps, { dilation: dilation as [1, 1] }), [[1, 1]], ["pairOption"]],
  ["conv2d", (groups) => door.conv2d(images, taps, { groups: groups as number }), [1], ["optionalCount"]],
  ["pad", (padMode) => door.conv2d(images, taps, { padMode: padMode as "reflect" }), ["reflect"], ["word"]],
  [
    "pad",
    (padMode) => door.correlateSeparable(x, tensor([1]), tensor([1]), { padMode: padMode as "reflect" }),
    ["reflect"],
    ["word"],
  ],
  ["convTranspose2d", (stride) => door.convTranspose2d(images, taps, { stride: stride as 1 }), [1], ["pairOption"]],
  ["convTranspose2d", (groups) => door.convTranspose2d(images, taps, { groups: groups as 1 }), [1], ["optionalCount"]],
  ["avgPool2d", (stride) => door.avgPool2d(images, 2, { stride: stride as 1 }), [1], ["pairOption"]],
  ["maxPool2d", (stride) => door.maxPool2d(images, 2, { stride: stride as 1 }), [1], ["pairOption"]],
  ["maxPool2d", (dilation) => door.maxPool2d(images, 2, { dilation: dilation as 1 }), [1], ["pairOption"]],
  ["avgPool2d", (padding) => door.avgPool2d(images, 2, { padding: padding as 1 }), [1], ["sidesOption"]],
  ["fft", (n) => door.fft(x, { n: n as number }), [2], ["optionalCount"]],
  ["fft", (axis) => door.fft(x, { axis: axis as number }), [0], ["axis"]],
  ["fft", (norm) => door.fft(x, { norm: norm as "ortho" }), ["ortho"], ["word"]],
  ["irfft", (n) => door.irfft(complexX, { n: n as number }), [2], ["optionalCount"]],
  ["fft2", (s) => door.fft2(x, { s: s as [2, 2] }), [[2, 2]], ["sizes"]],
  ["fft2", (axes) => door.fft2(x, { axes: axes as [0, 1] }), [[0, 1]], ["axes"]],
  ["irfft2", (s) => door.irfft2(complexX, { s: s as [2, 2] }), [[2, 2]], ["sizes"]],
  ["fftfreq", (d) => door.fftfreq(4, { d: d as number }), [1], ["optionalNumber"]],
  ["fftshift", (axes) => door.fftshift(x, { axes: axes as number }), [0], ["axes"]],
  ["gradient", (cotangent) => door.gradient(x, x, { cotangent: cotangent as Tensor }), [x], ["tensor"]],
  ["gradient", (inputs) => door.gradient(x.sum(), inputs as Tensor[]), [[x]], ["tensors"]],
  ["variance", (correction) => x.variance(0, { correction: correction as number }), [1], ["optionalNumber"]],
  ["matmul", (transposeB) => x.matmul(x, { transposeB: transposeB as boolean }), [true], ["word"]],
  ["choice", (replace) => numpy.choice(3, 2, { replace: replace as boolean }), [true], ["word"]],
  ["randn", (rowMajor) => generator.randn(3, "float32", { rowMajor: rowMajor as boolean }), [true], ["word"]],
  ["rand", (dtype) => generator.rand(3, dtype as "float32"), ["float32"], ["word"]],
  ["skipRand", (dtype) => generator.skipRand(3, dtype as "float32"), ["float32"], ["word"]],
  ["randint", (dtype) => numpy.randint(0, 2, 3, dtype as "int64"), ["int64"], ["word"]],
  ["slice", (stop) => x.slice(0, 0, stop as number), [1], ["optionalInteger"]],
];

/** Every option of the makers of optimizers and schedulers. */
const makers: readonly Row[] = Object.entries(optim).flatMap(([name, make]): Row[] => {
  const needed: Record<string, object> = {
    CosineAnnealingLR: { tMax: 10 },
    CosineAnnealingWarmRestarts: { t0: 10 },
    CyclicLR: { baseLr: 0.001, maxLr: 0.1 },
    ExponentialLR: { gamma: 0.9 },
    MultiStepLR: { milestones: [3] },
    OneCycleLR: { maxLr: 0.1, totalSteps: 10 },
    StepLR: { stepSize: 3 },
  };
  const call = make as unknown as (options: object) => { options: Record<string, unknown> };
  const all = call(needed[name] ?? {}).options;
  const each = Object.entries(all).map(([option, value]): Row => {
    const nullable = /^(maxEval|stepSizeDown)$/.test(option);
    const kind = typeof value !== "number" ? "word" : nullable ? "textual" : "optionalNumber";
    return [name, (v) => call({ ...needed[name], [option]: v }), [value], [kind]];
  });
  return [[name, call as Call, [needed[name] ?? {}], ["options"]], ...each];
});

const NAN = (value: unknown): unknown => (Number.isNaN(value) ? "NaN" : value);
const text = (value: unknown): string => {
  if (value === promise) return "a Promise";
  if (typeof value === "function") return "a function";
  return JSON.stringify(value, (_, v) => (typeof v === "bigint" ? String(v) : NAN(v))) ?? String(value);
};

const cases = [...functions, ...methods, ...generators, ...options, ...makers].flatMap(([name, call, good, kinds]) =>
  kinds.flatMap((kind, i) =>
    kind === null
      ? []
      : wrong[kind].map(
          (value) =>
            [
              `${name}(argument ${i}: ${text(value)})`,
              name,
              call,
              good.map((own, k) => (k === i ? value : own)),
              value,
            ] as const,
        ),
  ),
);

/** What the engine of JavaScript says by itself. */
const INTERNAL =
  /Cannot |is not a function|not iterable|undefined \(|is not defined|Invalid |is not an object|expected/;

/** What a call throws, now or by its promise. */
async function thrown(call: Call, values: readonly unknown[]): Promise<unknown> {
  try {
    const result = await call(...values);
    return `no error, but ${String(result)}`;
  } catch (error) {
    return error;
  }
}

describe("arguments that do not belong", () => {
  test.each(functions.concat(methods, generators, options, makers))(
    "%s takes what it should",
    async (_, call, good) => {
      await call(...good);
    },
  );

  test.each(cases)("%s", async (_, name, call, values, value) => {
    const error = await thrown(call, values);
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).toMatch(new RegExp(`\\b${name}\\b`));
    expect(message).not.toMatch(INTERNAL);
    if (value === promise) expect(message).toMatch(/forget `await`/);
  });

  test("the table has every function", () => {
    const named = new Set([...functions, ...methods, ...generators, ...makers].map(([name]) => name));
    const own = (prototype: object): string[] =>
      Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([name, property]) =>
        typeof property.value === "function" && property.value.length > 0 ? [name] : [],
      );
    const exported = [
      ...Object.entries(door).flatMap(([name, value]) =>
        typeof value === "function" && !/Error$|^(Tensor|TorchGenerator|NumpyRandomState)$/.test(name) ? [name] : [],
      ),
      ...Object.keys(door.linalg),
      ...Object.keys(optim),
      ...[Tensor, door.TorchGenerator, door.NumpyRandomState].flatMap((made) => own(made.prototype)),
    ];
    const takeNothing = [
      "availableThreads",
      "defaultGenerator",
      "getDefaultDtype",
      "getThreads",
      "globalNumpy",
      "isTracing",
    ];
    const elsewhere = ["setSeed", "constructor"];
    expect(exported.filter((name) => !named.has(name) && ![...takeNothing, ...elsewhere].includes(name))).toEqual([]);
  });
});
