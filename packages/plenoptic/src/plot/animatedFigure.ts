/**
 * AnimatedFigure: what the promise of `animshow` and `synthesisAnimate` gives. Frames of exact pixels, which can be saved as APNG or GIF without
 * another program; and how pictures become such frames.
 */

import { writeApng, writeFileAtomic, writeGif } from "@plenoptic-js/formats";
import { shown } from "@plenoptic-js/tensor/engine";
import type { Plane } from "./planes.ts";
import { rasterPixels } from "./raster.ts";
import type { RangeKind } from "./vrange.ts";

/** What an animation is written as. */
export type AnimationKind = "apng" | "gif";

const INSPECT: unique symbol = Symbol.for("nodejs.util.inspect.custom");

/** A finished animation: what `await po.plot.animshow(video)` gives. */
export class AnimatedFigure {
  /** Size in pixels. */
  readonly width: number;
  readonly height: number;
  /** How many frames there are, and how many are shown in a second. */
  readonly numFrames: number;
  readonly framerate: number;
  /** Whether it begins again when it has ended. */
  readonly repeat: boolean;
  /** 1: gray; 3: red, green and blue. */
  readonly channels: 1 | 3;
  readonly #frames: readonly Uint8Array[];

  constructor(frames: Frames, framerate: number, repeat: boolean) {
    this.width = frames.width;
    this.height = frames.height;
    this.channels = frames.channels;
    this.#frames = frames.frames;
    this.numFrames = frames.frames.length;
    this.framerate = framerate;
    this.repeat = repeat;
  }

  /** The samples of a frame, 0 to 255, row by row: `width * height * channels`. */
  frame(index: number): Uint8Array {
    const frame = this.#frames[index];
    if (frame === undefined) {
      throw new RangeError(`AnimatedFigure: frame ${shown(index)} is not there; there are 0 to ${this.numFrames - 1}`);
    }
    return frame.slice();
  }

  /**
   * The bytes of a file: of an animated PNG, or of a GIF.
   *
   * @throws RangeError for a GIF of frames with more than 256 colours, or of more than 50 frames a second
   */
  toBytes(kind: AnimationKind = "apng"): Uint8Array<ArrayBuffer> {
    const { width, height, channels, framerate, repeat } = this;
    const pixels = { width, height, channels, frames: this.#frames };
    if (kind === "apng") return writeApng(pixels, { framerate, repeat });
    if (kind === "gif") return writeGif(pixels, { framerate, repeat });
    throw new RangeError(`AnimatedFigure.toBytes: the kind is ${shown(kind)}; it must be "apng" or "gif"`);
  }

  /** Writes it to a file whose name ends in .png, .apng or .gif; the file is never half-written. */
  async save(path: string): Promise<void> {
    const ending = typeof path === "string" ? /\.(a?png|gif)$/i.exec(path)?.[1].toLowerCase() : undefined;
    if (ending === undefined) {
      throw new TypeError(
        `animations are saved as animated PNG or as GIF, so the file name must end in ".png", ".apng" or ".gif"; got ${shown(path)}`,
      );
    }
    await writeFileAtomic(path, this.toBytes(ending === "gif" ? "gif" : "apng"));
  }

  toString(): string {
    return `AnimatedFigure(${this.width} x ${this.height} px, ${this.numFrames} frames, ${this.framerate} a second)`;
  }

  [INSPECT](): string {
    return this.toString();
  }
}

/** Frames as pixels. */
export interface Frames {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly frames: readonly Uint8Array[];
}

/** A row of pictures over time, all of one size: `planes[picture][frame]`. */
export interface Film {
  readonly planes: readonly (readonly Plane[])[];
  /** Of each picture. */
  readonly ranges: readonly (readonly [number, number])[];
  readonly kind: RangeKind;
  /** Pixels for each element. */
  readonly zoom: number;
  readonly columns: number;
}

/** Between pictures. */
const GAP = 8;
const PAPER = 255;

/** Draws every frame: pictures side by side, with white between them. */
export function framesOf({ planes, ranges, kind, zoom, columns }: Film): Frames {
  const [[{ height, width, channels }]] = planes;
  const count = planes[0].length;
  const hasColour =
    channels !== 1 ||
    kind.diverging ||
    planes.some((film) => film.some(({ values }) => !values.every(Number.isFinite)));
  const depth = hasColour ? 3 : 1;
  const rows = Math.ceil(planes.length / columns);
  const wide = Math.min(columns, planes.length);
  const size = {
    width: wide * width * zoom + (wide - 1) * GAP,
    height: rows * height * zoom + (rows - 1) * GAP,
  };
  const frames = Array.from({ length: count }, (_, t) => {
    const out = new Uint8Array(size.width * size.height * depth).fill(PAPER);
    planes.forEach((film, i) => {
      const { pixels } = rasterPixels(film[t], ranges[i], kind.diverging, zoom, depth, true);
      const left = (i % columns) * (width * zoom + GAP) * depth;
      const top = Math.floor(i / columns) * (height * zoom + GAP);
      const row = width * zoom * depth;
      for (let y = 0; y < height * zoom; y++) {
        out.set(pixels.subarray(y * row, (y + 1) * row), (top + y) * size.width * depth + left);
      }
    });
    return out;
  });
  return { ...size, channels: depth, frames };
}

/** Refuses rates that no file can hold. */
export function checkRate(caller: string, framerate: number, repeat: boolean): void {
  if (!(typeof framerate === "number" && framerate >= 1 / 60 && framerate <= 1000)) {
    throw new RangeError(
      `${caller}: framerate is ${shown(framerate)}; it must be a number from 1/60 to 1000 frames a second`,
    );
  }
  if (typeof repeat !== "boolean") {
    throw new TypeError(`${caller}: repeat is ${shown(repeat)}; it must be true or false`);
  }
}

/** Refuses zooms that are no whole numbers: an animation is never reduced. */
export function checkWholeZoom(caller: string, zoom: number): void {
  if (Number.isInteger(zoom) && zoom >= 1) return;
  throw new RangeError(`${caller}: zoom is ${shown(zoom)}; it must be a whole number, 1 or more`);
}
