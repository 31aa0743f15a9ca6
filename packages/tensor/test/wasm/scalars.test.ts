// The SIMD emitter against the interpreter of scalar expressions: equal bits, on random expressions of all types.

import { type Access, bitsOf, fresh, type MemoryType, runKernel } from "@plenoptic-js/proof/kernels/scalarKernel";
import { describe, expect, test } from "vitest";
import { rarely, schedule } from "../../src/math/order.ts";
import type { Scalar, ScalarType } from "../../src/math/scalar.ts";
import * as sc from "../../src/math/scalar.ts";
import type { Plane } from "../../src/ops/definition.ts";
import { evaluateScalars } from "../../src/reference/scalars.ts";
import { type Lanes, lanesFor } from "../../src/wasm/kernels/loops/scalars.ts";

/** A small generator of our own (xorshift), so that a failing case can be run again by its seed. */
function randomFrom(seed: number): (below: number) => number {
  let state = (seed * 2654435761 + 88172645) | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const SPECIAL = {
  f64: [
    0,
    -0,
    1,
    -1,
    0.5,
    -1.5,
    2 ** -1074,
    -(2 ** -1030),
    2 ** -1022,
    1.7976931348623157e308,
    Infinity,
    -Infinity,
    NaN,
  ].concat([2 ** 52 + 0.5, -(2 ** 31), 2 ** 31 - 0.5, 1e10, -4.5, 3.4028235677973366e38, 2 ** -149, 2 ** -150]),
  f32: [
    0,
    -0,
    1,
    -1,
    0.5,
    -1.5,
    2 ** -149,
    -(2 ** -130),
    2 ** -126,
    3.4028234663852886e38,
    Infinity,
    -Infinity,
    NaN,
  ].concat([8388607.5, -(2 ** 31), 2 ** 31 - 128, 1e10, -4.5]),
  i32: [0, 1, -1, 2147483647, -2147483648, 65536, -65537, 255],
  bool: [0, 1],
};

const TYPES: readonly MemoryType[] = ["f32", "f64", "i32", "bool"];

function randomPlane(type: MemoryType, length: number, random: (below: number) => number): Plane {
  const plane = fresh(type, length);
  const raw = new DataView(new ArrayBuffer(8));
  for (let i = 0; i < length; i++) {
    raw.setUint32(0, random(2 ** 32));
    raw.setUint32(4, random(2 ** 32));
    const kind = random(3);
    if (kind === 0 || type === "bool") plane[i] = SPECIAL[type][random(SPECIAL[type].length)];
    else if (kind === 1) plane[i] = (random(2 ** 32) / 2 ** 32 - 0.5) * 16;
    else if (type === "f64") plane[i] = raw.getFloat64(0);
    else if (type === "f32") plane[i] = raw.getFloat32(0);
    else plane[i] = raw.getInt32(0);
  }
  return plane;
}

const FLOAT_BINARY = [sc.add, sc.sub, sc.mul, sc.div, sc.min, sc.max];
const FLOAT_UNARY = [sc.neg, sc.abs, sc.sqrt, sc.floor, sc.ceil, sc.trunc];
const INT_BINARY = [sc.add, sc.sub, sc.mul, sc.min, sc.max, sc.and, sc.or, sc.xor];
const INT_UNARY = [sc.neg, sc.abs, sc.not];
const LONG_BINARY = [sc.add, sc.sub, sc.and, sc.or, sc.xor];
const LOGIC = [sc.and, sc.or, sc.xor];
const COMPARE = [sc.eq, sc.ne, sc.lt, sc.le, sc.gt, sc.ge];
const SHIFT = [sc.shl, sc.shrS, sc.shrU];

/** Random nodes over arguments of all types in `types`, none of a type that `allowed` leaves out. */
function randomDag(allowed: readonly ScalarType[], size: number, random: (below: number) => number): Scalar[] {
  const pick = <T>(list: readonly T[]): T => list[random(list.length)];
  const nodes: Scalar[] = [];
  TYPES.forEach((type, slot) => {
    if (!allowed.includes(type)) return;
    nodes.push(sc.arg(slot, type), sc.arg(slot + TYPES.length, type));
    nodes.push(sc.constant(type, pick(SPECIAL[type])));
  });
  if (allowed.includes("i64")) {
    for (const v of [1n, -1n, 0x4338000000000000n, -(2n ** 63n)]) nodes.push(sc.constantBits(v));
  }
  // Mostly recent nodes, so that expressions grow deep.
  const of = (type: ScalarType): Scalar => {
    const fitting = nodes.filter((s) => s.type === type);
    return fitting[fitting.length - 1 - Math.min(random(fitting.length), random(fitting.length))];
  };
  const canonical = (x: Scalar): Scalar => sc.select(sc.isNan(x), sc.constant(x.type as "f32" | "f64", NaN), x);
  const makers: Record<ScalarType, (() => Scalar)[]> = {
    f32: [],
    f64: [],
    i32: [],
    i64: [],
    bool: [],
  };
  for (const type of ["f32", "f64"] as const) {
    const others = (["i32", "bool", "f32", "f64"] as const).filter((t) => t !== type && allowed.includes(t));
    makers[type] = [
      () => pick(FLOAT_BINARY)(of(type), of(type)),
      () => pick(FLOAT_BINARY)(of(type), of(type)),
      () => pick(FLOAT_UNARY)(of(type)),
      () => sc.convert(of(pick(others)), type),
      () => sc.bits(of(type === "f64" ? "i64" : "i32")),
    ];
  }
  makers.i32 = [
    () => pick(INT_BINARY)(of("i32"), of("i32")),
    () => pick(INT_UNARY)(of("i32")),
    () => pick(SHIFT)(of("i32"), random(32)),
    () => sc.convert(of(pick((["f32", "f64", "bool"] as const).filter((t) => allowed.includes(t)))), "i32"),
    () => sc.bits(canonical(of("f32"))),
  ];
  makers.i64 = [
    () => pick(LONG_BINARY)(of("i64"), of("i64")),
    () => sc.not(of("i64")),
    () => pick(SHIFT)(of("i64"), random(64)),
    () => sc.bits(canonical(of("f64"))),
  ];
  const ordered = (["f32", "f64", "i32"] as const).filter((t) => allowed.includes(t));
  const compare = (): Scalar => {
    const type = pick(ordered);
    return pick(COMPARE)(of(type), of(type));
  };
  makers.bool = [
    compare,
    compare,
    () => pick(LOGIC)(of("bool"), of("bool")),
    () => sc.not(of("bool")),
    () => sc.convert(of(pick(ordered)), "bool"),
  ];
  while (nodes.length < size) {
    const type = pick(allowed);
    const choose = pick([sc.select, rarely]);
    nodes.push(random(5) === 0 ? choose(of("bool"), of(type), of(type)) : pick(makers[type])());
  }
  return nodes;
}

const ALL: readonly ScalarType[] = ["f32", "f64", "i32", "i64", "bool"];
const NARROW: readonly ScalarType[] = ["f32", "i32", "bool"];
const ARGUMENT_TYPES = [...TYPES, ...TYPES];

/** Compares emitter and interpreter on `outputs`; returns the interpreter's results. */
function check(outputs: readonly Scalar[], seed: number, lanes: Lanes, access: Access = "vector"): Plane[] {
  const random = randomFrom(seed + 1000);
  const length = 37 + random(60);
  const args = ARGUMENT_TYPES.map((type) => randomPlane(type, length, random));
  const got = runKernel(outputs, ARGUMENT_TYPES, args, length, lanes, access);
  const seen = args.map((plane) => {
    if (access === "splat") return plane.slice(0, 1);
    return access === "lane" ? plane.slice().reverse() : plane;
  });
  const want = evaluateScalars(outputs, seen, length);
  const wrong = outputs.findIndex((_, k) => bitsOf(got[k]) !== bitsOf(want[k]));
  if (wrong >= 0) {
    const s = outputs[wrong];
    const at = want[wrong].findIndex((v, i) => !Object.is(v, got[wrong][i]));
    expect.fail(
      `seed ${seed}, ${lanes} lanes: ${s.op} (${s.args.map((a) => a.type)}) -> ${s.type}, element ${at}: ` +
        `emitter ${got[wrong][at]}, interpreter ${want[wrong][at]}`,
    );
  }
  return want;
}

/** The nodes that may be results. */
const visible = (nodes: readonly Scalar[]): Scalar[] => nodes.filter((s) => s.type !== "i64");

describe("random expressions have the interpreter's bits", () => {
  test("all types, 2 lanes (200 expressions of 90 nodes)", () => {
    for (let seed = 1; seed <= 200; seed++) check(visible(randomDag(ALL, 90, randomFrom(seed))), seed, 2);
  });

  test("32-bit types, 4 lanes (200 expressions of 70 nodes)", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const nodes = randomDag(NARROW, 70, randomFrom(seed));
      expect(lanesFor(nodes)).toBe(4);
      check(nodes, seed, 4);
    }
  });

  test("32-bit types in a 2-lane kernel", () => {
    for (let seed = 1; seed <= 50; seed++) check(randomDag(NARROW, 70, randomFrom(seed)), seed, 2);
  });

  test.each([2, 4] as const)("arguments spread from one element, or gathered lane by lane, %i lanes", (lanes) => {
    for (let seed = 1; seed <= 25; seed++) {
      const nodes = visible(randomDag(lanes === 2 ? ALL : NARROW, 60, randomFrom(seed)));
      check(nodes, seed, lanes, "splat");
      check(nodes, seed, lanes, "lane");
    }
  });
});

