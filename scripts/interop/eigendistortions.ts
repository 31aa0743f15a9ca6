// Both directions for eigendistortions, which are found in one library and read in the other.

import { join } from "node:path";
import type { Peer } from "@plenoptic-js/proof/peer/peer";
import * as po from "plenoptic-js";
import { type EigenCase, small } from "./cases.ts";
import { farthest, type Outcome, outcome } from "./exchange.ts";

/** What Python says of eigendistortions: values in its own order, vectors one after the other. */
interface Pairs {
  readonly eigenindex: readonly number[];
  readonly eigenvalues: readonly number[];
  readonly eigendistortions: readonly number[];
}

/** All exchanges of one case, with files in `folder`. */
export async function* exchangeEigendistortions(
  peer: Pick<Peer, "ask">,
  { ours, theirs }: EigenCase,
  folder: string,
): AsyncGenerator<Outcome> {
  const request = async (action: string, file: string): Promise<Pairs> =>
    (await peer.ask({ do: action, options: theirs, image: small.numbers, file })) as unknown as Pairs;
  const path = (name: string): string => join(folder, `eigendistortions-${ours.method}-${name}.pt`);
  const made = new po.Eigendistortion(small.image, new po.models.Gaussian([7, 7]));
  po.setSeed(0);
  await made.synthesize(ours);

  yield await outcome(`Eigendistortion, ${ours.method}: found here, read in Python`, async () => {
    await made.save(path("here"), { withModel: true });
    const read = await request("read eigendistortions", path("here"));
    // In our order, which decreases.
    return differenceOfPairs(await pairsOf(made), read, read.eigenvalues);
  });
  yield await outcome(`Eigendistortion, ${ours.method}: found in Python, read here`, async () => {
    const found = await request("find eigendistortions", path("python"));
    const loaded = new po.Eigendistortion(small.image, new po.models.Gaussian([7, 7]));
    await loaded.load(path("python"));
    const decreasing = [...found.eigenvalues].sort((a, b) => b - a);
    const difference = differenceOfPairs(await pairsOf(loaded), found, decreasing);
    // The largest is the same by all methods.
    const largest = [await loaded.eigenvalues!.data(), await made.eigenvalues!.data()].map(([value]) => value);
    return Math.max(difference, farthest("largest eigenvalue", [largest[0]], [largest[1]]));
  });
}

async function pairsOf({ eigenindex, eigenvalues, eigendistortions }: po.Eigendistortion): Promise<Pairs> {
  const [index, values, vectors] = [eigenindex!, eigenvalues!, eigendistortions!];
  return {
    eigenindex: Array.from(await index.data()),
    eigenvalues: Array.from(await values.data()),
    eigendistortions: Array.from(await vectors.data()),
  };
}

/** Index by index, value by value; each vector against that of the same value. */
function differenceOfPairs(here: Pairs, python: Pairs, inOrder: readonly number[]): number {
  const n = small.image.size;
  const rows = inOrder.map((value) => python.eigenvalues.indexOf(value));
  const sorted = rows.flatMap((row) => python.eigendistortions.slice(row * n, (row + 1) * n));
  return Math.max(
    farthest("eigenindex", here.eigenindex, python.eigenindex),
    farthest("eigenvalues", here.eigenvalues, inOrder, "all"),
    farthest("eigendistortions", here.eigendistortions, sorted, "all"),
  );
}
