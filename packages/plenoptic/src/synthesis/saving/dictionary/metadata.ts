// What our files say of themselves beyond Python's: one JSON text in `save_metadata`, where Python does not look.

import { canonicalJson, type JsonObject, type PtDict, PtTensor, type PtValue } from "@plenoptic-js/formats";
import { NUMERICS_VERSION } from "@plenoptic-js/tensor";
import { MODEL_KEY } from "../../../stored/form.ts";
import { VERSION } from "../../../version.ts";

/** The form of what our files say beyond Python's. A reader that does not know it must not use it. */
const FILE_VERSION = 1;

/** The release of Python's plenoptic whose layout is written. */
export const LAYOUT_OF = "2.1.0";

/** The keys in `save_metadata`. */
const OWN_KEY = "plenoptic_js";
const ARRAYS_KEY = "plenoptic_js_arrays";

export interface OwnMetadata {
  /** How to make it again; null for a synthesis that Python's plenoptic began. */
  readonly recipe: JsonObject | null;
  /** The numeric contract under which it was written. */
  readonly numerics?: number;
  /** What a method needs to go on that Python's attributes have no place for. */
  readonly run?: JsonObject;
  /** Arrays that belong to `run`. */
  readonly arrays?: Readonly<Record<string, Float32Array | Float64Array>>;
  /** Of a converted file: what it was before. */
  readonly converted?: JsonObject;
}

/** An array that is read when it is written: what is remembered is large. */
export interface LaterValues {
  readonly dtype: "float32" | "float64";
  readonly length: number;
  make(): Float32Array | Float64Array;
}

/** What a file is to say. */
export interface WrittenMetadata extends Omit<OwnMetadata, "arrays"> {
  readonly arrays?: Readonly<Record<string, Float32Array | Float64Array | LaterValues>>;
}

/**
 * `save_metadata` of a file that is written here.
 *
 * @param model the functions of the synthesis, where they are kept
 */
export function writeMetadata(
  synthesisObject: string,
  { recipe, run, arrays = {}, converted }: WrittenMetadata,
  model: PtDict | null = null,
): PtDict {
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
    ...(Object.keys(arrays).length > 0 ? [[ARRAYS_KEY, writeArrays(arrays)] as const] : []),
    ...(model === null ? [] : [[MODEL_KEY, model] as const]),
  ]);
}

function writeArrays(arrays: Required<WrittenMetadata>["arrays"]): PtDict {
  const kind = (values: Float32Array | Float64Array) => (values instanceof Float32Array ? "float32" : "float64");
  const written = Object.entries(arrays).map(([name, values]) => {
    const tensor =
      "make" in values
        ? PtTensor.later(values.dtype, [values.length], () => values.make())
        : PtTensor.of(kind(values), [values.length], values);
    return [name, tensor] as const;
  });
  return new Map<PtValue, PtValue>(written);
}

function readArrays(metadata: PtDict): OwnMetadata["arrays"] {
  const dict = metadata.get(ARRAYS_KEY);
  if (!(dict instanceof Map)) return undefined;
  const read: Record<string, Float32Array | Float64Array> = {};
  for (const [name, value] of dict) {
    if (typeof name === "string" && value instanceof PtTensor && /^float(32|64)$/.test(value.dtype)) {
      read[name] = value.data() as Float32Array | Float64Array;
    }
  }
  return read;
}

/** Our part of `save_metadata`; null where there is none that is understood. */
export function readMetadata(metadata: PtValue | undefined): OwnMetadata | null {
  const text = metadata instanceof Map ? metadata.get(OWN_KEY) : undefined;
  if (typeof text !== "string") return null;
  try {
    const own = JSON.parse(text) as { readonly file?: unknown } & Partial<OwnMetadata>;
    if (own.file !== FILE_VERSION) return null;
    const { recipe = null, numerics, run, converted } = own;
    const arrays = readArrays(metadata as PtDict);
    return {
      recipe,
      ...(typeof numerics === "number" && { numerics }),
      ...(run !== undefined && { run }),
      ...(arrays !== undefined && { arrays }),
      ...(converted !== undefined && { converted }),
    };
  } catch {
    return null;
  }
}