describe("rarely needed choices", () => {
  test.each([2, 4] as const)("skipping them changes no bits, %i lanes (150 expressions)", (lanes) => {
    let skippable = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const nodes = visible(randomDag(lanes === 2 ? ALL : NARROW, 120, randomFrom(seed)));
      // All nodes are results: nothing can be skipped. Only the last are: much can.
      const all = check(nodes, seed, lanes);
      const last = check(nodes.slice(-3), seed, lanes);
      expect(last.map(bitsOf)).toEqual(all.slice(-3).map(bitsOf));
      for (const { rare } of schedule(nodes.slice(-3))) skippable += rare.length;
    }
    // The expressions do have such choices.
    expect(skippable).toBeGreaterThan(100);
  });

  test("are computed in the chunks and vectors that need them", () => {
    const x = sc.arg(0, "f64");
    const high = sc.lt(sc.constant("f64", 1), x);
    const outputs = [rarely(high, sc.sqrt(sc.sqrt(x)), x)];
    const n = 5000;
    for (const at of [[], [0], [1023, 1024], [2500], [4999]]) {
      const plane = new Float64Array(n).fill(0.25);
      for (const i of at) plane[i] = 16;
      const want = plane.map((v) => (v === 16 ? 2 : v));
      expect(evaluateScalars(outputs, [plane], n)[0]).toEqual(want);
      expect(runKernel(outputs, ["f64"], [plane], n)[0]).toEqual(want);
    }
  });

  test("what other results need too is computed for all", () => {
    const x = sc.arg(0, "f64");
    const root = sc.sqrt(x);
    const outputs = [rarely(sc.lt(x, sc.constant("f64", 0)), sc.neg(root), x), root];
    const plane = Float64Array.of(4, 9, 16, 25);
    expect(schedule(outputs).find((step) => step.node === outputs[0])?.rare.length).toBe(1);
    expect(runKernel(outputs, ["f64"], [plane], 4)).toEqual([plane, Float64Array.of(2, 3, 4, 5)]);
    expect(evaluateScalars(outputs, [plane], 4)).toEqual([plane, Float64Array.of(2, 3, 4, 5)]);
  });
});

