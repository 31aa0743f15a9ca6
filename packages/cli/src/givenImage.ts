// An image that a recipe needs and its file does not hold, as the recipe wants it: gray, in colour, or an array of its very shape.

import { readSource } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { io, loadImages } from "plenoptic-js";
import { isArray } from "./arrayImage.ts";
import { asImage } from "./beginRun.ts";
import { middle } from "./crop.ts";
import { UserError } from "./failure.ts";
import type { Resize } from "./resize.ts";
import { readTarget } from "./target.ts";

/** What a recipe says of an image. */
interface Wanted {
  readonly dtype: string;
  readonly shape: readonly number[];
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, n) => product * n, 1);

/**
 * Reads an image of a recipe. A gray one that is larger is cropped to its middle.
 *
 * @param flag what it was named with
 * @throws UserError where it cannot be the one, by its shape
 */
export async function givenImage(
  name: string,
  flag: "--image" | "--initial",
  { shape, dtype: said }: Wanted,
  resize?: Resize,
): Promise<Tensor> {
  const dtype = said as FloatDType;
  const [batch, channels, height, width] = [1, 1, 1, 1, ...shape].slice(-4);
  const exact = resize === undefined ? await arrayIn(name) : null;
  if (exact !== null && sizeOf(exact.shape) === sizeOf(shape) && sameBut1(exact.shape, shape)) {
    return exact.reshape(shape).detach();
  }
  if (batch === 1 && channels === 1) {
    const whole = await readTarget(name, resize, dtype);
    const isLarger = whole.height >= height && whole.width >= width;
    const image = asImage(isLarger ? middle(whole, height, width) : whole, dtype);
    return image.size === sizeOf(shape) ? image.reshape(shape).detach() : image;
  }
  if (exact !== null) throw other(name, flag, exact.shape, shape);
  if (resize !== undefined) {
    throw new UserError(`--resize makes a gray image, and the recipe's is ${shapeText(shape)}; give that as it was`);
  }
  if (batch !== 1 || channels < 3 || channels > 4) {
    throw new UserError(
      `${flag} ${name}: the recipe's image is ${shapeText(shape)}, which no image file holds; give it as an array (.npy) of that shape`,
    );
  }
  const image = await loadImages(name, { asGray: false, dtype });
  if (image.shape.join() !== [batch, channels, height, width].join()) throw other(name, flag, image.shape, shape);
  return image.reshape(shape).detach();
}

function other(name: string, flag: string, found: readonly number[], wanted: readonly number[]): UserError {
  return new UserError(
    `${flag} ${name} is ${shapeText(found)}, and the recipe's is ${shapeText(wanted)}; give that one`,
  );
}

/** Whether shapes are the same but for axes of 1 before them. */
function sameBut1(a: readonly number[], b: readonly number[]): boolean {
  const short = (shape: readonly number[]): string => shape.slice(shape.findIndex((n) => n !== 1)).join();
  return short(a) === short(b);
}

/** The array in a file; null where it is no file of one, of real numbers. */
async function arrayIn(name: string): Promise<Tensor | null> {
  if (!/\.npy$/i.test(name)) return null;
  const { bytes } = await readSource(name);
  if (!isArray(bytes)) return null;
  const array = await io.loadArray(bytes);
  return array.dtype === "float32" || array.dtype === "float64" ? array : null;
}
