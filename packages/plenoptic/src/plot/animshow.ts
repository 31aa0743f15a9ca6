/**
 * `animshow`: videos with exact pixels, as plenoptic's and pyrtools' `animshow` shows them. Nothing is interpolated, and nothing is drawn but
 * the pictures.
 */

import { checkOptions, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { AnimatedFigure, checkRate, checkWholeZoom, type Frames, framesOf } from "./animatedFigure.ts";
import type { Plane } from "./planes.ts";
import { planesOf } from "./planes.ts";
import type { ArraySource, ImageLike } from "./sources.ts";
import { readArrays, select } from "./sources.ts";
import { displayRanges, kindOf, type VRange } from "./vrange.ts";

export interface AnimshowOptions {
  /** Frames a second. Default 2. */
  readonly framerate?: number;
  /** Whether it begins again for ever. Default false. */
  readonly repeat?: boolean;
  /** Values shown as black and white, over all frames. Default "indep1": each video its own; for colour [0, 1]. */
  readonly vrange?: VRange;
  /** Pixels for each element: a whole number. Default 1. */
  readonly zoom?: number;
  /** Videos in a row. Default: all. */
  readonly colWrap?: number;
  /** The batch member to show; `null` shows all. */
  readonly batchIdx?: number | null;
  /** The channel to show; `null` shows all. */
  readonly channelIdx?: number | null;
  /** Show three channels as colour. Default false. */
  readonly asRgb?: boolean;
}

/**
 * Shows videos side by side.
 *
 * @param video one array or a list, each of shape [batch, channel, time, height, width]; all of one time and size
 * @throws RangeError for another shape, videos that do not fit together, an index out of range, or a zoom that is no whole number
 */
export async function animshow(
  video: ArraySource | readonly ArraySource[],
  options: AnimshowOptions = {},
): Promise<AnimatedFigure> {
  const caller = "animshow";
  checkOptions(caller, options, [
    "framerate",
    "repeat",
    "vrange",
    "zoom",
    "colWrap",
    "batchIdx",
    "channelIdx",
    "asRgb",
  ]);
  const { framerate = 2, repeat = false, zoom = 1, batchIdx = null, channelIdx = null, asRgb = false } = options;
  checkRate(caller, framerate, repeat);
  checkWholeZoom(caller, zoom);
  const films = (await readArrays(video, caller)).flatMap((one) =>
    filmsOf(select(one, batchIdx, channelIdx, caller), asRgb, caller),
  );
  const columns = options.colWrap ?? films.length;
  if (!Number.isInteger(columns) || columns < 1) {
    throw new RangeError(`${caller}: colWrap must be a whole number from 1 on, got ${shown(columns)}`);
  }
  const frames = filmFrames(films, options.vrange ?? (asRgb ? [0, 1] : "indep1"), { zoom, columns }, caller);
  return new AnimatedFigure(frames, framerate, repeat);
}

/** Films of one length and size as frames. */
export function filmFrames(
  films: readonly (readonly Plane[])[],
  vrange: VRange,
  { zoom, columns }: { readonly zoom: number; readonly columns: number },
  caller: string,
): Frames {
  const [[first]] = films;
  const other = films.find((film) => film.length !== films[0].length || !isAlike(film[0], first));
  if (other !== undefined) {
    const size = (film: readonly Plane[]): string => `${film.length} of ${film[0].width} x ${film[0].height} pixels`;
    throw new RangeError(
      `${caller}: videos side by side have equally many frames of one size; here are ${size(films[0])} and ${size(other)}`,
    );
  }
  // The range of a film is that of all its frames.
  const whole = films.map((film): Plane => ({ ...film[0], values: joined(film) }));
  const ranges = displayRanges(whole, vrange, caller);
  return framesOf({ planes: films, ranges, kind: kindOf(vrange, whole), zoom, columns });
}

const isAlike = (a: Plane, b: Plane): boolean =>
  a.width === b.width && a.height === b.height && a.channels === b.channels;

function joined(film: readonly Plane[]): Float64Array {
  const size = film[0].values.length;
  const all = new Float64Array(film.length * size);
  film.forEach(({ values }, t) => {
    all.set(values, t * size);
  });
  return all;
}

/** A film for each channel of each batch member, or in colour one for each batch member: its frames. */
function filmsOf({ shape, values }: ImageLike, asRgb: boolean, caller: string): Plane[][] {
  if (shape.length !== 5) {
    throw new RangeError(
      `${caller} shows videos of shape [batch, channel, time, height, width], got ${shapeText(shape)}; ` +
        "reshape a single one to [1, 1, time, height, width]",
    );
  }
  const [batch, channel, time, height, width] = shape;
  if (asRgb && channel !== 3) {
    throw new RangeError(`${caller}: colour needs 3 channels, a video of shape ${shapeText(shape)} has ${channel}`);
  }
  const size = height * width;
  const part = (b: number, c: number, t: number): ImageLike => {
    const start = ((b * channel + c) * time + t) * size;
    return { shape: [1, 1, height, width], values: Float64Array.from({ length: size }, (_, i) => values[start + i]) };
  };
  const frames = (planes: (t: number) => Plane): Plane[] => Array.from({ length: time }, (_, t) => planes(t));
  return Array.from({ length: batch }, (_, b) => {
    if (asRgb) {
      return [
        frames((t) => {
          const three = new Float64Array(3 * size);
          for (let c = 0; c < 3; c++) three.set(part(b, c, t).values, c * size);
          return planesOf({ shape: [1, 3, height, width], values: three }, true, caller)[0];
        }),
      ];
    }
    return Array.from({ length: channel }, (_, c) => frames((t) => planesOf(part(b, c, t), false, caller)[0]));
  }).flat();
}
