/**
 * Whether a figure is given what it is for. One for another method says so, and which figure is for it.
 */

import { shown } from "@plenoptic-js/tensor/engine";

type Kind = "Metamer" | "MADCompetition" | "Eigendistortion";

/** A name that only objects of a kind have, and a figure of them. */
const KINDS: Readonly<Record<Kind, { readonly has: string; readonly figure: string }>> = {
  Metamer: { has: "metamer", figure: "synthesisStatus(metamer)" },
  MADCompetition: { has: "madImage", figure: "synthesisStatus(mad)" },
  Eigendistortion: { has: "eigendistortions", figure: "eigendistortionImshowAll(eigendistortion)" },
};

/** Throws TypeError for what is of none of the kinds. */
export function checkKind(caller: string, given: unknown, ...kinds: readonly Kind[]): void {
  const found = kindOf(given);
  if (found !== null && kinds.includes(found)) return;
  const wanted = `${caller} shows ${kinds.map(withArticle).join(" or ")}, and was given ${whatIs(given)}`;
  throw new TypeError(found === null ? wanted : `${wanted}; use plot.${KINDS[found].figure} for that`);
}

/** What was given, in words. */
export function whatIs(given: unknown): string {
  const kind = kindOf(given);
  if (kind !== null) return withArticle(kind);
  return shown(given);
}

const withArticle = (kind: Kind): string => `${kind === "Eigendistortion" ? "an" : "a"} ${kind}`;

function kindOf(given: unknown): Kind | null {
  if (typeof given !== "object" || given === null) return null;
  return (Object.keys(KINDS) as Kind[]).find((kind) => KINDS[kind].has in given) ?? null;
}
