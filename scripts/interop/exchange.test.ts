// The exchange with a plenoptic that is played by our own library: a good one passes, one that forgets is found out.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as po from "plenoptic-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Case, cases, type EigenCase, eigenCases, small, start, target } from "./cases.ts";
import { exchange, exchangeEigendistortions, type Outcome } from "./exchange.ts";
import { type Answer, RequestError } from "./peer.ts";

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

const fresh = (): po.Metamer => new po.Metamer(target.image, new po.models.Gaussian([7, 7]));

/** Does what continue.py does. The one that forgets begins to optimize anew after it has loaded. */
function plenoptic(one: Case, forgets: boolean) {
  return async ({ do: action, begun, continued, file, iterations }: Answer): Promise<Answer> => {
    const metamer = fresh();
    const synthesize = () =>
      metamer.synthesize({ maxIter: Number(iterations), storeProgress: true, stopCriterion: -1 });
    if (action === "read") {
      await metamer.load(String(file));
      return { metamer: Array.from(await metamer.metamer.data()) };
    }
    if (action === "make") {
      await metamer.setup({ ...one.ours(), initialImage: start.image });
      await synthesize();
      await metamer.save(String(begun));
    } else if (forgets) {
      const loaded = fresh();
      await loaded.load(String(begun));
      await metamer.setup({ ...one.ours(), initialImage: loaded.metamer });
      await synthesize();
    } else {
      await metamer.load(String(begun));
    }
    await synthesize();
    await metamer.save(String(continued));
    return {};
  };
}

async function outcomes(one: Case, ask: (request: Answer) => Promise<Answer>): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for await (const outcome of exchange({ ask }, one, folder)) all.push(outcome);
  return all;
}

test.each(cases)("$name: all agree when both sides remember", async (one) => {
  const all = await outcomes(one, plenoptic(one, false));
  expect(all.map(({ failure }) => failure)).toEqual(all.map(() => null));
  expect(all).toHaveLength(one.continuesInPython ? 3 : 2);
});

test.each(cases.filter(({ continuesInPython }) => continuesInPython))("$name: forgetting is found out", async (one) => {
  const all = await outcomes(one, plenoptic(one, true));
  expect(all.map(({ failure }) => failure)).toEqual([null, expect.stringMatching(/\[\d+\] is .*, expected /), null]);
});

test("what Python refuses is a failure, what is not its fault is not caught", async () => {
  const refuses = async (): Promise<Answer> => {
    throw new RequestError("ValueError: different names");
  };
  const all = await outcomes(cases[0], refuses);
  expect(all.map(({ failure }) => failure)).toEqual(Array(3).fill("ValueError: different names"));
  const breaks = async (): Promise<Answer> => {
    throw new TypeError("a mistake of ours");
  };
  await expect(outcomes(cases[0], breaks)).rejects.toThrow("a mistake of ours");
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

async function eigenOutcomes(one: EigenCase, ask: (request: Answer) => Promise<Answer>): Promise<Outcome[]> {
  const all: Outcome[] = [];
  for await (const outcome of exchangeEigendistortions({ ask }, one, folder)) all.push(outcome);
  return all;
}

test.each(eigenCases)("eigendistortions by $ours.method go both ways", async (one) => {
  const all = await eigenOutcomes(one, finder(one, null));
  expect(all.map(({ failure }) => failure)).toEqual([null, null]);
  for (const errs of ["eigendistortions", "eigenvalues"] as const) {
    const wrong = await eigenOutcomes(one, finder(one, errs));
    expect(wrong.map(({ failure }) => failure)).toEqual(
      Array(2).fill(expect.stringMatching(/\[\d+\] is .*, expected /)),
    );
  }
});
