// The kernels of matmul have the bits of the meaning, and the meaning those of mul and sum.

import { type Draw, generator, integer, pick, randomArray, randomCut } from "@plenoptic-js/proof/graphs/arrays";
import { bitsOf, runLowered } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { inputLeaf, ops } from "../../src/graph/build.ts";
import { makeNode } from "../../src/graph/node.ts";
import {
  type ArrayValue,
  allocate,
  type DType,
  isComplex,
  type KernelDefinition,
  type Node,
  realOf,
  type Shape,
} from "../../src/ops/definition.ts";
import { matmul } from "../../src/ops/matmul.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { lowerMatmul } from "../../src/wasm/kernels/matmul/matmul.ts";

const FLOATING = ["float32", "float64", "complex64", "complex128"] as const;

const product = (a: Node, b: Node, transposeB: boolean): Node => makeNode(matmul, [a, b], { transposeB });

function run(draw: Draw, node: Node, inputs: readonly ArrayValue[]): string {
  return bitsOf(runLowered(lowerMatmul(node, { operands: node.inputs }), inputs, node, { cut: randomCut(draw) }));
}

/** The kernel's result must be the meaning's, bit for bit, however the units are cut. */
function expectSameBits(draw: Draw, node: Node, special: number): void {
  const inputs = node.inputs.map((x) => randomArray(draw, x.shape, x.dtype, special));
  const expected = (node.op as KernelDefinition).evaluate(inputs, node);
  expect(run(draw, node, inputs), `${node.inputs.map((x) => x.shape).join(" by ")}`).toBe(bitsOf(expected));
}

function transposed(x: ArrayValue): ArrayValue {
  const [rows, columns] = x.shape.slice(-2);
  const out = allocate(x.dtype, [...x.shape.slice(0, -2), columns, rows]);
  for (let i = 0; i < out.re.length; i++) {
    const at = i - (i % (rows * columns)) + (i % rows) * columns + Math.floor((i % (rows * columns)) / rows);
    out.re[i] = x.re[at];
    if (x.im && out.im) out.im[i] = x.im[at];
  }
  return out;
}

/** Sums around the limits of the summation order. */
const TERMS = [0, 1, 2, 3, 5, 17, 63, 64, 65, 66, 67, 127, 200, 511, 512, 513, 514, 1023, 1024, 1025, 1540, 2049];

