// The Portilla-Simoncelli statistics of images (docs/science/models.md, "The statistics"; J. Portilla and E. P.
// Simoncelli, "A parametric texture model based on joint statistics of complex wavelet coefficients", IJCV 40, 2000),
// in the half-plane form:
//
// - the image is transformed once; bands, their expansions to the next finer scale, and lowpass images are inverse transforms of
//   its spectrum times constant weights;
// - autocorrelations are a few lags, summed from power spectra, and the variance of the highpass residual is a weighted sum of one
//   (Parseval);
// - the phase is doubled without angles: z^2 / |z|, with an inverse of |z| whose derivative takes no division.
//
// <.> is the mean over the pixels of a scale. Means are taken off with their derivative: where a value c stands for a mean
// without gradient, <(x - c)(y - d)> - <x - c><y - d> is the covariance at every order of differentiation.
//
// A variance that is not above the rounding errors of the image's transform counts as zero. What is divided by it then
// has a fixed value, and no gradient: correlations, autocorrelations, standard deviations and skews are 0, kurtoses 3.

import { concat, einsum, type FloatDType, type Tensor, take, where } from "@plenoptic-js/tensor";
import { irfft2h, rfft2h } from "@plenoptic-js/tensor/engine";
import { amongFrequencies, lowFrequencies, timesPowerOfI } from "../../process/halfPlane.ts";
import { necessaryLags, type TextureLayout, type TextureScale } from "./textureLayout.ts";
import type { ScaleTables, TextureTables } from "./textureTables.ts";

const SPACE = [-2, -1] as const;

/** Statistics of some kind: [image, count], and where each belongs among all. */
export interface Piece {
  readonly values: Tensor;
  readonly positions: readonly number[];
}

/** Rounding errors of a transform, relative to the image: amplitudes below this are nothing. */
const NOISE = { float32: 1 / 0x80000, float64: 1 / 0x1000000000000 } as const;

/** Skew and kurtosis of lowpass images with less than this share of the variance of the pixels are not measured. */
const LEAST_SHARE = { float32: 1e-6, float64: 1e-15 } as const;

/** Numbers [image] side by side: [image, count]. */
const side = (numbers: readonly Tensor[]): Tensor =>
  concat(
    numbers.map((x) => x.unsqueeze(1)),
    1,
  );

/** Mean over the pixels of the product of two sets of images [image, i, height, width]: [image, i, j]. */
function meansOf(x: Tensor, y: Tensor): Tensor {
  const [height, width] = x.shape.slice(-2);
  return einsum("nihw,njhw->nij", x, y).div(height * width);
}

/** x / y where y counts, else a fixed value. */
const ratio = (counts: Tensor<"bool">, x: Tensor, y: Tensor, otherwise = 0): Tensor =>
  where(counts, x.div(where(counts, y, 1)), otherwise);

/** x with a constant near its mean taken off, [..., height, width], and what is left of the mean, [...]. */
interface Centred {
  readonly x: Tensor;
  readonly rest: Tensor;
}

function centred(x: Tensor): Centred {
  const mean = x.mean(SPACE);
  const constant = mean.detach();
  return { x: x.sub(constant.reshape([...constant.shape, 1, 1])), rest: mean.sub(constant) };
}

/** The statistics of a batch of images, [image, height, width]. */
export class TextureStatistics {
  readonly #image: Tensor;
  readonly #tables: TextureTables;
  readonly #layout: TextureLayout;
  readonly #dtype: FloatDType;
  /** Number of scales, of orientations, and the order of the filters. */
  readonly #n: number;
  readonly #k: number;
  readonly #corrWidth: number;
  /** The image's spectrum at every scale. */
  readonly #spectra: readonly Tensor[];
  readonly #bandSpectra = new Map<number, readonly [real: Tensor, imaginary: Tensor]>();
  readonly #pixels: { readonly mean: Tensor; readonly moments: readonly Tensor[] };
  /** Amplitudes up to this (squared) are rounding errors, [image, 1]. */
  readonly #noise: Tensor;

