// Modules and control flow: what is built does what JavaScript does, and mistakes are refused.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Expr,
  type FunctionBuilder,
  f64x2Const,
  i64Const,
  type Label,
  type Local,
  ModuleBuilder,
  type OpName,
  type ValType,
} from "../../src/wasm/assembler/assembler.ts";
import { instantiate } from "./instantiate.ts";

/** Builds one function in a fresh module, to see it refused. */
function refused(build: (f: FunctionBuilder, x: Local) => void, results: ValType[] = []): () => void {
  const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
  return () => module.func("f", ["i32"], results, build);
}

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
    const exports = WebAssembly.Module.exports(new WebAssembly.Module(module.emit()));
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
