// Minima and maxima of long rows: several run side by side, and NaN and the signs of zeros come out as in the interpreter.

import { generator, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { expect, it } from "vitest";
import { Program } from "../../src/compile/program.ts";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import { interpret } from "../../src/reference/interpret.ts";

it.each(["float32", "float64", "int32"] as const)("%s", (dtype) => {
  // Around whole vectors of four chains, and around blocks of 512.
  for (const columns of [65, 71, 80, 95, 96, 511, 512, 513, 529, 1100]) {
    const x = inputLeaf([3, columns], dtype);
    const value = randomArray(generator(columns), x.shape, dtype, 0.05);
    // Nothing but zeros of both signs in the second row; in the third one NaN.
    for (let j = 0; j < columns; j++) value.re[columns + j] = j === columns - 3 ? 0 : -0;
    for (let j = 0; j < columns; j++) if (Number.isNaN(value.re[2 * columns + j])) value.re[2 * columns + j] = 1;
    if (dtype !== "int32") value.re[3 * columns - 2] = NaN;
    const outputs = [ops.max(x, 1), ops.min(x, 1), ops.max(ops.add(x, x), 1)];
    const names = Object.fromEntries(outputs.map((node, i) => [`o${i}`, node]));
    const program = new Program({ buffers: { x }, entries: { main: { outputs: names } } });
    program.set("x", value);
    program.run("main");
    const want = interpret(outputs, new Map([[x, value]])).map(bitsOf);
    expect(outputs.map((_, i) => bitsOf(program.get(`main.o${i}`)))).toEqual(want);
  }
});
