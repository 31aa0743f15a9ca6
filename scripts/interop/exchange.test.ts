// The exchange with a plenoptic that is played by our own library: a good one passes, one that forgets is found out.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Answer, RequestError } from "@plenoptic-js/proof/peer/peer";
import * as po from "plenoptic-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Case, cases, start } from "./cases.ts";
import { exchange, type Outcome } from "./exchange.ts";
import { fresh, imageOf } from "./objects.ts";

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

/** Does what continue.py does. The one that forgets begins to optimize anew after it has loaded. */
function plenoptic(one: Case, forgets: boolean) {
  return async ({
    do: action,
    begun,
    continued,
    file,
    synthesize: given,
    class: className,
  }: Answer): Promise<Answer> => {
    expect(className).toBe(one.className);
    const object = fresh(one.className);
    const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
    const options = Object.fromEntries(Object.entries(given as object).map(([name, value]) => [camel(name), value]));
    const synthesize = () => object.synthesize(options);
    if (action === "read") {
      await object.load(String(file));
      return { image: Array.from(await imageOf(object).data()) };
    }
    if (action === "make") {
      await object.setup({ ...one.ours(), initialImage: start.image });
      await synthesize();
      await object.save(String(begun));
    } else if (forgets) {
      const loaded = fresh(one.className);
      await loaded.load(String(begun));
      await object.setup({ ...one.ours(), initialImage: imageOf(loaded) });
      await synthesize();
    } else {
      await object.load(String(begun));
    }
    await synthesize();
    await object.save(String(continued));
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
  expect(all.map(({ failure }) => failure)).toEqual([null, expect.stringMatching(/ (is|are) .*, expected /), null]);
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
