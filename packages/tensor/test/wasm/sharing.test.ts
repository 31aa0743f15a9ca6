// An expression has the value it had when it was made, is computed at most once, and few locals are used.

import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import {
  type Expr,
  type FunctionBuilder,
  type Local,
  ModuleBuilder,
  type ValType,
} from "../../src/wasm/assembler/assembler.ts";
import { instantiate, localGroups } from "./instantiate.ts";

/** How often each instruction occurs in the only function that `build` makes. */
function occurrences(build: (f: FunctionBuilder, ...params: Local[]) => void, params: ValType[]): Map<string, number> {
  const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
  module.func("f", params, [], build);
  const parsed = binaryen.readBinary(module.emit());
  const counts = new Map<string, number>();
  for (const [, name] of parsed.emitText().matchAll(/\(([a-z][\w.]*)/g)) counts.set(name, (counts.get(name) ?? 0) + 1);
  parsed.dispose();
  return counts;
}

describe("sharing", () => {
  it("computes a value once, however often it is used", () => {
    const counts = occurrences(
      (f, p) => {
        const root = f.op("f64.sqrt", f.load("f64.load", p));
        const square = f.op("f64.mul", root, root);
        f.store("f64.store", p, f.op("f64.add", square, f.op("f64.mul", square, root)));
        f.store("f64.store", p, square, 8);
        f.if(f.op("f64.lt", root, 1), () => f.store("f64.store", p, root, 16));
        f.store("f64.store", p, root, 24);
      },
      ["i32"],
    );
    expect(counts.get("f64.sqrt")).toBe(1);
    expect(counts.get("f64.load")).toBe(1);
    expect(counts.get("f64.mul")).toBe(2);
  });

  it("computes nothing for values that are not used", () => {
    const counts = occurrences(
      (f, p) => {
        const a = f.load("f64.load", p);
        f.let(f.op("f64.sqrt", a));
        f.let(p);
        f.op("f64.add", a, 1);
        f.store("i32.store", p, 1);
      },
      ["i32"],
    );
    for (const name of ["f64.load", "f64.sqrt", "f64.add", "local.set"]) expect(counts.has(name)).toBe(false);
  });

  it("leaves a value used once on the stack", () => {
    const counts = occurrences(
      (f, p) => {
        const a = f.load("f64.load", p);
        const b = f.load("f64.load", p, 8);
        f.store("f64.store", p, f.op("f64.add", a, b));
        f.set(p, f.op("i32.add", p, 8));
      },
      ["i32"],
    );
    expect(counts.has("local.tee")).toBe(false);
    expect(counts.get("local.set")).toBe(1);
  });

  it("keeps a pinned value in a local of its own", () => {
    const counts = occurrences(
      (f, p) => {
        const pinned = f.let(f.op("i32.mul", p, 3));
        f.store("i32.store", p, pinned);
      },
      ["i32"],
    );
    expect(counts.get("local.set")).toBe(1);
  });

  it("computes outside a loop what is made outside", () => {
    const { call, buffer } = instantiate((m) => {
      m.func("f", ["i32", "i32"], [], (f, p, n) => {
        const i = f.local("i32");
        const before = f.load("i32.load", p);
        f.forRange(i, 0, n, 1, () => {
          f.store("i32.store", p, f.op("i32.add", f.load("i32.load", p), 1));
          f.store("i32.store", f.op("i32.shl", i, 2), before, 64);
        });
      });
    });
    const memory = new Int32Array(buffer);
    memory[0] = 7;
    call("f", 0, 4);
    expect([...memory.slice(0, 1), ...memory.slice(16, 21)]).toEqual([11, 7, 7, 7, 7, 0]);
  });

  it("keeps an outer value through a loop whose own values come and go", () => {
    const { call } = instantiate((m) => {
      m.func("f", ["i32"], ["i32"], (f, n) => {
        const i = f.local("i32");
        const sum = f.local("i32");
        f.set(sum, 0);
        const outer = f.op("i32.mul", n, 10);
        f.forRange(i, 0, n, 1, () => {
          f.set(sum, f.op("i32.add", sum, outer));
          // More values than before, so that a slot given back too early would be overwritten.
          const values = Array.from({ length: 6 }, (_, k) => f.let(f.op("i32.add", i, k)));
          const total = values.reduce((a, b) => f.op("i32.xor", a, b));
          f.set(sum, f.op("i32.add", sum, f.op("i32.and", f.op("i32.mul", total, total), 0)));
        });
        f.return(sum);
      });
    });
    expect(call("f", 5)).toBe(250);
  });

  it("loads before a later store changes memory, and after an earlier one", () => {
    const { call, buffer } = instantiate((m) => {
      m.func("swap", ["i32"], [], (f, p) => {
        const a = f.load("v128.load", p);
        const b = f.load("v128.load", p, 16);
        f.store("v128.store", p, b);
        f.store("v128.store", p, f.load("v128.load", p), 32);
        f.store("v128.store", p, a, 16);
      });
    });
    const memory = new Float64Array(buffer);
    memory.set([1, 2, 3, 4]);
    call("swap", 0);
    expect(memory.slice(0, 6)).toEqual(Float64Array.of(3, 4, 1, 2, 3, 4));
  });

  it("loads before memory.copy, memory.fill, atomics and calls change memory", () => {
    const { call, buffer } = instantiate((m) => {
      const bump = m.func(null, [], [], (f) => f.store("i32.store", 0, f.op("i32.add", f.load("i32.load", 0), 1)));
      m.func("f", [], [], (f) => {
        const values = [f.load("i32.load", 0)];
        f.call(bump);
        values.push(f.load("i32.load", 0));
        f.atomic("i32.atomic.rmw.add", [0, 10]);
        values.push(f.load("i32.load", 0));
        f.memoryCopy(0, 4, 4);
        values.push(f.load("i32.load", 0));
        f.memoryFill(0, 1, 4);
        values.push(f.load("i32.load", 0));
        for (const [k, value] of values.entries()) f.store("i32.store", 0, value, 64 + 4 * k);
      });
    });
    const memory = new Int32Array(buffer);
    memory.set([100, 5]);
    call("f");
    expect(memory.slice(16, 21)).toEqual(Int32Array.of(100, 101, 111, 5, 0x01010101));
  });

  it("reads a local when the expression is made", () => {
    const { call } = instantiate((m) => {
      m.func("f", ["i32"], ["i32"], (f, x) => {
        const kept = f.let(x);
        const before = f.op("i32.add", x, 1);
        const deep = f.op("i32.mul", before, 100);
        f.set(x, f.op("i32.add", x, 1000));
        f.return(f.op("i32.add", f.op("i32.add", deep, before), f.op("i32.sub", x, kept)));
      });
    });
    expect(call("f", 4)).toBe(500 + 5 + 1000);
  });

  it("swaps two locals", () => {
    const { call } = instantiate((m) => {
      m.func("f", ["i32", "i32"], ["i32", "i32"], (f, x, y) => {
        const old = f.let(x);
        f.set(x, y);
        f.set(y, old);
        f.return(x, y);
      });
    });
    expect(call("f", 3, 8)).toEqual([8, 3]);
  });

  it("keeps a value that several statements of one run use, across a br_if", () => {
    const { call } = instantiate((m) => {
      m.func("f", ["i32"], ["i32"], (f, x) => {
        const out = f.local("i32");
        f.set(out, 0);
        f.block((end) => {
          const square = f.op("i32.mul", x, x);
          f.set(out, square);
          f.brIf(end, f.op("i32.lt_s", x, 3));
          f.set(x, 0);
          f.set(out, f.op("i32.add", square, 1));
        });
        f.return(out);
      });
    });
    expect(call("f", 2)).toBe(4);
    expect(call("f", 5)).toBe(26);
  });

  it("uses few locals, in one group a type", () => {
    const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
    module.func("f", ["i32"], [], (f, p) => {
      for (let k = 0; k < 100; k++) {
        const v = f.load("v128.load", p, 16 * k);
        const d = f.load("f64.load", p, 16 * k);
        const square = f.op("f64x2.mul", v, v);
        f.store("v128.store", p, f.op("f64x2.add", square, f.op("f64x2.mul", square, v)), 16 * k);
        f.store("f64.store", p, f.op("f64.mul", d, d), 16 * k);
        f.block(() => f.set(f.local("f64"), d));
        f.block(() => {
          const n = f.local("i32");
          f.forRange(n, 0, 3, 1, () => f.store("i32.store", n, k));
        });
      }
    });
    expect(localGroups(module.emit())).toEqual([
      [1, 0x7f],
      [2, 0x7c],
      [2, 0x7b],
    ]);
  });

  it("writes very deep expressions", () => {
    const { call } = instantiate((m) => {
      m.func("f", ["i32"], ["i32"], (f, x) => {
        let sum: Expr = x;
        for (let k = 0; k < 20_000; k++) sum = f.op("i32.add", sum, x);
        f.return(sum);
      });
    });
    expect(call("f", 3)).toBe(60_003);
  });

  it("refuses a value outside the body that made it", () => {
    const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
    const kept: { value?: Expr; local?: Local } = {};
    module.func("f", ["i32"], [], (f, x) => {
      f.if(x, () => {
        kept.value = f.op("i32.add", x, 1);
        kept.local = f.local("i32");
        f.set(kept.local, 1);
      });
      const message = "used outside the body that made it; set a local of an outer body";
      expect(() => f.set(x, kept.value as Expr)).toThrow(message);
      expect(() => f.op("i32.add", kept.local as Local, 1)).toThrow(message);
      expect(() => f.set(kept.local as Local, 1)).toThrow(message);
      f.block(() => expect(() => f.store("i32.store", x, kept.value as Expr)).toThrow(message));
      kept.value = f.op("i32.add", x, 1);
    });
    module.func("g", ["i32"], [], (f) => expect(() => f.store("i32.store", 0, kept.value as Expr)).toThrow("outside"));
  });
});
