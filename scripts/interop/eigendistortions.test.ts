// The exchange of eigendistortions with a plenoptic that is played by our own library: a good one passes, one that errs is found out.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Answer } from "@plenoptic-js/proof/peer/peer";
import * as po from "plenoptic-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EigenCase, eigenCases, small } from "./cases.ts";
import { exchangeEigendistortions } from "./eigendistortions.ts";
import type { Outcome } from "./exchange.ts";

let folder: string;
let quiet: () => void;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "exchange-"));
  quiet = po.warnings.on(() => {});
});
afterEach(() => {
  quiet();
  rmSync(folder, { recursive: true });
});

/** Does what continue.py does with eigendistortions. The one that errs answers with another sign, or another value. */
function finder({ ours }: EigenCase, errs: "eigendistortions" | "eigenvalues" | null) {
  return async ({ do: action, file }: Answer): Promise<Answer> => {
    const eig = new po.Eigendistortion(small.image, new po.models.Gaussian([7, 7]));
    if (action === "read eigendistortions") await eig.load(String(file));
    else {
      await eig.synthesize(ours);
      await eig.save(String(file));
    }
    const [eigenindex, eigenvalues, eigendistortions] = [eig.eigenindex, eig.eigenvalues, eig.eigendistortions].map(
      (x) => Array.from(x?.dataSync() as Float64Array),
    );
    const answer: Record<string, number[]> = { eigenindex, eigenvalues, eigendistortions };
    if (errs !== null) answer[errs] = answer[errs].map((x) => -x);
    return answer;
  };
}

async function outcomes(one: EigenCase, ask: (request: Answer) => Promise<Answer>): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for await (const outcome of exchangeEigendistortions({ ask }, one, folder)) all.push(outcome);
  return all;
}

test.each(eigenCases)("eigendistortions by $ours.method go both ways", async (one) => {
  const all = await outcomes(one, finder(one, null));
  expect(all.map(({ failure }) => failure)).toEqual([null, null]);
  for (const errs of ["eigendistortions", "eigenvalues"] as const) {
    const wrong = await outcomes(one, finder(one, errs));
    expect(wrong.map(({ failure }) => failure)).toEqual(
      Array(2).fill(expect.stringMatching(/\[\d+\] is .*, expected /)),
    );
  }
});
