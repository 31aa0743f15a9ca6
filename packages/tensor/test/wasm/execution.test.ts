// Instructions do what they say: scalars, memory and atomics, vectors lane by lane, NaN and the sign of zero.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Expr,
  type FunctionBuilder,
  f32x4Const,
  f64x2Const,
  i32x4Const,
  i64x2Const,
  type LaneName,
  type Local,
  type OpName,
  type ValType,
} from "../../src/wasm/assembler/assembler.ts";
import { instantiate } from "./instantiate.ts";

/** A function of one expression. */
function evaluate(
  params: ValType[],
  result: ValType,
  build: (f: FunctionBuilder, ...params: Local[]) => Expr,
): (...operands: (number | bigint)[]) => unknown {
  const { call } = instantiate((m) => {
    m.func("f", params, [result], (f, ...locals) => f.return(build(f, ...locals)));
  });
  return (...operands) => call("f", ...operands);
}

const doubles = fc.oneof(
  fc.double(),
  fc.constantFrom(0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 2 ** 31, -(2 ** 31) - 1),
);
const ints = fc.oneof(fc.integer(), fc.constantFrom(0, -1, 2 ** 31 - 1, -(2 ** 31), 31, 32, 33));

describe("scalar arithmetic", () => {
  it("computes i32 as JavaScript does", () => {
    const meanings: [OpName, (a: number, b: number) => number][] = [
      ["i32.add", (a, b) => (a + b) | 0],
      ["i32.sub", (a, b) => (a - b) | 0],
      ["i32.mul", Math.imul],
      ["i32.and", (a, b) => a & b],
      ["i32.or", (a, b) => a | b],
      ["i32.xor", (a, b) => a ^ b],
      ["i32.shl", (a, b) => a << b],
      ["i32.shr_s", (a, b) => a >> b],
      ["i32.shr_u", (a, b) => (a >>> b) | 0],
      ["i32.lt_s", (a, b) => Number(a < b)],
      ["i32.lt_u", (a, b) => Number(a >>> 0 < b >>> 0)],
      ["i32.ge_u", (a, b) => Number(a >>> 0 >= b >>> 0)],
    ];
    for (const [name, meaning] of meanings) {
      const f = evaluate(["i32", "i32"], "i32", (b, x, y) => b.op(name, x, y));
      fc.assert(
        fc.property(ints, ints, (a, b) => {
          expect(f(a, b)).toBe(meaning(a, b));
        }),
        { numRuns: 50 },
      );
    }
  });

  it("computes f64 as JavaScript does, signs of zero and NaN included", () => {
    const meanings: [OpName, (a: number, b: number) => number][] = [
      ["f64.add", (a, b) => a + b],
      ["f64.sub", (a, b) => a - b],
      ["f64.mul", (a, b) => a * b],
      ["f64.div", (a, b) => a / b],
      ["f64.min", Math.min],
      ["f64.max", Math.max],
    ];
    for (const [name, meaning] of meanings) {
      const f = evaluate(["f64", "f64"], "f64", (b, x, y) => b.op(name, x, y));
      fc.assert(
        fc.property(doubles, doubles, (a, b) => {
          expect(f(a, b)).toBe(meaning(a, b));
        }),
        { numRuns: 100 },
      );
    }
  });

  it("converts between types", () => {
    const toInt = evaluate(["f64"], "i32", (f, x) => f.op("i32.trunc_sat_f64_s", x));
    const toFloat = evaluate(["f64"], "f32", (f, x) => f.op("f32.demote_f64", x));
    const bits = evaluate(["f64"], "i64", (f, x) => f.op("i64.reinterpret_f64", x));
    const view = new DataView(new ArrayBuffer(8));
    fc.assert(
      fc.property(doubles, (x) => {
        const saturated = Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(x)));
        expect(toInt(x)).toBe(Number.isNaN(x) ? 0 : saturated + 0);
        expect(toFloat(x)).toBe(Math.fround(x));
        view.setFloat64(0, x);
        if (!Number.isNaN(x)) expect(bits(x)).toBe(view.getBigInt64(0));
      }),
    );
  });

  it("takes numbers and bigints as constants of the type expected", () => {
    const f = evaluate(["i64"], "i64", (b, x) => b.op("i64.add", b.op("i64.mul", x, -3n), 2n ** 40n));
    expect(f(7n)).toBe(2n ** 40n - 21n);
    const g = evaluate(["f32"], "f32", (b, x) => b.op("f32.mul", x, 0.1));
    expect(g(3)).toBe(Math.fround(3 * Math.fround(0.1)));
  });

  it("selects", () => {
    const f = evaluate(["f64", "i32"], "f64", (b, x, c) => b.select(x, -1, c));
    expect(f(0.5, 2)).toBe(0.5);
    expect(f(0.5, 0)).toBe(-1);
  });
});

