// `plenoptic verify FOLDER`: the results of a sweep made again, all of them or a random share.

import { randomInt } from "node:crypto";
import { join, resolve } from "node:path";
import { jobStates, readSweep } from "@plenoptic-js/runs";
import { NumpyRandomState } from "@plenoptic-js/tensor";
import { counted } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import type { ReplayFlags } from "./replayFlags.ts";
import { fromHere } from "./resultFolder.ts";
import { LARGEST_SEED } from "./seedList.ts";
import { replayFlagsOf } from "./sweepJob.ts";
import type { Terminal } from "./terminal.ts";

export type ShareFlags = {
  readonly share?: number | undefined;
  readonly shareSeed?: number | undefined;
};

/**
 * Verifies results of a sweep, one after the other.
 *
 * @param one verifies a file, with what the job needs that the file does not hold
 * @throws UserError where there is nothing to verify
 */
export async function verifySweep<Verdict extends string>(
  typed: string,
  { share = 1, shareSeed }: ShareFlags,
  { out }: Terminal,
  one: (file: string, needs: ReplayFlags) => Promise<Verdict>,
): Promise<readonly Verdict[]> {
  const folder = resolve(typed);
  const done = jobStates(readSweep(folder)).filter(({ results }) => results !== null);
  if (done.length === 0) throw new UserError(`${typed} has no results yet, so there is nothing to verify`);
  let chosen = done;
  if (share < 1) {
    const seed = shareSeed ?? randomInt(LARGEST_SEED);
    const order = Array.from({ length: done.length }, (_, i) => i);
    new NumpyRandomState(seed).shuffle(order);
    const places = order.slice(0, Math.max(1, Math.ceil(share * done.length))).sort((a, b) => a - b);
    chosen = places.map((place) => done[place]);
    out.write(
      `${chosen.length} of ${counted(done.length, "result")}, chosen at random: --share ${share} --share-seed ${seed} chooses them again\n`,
    );
  }
  const verdicts: Verdict[] = [];
  for (const { job, results } of chosen) {
    // Their target is in the files.
    const { image: _, resize: __, ...needs } = replayFlagsOf(job);
    verdicts.push(await one(fromHere(join(results!, "result.pt")), needs));
  }
  const good = verdicts.filter((verdict) => verdict === "identical").length;
  out.write(`${typed}: ${good} of ${verdicts.length} identical\n`);
  return verdicts;
}
