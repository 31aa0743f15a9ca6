// From values to the pixels of a canvas. Each pixel of an image is a square of whole device pixels; where an image is too large for
// that, each device pixel is the mean of a square of the image.

import type { Plane } from "../protocol/messages.ts";

/** How a picture lies in its place, in device pixels. */
export interface Placing {
  /** Device pixels for each pixel: a whole number, or 1 over one. */
  readonly zoom: number;
  /** Of the picture's first pixel. */
  readonly left: number;
  readonly top: number;
}

/** The largest zoom at which all of a picture is seen. */
export function fittingZoom({ width, height }: Plane, room: Size): number {
  const fit = Math.min(room.width / width, room.height / height);
  return fit >= 1 ? Math.floor(fit) : 1 / Math.ceil(1 / Math.max(fit, 1e-3));
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Where a picture lies with a point of it, in parts of its sides, in the middle. One that fits is in the middle itself. */
export function place(
  plane: Plane,
  room: Size,
  zoom: number,
  centre: { readonly x: number; readonly y: number },
): Placing {
  const along = (side: number, space: number, at: number): number => {
    const size = side * zoom;
    if (size <= space) return Math.floor((space - size) / 2);
    return Math.round(Math.min(0, Math.max(space - size, space / 2 - at * size)));
  };
  return { zoom, left: along(plane.width, room.width, centre.x), top: along(plane.height, room.height, centre.y) };
}

/** The pixel of an image at a place of the canvas, in device pixels; null beside the image. */
export function pixelAt(
  plane: Plane,
  { zoom, left, top }: Placing,
  x: number,
  y: number,
): { row: number; column: number } | null {
  const [column, row] = [Math.floor((x - left) / zoom), Math.floor((y - top) / zoom)];
  const isInside = row >= 0 && column >= 0 && row < plane.height && column < plane.width;
  return isInside ? { row, column } : null;
}

/** The 8 bits that a value from 0 to 1 is shown with. */
export type Shade = (value: number) => number;

/** As files have it: the display makes light of it. */
export const asStored: Shade = (value) => Math.floor(Math.min(Math.max(value, 0), 1) * 255 + 0.5);

/** As amounts of light: encoded for a display of the sRGB kind (IEC 61966-2-1). */
export const asLight: Shade = (value) => {
  const light = Math.min(Math.max(value, 0), 1);
  // Only for the eye: nothing that is saved goes this way.
  return asStored(light <= 0.0031308 ? 12.92 * light : 1.055 * light ** (1 / 2.4) - 0.055);
};

/** Gray for no difference; black and white are the largest ones, of either sign. */
export function shadeOfDifference(largest: number): Shade {
  const scale = largest === 0 ? 1 : largest;
  return (value) => asStored(0.5 + value / (2 * scale));
}

/** The pixels of all of an image, one for each; or one for each square of 1 / zoom. */
function shadesOf(plane: Plane, zoom: number, shade: Shade): ImageData {
  const block = zoom >= 1 ? 1 : Math.round(1 / zoom);
  const [columns, rows] = [Math.ceil(plane.width / block), Math.ceil(plane.height / block)];
  const pixels = new ImageData(columns, rows);
  const { data } = pixels;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const value =
        block === 1 ? plane.values[row * plane.width + column] : meanOf(plane, row * block, column * block, block);
      const level = shade(value);
      data.fill(level, 4 * (row * columns + column), 4 * (row * columns + column) + 3);
      data[4 * (row * columns + column) + 3] = 255;
    }
  }
  return pixels;
}

function meanOf({ values, width, height }: Plane, top: number, left: number, block: number): number {
  const [bottom, right] = [Math.min(top + block, height), Math.min(left + block, width)];
  let sum = 0;
  for (let row = top; row < bottom; row++)
    for (let column = left; column < right; column++) sum += values[row * width + column];
  return sum / ((bottom - top) * (right - left));
}

/** Draws an image. The canvas is as large as its place, in device pixels. */
export function draw(canvas: HTMLCanvasElement, plane: Plane, placing: Placing, shade: Shade): void {
  const context = canvas.getContext("2d");
  if (context === null) return;
  const pixels = shadesOf(plane, placing.zoom, shade);
  const whole = new OffscreenCanvas(pixels.width, pixels.height);
  whole.getContext("2d")?.putImageData(pixels, 0, 0);
  const size = Math.max(placing.zoom, 1);
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingEnabled = false;
  context.drawImage(whole, placing.left, placing.top, pixels.width * size, pixels.height * size);
}

/** What an image has more than another. */
export function differenceOf(a: Plane, b: Plane): Plane {
  return { height: a.height, width: a.width, values: a.values.map((value, i) => value - b.values[i]) };
}

/** An image with a change. */
export function sumOf(a: Plane, change: Plane, strength: number): Plane {
  return { height: a.height, width: a.width, values: a.values.map((value, i) => value + strength * change.values[i]) };
}

export function largestOf({ values }: Plane): number {
  return values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}
