// Images: read by the library's own readers, never through a canvas, and made gray as the command does.

import { hashTensor, type Tensor, tensor } from "@plenoptic-js/tensor";
import { loadImages, type Photograph } from "plenoptic-js";
import { photographs } from "plenoptic-js/engine";
import type { Choice } from "../choice/choice.ts";
import type { OpenedImage, Plane } from "../protocol/messages.ts";

/** An image as it was opened, in float64: what every choice is made from. */
export type Opened = Tensor<"float64">;

/** One plane of an array whose last two axes are height and width. */
export async function planeOf(image: Tensor, at = 0): Promise<Plane> {
  const [height, width] = image.shape.slice(-2);
  const all = (await image.data()) as Float64Array | Float32Array;
  const size = height * width;
  // A copy: what is sent must not be what the library holds.
  return { height, width, values: Float64Array.from(all.subarray(at * size, (at + 1) * size)) };
}

/**
 * Opens a file, or a picture that ships.
 *
 * @throws FileError for a file that cannot be read; RangeError for an unknown picture
 */
export async function openImage(
  name: string,
  file: Blob | null,
): Promise<{ readonly image: Opened; readonly told: OpenedImage }> {
  const shipped = new Map<string, Photograph>(Object.entries(photographs)).get(name);
  if (file === null && shipped === undefined) {
    throw new RangeError(`There is no picture "${name}" here; there are ${Object.keys(photographs).join(", ")}.`);
  }
  const image = (
    file === null ? await shipped!({ dtype: "float64" }) : await loadImages(file, { dtype: "float64" })
  ).detach();
  const told: OpenedImage = {
    name,
    plane: await planeOf(image),
    sha256: await hashTensor(image),
    ships: file === null,
    conversion: file === null ? "gray as stored" : "gray; colours by 0.2125 R + 0.7154 G + 0.0721 B",
  };
  return { image, told };
}

/** What a model needs of the sides of an image. */
export interface Sides {
  readonly least: number;
  readonly step: number;
  /** The model in words. */
  readonly description: string;
}

/**
 * The image as the model gets it, in the precision that was chosen: all of it, or with `crop` the middle that fits.
 *
 * @throws RangeError for an image that does not fit, with the way out
 */
export async function targetFor(
  image: Opened,
  { crop, dtype }: Choice,
  { least, step, description }: Sides,
): Promise<Tensor<"float32" | "float64">> {
  const [, , height, width] = image.shape;
  if (Math.min(height, width) < least) {
    throw new RangeError(
      `The image has ${width} x ${height} pixels, and ${description} needs at least ${least} x ${least}. Choose a larger image, or another model.`,
    );
  }
  const [rows, columns] = [height - (height % step), width - (width % step)];
  if (rows === height && columns === width) return inPrecision(image, dtype);
  if (!crop) {
    throw new RangeError(
      `The image has ${width} x ${height} pixels, and ${description} needs sides that are multiples of ${step}. Tick "use the middle that fits" for ` +
        `${columns} x ${rows} pixels of it.`,
    );
  }
  const { values } = await planeOf(image);
  const [top, left] = [(height >> 1) - (rows >> 1), (width >> 1) - (columns >> 1)];
  const cut = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const start = (top + row) * width + left;
    cut.set(values.subarray(start, start + columns), row * columns);
  }
  return inPrecision(tensor(cut, { shape: [1, 1, rows, columns], dtype: "float64" }), dtype);
}

const inPrecision = (image: Opened, dtype: Choice["dtype"]): Tensor<"float32" | "float64"> =>
  dtype === "float64" ? image : image.cast("float32").detach();
