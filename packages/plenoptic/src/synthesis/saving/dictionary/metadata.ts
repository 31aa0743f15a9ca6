// What our files say of themselves beyond Python's: one JSON text in `save_metadata`, where Python does not look.

import { NUMERICS_VERSION } from "@plenoptic-js/tensor";
import { canonicalJson, type JsonObject } from "../../../files/canonicalJson.ts";
import type { PtDict, PtValue } from "../../../files/pt/index.ts";
import { VERSION } from "../../../version.ts";

export type { JsonObject };

/** The form of what our files say beyond Python's. A reader that does not know it must not use it. */
const FILE_VERSION = 1;

/** The release of Python's plenoptic whose layout is written. */
export const LAYOUT_OF = "2.1.0";

/** The key in `save_metadata`. */
const OWN_KEY = "plenoptic_js";

export interface OwnMetadata {
  /** How to make it again; null for a synthesis that Python's plenoptic began. */
  readonly recipe: JsonObject | null;
  /** What a method needs to go on that Python's attributes have no place for. */
  readonly run?: JsonObject;
  /** Of a converted file: what it was before. */
  readonly converted?: JsonObject;
}

/** `save_metadata` of a file that is written here. */
export function writeMetadata(synthesisObject: string, { recipe, run, converted }: OwnMetadata): PtDict {
  const own: JsonObject = {
    file: FILE_VERSION,
    version: VERSION,
    numerics: NUMERICS_VERSION,
    recipe,
    ...(run !== undefined && { run }),
    ...(converted !== undefined && { converted }),
  };
  return new Map<PtValue, PtValue>([
    ["plenoptic_version", `${LAYOUT_OF}+js.${VERSION}`],
    ["torch_version", `none: written by plenoptic-js ${VERSION}`],
    ["synthesis_object", synthesisObject],
    [OWN_KEY, canonicalJson(own)],
  ]);
}

/** Our part of `save_metadata`; null where there is none that is understood. */
export function readMetadata(metadata: PtValue | undefined): OwnMetadata | null {
  const text = metadata instanceof Map ? metadata.get(OWN_KEY) : undefined;
  if (typeof text !== "string") return null;
  try {
    const own = JSON.parse(text) as { readonly file?: unknown } & Partial<OwnMetadata>;
    if (own.file !== FILE_VERSION) return null;
    const { recipe = null, run, converted } = own;
    return { recipe, ...(run !== undefined && { run }), ...(converted !== undefined && { converted }) };
  } catch {
    return null;
  }
}
