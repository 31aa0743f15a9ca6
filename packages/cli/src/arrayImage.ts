// An array of NumPy (.npy) as an image: the exact values that the command writes beside its PNG files, or those of others.

import { FileError, type Pixels, readNpyTensor } from "@plenoptic-js/formats";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { significant } from "plenoptic-js/engine";

/** Whether a file is an array, by its first bytes. */
export function isArray(bytes: Uint8Array): boolean {
  return String.fromCharCode(...bytes.subarray(0, 6)) === "\x93NUMPY";
}

/**
 * The pixels of an array [height, width], with axes of 1 before them, or of colours: [height, width, channels] with 3 or 4 channels, or
 * [3, height, width], as this command writes them. Real numbers
 * are taken as they are, those of 8 and 16 bits without a sign divided by their largest.
 *
 * @throws FileError for another shape or type, for values that are not finite, and for those of another scale
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
  const isPlanes = shape.length === 3 && shape[0] === 3 && shape[2] !== 3 && shape[2] !== 4;
  const [height, width, channels = 1] = isPlanes ? [shape[1], shape[2], 3] : shape;
  const isImage = shape.length === 2 || (shape.length === 3 && (channels === 3 || channels === 4));
  if (!isImage || data.length === 0) {
    const wanted = "[height, width], or [height, width, channels] with 3 or 4 channels, or [3, height, width]";
    throw unsupported(`an array of shape ${shapeText(array.shape)} is not one image; it must be ${wanted}`);
  }
  const wrong = data.findIndex((value) => !Number.isFinite(value));
  if (wrong >= 0) {
    throw unsupported(
      `element ${wrong} of the array is ${data[wrong]}; the values of an image are finite, and lie in [0, 1]`,
    );
  }
  if (maxValue === 1) checkScale(data, unsupported);
  return { width, height, channels: channels as 1 | 3 | 4, maxValue, data: isPlanes ? byPixel(data) : data };
}

/** Three channels one after the other, as pixels. */
function byPixel<A extends Float32Array | Float64Array | Uint8Array | Uint16Array>(planes: A): A {
  const out = planes.slice() as A;
  const size = planes.length / 3;
  for (let i = 0; i < out.length; i++) out[(i % size) * 3 + Math.floor(i / size)] = planes[i];
  return out;
}

/**
 * Values a little outside [0, 1] are those of an image: results of this command may have some. Farther than the range is wide they
 * were meant for another.
 */
const ROOM = 1;

function checkScale(
  data: Float32Array | Float64Array | Uint8Array | Uint16Array,
  unsupported: (problem: string) => Error,
): void {
  let [least, greatest] = [data[0], data[0]];
  for (const value of data) {
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (least >= -ROOM && greatest <= 1 + ROOM) return;
  const largest = [255, 65535].find((max) => least >= 0 && greatest <= max);
  const advice = largest === undefined ? "scale it to that range" : `divide it by ${largest}`;
  throw unsupported(
    `the values of the array go from ${significant(least)} to ${significant(greatest)}, and those of an image from 0 to 1; ${advice}`,
  );
}

/** How many gray values lie outside [0, 1], and how far, in words to be added to others; "" where none does. */
export function outsideWords(values: Float64Array): string {
  let [count, least, greatest] = [0, 0, 1];
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (value >= 0 && value <= 1) continue;
    count++;
    if (value < least) least = value;
    if (value > greatest) greatest = value;
  }
  if (count === 0) return "";
  const ends = [
    ...(least < 0 ? [`down to ${significant(least)}`] : []),
    ...(greatest > 1 ? [`up to ${significant(greatest)}`] : []),
  ];
  return `, ${count} of ${values.length} values outside [0, 1] (${ends.join(", ")})`;
}
