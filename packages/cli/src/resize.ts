// `--resize`: an image made smaller or larger before anything else is done with it, the same way in all commands.

import { InvalidArgumentError } from "@commander-js/extra-typings";
import { tensor } from "@plenoptic-js/tensor";
import * as po from "plenoptic-js";
import type { Channels } from "./colour.ts";

/** Values of pixels, and how they were made. */
interface Plane {
  readonly conversion: string;
  readonly channels: Channels;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array | Float64Array;
}

/** A size as it is asked for: of the longer side, or of both. */
export interface Resize {
  /** As it was typed. */
  readonly text: string;
  readonly width: number;
  /** null: `width` is that of the longer side, and the shape is kept. */
  readonly height: number | null;
}

const LARGEST_SIDE = 16384;

/** What `--resize` says in the help of a command. */
export const RESIZE_HELP =
  "resize the image first: N makes its longer side N pixels long, WxH makes it W wide and H high, whatever its shape was; of the values as " +
  "stored, averaged with triangle weights (bilinear, antialiased); before --crop";

/** `256`, or `256x192`. */
export function resizeOption(text: string): Resize {
  const [, width, height] = /^(\d+)(?:x(\d+))?$/i.exec(text.trim()) ?? [];
  const sides = [width, height ?? width].map(Number);
  if (!sides.every((side) => side >= 1 && side <= LARGEST_SIDE)) {
    throw new InvalidArgumentError(
      `It must be the length of the longer side, such as 256, or width and height, such as 256x192; from 1 to ${LARGEST_SIDE} pixels.`,
    );
  }
  return { text: text.trim().toLowerCase(), width: sides[0], height: height === undefined ? null : sides[1] };
}

/** The image in that size; the image itself where none is asked for. */
export async function resized<T extends Plane>(
  target: T,
  resize: Resize | undefined,
): Promise<T & { readonly resize?: string }> {
  if (resize === undefined) return target;
  const { values, channels, height, width, conversion } = target;
  const size = sizeOf(resize, target);
  const image = tensor(values, { shape: [channels, height, width], dtype: "float64" });
  const [newHeight, newWidth] = size;
  const isOther = newHeight !== height || newWidth !== width;
  const how = `, resized from ${width} x ${height} to ${newWidth} x ${newHeight} (triangle weights, antialiased)`;
  return {
    ...target,
    conversion: isOther ? conversion + how : conversion,
    height: newHeight,
    width: newWidth,
    values: await po.process.resize(image, size).data(),
    resize: resize.text,
  };
}

/** Where the shape is kept, the shorter side is rounded, and has one pixel at least. */
function sizeOf({ width, height }: Resize, target: Plane): readonly [height: number, width: number] {
  if (height !== null) return [height, width];
  const factor = width / Math.max(target.width, target.height);
  const side = (length: number): number => Math.max(1, Math.floor(length * factor + 0.5));
  return [side(target.height), side(target.width)];
}
