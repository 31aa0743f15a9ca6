// The table of promised results belongs to one version of the contract, and cannot change under it. That the results are
// those of the table is seen by `npm run hashes` and by the browser tests.

import { NUMERICS_VERSION } from "@plenoptic-js/tensor";
import { expect, test } from "vitest";
import { cases } from "../src/hashes/cases.ts";
import table from "../src/hashes/table.json" with { type: "json" };
import { type HashTable, updatedTable } from "../src/hashes/update.ts";

const known: HashTable = table;

test("the table is that of this NUMERICS_VERSION, and has every case", () => {
  expect(known.numericsVersion).toBe(NUMERICS_VERSION);
  expect(Object.keys(known.hashes)).toEqual(cases.map(({ name }) => name));
});

const [first, second] = Object.keys(known.hashes);
const changed = { ...known.hashes, [first]: { ...known.hashes[first], value: "0".repeat(64) } };

test("new results are added under the same version", () => {
  const { [first]: _, ...fewer } = known.hashes;
  expect(updatedTable({ ...known, hashes: fewer }, known.hashes, NUMERICS_VERSION)).toEqual(known);
  expect(updatedTable(known, known.hashes, NUMERICS_VERSION)).toEqual(known);
});

test("other bits, or a result that is gone, need a higher version", () => {
  expect(() => updatedTable(known, changed, NUMERICS_VERSION)).toThrow(
    `1 promised results of NUMERICS_VERSION ${NUMERICS_VERSION} are not what they were.\n${first}, value: other bits\n`,
  );
  const { [second]: _, ...fewer } = known.hashes;
  expect(() => updatedTable(known, fewer, NUMERICS_VERSION)).toThrow(`${second}, value: gone`);
  const next = { numericsVersion: NUMERICS_VERSION + 1, hashes: changed };
  expect(updatedTable(known, changed, NUMERICS_VERSION + 1)).toEqual(next);
  expect(() => updatedTable(next, known.hashes, NUMERICS_VERSION)).toThrow(/it only goes up/);
});
