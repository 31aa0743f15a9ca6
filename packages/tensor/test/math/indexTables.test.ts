// Index tables: padding as in PyTorch, spreading, and the adjoint.

import { describe, expect, it } from "vitest";
import { type PaddingMode, padTable, spreadTable, transposeTable } from "../../src/math/indexTables.ts";

/** The lists of a table; what comes out is compared as plain arrays. */
function lists({ starts, indices }: { starts: Int32Array; indices: Int32Array }): number[][] {
  return Array.from({ length: starts.length - 1 }, (_, i) => Array.from(indices.subarray(starts[i], starts[i + 1])));
}

const singles = (...indices: number[]): number[][] => indices.map((i) => (i < 0 ? [] : [i]));

describe("padTable", () => {
  // reflect, replicate and circular of 4: examples in the documentation of torch.nn.ReflectionPad1d and its relatives.
  it.each<[PaddingMode, number, number, number, number[]]>([
    ["reflect", 4, 2, 2, [2, 1, 0, 1, 2, 3, 2, 1]],
    ["reflect", 4, 3, 1, [3, 2, 1, 0, 1, 2, 3, 2]],
    ["replicate", 4, 2, 2, [0, 0, 0, 1, 2, 3, 3, 3]],
    ["replicate", 1, 3, 2, [0, 0, 0, 0, 0, 0]],
    ["circular", 4, 2, 2, [2, 3, 0, 1, 2, 3, 0, 1]],
    ["circular", 4, 3, 1, [1, 2, 3, 0, 1, 2, 3, 0]],
    ["circular", 2, 2, 2, [0, 1, 0, 1, 0, 1]],
    ["constant", 3, 2, 1, [-1, -1, 0, 1, 2, -1]],
    ["constant", 5, -2, -1, [2, 3]],
    ["constant", 3, -2, 2, [2, -1, -1]],
    ["constant", 0, 1, 1, [-1, -1]],
    ["reflect", 0, 0, 0, []],
  ])("%s of %i by [%i, %i]", (mode, n, before, after, expected) => {
    expect(lists(padTable(n, before, after, mode))).toEqual(singles(...expected));
  });

  it("refuses what the mode cannot do, naming axis, size and padding", () => {
    expect(() => padTable(5, 5, 0, "reflect", 2)).toThrow(
      /pad: axis 2 of size 5 with padding \[5, 0\]: reflect .* less than the size/,
    );
    expect(() => padTable(5, 0, 6, "circular", 1)).toThrow(
      /pad: axis 1 of size 5 with padding \[0, 6\].*at most the size/,
    );
    expect(() => padTable(0, 1, 0, "replicate")).toThrow(/size 0 .*there is none/);
    expect(() => padTable(5, -1, 0, "reflect")).toThrow(/no negative padding; crop with mode constant/);
    expect(() => padTable(5, -3, -3, "constant")).toThrow(/6 elements cannot be cropped from 5/);
    expect(() => padTable(5, -6, 6, "constant")).toThrow(/6 elements cannot be cropped from 5/);
    expect(() => padTable(5, 0.5, 0, "constant")).toThrow(/0.5 is not an integer/);
    expect(() => padTable(5, 1, 1, "mirror" as PaddingMode)).toThrow(/"mirror"; it must be one of constant, circular/);
    expect(() => padTable(5, 1, 1, "toString" as PaddingMode)).toThrow(/it must be one of/);
  });
});

describe("spreadTable", () => {
  it("puts elements at even distances", () => {
    expect(lists(spreadTable(3, 2, 1, 7))).toEqual(singles(-1, 0, -1, 1, -1, 2, -1));
    expect(lists(spreadTable(2, 1, 0, 3))).toEqual(singles(0, 1, -1));
  });
});

describe("transposeTable", () => {
  it("lists the users of every element in increasing order", () => {
    const table = padTable(4, 2, 2, "reflect");
    expect(lists(transposeTable(table.starts, table.indices, 4))).toEqual([[2], [1, 3, 7], [0, 4, 6], [5]]);
  });

  it("keeps repetitions, and undoes itself up to the order in each list", () => {
    const starts = Int32Array.of(0, 2, 2, 5);
    const indices = Int32Array.of(1, 1, 2, 0, 1);
    const back = transposeTable(starts, indices, 4);
    expect(lists(back)).toEqual([[2], [0, 0, 2], [2], []]);
    const twice = transposeTable(back.starts, back.indices, 3);
    expect(lists(twice)).toEqual([[1, 1], [], [0, 1, 2]]);
  });
});
