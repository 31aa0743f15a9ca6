// Every instruction the assembler knows: the module is valid for the engine and for binaryen, and binaryen reads
// back the instruction of the same name.

import binaryen from "binaryen";
import { describe, expect, it } from "vitest";
import {
  type AtomicName,
  type Expr,
  type FunctionBuilder,
  f32Const,
  f32x4Const,
  f64Const,
  f64x2Const,
  i32Const,
  i32x4Const,
  i64Const,
  i64x2Const,
  type LaneName,
  type LoadLaneName,
  type LoadName,
  ModuleBuilder,
  type OpName,
  type StoreLaneName,
  type StoreName,
  type ValType,
  v128Const,
} from "../../src/wasm/assembler/assembler.ts";
import { ATOMICS, LANES, LOAD_LANES, LOADS, OPS, STORE_LANES, STORES } from "../../src/wasm/assembler/opcodes.ts";

const ALL_TYPES: ValType[] = ["i32", "i64", "f32", "f64", "v128"];
const STORE_OF: Record<ValType, StoreName> = {
  i32: "i32.store",
  i64: "i64.store",
  f32: "f32.store",
  f64: "f64.store",
  v128: "v128.store",
};

type Arguments = Record<ValType, Expr>;

/** A module of one function per case, and the text that binaryen makes of each function. */
function assemble(cases: readonly ((f: FunctionBuilder, a: Arguments) => void)[]): {
  bytes: Uint8Array;
  text: string[];
} {
  const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: true } });
  cases.forEach((build, i) => {
    module.func(`case${i}`, ALL_TYPES, [], (f, i32, i64, f32, f64, v128) => build(f, { i32, i64, f32, f64, v128 }));
  });
  const bytes = module.emit();
  const parsed = binaryen.readBinary(bytes);
  parsed.setFeatures(binaryen.Features.All);
  expect(parsed.validate()).toBe(1);
  const text = parsed.emitText().split("\n (func ").slice(1);
  parsed.dispose();
  return { bytes, text };
}

function keep(f: FunctionBuilder, value: Expr): void {
  f.store(STORE_OF[value.type], 0, value);
}

describe("instructions", () => {
  const cases: [name: string, build: (f: FunctionBuilder, a: Arguments) => void][] = [];
  for (const op of OPS.values())
    cases.push([op.name, (f, a) => keep(f, f.op(op.name as OpName, ...op.params.map((type) => a[type])))]);
  for (const op of LANES.values())
    cases.push([
      `${op.name} ${op.lanes - 1}`,
      (f, a) => keep(f, f.lane(op.name as LaneName, op.lanes - 1, ...op.params.map((type) => a[type]))),
    ]);
  for (const { name, bytes } of LOADS.values()) {
    const align = bytes > 1 ? " align=1" : "";
    cases.push([`${name} offset=300${align}`, (f, a) => keep(f, f.load(name as LoadName, a.i32, 300, 1))]);
  }
  for (const { name, bytes } of LOAD_LANES.values())
    cases.push([
      `${name} offset=8 ${16 / bytes - 1}`,
      (f, a) => keep(f, f.loadLane(name as LoadLaneName, a.i32, a.v128, 16 / bytes - 1, 8)),
    ]);
  for (const { name, params } of STORES.values())
    cases.push([`${name} offset=70000`, (f, a) => f.store(name as StoreName, a.i32, a[params[1]], 70000)]);
  for (const { name, bytes } of STORE_LANES.values())
    cases.push([
      `${name} offset=4 ${16 / bytes - 1}`,
      (f, a) => f.storeLane(name as StoreLaneName, a.i32, a.v128, 16 / bytes - 1, 4),
    ]);
  for (const { name, params } of ATOMICS.values())
    cases.push([
      `${name} offset=12`,
      (f, a) => {
        const operands = params.map((type) => a[type]);
        if (name === "i32.atomic.store") f.atomic(name, operands, 12);
        else keep(f, f.atomic(name as Exclude<AtomicName, "i32.atomic.store">, operands, 12));
      },
    ]);
  cases.push(["atomic.fence", (f) => f.atomicFence()]);
  cases.push(["memory.copy", (f, a) => f.memoryCopy(a.i32, 4, a.i32)]);
  cases.push(["memory.fill", (f, a) => f.memoryFill(a.i32, 4, a.i32)]);
  cases.push(["select", (f, a) => keep(f, f.select(a.f64, 0, a.i32))]);
  cases.push([
    "i8x16.shuffle 0 1 2 3 31 30 29 28 8 9 10 11 16 17 18 19",
    (f, a) => keep(f, f.shuffle([0, 1, 2, 3, 31, 30, 29, 28, 8, 9, 10, 11, 16, 17, 18, 19], a.v128, a.v128)),
  ]);

  const { bytes, text } = assemble(cases.map(([, build]) => build));

  it("make a valid module", () => {
    expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
    expect(text.length).toBe(cases.length);
  });

  it.each(cases.map(([name], i) => [name, i] as const))("%s", (name, i) => {
    expect(text[i].includes(`(${name}\n`) || text[i].includes(`(${name})`)).toBe(true);
  });

  it("are those that kernels use, and none for numbers of 8 or 16 bits in vectors", () => {
    // Each costs every page some bytes. Add what a kernel needs.
    expect(OPS.size).toBe(182);
    expect([LANES.size, LOADS.size, STORES.size]).toEqual([8, 14, 8]);
    for (const name of OPS.keys()) expect(name).not.toMatch(/i8x16|i16x8/);
  });

  it("leave out relaxed SIMD and fused multiply-add", () => {
    for (const { name, code } of OPS.values()) {
      expect(name).not.toMatch(/relaxed|madd|fma/);
      if (code > 0xff) expect(code & 0xffff).toBeLessThan(0x100);
    }
  });
});

