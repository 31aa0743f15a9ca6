// Python plenoptic's `convert_float_to_int`, for values of images.

import { roundAndClip } from "@plenoptic-js/formats";
import { shown } from "@plenoptic-js/tensor/engine";

/** The largest value of each kind of whole number. */
const LARGEST = { uint8: 255, uint16: 65535 } as const;

export type IntegerDtype = keyof typeof LARGEST;

/**
 * Values from 0 to 1 as whole numbers from 0 to 255 or 65535, rounded to the nearest, halves up: 0.5 becomes 128. Nothing is
 * clipped silently.
 *
 * @param values such as `await image.data()`
 * @throws RangeError for NaN, and for values below 0 or above 1; it names the first such value
 * @throws TypeError for what is no array of numbers
 */
export function convertFloatToInt(values: ArrayLike<number>): Uint8Array;
export function convertFloatToInt<D extends IntegerDtype>(
  values: ArrayLike<number>,
  dtype: D,
): D extends "uint16" ? Uint16Array : Uint8Array;
export function convertFloatToInt(values: ArrayLike<number>, dtype: IntegerDtype = "uint8"): Uint8Array | Uint16Array {
  if (!Object.hasOwn(LARGEST, dtype)) {
    throw new TypeError(`convertFloatToInt: dtype is ${shown(dtype)}; it must be "uint8" or "uint16"`);
  }
  if (!(Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView)))) {
    throw new TypeError(
      `convertFloatToInt: values is ${shown(values)}; it must be an array of numbers, such as await image.data()`,
    );
  }
  for (let index = 0; index < values.length; index++) {
    if (typeof values[index] !== "number") {
      throw new TypeError(`convertFloatToInt: value ${index} is ${shown(values[index])}; all must be numbers`);
    }
    if (values[index] >= 0 && values[index] <= 1) continue;
    throw new RangeError(
      `convertFloatToInt: value ${index} is ${values[index]}; all must lie in [0, 1]: clip them first, as in image.clip(0, 1)`,
    );
  }
  return roundAndClip(values, LARGEST[dtype]).data;
}