  constructor(image: Tensor, tables: TextureTables, layout: TextureLayout, spatialCorrWidth: number) {
    this.#image = image;
    this.#tables = tables;
    this.#layout = layout;
    this.#dtype = image.dtype as FloatDType;
    this.#n = tables.scales.length - 1;
    this.#k = tables.scales[0].realBands.shape[0];
    this.#corrWidth = spatialCorrWidth;
    let spectrum: Tensor = rfft2h(image);
    this.#spectra = tables.scales.map(({ size }, s) => {
      if (s > 0) spectrum = lowFrequencies(spectrum, tables.scales[s - 1].size, size);
      return spectrum;
    });
    this.#pixels = pixelMoments(image);
    const noise = NOISE[this.#dtype];
    this.#noise = image
      .square()
      .mean(SPACE)
      .mul(noise * noise)
      .unsqueeze(1);
  }

  /** All pieces that belong to one of the scales. */
  pieces(wants: (scale: TextureScale) => boolean): Piece[] {
    const pieces: Piece[] = [];
    if (wants("pixel_statistics")) pieces.push(this.#pixelStatistics());
    for (let s = 0; s <= this.#n; s++) {
      if (!wants(s === this.#n ? "residual_lowpass" : s)) continue;
      if (s < this.#n) pieces.push(...this.#bandStatistics(s));
      pieces.push(...this.#lowpassStatistics(s));
    }
    if (wants("residual_highpass")) pieces.push(this.#highpassStatistics());
    return pieces;
  }

  /** Variances above the rounding errors at a scale, where amplitudes are 4^scale times those of the image. */
  #counts(variance: Tensor, scale: number): Tensor<"bool"> {
    return variance.gt(this.#noise.mul(1 << (4 * scale)));
  }

  // Section 2.2.1 of the paper: marginal statistics of the pixels. Mean; variance (divisor n - 1); skew and kurtosis, with that
  // variance; minimum and maximum, where pixels that tie share the gradient equally.
  #pixelStatistics(): Piece {
    const { mean, moments } = this.#pixels;
    const [variance, third, fourth] = moments;
    const counts = this.#counts(variance.unsqueeze(1), 0).squeeze(1);
    const safe = where(counts, variance, 1);
    const values = [
      mean,
      variance,
      ratio(counts, third, safe.mul(safe.sqrt())),
      ratio(counts, fourth, safe.square(), 3),
      this.#image.min(SPACE),
      this.#image.max(SPACE),
    ];
    const positions = values.map((_, i) => this.#layout.position("pixel_statistics", i));
    return { values: side(values), positions };
  }

  // Section 2.2.1: the variance of the highpass residual, <h^2>.
  #highpassStatistics(): Piece {
    const [spectrum] = this.#spectra;
    const variance = powerOf(spectrum).mul(this.#tables.highpassPower).sum(SPACE);
    return { values: variance.unsqueeze(1), positions: [this.#layout.position("var_highpass_residual", 0)] };
  }

  // Sections 2.2.1 and 2.2.2: skew <I^3> / <I^2>^1.5 and kurtosis <I^4> / <I^2>^2 of the lowpass image I of a scale (all coarser
  // bands and the lowpass residual put together, without mean), its standard deviation sqrt(<I^2>), and its autocorrelation
  // <I(x) I(x + lag)> / <I^2>.
  #lowpassStatistics(s: number): Piece[] {
    const { size, lowpass } = this.#tables.scales[s];
    const area = size[0] * size[1];
    const spectrum = this.#spectra[s].mul(lowpass);
    const image: Tensor = irfft2h(spectrum, size[0]);
    const square = image.square();
    const [third, fourth] = [square.mul(image), square.mul(square)].map((x) => x.mean(SPACE).unsqueeze(1));
    const lags = lagsOf(spectrum, this.#tables.scales[s]).mul(area * area);
    const variance = lags.slice(1, 0, 1);
    const counts = this.#counts(variance, s);
    const safe = where(counts, variance, 1);
    const share = this.#pixels.moments[0].unsqueeze(1).mul(LEAST_SHARE[this.#dtype]);
    const shaped = counts.and(variance.ge(share));
    const position = (key: "skew_reconstructed" | "kurtosis_reconstructed" | "std_reconstructed"): number =>
      this.#layout.position(key, s);
    const skew = ratio(shaped, third, safe.mul(safe.sqrt()));
    const kurtosis = ratio(shaped, fourth, safe.square(), 3);
    return [
      {
        values: concat([skew, kurtosis, where(counts, safe.sqrt(), 0)], 1),
        positions: [position("skew_reconstructed"), position("kurtosis_reconstructed"), position("std_reconstructed")],
      },
      {
        values: ratio(counts, lags.slice(1, 1), variance),
        positions: necessaryLags(this.#corrWidth).map(([i, j]) =>
          this.#layout.position("auto_correlation_reconstructed", i, j, s),
        ),
      },
    ];
  }

  /** Half planes of the real and imaginary parts of all bands, [image, orientation, row, column]. */
  #spectraOfBands(s: number): readonly [real: Tensor, imaginary: Tensor] {
    let spectra = this.#bandSpectra.get(s);
    if (spectra === undefined) {
      const order = this.#k - 1;
      const spectrum = this.#spectra[s].unsqueeze(1);
      const { realBands, imaginaryBands } = this.#tables.scales[s];
      spectra = [
        timesPowerOfI(spectrum.mul(realBands), -order),
        timesPowerOfI(spectrum.mul(imaginaryBands), -order - 1),
      ];
      this.#bandSpectra.set(s, spectra);
    }
    return spectra;
  }

  // Section 2.2.3: statistics of the magnitudes |P| of the complex bands, without their means m: autocorrelation
  // <m(x) m(x + lag)> / <m^2> of each, sqrt(<m^2>), and correlations <m_i m_j> / sqrt(<m_i^2> <m_j^2>) between orientations.
  // Sections 2.2.3 and 2.2.4, with the next coarser scale (if there is one): see `#crossScale`.
  #bandStatistics(s: number): Piece[] {
    const tables = this.#tables.scales[s];
    const k = this.#k;
    const [re, im] = this.#spectraOfBands(s).map((x): Tensor => irfft2h(x, tables.size[0]));
    const { x, rest } = centred(squaredMagnitude(re, im).sqrt());
    const lags = lagsOf(rfft2h(x), tables).sub(rest.square().unsqueeze(2));
    const variance = lags.slice(2, 0, 1);
    const counts = this.#counts(variance.squeeze(2), s);
    const own: Variances = { variance: variance.squeeze(2), counts };
    const lower = pairs(k, k, (i, j) => i > j);
    const orientations = correlation(meansOf(x, x).sub(outer(rest, rest)), own, own);
    const normed = ratio(counts.unsqueeze(2), lags.slice(2, 1), variance);
    const layout = this.#layout;
    const kept = necessaryLags(this.#corrWidth);
    return [
      {
        values: flat(normed),
        positions: range(k).flatMap((b) =>
          kept.map(([i, j]) => layout.position("auto_correlation_magnitude", i, j, b, s)),
        ),
      },
      {
        values: where(counts, where(counts, own.variance, 1).sqrt(), 0),
        positions: range(k).map((b) => layout.position("magnitude_std", b, s)),
      },
      {
        values: take(
          flat(orientations),
          lower.map(([i, j]) => i * k + j),
          1,
        ),
        positions: lower.map(([i, j]) => layout.position("cross_orientation_correlation_magnitude", i, j, s)),
      },
      ...(s < this.#n - 1 ? this.#crossScale(s, re, { x, rest }, own) : []),
    ];
  }

  // With the bands of the next coarser scale, expanded to this size and with their phases doubled, d = z^2 / |z|:
  // correlations of magnitudes <m_i m'_j> / sqrt(<m_i^2> <m'_j^2>), m' being |d| without its mean; and of real parts, with
  // the real and then the imaginary parts of d, <r_i d_j> / sqrt(<r_i^2> <d_j^2>).
  #crossScale(s: number, real: Tensor, own: Centred, ownVariances: Variances): Piece[] {
    const { size } = this.#tables.scales[s];
    const coarse = this.#tables.scales[s + 1].size;
    const [re, im] = this.#spectraOfBands(s + 1).map(
      (x): Tensor => irfft2h(amongFrequencies(x, coarse, size), size[0]),
    );
    const power = squaredMagnitude(re, im);
    const inverse = power.rsqrt();
    const magnitude = power.mul(inverse);
    const even = re.square().sub(im.square()).mul(inverse);
    const odd = re.mul(im).mul(2).mul(inverse);
    const other = centred(magnitude);
    // Expanded bands have the amplitudes of the coarser scale.
    const counted = (variance: Tensor, scale: number): Variances => ({
      variance,
      counts: this.#counts(variance, scale),
    });
    const energy = (x: Tensor): Tensor => x.square().mean(SPACE);
    const otherVariance = counted(energy(other.x).sub(other.rest.square()), s + 1);
    const magnitudes = meansOf(own.x, other.x).sub(outer(own.rest, other.rest));
    const realVariance = counted(energy(real), s);
    const layout = this.#layout;
    const k = this.#k;
    const reals = [even, odd].map(
      (d, half): Piece => ({
        values: flat(correlation(meansOf(real, d), realVariance, counted(energy(d), s + 1))),
        positions: pairs(k, k).map(([i, j]) => layout.position("cross_scale_correlation_real", i, half * k + j, s)),
      }),
    );
    return [
      {
        values: flat(correlation(magnitudes, ownVariances, otherVariance)),
        positions: pairs(k, k).map(([i, j]) => layout.position("cross_scale_correlation_magnitude", i, j, s)),
      },
      ...reals,
    ];
  }
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

function pairs(
  rows: number,
  columns: number,
  wanted: (i: number, j: number) => boolean = () => true,
): [number, number][] {
  return range(rows).flatMap((i) => range(columns).flatMap((j): [number, number][] => (wanted(i, j) ? [[i, j]] : [])));
}

/** [image, ...] as [image, count]. */
const flat = (x: Tensor): Tensor => x.reshape([x.shape[0], -1]);

/** x_i y_j: [image, i, j]. */
const outer = (x: Tensor, y: Tensor): Tensor => x.unsqueeze(2).mul(y.unsqueeze(1));

/** Variances [image, count], and which of them count. */
interface Variances {
  readonly variance: Tensor;
  readonly counts: Tensor<"bool">;
}

/** covariance / sqrt(variance_i variance_j), [image, i, j]. */
function correlation(covariance: Tensor, a: Variances, b: Variances): Tensor {
  const counts = a.counts.unsqueeze(2).and(b.counts.unsqueeze(1));
  return ratio(counts, covariance, where(counts, outer(a.variance, b.variance), 1).sqrt());
}

/** re^2 + im^2. */
function powerOf(spectrum: Tensor): Tensor {
  return spectrum.real().square().add(spectrum.imag().square());
}

/** |re + i im|^2. Keeps clear of 0, so that |re + i im| has gradient 0 there. */
function squaredMagnitude(re: Tensor, im: Tensor): Tensor {
  const nothing = re.dtype === "float32" ? 1e-36 : 1e-300;
  return re.square().add(im.square()).add(nothing);
}

/** Lags of the autocorrelations <x(p) x(p + lag)> of images from their spectra, [..., lag]. Lag 0 is the first. */
function lagsOf(spectrum: Tensor, { lagColumns, lagRows }: ScaleTables): Tensor {
  const columns = powerOf(spectrum).matmul(lagColumns, { transposeB: true });
  return columns.reshape([...columns.shape.slice(0, -2), -1]).matmul(lagRows, { transposeB: true });
}

/** Mean, variance (divisor n - 1), and third and fourth central moments of the pixels, [image]. */
function pixelMoments(image: Tensor): { mean: Tensor; moments: readonly Tensor[] } {
  const count = image.shape[1] * image.shape[2];
  const { x, rest } = centred(image);
  const square = x.square();
  const [second, third, fourth] = [square, square.mul(x), square.mul(square)].map((y) => y.mean(SPACE));
  const rest2 = rest.square();
  return {
    mean: image.mean(SPACE),
    moments: [
      second.sub(rest2).mul(count / (count - 1)),
      third.sub(rest.mul(second).mul(3)).add(rest.mul(rest2).mul(2)),
      fourth.sub(rest.mul(third).mul(4)).add(rest2.mul(second).mul(6)).sub(rest2.square().mul(3)),
    ],
  };
}