describe("memory", () => {
  it("reads and writes at offsets, with every width and sign", () => {
    const { call, buffer } = instantiate((m) => {
      m.func("f", ["i32"], [], (f, p) => {
        f.store("i32.store8", p, -2, 100);
        f.store("i32.store16", p, 0x1fffe, 102);
        f.store("i64.store32", p, -5n, 104);
        f.store("i32.store", p, f.load("i32.load8_s", p, 100), 200);
        f.store("i32.store", p, f.load("i32.load8_u", p, 100), 204);
        f.store("i32.store", p, f.load("i32.load16_s", p, 102), 208);
        f.store("i64.store", p, f.load("i64.load32_u", p, 104), 216);
        f.store("f32.store", p, 0.1, 224);
        f.store("f64.store", p, f.op("f64.promote_f32", f.load("f32.load", p, 224)), 232);
      });
    });
    call("f", 8);
    const view = new DataView(buffer);
    expect(view.getUint16(8 + 102, true)).toBe(0xfffe);
    expect([200, 204, 208].map((at) => view.getInt32(8 + at, true))).toEqual([-2, 254, -2]);
    expect(view.getBigInt64(8 + 216, true)).toBe(2n ** 32n - 5n);
    expect(view.getFloat64(8 + 232, true)).toBe(Math.fround(0.1));
  });

  it("copies overlapping ranges and fills", () => {
    const { call, buffer } = instantiate((m) => {
      m.func("copy", ["i32", "i32", "i32"], [], (f, to, from, count) => f.memoryCopy(to, from, count));
      m.func("fill", ["i32", "i32", "i32"], [], (f, to, value, count) => f.memoryFill(to, value, count));
    });
    const memory = new Uint8Array(buffer);
    for (let i = 0; i < 16; i++) memory[i] = i;
    call("copy", 4, 0, 8);
    call("fill", 13, 0x1ab, 2);
    expect(memory.slice(0, 17)).toEqual(Uint8Array.of(0, 1, 2, 3, 0, 1, 2, 3, 4, 5, 6, 7, 12, 0xab, 0xab, 15, 0));
    expect(() => call("fill", 65530, 0, 100)).toThrow(WebAssembly.RuntimeError);
  });

  it("does atomics on shared memory", () => {
    const { call, buffer } = instantiate(
      (m) => {
        m.func("f", ["i32"], ["i32", "i32", "i32", "i32"], (f, p) => {
          const before = f.atomic("i32.atomic.rmw.add", [p, 5], 4);
          const missed = f.atomic("i32.atomic.rmw.cmpxchg", [p, 1, 100], 4);
          const hit = f.atomic("i32.atomic.rmw.cmpxchg", [p, 15, 200], 4);
          f.atomicFence();
          f.atomic("i32.atomic.store", [p, 33], 8);
          f.atomic("i32.atomic.rmw.xchg", [p, 44], 12);
          f.return(before, missed, hit, f.atomic("i32.atomic.load", [p], 4));
        });
        m.func("wait", ["i32", "i32", "i64"], ["i32"], (f, p, value, nanoseconds) =>
          f.return(f.atomic("memory.atomic.wait32", [p, value, nanoseconds])),
        );
        m.func("notify", ["i32"], ["i32"], (f, p) => f.return(f.atomic("memory.atomic.notify", [p, 1])));
      },
      { shared: true },
    );
    const memory = new Int32Array(buffer);
    memory[1] = 10;
    expect(call("f", 0)).toEqual([10, 15, 15, 200]);
    expect(memory.slice(0, 4)).toEqual(Int32Array.of(0, 200, 33, 44));
    const [notEqual, timedOut] = [1, 2];
    expect(call("wait", 4, 0, 1000n)).toBe(notEqual);
    expect(call("wait", 4, 200, 1000n)).toBe(timedOut);
    expect(call("notify", 4)).toBe(0);
    expect(() => call("notify", 2)).toThrow(WebAssembly.RuntimeError);
  });
});