describe("constants", () => {
  const cases: [text: string, value: Expr][] = [
    ["i32.const -1", i32Const(0xffffffff)],
    ["i32.const -2147483648", i32Const(-(2 ** 31))],
    ["i64.const -9223372036854775808", i64Const(-(2n ** 63n))],
    ["i64.const -1", i64Const(2n ** 64n - 1n)],
    ["f32.const 0.10000000149011612", f32Const(0.1)],
    ["f32.const -0", f32Const(-0)],
    ["f32.const nan:0x400000", f32Const(Number.NaN)],
    ["f64.const 0.1", f64Const(0.1)],
    ["f64.const -inf", f64Const(Number.NEGATIVE_INFINITY)],
    ["f64.const nan:0x8000000000000", f64Const(Number.NaN)],
    ["v128.const i32x4 0x03020100 0x07060504 0x0b0a0908 0x0f0e0d0c", v128Const([...Array(16).keys()])],
    ["v128.const i32x4 0x00000000 0x3ff00000 0x00000000 0x3ff00000", f64x2Const(1)],
    ["v128.const i32x4 0x00000000 0x3ff00000 0x00000000 0xc0000000", f64x2Const(1, -2)],
    ["v128.const i32x4 0x3f800000 0x3f800000 0x3f800000 0x3f800000", f32x4Const(1)],
    ["v128.const i32x4 0x3f800000 0x40000000 0x80000000 0x7fc00000", f32x4Const(1, 2, -0, Number.NaN)],
    ["v128.const i32x4 0xffffffff 0xffffffff 0xffffffff 0xffffffff", i32x4Const(-1)],
    ["v128.const i32x4 0x00000000 0x00000001 0x80000000 0xffffffff", i32x4Const(0, 1, 2 ** 31, -1)],
    ["v128.const i32x4 0x00000002 0x00000001 0x00000002 0x00000001", i64x2Const(2n ** 32n + 2n)],
    ["v128.const i32x4 0x00000001 0x00000000 0xffffffff 0xffffffff", i64x2Const(1n, -1n)],
  ];
  const { text } = assemble(
    cases.map(
      ([, value]) =>
        (f) =>
          keep(f, value),
    ),
  );

  it.each(cases.map(([name], i) => [name, i] as const))("%s", (name, i) => {
    expect(text[i]).toContain(`(${name})`);
  });

  it("refuse what the type cannot hold", () => {
    expect(() => i32Const(2 ** 32)).toThrow("i32 constant 4294967296: expected an integer in [-2^31, 2^32)");
    expect(() => i32Const(-(2 ** 31) - 1)).toThrow(RangeError);
    expect(() => i32Const(0.5)).toThrow(RangeError);
    expect(() => i64Const(2n ** 64n)).toThrow("expected an integer in [-2^63, 2^64)");
    expect(() => i64x2Const(0n, -(2n ** 63n) - 1n)).toThrow(RangeError);
    expect(() => v128Const([1, 2])).toThrow("v128 constant of 2 bytes: expected 16");
  });
});
