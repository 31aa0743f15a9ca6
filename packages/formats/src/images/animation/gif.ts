// GIF files, written without loss: every frame with the colours that it has. GIF89a,
// https://www.w3.org/Graphics/GIF/spec-gif89a.txt. Packing is gifenc's work.

// By the name of its file: where the package's own entry is CommonJS, it cannot be loaded by a page as it stands.
import { GIFEncoder } from "gifenc/dist/gifenc.esm.js";
import { checkOptions } from "../../options.ts";
import { ANIMATION_OPTIONS, type AnimationOptions, type AnimationPixels, checkAnimation } from "./animation.ts";

const MOST_COLOURS = 256;
const MOST_SIDE = 65535;

/** Players show frames that last less than two hundredths of a second for ten. */
const MOST_RATE = 50;

/**
 * Writes a GIF whose pixels are exactly those of the frames. Times are hundredths of a second: where a rate has no whole number of
 * them, frames last a hundredth more or less, and the whole as long as it should.
 *
 * @throws RangeError for frames of more than 256 colours, more than 50 frames a second, or what is not consistent
 */
export function writeGif(pixels: AnimationPixels, options: AnimationOptions = {}): Uint8Array<ArrayBuffer> {
  checkOptions("writeGif()", options, ANIMATION_OPTIONS);
  const { framerate, repeat } = checkAnimation("a GIF", pixels, options);
  const { width, height, channels, frames } = pixels;
  if (width > MOST_SIDE || height > MOST_SIDE) {
    throw new RangeError(`a GIF has at most ${MOST_SIDE} pixels on a side, and this has ${width} x ${height}`);
  }
  if (framerate > MOST_RATE) {
    throw new RangeError(
      `the framerate is ${framerate}; players show at most ${MOST_RATE} frames of a GIF a second. Choose a lower one, or write an APNG`,
    );
  }
  const encoder = GIFEncoder();
  frames.forEach((frame, i) => {
    const { palette, index } = indexed(frame, channels, i);
    const until = (frame: number): number => Math.floor((100 * frame) / framerate + 0.5);
    encoder.writeFrame(index, width, height, {
      palette,
      delay: 10 * (until(i + 1) - until(i)),
      ...(i === 0 && { repeat: repeat ? 0 : -1 }),
    });
  });
  encoder.finish();
  return encoder.bytes();
}

type Colour = readonly [red: number, green: number, blue: number];

const grays: readonly Colour[] = Array.from({ length: MOST_COLOURS }, (_, level) => [level, level, level]);

/** A frame as numbers of its colours, in the order in which they first occur. */
function indexed(
  frame: Uint8Array,
  channels: 1 | 3,
  at: number,
): { readonly palette: readonly Colour[]; readonly index: Uint8Array } {
  if (channels === 1) return { palette: grays, index: frame };
  const numbers = new Map<number, number>();
  const palette: Colour[] = [];
  const index = new Uint8Array(frame.length / 3);
  for (let pixel = 0; pixel < index.length; pixel++) {
    const [red, green, blue] = frame.subarray(3 * pixel, 3 * pixel + 3);
    const key = (red << 16) | (green << 8) | blue;
    let number = numbers.get(key);
    if (number === undefined) {
      number = palette.length;
      if (number === MOST_COLOURS) {
        throw new RangeError(
          `frame ${at} has more than ${MOST_COLOURS} colours, and a frame of a GIF has no more. Write an APNG, which has all`,
        );
      }
      numbers.set(key, number);
      palette.push([red, green, blue]);
    }
    index[pixel] = number;
  }
  return { palette, index };
}
