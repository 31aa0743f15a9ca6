// Shows pictures so that each of their pixels is a square of whole pixels of the screen, whatever the screen's scale is. Where a
// picture is too wide for that, each pixel of the screen is the mean of a square of the picture's.

import type { Picture } from "./synthesis.ts";

type Size = Pick<Picture, "height" | "width">;

/** What each canvas shows; without gray, nothing but its place. */
const shown = new Map<HTMLCanvasElement, Size & Partial<Picture>>();

/** How many pixels of the screen a pixel is wide: a whole number, or 1 over one. */
function zoomFor(width: number, room: number): number {
  return room >= width ? Math.floor(room / width) : 1 / Math.ceil(width / Math.max(room, 1));
}

/** Draws a picture. */
export function draw(canvas: HTMLCanvasElement, picture: Picture): void {
  const before = shown.get(canvas);
  shown.set(canvas, picture);
  if (before?.width !== picture.width || before.height !== picture.height) place(canvas);
  paint(canvas);
}

/** Shows an empty place, as large as a picture of that size would be; by default as large as it is. */
export function clear(canvas: HTMLCanvasElement, size: Size = shown.get(canvas) ?? canvas): void {
  shown.set(canvas, { height: size.height, width: size.width });
  place(canvas);
}

/** Places all pictures anew, when the window or the screen's scale has changed. */
export function placeAll(): void {
  for (const canvas of shown.keys()) {
    place(canvas);
    paint(canvas);
  }
}

/** Sizes a canvas, which empties it, and puts its corner on a corner of the screen's pixels. */
function place(canvas: HTMLCanvasElement): void {
  const { height, width } = shown.get(canvas) ?? canvas;
  const scale = devicePixelRatio;
  const zoom = zoomFor(width, Math.floor((canvas.parentElement?.clientWidth ?? width) * scale));
  const block = Math.max(1, Math.round(1 / zoom));
  canvas.width = Math.ceil(width / block);
  canvas.height = Math.ceil(height / block);
  const side = Math.max(zoom, 1) / scale;
  canvas.style.width = `${canvas.width * side}px`;
  canvas.style.height = `${canvas.height * side}px`;
  canvas.style.margin = "0";
  const { left, top } = canvas.getBoundingClientRect();
  const off = (at: number): number => Math.ceil(at * scale - 1 / 32) / scale - at;
  canvas.style.margin = `${off(top + scrollY)}px 0 0 ${off(left + scrollX)}px`;
}

function paint(canvas: HTMLCanvasElement): void {
  const picture = shown.get(canvas);
  if (picture?.gray === undefined) return;
  const { gray, width: columns, height: rows } = picture;
  const { width, height } = canvas;
  const block = Math.ceil(columns / width);
  const pixels = new ImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = 4 * (y * width + x);
      pixels.data.fill(meanOf(gray, { columns, rows, top: y * block, left: x * block, block }), at, at + 3);
      pixels.data[at + 3] = 255;
    }
  }
  canvas.getContext("2d")?.putImageData(pixels, 0, 0);
}

interface Block {
  readonly columns: number;
  readonly rows: number;
  readonly top: number;
  readonly left: number;
  readonly block: number;
}

/** The mean of a square of a picture, as far as it lies within. */
function meanOf(gray: Uint8Array, { columns, rows, top, left, block }: Block): number {
  const [bottom, right] = [Math.min(top + block, rows), Math.min(left + block, columns)];
  let sum = 0;
  for (let y = top; y < bottom; y++) for (let x = left; x < right; x++) sum += gray[y * columns + x];
  return Math.round(sum / ((bottom - top) * (right - left)));
}
