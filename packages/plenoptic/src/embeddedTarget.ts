// The target inside a PNG file, as text beside the recipe: so that the file can be verified without any other.

import { FileError } from "@plenoptic-js/formats";
import { type FloatDType, type Tensor, tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";
import { fromBase64, toBase64 } from "./recipe.ts";

/** The keyword of the PNG text chunk that holds a target. */
export const TARGET_KEYWORD = "plenoptic-target";

interface Embedded {
  readonly dtype: FloatDType;
  readonly shape: readonly number[];
  /** Where all values are whole multiples of 1 / levels: those numbers stand in `data`, in one byte or two. */
  readonly levels?: 255 | 65535;
  /** Little-endian, in base64. */
  readonly data: string;
}

/** The text of a target: exactly its values. Those of 8-bit images take a byte each. */
export function targetText(target: Tensor<FloatDType>): string {
  const { dtype, shape } = target;
  const values = heldValue(target).re as Float32Array | Float64Array;
  for (const levels of [255, 65535] as const) {
    const whole = wholeNumbers(values, levels);
    if (whole !== null) return JSON.stringify({ dtype, shape, levels, data: base64(whole) } satisfies Embedded);
  }
  return JSON.stringify({ dtype, shape, data: base64(values) } satisfies Embedded);
}

/** @throws FileError for a text that is none of a target */
export function readTarget(text: string, file: string): Tensor<FloatDType> {
  const wrong = (cause?: unknown): FileError =>
    new FileError("damaged", file, "the target inside is not what a target is written as", { cause });
  let parsed: Partial<Embedded>;
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    parsed = JSON.parse(text) as Partial<Embedded>;
    bytes = fromBase64(String(parsed.data));
  } catch (cause) {
    throw wrong(cause);
  }
  const { dtype, shape, levels } = parsed;
  const isShape = Array.isArray(shape) && shape.length <= 8 && shape.every((n) => Number.isSafeInteger(n) && n > 0);
  if ((dtype !== "float32" && dtype !== "float64") || !isShape) throw wrong();
  const count = (shape as readonly number[]).reduce((product, n) => product * n, 1);
  const width = levels === 255 ? 1 : levels === 65535 ? 2 : levels === undefined ? (dtype === "float32" ? 4 : 8) : 0;
  if (width === 0 || bytes.length !== width * count) throw wrong();
  const { buffer } = bytes;
  if (levels === undefined) {
    return tensor(dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer), { shape, dtype });
  }
  const whole = levels === 255 ? bytes : new Uint16Array(buffer);
  return tensor(
    Float64Array.from(whole, (n) => n / levels),
    { shape, dtype },
  );
}

/** The values times `levels`; null where dividing again would not give each of them exactly. */
function wholeNumbers(values: Float32Array | Float64Array, levels: 255 | 65535): Uint8Array | Uint16Array | null {
  const isSingle = values instanceof Float32Array;
  const whole = levels === 255 ? new Uint8Array(values.length) : new Uint16Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const n = Math.floor(values[i] * levels + 0.5);
    const again = n / levels;
    if (!(n >= 0 && n <= levels) || !Object.is(isSingle ? Math.fround(again) : again, values[i])) return null;
    whole[i] = n;
  }
  return whole;
}

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array | Uint16Array | Float32Array | Float64Array): string =>
  toBase64(new Uint8Array(buffer, byteOffset, byteLength));
