// The Laplacian pyramid of P. J. Burt and E. H. Adelson (1983), "The Laplacian pyramid as a compact image code"
// (docs/science/process.md, "Laplacian pyramid").

import { ShapeError, type Tensor } from "@plenoptic-js/tensor";
import { checkArray, checkOptions, checkTensor, pow64, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { blurDownsample, upsampleBlur } from "./blur.ts";
import { checkImage } from "./floatImage.ts";
import { parityOf } from "./resample.ts";

export interface LaplacianPyramidOptions {
  /** Number of levels, the lowpass residual included. Default 5. */
  readonly nScales?: number;
  /** Whether constant images keep their value from level to level. Otherwise (default) it doubles. */
  readonly scaleFilter?: boolean;
}

/** Splits an image into differences of its blurred versions, and puts it together again. */
export class LaplacianPyramid {
  readonly nScales: number;
  readonly scaleFilter: boolean;

  constructor(options: LaplacianPyramidOptions = {}) {
    checkOptions("LaplacianPyramid()", options, ["nScales", "scaleFilter"]);
    const { nScales = 5, scaleFilter = false } = options;
    if (!Number.isInteger(nScales) || nScales < 1) {
      throw new RangeError(`LaplacianPyramid: nScales must be a positive integer, not ${shown(nScales)}`);
    }
    this.nScales = nScales;
    this.scaleFilter = scaleFilter;
  }

  /**
   * The levels of images [batch, channel, height, width], from fine to coarse; the last one is the lowpass residual. Sizes are
   * halved from level to level, and rounded up. Every level but the last needs 3 rows and columns at least.
   */
  forward(x: Tensor): Tensor[] {
    checkImage("LaplacianPyramid", x);
    const sides = x.shape.slice(2);
    // Halved k times, a side is more than 2 if it was more than 2^(k + 1).
    const least = this.nScales > 1 ? pow64(2, this.nScales - 1) + 1 : 1;
    if (Math.min(...sides) < least) {
      throw new ShapeError(
        `LaplacianPyramid: an image of ${sides.join(" x ")} pixels is too small for ${this.nScales} levels; both sides ` +
          `must be at least ${least}. Use a smaller nScales.`,
      );
    }
    const { scaleFilter } = this;
    const levels: Tensor[] = [];
    let rest = x;
    while (levels.length < this.nScales - 1) {
      const next = blurDownsample(rest, { scaleFilter });
      levels.push(rest.sub(upsampleBlur(next, parityOf(rest), { scaleFilter })));
      rest = next;
    }
    return [...levels, rest];
  }

  /** The images of a pyramid, as `forward` gives it: the images themselves but for rounding. */
  reconPyr(coeffs: readonly Tensor[]): Tensor {
    checkArray("LaplacianPyramid.reconPyr", "the list of levels", coeffs, "tensors, as forward() gives");
    coeffs.forEach((level, i) => {
      checkTensor("LaplacianPyramid.reconPyr", `level ${i}`, level);
    });
    if (coeffs.length === 0) {
      throw new RangeError("LaplacianPyramid.reconPyr: there are no levels; give what forward() returned");
    }
    const { scaleFilter } = this;
    return coeffs.reduceRight((coarse, level) => {
      const grown = upsampleBlur(coarse, parityOf(level), { scaleFilter });
      if (grown.shape.some((n, i) => n !== level.shape[i])) {
        throw new ShapeError(
          `LaplacianPyramid.reconPyr: a level is ${shapeText(level.shape)} and the next one ${shapeText(coarse.shape)}; ` +
            "its height and width must be halves, rounded up, and the levels run from fine to coarse",
        );
      }
      return level.add(grown);
    });
  }

  toString(): string {
    return `LaplacianPyramid(nScales: ${this.nScales}, scaleFilter: ${this.scaleFilter})`;
  }
}
