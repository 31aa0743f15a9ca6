// einsum against plain loops, with its gradients.

import { generator, integer, pick, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { checkMultilinear } from "@plenoptic-js/proof/graphs/derivatives";
import { describe, expect, it } from "vitest";
import { arrayLeaf, inputLeaf } from "../../src/graph/build.ts";
import { einsum, Tensor, zeros } from "../../src/index.ts";
import { type ArrayValue, type DType, type Shape, sizeOf } from "../../src/ops/definition.ts";

const input = (shape: Shape, dtype: DType = "float64"): Tensor => new Tensor(inputLeaf(shape, dtype));
const given = (value: ArrayValue): Tensor => new Tensor(arrayLeaf(value));
const counting = (shape: Shape): Tensor =>
  given({ dtype: "float64", shape, re: Float64Array.from({ length: sizeOf(shape) }, (_, i) => i + 1) });
const read = (t: Tensor): [Shape, number[]] => [t.shape, [...t.dataSync()]];

/** The sum over all labels, by definition: one loop over every index of every label. */
function plain(terms: readonly string[], output: string, operands: readonly ArrayValue[]): number[] {
  const sizes = new Map<string, number>();
  operands.forEach((x, i) => {
    [...terms[i]].forEach((label, k) => {
      sizes.set(label, Math.max(sizes.get(label) ?? 0, x.shape[k]));
    });
  });
  const labels = [...output, ...[...sizes.keys()].filter((label) => !output.includes(label))];
  const shape = labels.map((label) => sizes.get(label) as number);
  const result = new Array<number>(sizeOf([...output].map((label) => sizes.get(label) as number))).fill(0);
  const inner = sizeOf(shape) / result.length;
  for (let n = 0; n < sizeOf(shape); n++) {
    const index = new Map<string, number>();
    let rest = n;
    for (let k = labels.length - 1; k >= 0; k--) {
      index.set(labels[k], rest % shape[k]);
      rest = Math.floor(rest / shape[k]);
    }
    const value = operands.reduce((product, x, i) => {
      const at = [...terms[i]].reduce(
        (sum, label, k) => sum * x.shape[k] + (x.shape[k] === 1 ? 0 : (index.get(label) as number)),
        0,
      );
      return product * x.re[at];
    }, 1);
    result[Math.floor(n / inner)] += value;
  }
  return result;
}

describe("einsum", () => {
  it("does what its examples say", () => {
    const a = counting([2, 3]);
    const b = counting([3, 2]);
    expect(read(einsum("ij,jk->ik", a, b))).toEqual([
      [2, 2],
      [22, 28, 49, 64],
    ]);
    expect(read(einsum("ij,jk", a, b))[1]).toEqual([22, 28, 49, 64]);
    expect(read(einsum("ij->ji", a))[1]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(read(einsum("ba", a))).toEqual([
      [3, 2],
      [1, 4, 2, 5, 3, 6],
    ]);
    expect(read(einsum("ij->", a))).toEqual([[], [21]]);
    expect(read(einsum("i,j", counting([2]), counting([3])))).toEqual([
      [2, 3],
      [1, 2, 3, 2, 4, 6],
    ]);
    expect(read(einsum("i,i", counting([3]), counting([3])))).toEqual([[], [14]]);
    expect(read(einsum(",ij->ji", counting([]), a))[1]).toEqual([1, 4, 2, 5, 3, 6]);
    expect(read(einsum(" i j , j k -> k i ", a, b))[1]).toEqual([22, 49, 28, 64]);
  });

  it("orders the implicit result alphabetically, capitals first, after the unnamed axes", () => {
    expect(einsum("bAa", input([2, 3, 4])).shape).toEqual([3, 4, 2]);
    expect(einsum("k...i,ij", input([5, 6, 7, 2]), input([2, 3])).shape).toEqual([6, 7, 3, 5]);
  });

  it("takes '...' for all other axes, broadcast from the last", () => {
    const draw = generator(61);
    const a = randomArray(draw, [4, 1, 2, 3], "float64");
    const b = randomArray(draw, [5, 3, 2], "float64");
    const got = read(einsum("...ij,...jk->...ik", given(a), given(b)));
    expect(got[0]).toEqual([4, 5, 2, 2]);
    const expected = plain(["xyij", "yjk"], "xyik", [a, b]);
    got[1].forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 13);
    });
    expect(einsum("...->...", input([2, 3])).shape).toEqual([2, 3]);
    expect(einsum("i...->...", input([2, 3, 4])).shape).toEqual([3, 4]);
  });

  it("agrees with its definition for random equations of one to three operands", () => {
    const draw = generator(62);
    for (let n = 0; n < 300; n++) {
      const sizes = new Map([..."abcde"].map((label) => [label, integer(draw, 1, 4)]));
      const terms = Array.from({ length: integer(draw, 1, 3) }, () =>
        [..."abcde"]
          .filter(() => draw() < 0.5)
          .sort(() => draw() - 0.5)
          .join(""),
      );
      const operands = terms.map((term) =>
        randomArray(
          draw,
          // Now and then an axis of size 1 where others have more.
          [...term].map((label) => (draw() < 0.1 ? 1 : (sizes.get(label) as number))),
          "float64",
        ),
      );
      const labels = [...new Set(terms.join(""))];
      const output = labels
        .filter(() => draw() < 0.5)
        .sort(() => draw() - 0.5)
        .join("");
      const got = read(einsum(`${terms.join(",")}->${output}`, ...operands.map(given)));
      const expected = plain(terms, output, operands);
      expect(got[1].length).toBe(expected.length);
      got[1].forEach((value, i) => {
        expect(Math.abs(value - expected[i]), `${terms.join(",")}->${output}`).toBeLessThan(1e-13);
      });
    }
  });

  it("sums axes without elements to zero", () => {
    expect(read(einsum("ij,jk->ik", zeros([2, 0]), zeros([0, 3])))).toEqual([
      [2, 3],
      [0, 0, 0, 0, 0, 0],
    ]);
    expect(read(einsum("ij,jk->ik", zeros([2, 1]), zeros([0, 3])))).toEqual([
      [2, 3],
      [0, 0, 0, 0, 0, 0],
    ]);
  });

  it("differentiates twice", () => {
    const draw = generator(63);
    for (const [equation, a, b] of [
      ["ij,jk->ik", [2, 3], [3, 4]],
      ["bij,bkj->bik", [2, 3, 4], [2, 2, 4]],
      ["bchw,bdhw->bcd", [1, 2, 3, 4], [1, 3, 3, 4]],
      ["...i,i->...", [2, 3, 4], [4]],
      ["ab,bc->", [2, 3], [3, 2]],
      ["i,j->ji", [2], [3]],
      ["ij,ij->j", [2, 3], [2, 3]],
    ] as [string, Shape, Shape][]) {
      const dtype = pick(draw, ["float64", "complex128"] as const);
      checkMultilinear(
        draw,
        [
          { shape: a, dtype },
          { shape: b, dtype },
        ],
        (x, y) => einsum(equation, new Tensor(x), new Tensor(y)).node,
      );
    }
    checkMultilinear(draw, [{ shape: [2, 3, 4], dtype: "float64" }], (x) => einsum("abc->cb", new Tensor(x)).node);
  });

  it.each([
    ["i,j", [[2]], 'einsum "i,j": the equation has 2 operands, but 1 tensors were given'],
    ["i1", [[2, 2]], 'einsum "i1": "1" does not belong there'],
    ["i>j", [[2]], '">" does not belong there'],
    ["i.j", [[2]], '"." does not belong there'],
    ["i->i->i", [[2]], "there is one result"],
    ["i,j->i,j", [[2], [2]], "there is one result"],
    ["ii", [[2, 2]], 'i stands twice in "ii"; diagonals are not taken'],
    ["ij->ii", [[2, 2]], 'i stands twice in "ii"'],
    ["...i...", [[2, 2]], '"..." stands twice'],
    ["ij", [[2]], '"ij" names 2 axes, but the operand [2] has 1'],
    ["i", [[2, 3]], '"i" names 1 axes, but the operand [2, 3] has 2'],
    [
      "ij,jk",
      [
        [2, 3],
        [2, 3],
      ],
      "axis j has sizes 3 and 2 in [2, 3] and [2, 3]",
    ],
    [
      "...i,...i",
      [
        [2, 3],
        [4, 3],
      ],
      'an axis of "..." has sizes 2 and 4',
    ],
    ["ij->k", [[2, 3]], "the result has an axis k that no operand has"],
    ["...i->i", [[2, 3]], 'the result lacks the axes of "..."'],
  ] as [string, Shape[], string][])("refuses %s", (equation, shapes, message) => {
    expect(() => einsum(equation, ...shapes.map((shape) => input(shape)))).toThrow(message);
  });

  it("refuses integers and mixed precisions", () => {
    expect(() => einsum("i->", input([2], "int32"))).toThrow('einsum "i->": an operand is int32; cast it');
    expect(() => einsum("i,i", input([2], "float32"), input([2]))).toThrow(
      'einsum "i,i": operands are float32 and float64',
    );
  });
});
