// A network in a page: from bytes that were fetched, to the bits that Node has (bits.test.ts).

import { expect, it } from "vitest";
import hashes from "../data/bits.json" with { type: "json" };
import { bitsOfNetwork } from "./bits.ts";

it("a page gives the committed bits of features and gradients", async () => {
  const read = async (path: string): Promise<Uint8Array<ArrayBuffer>> => {
    const response = await fetch(`/packages/networks/test/data/golden/${path}`);
    expect(response.ok).toBe(true);
    return new Uint8Array(await response.arrayBuffer());
  };
  expect(await bitsOfNetwork(read)).toEqual(hashes);
});
