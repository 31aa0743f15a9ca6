// The bits of a network, here as in a page (page.browser.test.ts).

import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import hashes from "../data/bits.json" with { type: "json" };
import { bitsOfNetwork } from "./bits.ts";

it("Node gives the committed bits of features and gradients", async () => {
  const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> =>
    Uint8Array.from(readFileSync(new URL(`../data/golden/${path}`, import.meta.url)));
  expect(await bitsOfNetwork(read)).toEqual(hashes);
});
