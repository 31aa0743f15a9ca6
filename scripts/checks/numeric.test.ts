// What the numeric lint must catch, and what it must leave alone.

import { describe, expect, test } from "vitest";
import { findProblems, rulesFor } from "./numeric.ts";

const NUMERIC = rulesFor("packages/tensor/src/ops/elementwise.ts");
const SCIENCE = rulesFor("packages/plenoptic/src/models/gaussian/gaussian.ts");
const PLOT = rulesFor("packages/plenoptic/src/plot/axes.ts");

describe("numeric source", () => {
  test.each([
    "Math.sin(x)",
    "Math.pow(x, 2)",
    "Math.round(x)",
    "Math.hypot(x, y)",
    "Math.SQRT2",
    "Math?.exp(x)",
    "(Math).log(x)",
    "Math!.log(x)",
    "globalThis.Math.cos(x)",
    "globalThis.Math.random()",
    "x ** 2",
    "x **= 2",
    'Math["exp"](x)',
    "Math[name](x)",
    'globalThis["Math"].exp(x)',
    "const { abs } = Math",
    "const m = Math",
    "apply(Math)",
    "({ Math })",
    "Math.random()",
    'emit("f64x2.relaxed_madd")',
    "code.f32x4RelaxedMadd()",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is source code.
    "`${shape}.relaxed_trunc_f32x4_s`",
  ])("catches %s", (source) => {
    expect(findProblems(source, NUMERIC)).toHaveLength(1);
  });

  test.each([
    "Math.abs(x) + Math.sqrt(y) + Math.fround(z)",
    "Math.imul(a, b) + Math.clz32(a)",
    "Math.floor(x) + Math.ceil(x) + Math.trunc(x)",
    "Math.min(a, Math.max(b, Math.PI))",
    "globalThis.Math.abs(x)",
    "// Math.sin, x ** 2 and relaxed_madd in a comment",
    'const message = "Math.sin(x) and x ** 2 are refused"',
    "graph.sin(x)",
    "ops.Math.sin(x)",
    "a * b",
    "function* rows() { yield* columns(); }",
    "const relaxed = loss.relax()",
  ])("leaves %s alone", (source) => {
    expect(findProblems(source, NUMERIC)).toEqual([]);
  });

  test("says where", () => {
    expect(findProblems("const a = 1;\n  const b = Math.exp(a);\n", NUMERIC)).toMatchObject([{ line: 2, column: 13 }]);
  });
});

describe("clocks", () => {
  const clocks = ["Date.now()", "new Date()", "performance.now()", "globalThis.performance.now()", "process.hrtime()"];

  test.each([...clocks, 'import { performance } from "node:perf_hooks"'])("the engine may not use %s", (source) => {
    expect(findProblems(source, NUMERIC)).toHaveLength(1);
  });

  test.each(clocks)("the science may use %s", (source) => {
    expect(findProblems(source, SCIENCE)).toEqual([]);
  });

  test("members that only share the name are left alone", () => {
    expect(findProblems("report.performance = { performance: 1, Date: 2 }", NUMERIC)).toEqual([]);
  });
});

describe("plots and the wording of the command", () => {
  test("may use every function of Math, and powers", () => {
    expect(findProblems("Math.log10(x) + 10 ** Math.round(x)", PLOT)).toEqual([]);
    expect(findProblems("Math.log10(x)", rulesFor("packages/cli/src/wording.ts"))).toEqual([]);
  });

  test("may not use Math.random", () => {
    expect(findProblems("Math.random()", PLOT)).toHaveLength(1);
  });

  test("are told from files with such names elsewhere", () => {
    expect(findProblems("Math.log10(x)", rulesFor("packages/plenoptic/src/models/plot/x.ts"))).toHaveLength(1);
  });
});
