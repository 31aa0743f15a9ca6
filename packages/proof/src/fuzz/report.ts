// What came out of fuzzing, in words.

import type { CampaignResult } from "./campaign.ts";
import { readers } from "./readers/index.ts";
import type { Tally } from "./tries.ts";

const MEBI = 1 << 20;
/** Bytes that the engine may take for itself, before it collects what is no longer used. */
const ENGINE = 96 * MEBI;
/** No reader may take more, whatever it says of itself. */
const MOST = 512 * MEBI;

/** What is wrong; nothing where all is well. */
export function problemsOf({ tallies, stopped }: CampaignResult): string[] {
  const findings = [...tallies.flatMap((tally) => tally.findings), ...(stopped === undefined ? [] : [stopped])];
  return [
    ...findings.map(({ reader, seed, index, problem }) => `${reader}, seed ${seed}, input ${index}: ${problem}`),
    ...tallies.flatMap(memoryProblem),
  ];
}

/** Four times what the reader says, beside what the engine has. */
function memoryProblem({ reader, grown, grownAt }: Tally): string[] {
  const limit = readers.find(({ name }) => name === reader)?.limit ?? 0;
  const allowed = Math.min(4 * limit + ENGINE, MOST);
  if (grown <= allowed) return [];
  return [`${reader}: memory grew by ${mebi(grown)} MiB, most of it at input ${grownAt}; ${mebi(allowed)} are allowed`];
}

const mebi = (bytes: number): number => Math.round(bytes / MEBI);

/** How far the inputs came: how many were left at each stage, damaged anywhere and within. */
export function tableOf({ tallies }: CampaignResult): string {
  return tallies.map(lineOf).join("\n");
}

function lineOf({ reader, refused, accepted, slowest, grown }: Tally): string {
  const parts = Object.keys(refused.within).map(
    (stage) => `${stage} ${refused.anywhere[stage]} + ${refused.within[stage]}`,
  );
  const end = `accepted ${accepted.anywhere} + ${accepted.within}; slowest ${Math.round(slowest)} ms, ${mebi(grown)} MiB`;
  return `${reader}: refused at ${parts.join(", ")}; ${end}`;
}
