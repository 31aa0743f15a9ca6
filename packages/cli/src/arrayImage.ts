// An array of NumPy (.npy) as an image: the exact values that the command writes beside its PNG files, or those of others.

import { FileError, type Pixels, readNpyTensor } from "@plenoptic-js/formats";
import { shapeText } from "@plenoptic-js/tensor/engine";

/** Whether a file is an array, by its first bytes. */
export function isArray(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 6)) === "\x93NUMPY";
}

/**
 * The pixels of an array [height, width], with axes of 1 before them, or [height, width, channels] with 3 or 4 channels. Real numbers
 * are taken as they are, those of 8 and 16 bits without a sign divided by their largest.
 *
 * @throws FileError for another shape or type, and for values outside [0, 1]
 */
export function arrayPixels(bytes: Uint8Array, name: string): Pixels {
  const array = readNpyTensor(bytes, { name });
  const unsupported = (problem: string): FileError => new FileError("unsupported", name, problem);
  const data = array.data();
  let maxValue = 1;
  if (data instanceof Uint8Array && array.dtype === "uint8") maxValue = 255;
  else if (data instanceof Uint16Array) maxValue = 65535;
  else if (!(data instanceof Float32Array || data instanceof Float64Array) || array.dtype.startsWith("complex")) {
    throw unsupported(`an array of ${array.dtype} is no image; floats from 0 to 1, uint8 and uint16 are read`);
  }
  const shape = [...array.shape];
  while (shape.length > 2 && shape[0] === 1) shape.shift();
  const [height, width, channels = 1] = shape;
  const isImage = shape.length === 2 || (shape.length === 3 && (channels === 3 || channels === 4));
  if (!isImage || data.length === 0) {
    const wanted = "[height, width] or [height, width, channels], with 3 or 4 channels";
    throw unsupported(`an array of shape ${shapeText(array.shape)} is not one image; it must be ${wanted}`);
  }
  const wrong = data.findIndex((value) => !(value >= 0 && value <= maxValue));
  if (wrong >= 0) {
    throw unsupported(`element ${wrong} of the array is ${data[wrong]}; the values of an image lie in [0, 1]`);
  }
  return { width, height, channels: channels as 1 | 3 | 4, maxValue, data };
}
