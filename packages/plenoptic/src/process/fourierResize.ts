// Resizing images by adding or removing high frequencies (docs/science/process.md, "Fourier resizing").
//
// Spectra are in fftshift's order, frequency 0 at floor(n / 2). Row 0 of an even size is its highest frequency, which
// stands for both signs: it is split between the two of them when a spectrum grows, and the mean of the two when it
// shrinks.

import { concat, fft2, fftshift, ifft2, ifftshift, pad, ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";

const AXES = [-2, -1] as const;

/** One size and another. */
interface Resize {
  readonly from: number;
  readonly to: number;
}

/** How height and width change. */
function resizes(
  caller: "expand" | "shrink",
  x: Tensor,
  factor: number,
): readonly [vertical: Resize, horizontal: Resize] {
  if (!(factor > 1 && factor < Infinity)) {
    throw new RangeError(`${caller}: factor must be strictly greater than 1, and finite, not ${shown(factor)}`);
  }
  if (x.ndim < 2) throw new ShapeError(`${caller}: x is ${shapeText(x.shape)}; it must be [..., height, width]`);
  const along = (axis: -1 | -2): Resize => {
    const from = x.shape[x.ndim + axis];
    const to = caller === "expand" ? factor * from : from / factor;
    if (!Number.isInteger(to) || from < 1) {
      const name = axis === -1 ? "width" : "height";
      throw new RangeError(
        `${caller}: ${caller === "expand" ? `factor times the ${name}` : `the ${name} divided by factor`} must be an ` +
          `integer, but ${from} would become ${to}; choose another factor or ${name}`,
      );
    }
    if (frameStart({ from, to }) + Math.min(from, to) + 1 > Math.max(from, to)) {
      throw new RangeError(
        `${caller}: ${from} cannot become ${to}: both signs of its highest frequency do not fit; choose a larger factor`,
      );
    }
    return { from, to };
  };
  const horizontal = along(-1);
  return [along(-2), horizontal];
}

/** Where, in the larger spectrum, the frequencies of the smaller one begin, the highest one with both of its signs. */
function frameStart({ from, to }: Resize): number {
  return Math.floor(Math.max(from, to) / 2) - Math.floor(Math.min(from, to) / 2);
}

/** The inverse transform times a factor, real if x is. */
function imageOf(spectrum: Tensor, factor: number, x: Tensor): Tensor {
  const image = ifft2(ifftshift(spectrum, { axes: AXES })).mul(factor);
  return x.dtype.startsWith("complex") ? image : image.real();
}

/**
 * Enlarges images by zeros for the frequencies they do not have. The mean is kept, unless a side is a single pixel.
 *
 * @param x [..., height, width], real or complex
 * @param factor more than 1; height and width times factor must be whole
 */
export function expand(x: Tensor, factor: number): Tensor {
  checkTensor("expand", "x", x);
  const [vertical, horizontal] = resizes("expand", x, factor);
  const spectrum: Tensor = fftshift(fft2(x), { axes: AXES });
  const [first, others] = [spectrum.slice(-2, 0, 1), spectrum.slice(-2, 1)];
  const corner = first.slice(-1, 0, 1).mul(0.25);
  const top = first.slice(-1, 1).mul(0.5);
  const left = others.slice(-1, 0, 1).mul(0.5);
  // As in Python, the other sign's row and column are reversed, but not conjugated.
  const framed = concat(
    [
      concat([corner, top, corner], -1),
      concat([left, others.slice(-1, 1), left.flip(-2)], -1),
      concat([corner, top.flip(-1), corner], -1),
    ],
    -2,
  );
  const room = [vertical, horizontal].map((size) => {
    const before = frameStart(size);
    return [before, size.to - before - size.from - 1] as const;
  });
  return imageOf(pad(framed, room), (vertical.to / vertical.from) * (horizontal.to / horizontal.from), x);
}

/**
 * Shrinks images by dropping their highest frequencies. The mean is kept, unless a side becomes a single pixel.
 *
 * @param x [..., height, width], real or complex
 * @param factor more than 1; height and width divided by factor must be whole
 */
export function shrink(x: Tensor, factor: number): Tensor {
  checkTensor("shrink", "x", x);
  const [vertical, horizontal] = resizes("shrink", x, factor);
  const spectrum: Tensor = fftshift(fft2(x), { axes: AXES });
  const part = (y: Tensor, axis: -1 | -2, { to }: Resize, start: number): Tensor => {
    // The highest frequency of both signs, and what lies between them.
    const ends = y
      .slice(axis, start, start + 1)
      .add(y.slice(axis, start + to, start + to + 1))
      .mul(0.5);
    return concat([ends, y.slice(axis, start + 1, start + to)], axis);
  };
  const rows = part(spectrum, -2, vertical, frameStart(vertical));
  const low = part(rows, -1, horizontal, frameStart(horizontal));
  return imageOf(low, (vertical.to / vertical.from) * (horizontal.to / horizontal.from), x);
}
