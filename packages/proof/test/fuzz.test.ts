// Damaged inputs for every reader of files, in a process of their own: a short form of fuzz.slow.test.ts, and what sees the failures.

import { expect, test } from "vitest";
import { fuzz } from "../src/fuzz/campaign.ts";
import { damage, numbersOf } from "../src/fuzz/damage.ts";
import type { FuzzReader } from "../src/fuzz/reader.ts";
import { readers } from "../src/fuzz/readers/index.ts";
import { problemsOf } from "../src/fuzz/report.ts";
import { tryInputs } from "../src/fuzz/tries.ts";

/** Few enough for a few seconds; a decoder takes milliseconds for each. */
const few = (count: number): number => Math.round(count / (count > 100_000 ? 200 : 250));

test("every reader gives a value that keeps the rules, or a refusal, and soon", async () => {
  const runs = readers.map(({ name, count }) => ({ reader: name, seed: 7, from: 0, to: few(count) }));
  const result = await fuzz(runs);
  expect(problemsOf(result)).toEqual([]);
  for (const { reader, refused, accepted } of result.tallies) {
    // Repaired damage comes further than to the first stage, and some of it is sound.
    const [, ...later] = Object.values(refused.within);
    expect(Math.max(...later), reader).toBeGreaterThan(0);
    expect(accepted.within, reader).toBeGreaterThan(0);
  }
});

const faults: readonly (readonly [what: string, problem: RegExp])[] = [
  ["ends", /the process ended with 9: gone/],
  ["hangs", /it takes more than 1000 ms/],
  ["takes much", /the process ended with 1: .*allocation failed/s],
];

// Only Linux limits what a process takes.
test.each(faults.slice(0, process.platform === "linux" ? 3 : 2))(
  "a process that %s is told, with the input it was at",
  async (what, problem) => {
    const run = { reader: what, seed: 5, from: 0, to: 10 };
    const result = await fuzz([run], { child: new URL("./faultyChild.ts", import.meta.url), hangs: 1000 });
    expect(result.stopped).toMatchObject({ reader: what, seed: 5, index: 3, problem: expect.stringMatching(problem) });
    expect(problemsOf(result)).toHaveLength(1);
  },
  60_000,
);

/** A reader that says of inputs that begin with these bytes what is wrong with them. */
const faulty: FuzzReader = {
  name: "faulty",
  count: 0,
  files: () => [Uint8Array.of(9, 9)],
  anywhere: (_, draw) => Uint8Array.of(draw(5)),
  within: (_, draw) => Uint8Array.of(draw(5)),
  read: ([first]) => {
    if (first === 0) throw new RangeError("stage one");
    if (first === 1) throw new RangeError("of no stage");
    if (first === 2) throw new TypeError("no refusal");
    return first;
  },
  isRefusal: (error) => error instanceof RangeError,
  stages: [["one", /stage one/]],
  check: (_: Uint8Array, value: number) => (value === 3 ? "a broken rule" : undefined),
  limit: 0,
};

test("an error that is no refusal, one of no stage, and a broken rule are found; the others are counted", async () => {
  const { findings, refused, accepted } = await tryInputs(faulty, 1, 0, 25, () => {});
  const words = new Set(findings.map(({ problem }) => problem.split("\n")[0]));
  expect(words).toEqual(
    new Set([
      "no refusal: TypeError: no refusal",
      "a refusal of no stage: of no stage",
      "accepted, but: a broken rule",
    ]),
  );
  expect(refused.anywhere.one + refused.within.one + accepted.anywhere + accepted.within + findings.length).toBe(25);
});

test("an input is damaged, and the same for the same seed and number", () => {
  const file = Uint8Array.from({ length: 300 }, (_, i) => i);
  const made = Array.from({ length: 100 }, (_, index) => damage(file, numbersOf(3, index)));
  expect(made.map((_, index) => damage(file, numbersOf(3, index)))).toEqual(made);
  expect(made.some((bytes, index) => Buffer.compare(bytes, damage(file, numbersOf(4, index))) !== 0)).toBe(true);
  expect(made.filter((bytes) => Buffer.compare(bytes, file) === 0).length).toBeLessThan(5);
});