describe("every operation on every pair of special values has the interpreter's bits", () => {
  const float = { binary: FLOAT_BINARY, unary: FLOAT_UNARY };
  const cases = { f32: float, f64: float, i32: { binary: INT_BINARY, unary: INT_UNARY } };
  test.each(["f32", "f64", "i32"] as const)("%s", (type) => {
    const values = SPECIAL[type];
    const a = fresh(type, values.length ** 2);
    const b = fresh(type, values.length ** 2);
    a.forEach((_, i) => {
      a[i] = values[i % values.length];
      b[i] = values[Math.floor(i / values.length)];
    });
    const x = sc.arg(0, type);
    const y = sc.arg(1, type);
    const outputs = [
      ...cases[type].binary.map((op) => op(x, y)),
      ...cases[type].unary.map((op) => op(x)),
      ...COMPARE.map((op) => op(x, y)),
      ...TYPES.filter((to) => type === "f64" || to !== "f64").map((to) => sc.convert(x, to)),
      sc.select(sc.lt(x, y), x, y),
    ];
    const got = runKernel(outputs, [type, type], [a, b], a.length);
    const want = evaluateScalars(outputs, [a, b], a.length);
    expect(got.map(bitsOf)).toEqual(want.map(bitsOf));
  });

  // Bounds are constants, for which the emitter has shorter ways.
  test.each(["f32", "f64", "i32"] as const)("bounds, %s", (type) => {
    const values = SPECIAL[type];
    const plane = fresh(type, values.length);
    values.forEach((value, i) => {
      plane[i] = value;
    });
    const x = sc.arg(0, type);
    const outputs = values.flatMap((value) => {
      const bound = sc.constant(type, value);
      return [sc.min(x, bound), sc.min(bound, x), sc.max(x, bound), sc.max(bound, x)];
    });
    const got = runKernel(outputs, [type], [plane], plane.length);
    const want = evaluateScalars(outputs, [plane], plane.length);
    expect(got.map(bitsOf)).toEqual(want.map(bitsOf));
  });
});

describe("lanesFor and refusals", () => {
  const x32 = sc.arg(0, "f32");
  test("one 64-bit value anywhere makes the kernel 2 lanes wide", () => {
    expect(lanesFor([sc.add(x32, x32)])).toBe(4);
    expect(lanesFor([x32, sc.convert(sc.sqrt(sc.convert(x32, "f64")), "f32")])).toBe(2);
  });

  test("a 64-bit value in a 4-lane kernel", () => {
    const wide = sc.convert(sc.arg(0, "f64"), "f32");
    expect(() => runKernel([wide], ["f32"], [new Float32Array(4)], 4, 4)).toThrow(/4-lane kernel holds 32-bit values/);
  });

  test("an i64 in memory", () => {
    expect(() => runKernel([sc.constantBits(1n)], [], [], 4)).toThrow(/i64 never lies in memory/);
  });
});
