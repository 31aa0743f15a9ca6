// An animation as plain pixels: frames of one size, shown one after the other.

export interface AnimationPixels {
  readonly width: number;
  readonly height: number;
  /** Gray, or red, green and blue. */
  readonly channels: 1 | 3;
  /** `width * height * channels` samples each, row by row, 0 to 255. */
  readonly frames: readonly Uint8Array[];
}

export interface AnimationOptions {
  /** Frames a second: above 0, up to 1000. Default 10. */
  readonly framerate?: number;
  /** Whether it begins again, for ever. Default false: it plays once. */
  readonly repeat?: boolean;
}

export const ANIMATION_OPTIONS = ["framerate", "repeat"];

/** The least rate of which all formats can hold the time of a frame: a minute each. */
const LEAST_RATE = 1 / 60;

/**
 * Checks what is to be written, and gives the options.
 *
 * @throws RangeError for no frames, frames of another size, or a rate out of range
 */
export function checkAnimation(
  what: string,
  { width, height, channels, frames }: AnimationPixels,
  { framerate = 10, repeat = false }: AnimationOptions,
): Required<AnimationOptions> {
  if (!Number.isInteger(width) || !Number.isInteger(height) || width < 1 || height < 1) {
    throw new RangeError(`${what} cannot be ${width} x ${height} pixels`);
  }
  if (frames.length === 0) throw new RangeError(`${what} needs at least one frame`);
  const size = width * height * channels;
  const wrong = frames.findIndex((frame) => frame.length !== size);
  if (wrong >= 0) {
    throw new RangeError(
      `frame ${wrong} has ${frames[wrong].length} samples; ${width} x ${height} pixels of ${channels} channels need ${size}`,
    );
  }
  if (!(framerate >= LEAST_RATE && framerate <= 1000)) {
    throw new RangeError(`the framerate is ${framerate}; it must be a number from 1/60 to 1000 frames a second`);
  }
  return { framerate, repeat };
}
