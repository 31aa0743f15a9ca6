/**
 * `pyrshow`: all bands of a pyramid on one sheet, by the conventions of plenoptic's and pyrtools' `pyrshow`: a row for each
 * scale, from fine to coarse, between the two residuals; a column for each orientation; all bands enlarged to one size.
 */

import type { Tensor } from "@plenoptic-js/tensor";
import { checkOptions, checkTensor, shapeText, shown } from "@plenoptic-js/tensor/engine";
import type { PyramidCoefficients } from "../process/pyramidCoefficients.ts";
import type { Figure } from "./figure.ts";
import { imagePanel } from "./imshow.ts";
import { figureOfRows } from "./panel.ts";
import type { Plane, Zoom } from "./planes.ts";
import { exactZoom, fittingZoom, planesOf } from "./planes.ts";
import { readArray, select } from "./sources.ts";
import type { VRange } from "./vrange.ts";
import { displayRanges, kindOf } from "./vrange.ts";

export interface PyrshowOptions {
  /** Values shown as black and white. Default "indep1". */
  readonly vrange?: VRange;
  /**
   * Pixels for each element of the largest band: a whole number or 1/n. Smaller bands are enlarged to its size, as far as whole
   * numbers go. Default 1.
   */
  readonly zoom?: number;
  /** Show the residuals. Default true. */
  readonly showResiduals?: boolean;
  /**
   * How complex bands are shown, in two rows: real and imaginary parts, amplitude and phase, or the logarithm of the amplitude
   * to base 2 and phase. Default "rectangular".
   */
  readonly plotComplex?: "rectangular" | "polar" | "logpolar";
  /** The batch member to show. Default 0. */
  readonly batchIdx?: number;
  /** The channel to show. Default 0. */
  readonly channelIdx?: number;
}

/** The pictures of one row, and what their titles begin and end with. */
interface Row {
  readonly planes: readonly Plane[];
  readonly title: (band: number) => string;
}

/** The two real parts of complex bands, by how they are to be shown. */
const PARTS: Record<NonNullable<PyrshowOptions["plotComplex"]>, readonly [string, (z: Tensor) => Tensor][]> = {
  rectangular: [
    ["real", (z) => z.real()],
    ["imaginary", (z) => z.imag()],
  ],
  polar: [
    ["amplitude", (z) => z.abs()],
    ["phase", phase],
  ],
  logpolar: [
    ["log2 amplitude", (z) => (z.abs() as Tensor).log().div(Math.LN2)],
    ["phase", phase],
  ],
};

/** From -pi to pi. */
function phase(z: Tensor): Tensor {
  return (z.imag() as Tensor).atan2(z.real());
}

/**
 * Shows the coefficients of a pyramid.
 *
 * @param pyrCoeffs by scale, as SteerablePyramidFreq.forward() gives them: bands [batch, channel, orientation, height, width],
 *   residuals [batch, channel, height, width]; or a list of levels [batch, channel, height, width], as
 *   LaplacianPyramid.forward() gives them
 * @throws RangeError for other shapes, an index out of range, an inexact zoom, an unknown `vrange` or `plotComplex`, and when
 *   there is nothing to show.
 */
export async function pyrshow(
  pyrCoeffs: PyramidCoefficients | readonly Tensor[],
  options: PyrshowOptions = {},
): Promise<Figure> {
  const caller = "pyrshow";
  checkOptions(caller, options, ["vrange", "zoom", "showResiduals", "plotComplex", "batchIdx", "channelIdx"]);
  const { vrange = "indep1", zoom = 1, showResiduals = true, plotComplex = "rectangular" } = options;
  const { batchIdx = 0, channelIdx = 0 } = options;
  if (PARTS[plotComplex] === undefined) {
    throw new RangeError(
      `${caller}: plotComplex must be one of ${Object.keys(PARTS).join(", ")}, got ${shown(plotComplex)}`,
    );
  }
  if (!(pyrCoeffs instanceof Map) && !Array.isArray(pyrCoeffs)) {
    throw new TypeError(
      `${caller}: the pyramid is ${shown(pyrCoeffs)}; it must be a Map of bands or a list of levels, as forward() of a pyramid gives`,
    );
  }
  const levels: Iterable<readonly [number | string, Tensor]> =
    pyrCoeffs instanceof Map ? pyrCoeffs : (pyrCoeffs as readonly Tensor[]).entries();
  const rows: Row[] = [];
  for (const [key, level] of levels) {
    if (typeof key === "string" && !showResiduals) continue;
    checkTensor(caller, `the part ${shown(key)}`, level);
    const bands = level.ndim === 4 ? level.unsqueeze(2) : level;
    if (bands.ndim !== 5) {
      throw new RangeError(
        `${caller}: ${key} has the shape ${shapeText(level.shape)}; it must be [batch, channel, orientation, height, width] ` +
          "or, without orientations, [batch, channel, height, width]",
      );
    }
    const complex = bands.dtype === "complex64" || bands.dtype === "complex128";
    const parts = complex ? PARTS[plotComplex] : [["", (x: Tensor) => x] as const];
    for (const [part, of] of parts) {
      const all = await readArray(of(bands), caller);
      const { shape, values } = select(all, batchIdx, channelIdx, caller);
      rows.push({
        planes: planesOf({ shape: shape.slice(1), values }, false, caller),
        title: (band) => titleOf(key, level.ndim === 5 ? band : null, part),
      });
    }
  }
  const planes = rows.flatMap((row) => row.planes);
  if (planes.length === 0) throw new RangeError(`${caller}: there are no bands to show`);
  const ranges = displayRanges(planes, vrange, caller).values();
  const kind = kindOf(vrange, planes);
  const zoomOf = bandZooms(planes, zoom, caller);
  return figureOfRows(
    rows.map((row) =>
      row.planes.map((plane, band) => imagePanel(plane, row.title(band), ranges.next().value!, kind, zoomOf(plane))),
    ),
  );
}

function titleOf(key: number | string, band: number | null, part: string): string {
  const scale = typeof key === "number" ? `scale ${key}` : key.replace("_", " ");
  return [scale, ...(band === null ? [] : [`band ${band}`]), ...(part === "" ? [] : [part])].join(", ");
}

/** The zoom of each band when the largest is shown at `zoom`. Bands of odd sizes get as near to its size as can be. */
function bandZooms(planes: readonly Plane[], zoom: number, caller: string): (plane: Plane) => Zoom {
  const largest = planes.reduce((a, b) => (b.height * b.width > a.height * a.width ? b : a));
  const whole = exactZoom(zoom, largest.height, largest.width, caller);
  const side = (Math.max(largest.height, largest.width) * whole.times) / whole.share;
  return ({ height, width }) => {
    if (height === largest.height && width === largest.width) return whole;
    const ratio = side / Math.max(height, width);
    const nearest = ratio > 0.75 ? Math.floor(ratio + 0.5) : fittingZoom(height, width, side);
    return exactZoom(nearest, height, width, caller);
  };
}
