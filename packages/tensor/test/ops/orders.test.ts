// The orders of sums that docs/numerics.md, "What networks are made of", fixes for windows and sizes, written out once more.

import { generator, randomArray } from "@plenoptic-js/proof/graphs/arrays";
import { expect, it } from "vitest";
import { avgPool2d, gradient, interpolate, maxPool2d, type Tensor, tensor } from "../../src/index.ts";

const [H, W, SIZE, STRIDE] = [9, 11, 3, 2];
const [ROWS, COLUMNS] = [H, W].map((n) => Math.floor((n - SIZE) / STRIDE) + 1);
const round = Math.fround;

const drawn = (seed: number, rows: number, columns: number): Float32Array =>
  // A coarse grid, so that windows have ties.
  Float32Array.from(randomArray(generator(seed), [rows, columns], "float32").re, (v) => round(Math.round(v * 7) / 3));
const x = drawn(1, H, W);
const g = drawn(2, ROWS, COLUMNS);
const image = (values: Float32Array, rows: number, columns: number): Tensor<"float32"> =>
  tensor(values, { shape: [rows, columns], dtype: "float32" });

/** Places of a window, row by row. */
const places = Array.from({ length: SIZE * SIZE }, (_, k) => [Math.floor(k / SIZE), k % SIZE] as const);
const elementOf = (r: number, c: number, [dr, dc]: readonly [number, number]): number =>
  (r * STRIDE + dr) * W + c * STRIDE + dc;
const windows = Array.from({ length: ROWS * COLUMNS }, (_, i) => [Math.floor(i / COLUMNS), i % COLUMNS] as const);

/** Shares of all windows: for every element from the window's last place to its first, with +0 where there is no window. */
function gathered(share: (window: number, element: number) => number): Float32Array {
  const sums = new Float32Array(H * W);
  [...places].reverse().forEach((place, k) => {
    const own = new Float32Array(H * W);
    windows.forEach(([r, c], i) => {
      own[elementOf(r, c, place)] = share(i, elementOf(r, c, place));
    });
    own.forEach((value, i) => {
      sums[i] = k === 0 ? value : sums[i] + value;
    });
  });
  return sums;
}

it("mean of windows: row by row, then divided; the gradient from a window's last place to its first", async () => {
  const input = image(x, H, W);
  const y = avgPool2d(input, SIZE, { stride: STRIDE });
  const means = windows.map(([r, c]) => {
    const sum = places.map((place) => x[elementOf(r, c, place)]).reduce((a, b) => round(a + b));
    return round(sum / places.length);
  });
  expect(await y.data()).toEqual(Float32Array.from(means));
  const dx = gradient(y.mul(image(g, ROWS, COLUMNS)).sum(), input);
  expect(await dx.data()).toEqual(gathered((i) => round(g[i] / places.length)));
});

it("maximum of windows: the gradient is shared among ties, and added in the same order", async () => {
  const input = image(x, H, W);
  const y = maxPool2d(input, SIZE, { stride: STRIDE });
  const members = windows.map(([r, c]) => places.map((place) => x[elementOf(r, c, place)]));
  const largest = members.map((values) => Math.max(...values));
  expect(await y.data()).toEqual(Float32Array.from(largest));
  const ties = members.map((values, i) => values.filter((value) => value === largest[i]).length);
  expect(Math.max(...ties)).toBeGreaterThan(1);
  const dx = gradient(y.mul(image(g, ROWS, COLUMNS)).sum(), input);
  expect(await dx.data()).toEqual(gathered((i, element) => (x[element] === largest[i] ? round(g[i] / ties[i]) : 0)));
});

it("linear interpolation: last axis first, (1 - w) times the left neighbour plus w times the right one", async () => {
  const along = (values: Float32Array, from: number, to: number, step: number, lines: readonly number[]) => {
    const at = (place: number, line: number): number => values[line + Math.min(place, from - 1) * step];
    return lines.map((line) =>
      Array.from({ length: to }, (_, i) => {
        const place = Math.max(0, ((i + 0.5) * from) / to - 0.5);
        const [k, w] = [Math.floor(place), place - Math.floor(place)];
        return round(round(at(k, line) * round(1 - w)) + round(at(k + 1, line) * round(w)));
      }),
    );
  };
  const wide = Float32Array.from(
    along(
      x,
      W,
      7,
      1,
      [...Array(H).keys()].map((r) => r * W),
    ).flat(),
  );
  const columns = along(wide, H, 13, 7, [...Array(7).keys()]);
  const want = Float32Array.from({ length: 13 * 7 }, (_, i) => columns[i % 7][Math.floor(i / 7)]);
  expect(await interpolate(image(x, H, W), [13, 7]).data()).toEqual(want);
});