describe("matmul kernels", () => {
  it("have the meaning's bits in both forms, for all sums, odd sizes and special values", () => {
    const draw = generator(41);
    TERMS.forEach((terms) => {
      for (const dtype of FLOATING) {
        for (const transposeB of [false, true]) {
          const batch = pick(draw, [[], [], [2], [2, 3]]);
          const [rows, columns] = [integer(draw, 1, 9), integer(draw, 1, 11)];
          const a = inputLeaf([...batch, rows, terms], dtype);
          const b = inputLeaf([...batch, ...(transposeB ? [columns, terms] : [terms, columns])], dtype);
          expectSameBits(draw, product(a, b, transposeB), pick(draw, [0, 0, 0.01, 0.1]));
        }
      }
    });
  });

  it("have them for every size of tile, group and panel", () => {
    const draw = generator(42);
    const sizes = [1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 35, 65, 130];
    for (let i = 0; i < 80; i++) {
      const dtype = FLOATING[i % 4];
      const [rows, columns] = [pick(draw, sizes), pick(draw, sizes)];
      const terms = pick(draw, [3, 66, 70]);
      const transposeB = draw() < 0.5;
      const b = inputLeaf(transposeB ? [columns, terms] : [terms, columns], dtype);
      expectSameBits(draw, product(inputLeaf([rows, terms], dtype), b, transposeB), 0.05);
    }
  });

  it("have them for one row, and panels of columns", () => {
    const draw = generator(49);
    for (const dtype of FLOATING) {
      for (const [terms, columns] of [
        // Of 2^18 bytes and more.
        [1, 66_000],
        [64, 1100],
        [67, 1024],
        [515, 1025],
        [1031, 1100],
      ]) {
        for (const batch of [[], [2]]) {
          const a = inputLeaf([...batch, 1, terms], dtype);
          expectSameBits(draw, product(a, inputLeaf([...batch, terms, columns], dtype), false), 0.01);
          expectSameBits(draw, product(a, inputLeaf([...batch, 40, terms], dtype), true), 0.01);
        }
      }
    }
  });

  it("give the two forms the same bits", () => {
    const draw = generator(43);
    for (let i = 0; i < 60; i++) {
      const dtype = FLOATING[i % 4];
      const terms = pick(draw, TERMS);
      const [rows, columns] = [integer(draw, 1, 9), integer(draw, 1, 9)];
      const a = randomArray(draw, [2, rows, terms], dtype);
      const b = randomArray(draw, [2, columns, terms], dtype);
      const bt = transposed(b);
      const byRows = product(inputLeaf(a.shape, dtype), inputLeaf(b.shape, dtype), true);
      const byColumns = product(inputLeaf(a.shape, dtype), inputLeaf(bt.shape, dtype), false);
      expect(run(draw, byRows, [a, b])).toBe(run(draw, byColumns, [a, bt]));
    }
  });

  it("give a matrix times its own transpose the bits of the general product", () => {
    const draw = generator(44);
    for (let i = 0; i < 40; i++) {
      const dtype = FLOATING[i % 4];
      const shape: Shape = [
        integer(draw, 1, 2),
        pick(draw, [1, 2, 3, 4, 5, 9, 16, 33, 67]),
        pick(draw, [5, 65, 514, 1030]),
      ];
      const x = randomArray(draw, shape, dtype, i % 3 === 0 ? 0.01 : 0);
      const leaf = inputLeaf(shape, dtype);
      const own = run(draw, product(leaf, leaf, true), [x, x]);
      expect(own).toBe(run(draw, product(leaf, inputLeaf(shape, dtype), true), [x, x]));
      expect(own).toBe(bitsOf(matmul.evaluate([x, x], product(leaf, leaf, true))));
    }
  });

  it("multiply real by complex", () => {
    const draw = generator(45);
    for (let i = 0; i < 24; i++) {
      const pair: DType[] = pick(draw, [
        ["float32", "complex64"],
        ["complex64", "float32"],
        ["float64", "complex128"],
        ["complex128", "float64"],
      ]);
      const terms = pick(draw, TERMS);
      const transposeB = i % 2 === 0;
      const a = inputLeaf([3, terms], pair[0]);
      const b = inputLeaf(transposeB ? [6, terms] : [terms, 6], pair[1]);
      expectSameBits(draw, product(a, b, transposeB), 0.02);
    }
  });

  it("keep zeros' signs and subnormal products", () => {
    const draw = generator(46);
    for (const dtype of FLOATING) {
      const tiny = realOf(dtype) === "float64" ? 1e-160 : 1e-22;
      for (const terms of [1, 3, 64, 66, 515]) {
        for (const transposeB of [false, true]) {
          const a = inputLeaf([3, terms], dtype);
          const b = inputLeaf(transposeB ? [5, terms] : [terms, 5], dtype);
          const inputs = [a, b].map((x) => {
            const array = randomArray(draw, x.shape, dtype);
            for (const plane of array.im ? [array.re, array.im] : [array.re]) {
              for (let k = 0; k < plane.length; k++) plane[k] = pick(draw, [0, -0, -0, tiny, -tiny]);
            }
            return array;
          });
          const node = product(a, b, transposeB);
          expect(run(draw, node, inputs)).toBe(bitsOf(matmul.evaluate(inputs, node)));
        }
      }
    }
  });

  it("take empty operands", () => {
    const draw = generator(47);
    for (const [a, b] of [
      [
        [0, 3],
        [3, 4],
      ],
      [
        [3, 0],
        [0, 4],
      ],
      [
        [3, 4],
        [4, 0],
      ],
      [
        [0, 3, 4],
        [0, 4, 5],
      ],
    ] as Shape[][]) {
      for (const dtype of FLOATING) {
        expectSameBits(draw, product(inputLeaf(a, dtype), inputLeaf(b, dtype), false), 0);
        const turned = [...b.slice(0, -2), b[b.length - 1], b[b.length - 2]];
        expectSameBits(draw, product(inputLeaf(a, dtype), inputLeaf(turned, dtype), true), 0);
      }
    }
  });

  it("give a batch member the bits it has alone", () => {
    const draw = generator(48);
    for (const transposeB of [false, true]) {
      const [a, b] = [randomArray(draw, [3, 5, 700], "float32"), randomArray(draw, [3, 700, 700], "float32")];
      const all = matmulOf(a, b, transposeB);
      for (let i = 0; i < 3; i++) {
        const member = (x: ArrayValue): ArrayValue => {
          const size = x.re.length / 3;
          return { ...x, shape: x.shape.slice(1), re: x.re.slice(i * size, (i + 1) * size) };
        };
        expect(bitsOf(member(all))).toBe(bitsOf(matmulOf(member(a), member(b), transposeB)));
      }
    }
  });
});

function matmulOf(a: ArrayValue, b: ArrayValue, transposeB: boolean): ArrayValue {
  const node = product(inputLeaf(a.shape, a.dtype), inputLeaf(b.shape, b.dtype), transposeB);
  return runLowered(lowerMatmul(node, { operands: node.inputs }), [a, b], node);
}

describe("the meaning of matmul", () => {
  it("has the bits of mul followed by sum", () => {
    const draw = generator(49);
    for (const dtype of FLOATING) {
      for (const terms of TERMS) {
        const a = randomArray(draw, [3, terms], dtype, 0.01);
        const b = randomArray(draw, [4, terms], dtype, 0.01);
        const [x, y] = [inputLeaf(a.shape, dtype), inputLeaf(b.shape, dtype)];
        const long = ops.sum(ops.mul(ops.reshape(x, [3, 1, terms]), ops.reshape(y, [1, 4, terms])), [2]);
        const [p, q] = interpret(
          [product(x, y, true), long],
          new Map([
            [x, a],
            [y, b],
          ]),
        );
        expect(isComplex(p.dtype)).toBe(isComplex(dtype));
        expect(bitsOf(p)).toBe(bitsOf(q));
      }
    }
  });
});
