// Functions built by the assembler do what JavaScript does: control, memory, lanes, NaN; and mistakes are refused.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Expr,
  type FunctionBuilder,
  f32x4Const,
  f64x2Const,
  i32x4Const,
  i64Const,
  i64x2Const,
  type Label,
  type LaneName,
  type Local,
  ModuleBuilder,
  type OpName,
  type ValType,
} from "../../src/wasm/assembler.ts";
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

/** Builds one function in a fresh module, to see it refused. */
function refused(build: (f: FunctionBuilder, x: Local) => void, results: ValType[] = []): () => void {
  const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
  return () => module.func("f", ["i32"], results, build);
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

describe("control", () => {
  it("counts as a for loop does, from zero rounds on", () => {
    const { call } = instantiate((m) => {
      m.func("sum", ["i32", "i32", "i32"], ["i32", "i32"], (f, start, end, step) => {
        const i = f.local("i32");
        const sum = f.local("i32");
        f.set(sum, 0);
        f.forRange(i, start, end, step, () => f.set(sum, f.op("i32.add", f.op("i32.mul", sum, 3), i)));
        f.return(sum, i);
      });
    });
    fc.assert(
      fc.property(
        fc.integer({ min: -20, max: 20 }),
        fc.integer({ min: -20, max: 20 }),
        fc.integer({ min: 1, max: 9 }),
        (start, end, step) => {
          let sum = 0;
          let i = start;
          for (; i < end; i += step) sum = (Math.imul(sum, 3) + i) | 0;
          expect(call("sum", start, end, step)).toEqual([sum, i]);
        },
      ),
    );
  });

  it("fixes the end and the step of a range before its first round", () => {
    const { call } = instantiate((m) => {
      m.func("f", ["i32", "i32"], ["i32"], (f, end, step) => {
        const i = f.local("i32");
        const rounds = f.local("i32");
        f.set(rounds, 0);
        f.forRange(i, 0, end, step, () => {
          f.set(rounds, f.op("i32.add", rounds, 1));
          f.set(end, 0);
          f.set(step, 100);
        });
        f.return(rounds);
      });
    });
    expect(call("f", 10, 3)).toBe(4);
  });

  it("nests loops", () => {
    const { call, buffer } = instantiate((m) => {
      m.func("multiply", ["i32", "i32", "i32", "i32"], [], (f, a, b, c, n) => {
        const [i, j, k] = [f.local("i32"), f.local("i32"), f.local("i32")];
        const element = (base: Expr, row: Expr, column: Expr): Expr =>
          f.op("i32.add", base, f.op("i32.shl", f.op("i32.add", f.op("i32.mul", row, n), column), 3));
        f.forRange(i, 0, n, 1, () => {
          f.forRange(j, 0, n, 1, () => {
            const sum = f.local("f64");
            f.set(sum, 0);
            f.forRange(k, 0, n, 1, () => {
              const product = f.op(
                "f64.mul",
                f.load("f64.load", element(a, i, k)),
                f.load("f64.load", element(b, k, j)),
              );
              f.set(sum, f.op("f64.add", sum, product));
            });
            f.store("f64.store", element(c, i, j), sum);
          });
        });
      });
    });
    const memory = new Float64Array(buffer);
    const n = 5;
    for (let i = 0; i < 2 * n * n; i++) memory[i] = (i * 7919) % 31;
    call("multiply", 0, 8 * n * n, 16 * n * n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += memory[n * i + k] * memory[n * n + n * k + j];
        expect(memory[2 * n * n + n * i + j]).toBe(sum);
      }
  });

  it("takes the branches of ifs, nested and with else", () => {
    const { call } = instantiate((m) => {
      m.func("sign", ["f64"], ["i32"], (f, x) => {
        const out = f.local("i32");
        f.if(
          f.op("f64.lt", x, 0),
          () => f.set(out, -1),
          () => {
            f.set(out, 0);
            f.if(f.op("f64.gt", x, 0), () => f.set(out, 1));
          },
        );
        f.return(out);
      });
    });
    expect([-3, 0, 8, Number.NaN].map((x) => call("sign", x))).toEqual([-1, 0, 1, 0]);
  });

  it("branches out of and back to bodies by label", () => {
    const { call } = instantiate((m) => {
      // The number of Collatz steps, or -1 after 200.
      m.func("collatz", ["i32"], ["i32"], (f, x) => {
        const steps = f.local("i32");
        f.set(steps, 0);
        f.block((done) => {
          f.loop((again) => {
            f.brIf(done, f.op("i32.eq", x, 1));
            f.if(f.op("i32.ge_s", steps, 200), (end) => {
              f.set(steps, -1);
              f.brIf(end, 0);
              f.br(done);
            });
            f.set(steps, f.op("i32.add", steps, 1));
            f.if(f.op("i32.and", x, 1), () => {
              f.set(x, f.op("i32.add", f.op("i32.mul", x, 3), 1));
              f.br(again);
            });
            f.set(x, f.op("i32.shr_u", x, 1));
            f.br(again);
          });
        });
        f.return(steps);
      });
    });
    expect(call("collatz", 27)).toBe(111);
    expect(call("collatz", 1)).toBe(0);
    expect(call("collatz", 0)).toBe(-1);
  });

  it("returns early, and several values", () => {
    const { call } = instantiate((m) => {
      m.func("f", ["i32"], ["i32", "f64"], (f, x) => {
        f.if(f.op("i32.eqz", x), () => f.return(-1, 0.5));
        f.return(x, f.op("f64.convert_i32_s", x));
      });
    });
    expect(call("f", 0)).toEqual([-1, 0.5]);
    expect(call("f", 9)).toEqual([9, 9]);
  });

  it("calls functions, imported and its own, in program order", () => {
    const log: number[] = [];
    const note = (...args: number[]): number => log.push(...args);
    const { call } = instantiate(
      (m) => {
        const imported = m.importFunc("host", "note", ["i32"], ["i32"]);
        const divide = m.func(null, ["i32", "i32"], ["i32", "i32"], (f, a, b) =>
          f.return(f.op("i32.div_s", a, b), f.op("i32.rem_s", a, b)),
        );
        const four = m.func(null, ["i32", "i32", "i32", "i32"], ["i32"], (f, a, b, c, d) =>
          f.return(f.op("i32.sub", f.op("i32.sub", a, b), f.op("i32.sub", c, d))),
        );
        const main = m.func(null, ["i32"], ["i32", "i32", "i32"], (f, x) => {
          f.call(imported, x);
          const [quotient, rest] = f.call(divide, x, 10);
          f.call(imported, quotient);
          const [size] = f.call(imported, rest);
          f.call(divide, x, 1);
          f.return(f.call(four, quotient, rest, 7, size)[0], rest, quotient);
        });
        m.export("main", main);
      },
      { imports: { note } },
    );
    expect(call("main", 57)).toEqual([5 - 7 - (7 - 3), 7, 5]);
    expect(log).toEqual([57, 5, 7]);
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

describe("modules", () => {
  it("have the same bytes for the same calls", () => {
    const build = (m: ModuleBuilder): void => {
      m.func("a", ["i32"], ["f64"], (f, p) => {
        const x = f.load("f64.load", p);
        f.return(f.op("f64.mul", x, f.op("f64.add", x, Number.NaN)));
      });
      m.func("b", ["i32"], [], (f, p) => f.store("i64.store", p, i64Const(3n)));
    };
    expect(instantiate(build).bytes).toEqual(instantiate(build).bytes);
  });

  it("can be emitted again after more functions were added", () => {
    const module = new ModuleBuilder({ memory: { initialPages: 0, maximumPages: 65536, shared: true } });
    module.func("a", [], [], () => {});
    const first = module.emit();
    const kept = first.slice();
    module.func("b", [], [], () => {});
    const exports = WebAssembly.Module.exports(new WebAssembly.Module(module.emit() as BufferSource));
    expect(exports.map(({ name }) => name)).toEqual(["a", "b"]);
    expect(first).toEqual(kept);
  });

  it("are unchanged by a function that was refused", () => {
    const build = (m: ModuleBuilder, fail: boolean): Uint8Array => {
      m.func("a", ["i32"], ["i32"], (f, x) => f.return(x));
      if (fail)
        expect(() =>
          m.func("b", ["f64"], [], (f, x) => {
            f.store("f64.store", 0, x);
            f.op("i32.add", x, 1);
          }),
        ).toThrow("i32.add: operand 1 is f64, expected i32");
      m.func("b", ["i32"], ["i32"], (f, x) => f.return(x));
      return m.emit();
    };
    const fresh = (): ModuleBuilder =>
      new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
    expect(build(fresh(), true)).toEqual(build(fresh(), false));
  });

  it("refuse wrong memories, names and indices", () => {
    const memory = (initialPages: number, maximumPages: number) => () =>
      new ModuleBuilder({ memory: { initialPages, maximumPages, shared: true } });
    expect(memory(2, 1)).toThrow("memory of 2 to 1 pages: expected whole numbers, 0 <= initial <= maximum <= 65536");
    expect(memory(1, 65537)).toThrow(RangeError);
    expect(memory(0.5, 1)).toThrow(RangeError);
    const module = memory(1, 1)();
    module.func("a", [], [], () => {});
    expect(() => module.func("a", [], [], () => {})).toThrow("function name a is taken");
    expect(() => module.export("a", 0)).toThrow("function name a is taken");
    expect(() => module.export("b", 1)).toThrow("no function 1: expected an index below 1");
    expect(() => module.importFunc("host", "f", [], [])).toThrow("imports come first");
    expect(() => module.func("c", [], [], () => module.func("d", [], [], () => {}))).toThrow("built inside another");
  });
});

describe("refusals", () => {
  it("of wrong operands", () => {
    expect(refused((f, x) => f.op("f64.add", x, 1))).toThrow("f64.add: operand 1 is i32, expected f64");
    expect(refused((f, x) => f.op("i32.add", x))).toThrow("i32.add: 1 operands, expected 2");
    expect(refused((f, x) => f.op("i32.add", x, 1.5))).toThrow("i32 constant 1.5: expected an integer");
    expect(refused((f, x) => f.op("i32.add", x, 1n))).toThrow("bigint 1 given where i32 is expected");
    expect(refused((f) => f.op("f64x2.neg", 1))).toThrow("number 1 given where v128 is expected");
    expect(refused((f, x) => f.select(x, f64x2Const(1), 1))).toThrow("select: operand 2 is v128, expected i32");
    expect(refused((f, x) => f.if(f.op("f64.convert_i32_s", x), () => {}))).toThrow(
      "if: operand 1 is f64, expected i32",
    );
    expect(refused((f, x) => f.set(x, f64x2Const(1)))).toThrow("set: operand 1 is v128, expected i32");
    expect(refused((f) => f.op("f64x2.relaxed_madd" as OpName, 1))).toThrow("no instruction f64x2.relaxed_madd");
  });

  it("of wrong immediates", () => {
    expect(refused((f) => f.lane("f64x2.extract_lane", 2, f64x2Const(1)))).toThrow(
      "lane of f64x2.extract_lane is 2: expected an integer in [0, 2)",
    );
    expect(refused((f, x) => f.load("f64.load", x, -8))).toThrow("offset of f64.load is -8: expected an integer");
    expect(refused((f, x) => f.store("f64.store", x, 0, 2 ** 32))).toThrow("offset of f64.store");
    expect(refused((f, x) => f.load("f64.load", x, 0, 16))).toThrow(
      "f64.load aligned to 16: expected a power of two up to 8",
    );
    expect(refused((f, x) => f.load("f64.load", x, 0, 3))).toThrow("aligned to 3");
    expect(refused((f, x) => f.load("f64.load", x, 0, 0))).toThrow("aligned to 0");
    expect(refused((f, x) => f.storeLane("v128.store32_lane", x, f64x2Const(1), 4))).toThrow(
      "lane of v128.store32_lane",
    );
    expect(refused((f) => f.shuffle([0], f64x2Const(1), f64x2Const(1)))).toThrow("shuffle of 1 bytes: expected 16");
    expect(refused((f) => f.shuffle(Array(16).fill(32), f64x2Const(1), f64x2Const(1)))).toThrow(
      "byte of a shuffle is 32",
    );
  });

  it("of locals that have no value, labels that are closed, steps that do not count up", () => {
    expect(refused((f) => f.store("i32.store", 0, f.local("i32")))).toThrow(
      "operand 2 is a local that has not been set",
    );
    expect(
      refused((f) => {
        let label: Label | undefined;
        f.block((end) => {
          label = end;
        });
        f.br(label as Label);
      }),
    ).toThrow("branch to a label whose body has ended");
    expect(refused((f, x) => f.forRange(x, 0, 10, 0, () => {}))).toThrow("step 0 of a range: expected above 0");
  });

  it("of missing or wrong returns and calls", () => {
    expect(refused(() => {}, ["i32"])).toThrow("a function with results ends without return");
    expect(refused((f, x) => f.if(x, () => f.return(1)), ["i32"])).toThrow("ends without return");
    expect(refused((f) => f.return(1))).toThrow("return: 1 operands, expected 0");
    expect(refused((f) => f.call(7))).toThrow("no function 7: expected an index below 0");
  });
});
