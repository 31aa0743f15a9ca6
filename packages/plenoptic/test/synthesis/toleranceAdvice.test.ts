// Which tolerance a refused load advises: none where the numbers are further apart than a tenth, which no rounding explains.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { differenceOf } from "../../src/synthesis/saving/loading/compare.ts";

const of = (...values: number[]): po.Tensor => po.tensor(Float64Array.from(values));
const told = async (saved: number[], own: number[], tolerance = { atol: 0, rtol: 0 }): Promise<string> =>
  (await differenceOf("image", of(...saved), of(...own), tolerance))?.text ?? "no difference";

const ADVICE = /tensorEqualityRtol|tensorEqualityAtol/;
const NONE = "that is more than rounding or another machine would make of it";

describe("a tolerance is advised", () => {
  test.each<[string, number[], number[], string]>([
    ["up to a tenth of each number, as a part", [1.0999, 2], [1, 2], "tensorEqualityRtol: 1.0e-1 would let it pass"],
    ["so also below zero", [-1.0999, 2], [-1, 2], "tensorEqualityRtol: 1.0e-1 would let it pass"],
    ["rounded up", [1.0123, 2], [1, 2], "tensorEqualityRtol: 1.3e-2 would let it pass"],
    ["up to a tenth of the largest, at numbers near zero", [1, 10], [0, 10], "tensorEqualityAtol: 1.0e+0 would let it"],
  ])("%s", async (_, saved, own, advice) => {
    const text = await told(saved, own);
    expect(text).toContain(advice);
    const [, name, value] = /tensorEquality([AR]tol): (\S+) would/.exec(text) ?? [];
    const tolerance = { atol: 0, rtol: 0, [name.toLowerCase()]: Number(value) };
    expect(await told(saved, own, tolerance)).toBe("no difference");
  });

  test.each<[string, number[], number[]]>([
    ["more than a tenth of the number and of the largest", [1.1001], [1]],
    ["more than a tenth of the largest, at a zero", [1.01, 10], [0, 10]],
    ["where all is zero here", [1e-9], [0]],
    ["another sign", [-1, 1], [1, 1]],
  ])("but not for %s", async (_, saved, own) => {
    const text = await told(saved, own);
    expect(text).toContain(NONE);
    expect(text).not.toMatch(ADVICE);
  });

  test("nor for what is not finite, where no tolerance helps", async () => {
    const text = await told([Number.NaN, 1], [1, 1]);
    expect(text).toMatch(/NaN and 1 at element 0$/);
  });
});