describe("vectors", () => {
  const lanes64 = (meaning: (a: number, b: number) => number) => (a: number[], b: number[]) =>
    a.map((x, k) => meaning(x, b[k]));

  it("computes f64x2 lane by lane; min and max pass NaN on, pmin and pmax compare", () => {
    const meanings: [OpName, (a: number, b: number) => number][] = [
      ["f64x2.add", (a, b) => a + b],
      ["f64x2.sub", (a, b) => a - b],
      ["f64x2.mul", (a, b) => a * b],
      ["f64x2.div", (a, b) => a / b],
      ["f64x2.min", Math.min],
      ["f64x2.max", Math.max],
      ["f64x2.pmin", (a, b) => [a, b][Number(b < a)]],
      ["f64x2.pmax", (a, b) => [a, b][Number(a < b)]],
    ];
    for (const [name, meaning] of meanings) {
      const { call, buffer } = instantiate((m) => {
        m.func("f", [], [], (f) =>
          f.store("v128.store", 0, f.op(name, f.load("v128.load", 0), f.load("v128.load", 16))),
        );
      });
      const memory = new Float64Array(buffer);
      const pair = fc.tuple(doubles, doubles);
      fc.assert(
        fc.property(pair, pair, (a, b) => {
          memory.set([...a, ...b]);
          call("f");
          expect([memory[0], memory[1]]).toEqual(lanes64(meaning)(a, b));
        }),
        { numRuns: 100 },
      );
    }
  });

  it("splats, extracts, replaces and shuffles lanes", () => {
    const extract: [LaneName, ValType, (f: FunctionBuilder) => Expr, unknown[]][] = [
      ["f64x2.extract_lane", "f64", () => f64x2Const(1.5, -2), [1.5, -2]],
      ["f32x4.extract_lane", "f32", () => f32x4Const(1, 2, 3, -0), [1, 2, 3, -0]],
      ["i32x4.extract_lane", "i32", () => i32x4Const(1, -2, 3, 2 ** 31), [1, -2, 3, -(2 ** 31)]],
      ["i64x2.extract_lane", "i64", () => i64x2Const(5n, -6n), [5n, -6n]],
      ["f64x2.extract_lane", "f64", (f) => f.op("f64x2.splat", 7), [7, 7]],
      ["i32x4.extract_lane", "i32", (f) => f.lane("i32x4.replace_lane", 2, i32x4Const(9), 8), [9, 9, 8, 9]],
      [
        "i32x4.extract_lane",
        "i32",
        (f) =>
          f.shuffle(
            [12, 13, 14, 15, 16, 17, 18, 19, 0, 1, 2, 3, 28, 29, 30, 31],
            i32x4Const(1, 2, 3, 4),
            i32x4Const(5, 6, 7, 8),
          ),
        [4, 5, 1, 8],
      ],
      [
        "f64x2.extract_lane",
        "f64",
        (f) => f.op("v128.bitselect", f64x2Const(1, 2), f64x2Const(3, 4), i64x2Const(0n, -1n)),
        [3, 2],
      ],
      [
        "f64x2.extract_lane",
        "f64",
        (f) => f.op("f64x2.promote_low_f32x4", f32x4Const(0.1, 2, 3, 4)),
        [Math.fround(0.1), 2],
      ],
      ["i64x2.extract_lane", "i64", (f) => f.op("i64x2.extend_low_i32x4_s", i32x4Const(-1, 5, 6, 7)), [-1n, 5n]],
      [
        "i64x2.extract_lane",
        "i64",
        (f) => f.op("i64x2.extend_high_i32x4_u", i32x4Const(1, 2, 3, -1)),
        [3n, 2n ** 32n - 1n],
      ],
      ["i64x2.extract_lane", "i64", (f) => f.op("i64x2.shr_s", i64x2Const(-8n, 8n), 65), [-4n, 4n]],
      [
        "i32x4.extract_lane",
        "i32",
        (f) => f.op("i32x4.trunc_sat_f64x2_s_zero", f64x2Const(-3.9, 1e30)),
        [-3, 2 ** 31 - 1, 0, 0],
      ],
      ["i32x4.extract_lane", "i32", (f) => f.op("f64x2.lt", f64x2Const(1, Number.NaN), f64x2Const(2)), [-1, -1, 0, 0]],
      ["f64x2.extract_lane", "f64", (f) => f.op("f64x2.nearest", f64x2Const(2.5, -0.5)), [2, -0]],
    ];
    for (const [name, type, build, lanes] of extract) {
      const got = lanes.map((_, lane) => evaluate([], type, (f) => f.lane(name, lane, build(f)))());
      expect(got).toEqual(lanes.map((lane) => (type === "i64" ? BigInt.asIntN(64, lane as bigint) : lane)));
    }
  });

  it("loads and stores splats, zero-extended parts and single lanes", () => {
    const { call, buffer } = instantiate((m) => {
      m.func("f", ["i32"], [], (f, p) => {
        f.store("v128.store", p, f.load("v128.load64_splat", p, 8), 16);
        f.store("v128.store", p, f.load("v128.load64_zero", p, 8), 32);
        f.store("v128.store", p, f.loadLane("v128.load64_lane", p, f64x2Const(7), 1), 48);
        f.storeLane("v128.store64_lane", p, f64x2Const(5, 6), 1, 64);
        f.storeLane("v128.store32_lane", p, i32x4Const(1, 2, 3, 4), 2, 72);
      });
    });
    const memory = new Float64Array(buffer);
    memory.set([1, 2]);
    call("f", 0);
    expect(memory.slice(0, 9)).toEqual(Float64Array.of(1, 2, 2, 2, 2, 0, 7, 1, 6));
    expect(new Int32Array(buffer)[18]).toBe(3);
  });

  it("tests masks", () => {
    const bits = evaluate(["i32"], "i32", (f, x) =>
      f.op("i32x4.bitmask", f.op("i32x4.eq", i32x4Const(1, 2, 1, 4), f.op("i32x4.splat", x))),
    );
    expect([1, 2, 3, 4].map((x) => bits(x))).toEqual([0b0101, 0b0010, 0, 0b1000]);
    const all = evaluate(["i64"], "i32", (f, x) =>
      f.op("i64x2.all_true", f.op("i64x2.eq", i64x2Const(3n), f.op("i64x2.splat", x))),
    );
    expect([3n, 4n].map((x) => all(x))).toEqual([1, 0]);
  });
});
