// Models of the first stages of vision: a linear filter, divisive control of its gain by local luminance and by local
// contrast, and a nonlinearity (docs/science/models.md, "Front end"). A. Berardino, J. Ballé, V. Laparra and E. P.
// Simoncelli, "Eigen-distortions of hierarchical representations", 2017. The pretrained values are theirs.

import { concat, type DType, defaultGenerator, type PaddingMode, type Tensor } from "@plenoptic-js/tensor";
import { checkOptions, refuseWhileTracing, shown } from "@plenoptic-js/tensor/engine";
import { amplitude } from "../../process/amplitude.ts";
import { circularGaussian2d, type KernelSize } from "../../process/gaussian.ts";
import { padModeOf, samePadding } from "../../process/padding.ts";
import { disk } from "../../process/synthetic.ts";
import { UserWarning, warn } from "../../warnings.ts";
import { blur, CenterSurround, checkOneChannel } from "../centerSurround/centerSurround.ts";
import { modelKernelSize } from "../filterOptions.ts";
import type { Model } from "../model.ts";

/** A function of each element, at the end of a model. */
export type Activation = <D extends DType>(x: Tensor<D>) => Tensor<D>;

const softplus: Activation = (x) => x.softplus();

interface SharedOptions {
  /** Gain of the centre-surround filter, at least 1. Default 1.25. */
  readonly amplitudeRatio?: number;
  /** Default "reflect". */
  readonly padMode?: PaddingMode;
  /** Use the values fitted to human judgements; the kernel size must be 31. Default false. */
  readonly pretrained?: boolean;
  /** Default softplus. */
  readonly activation?: Activation;
  /** For Python's callers. Kernels never change here, so they are always kept. Default false. */
  readonly cacheFilt?: boolean;
}

export interface LinearNonlinearOptions extends SharedOptions {
  /** true: the centre excites; false: it inhibits. Default true. */
  readonly onCenter?: boolean;
}

export interface LuminanceGainControlOptions extends LinearNonlinearOptions {
  /** Weight of local luminance in the division. Default: drawn from [0, 10), as in Python. */
  readonly luminanceScalar?: number;
}

export interface LuminanceContrastGainControlOptions extends LuminanceGainControlOptions {
  /** Weight of local contrast in the division. Default: drawn from [0, 10), as in Python. */
  readonly contrastScalar?: number;
}

export interface OnOffOptions extends SharedOptions {
  /** Multiply by a disk that falls to 0 towards the border. Default false. */
  readonly applyMask?: boolean;
  /** Weights of local luminance, on and off. Default: drawn from [0, 10), as in Python. */
  readonly luminanceScalar?: readonly [number, number];
  /** Weights of local contrast, on and off. Default: drawn from [0, 10), as in Python. */
  readonly contrastScalar?: readonly [number, number];
}

/** Values of one model, an entry for each channel. */
interface Values {
  readonly centerStd: readonly number[];
  readonly surroundStd: readonly number[];
  readonly luminanceStd?: readonly number[];
  readonly luminanceScalar?: readonly number[];
  readonly contrastStd?: readonly number[];
  readonly contrastScalar?: readonly number[];
}

/** Width of the filters of pretrained models. */
export const PRETRAINED_SIZE = 31;
const PRETRAINED_RATIO = 1.25;
const UNTRAINED_STD = 3;

const SHARED = ["amplitudeRatio", "padMode", "pretrained", "activation", "cacheFilt"];

/** Weights as given, or drawn in float32 from the global generator. */
function weights(given: readonly number[] | undefined, channels: number): readonly number[] {
  if (given !== undefined) return given.map(Math.fround);
  refuseWhileTracing("a front-end model without weights draws random ones");
  return Array.from(defaultGenerator().rand(channels, "float32"), (u) => Math.fround(u * 10));
}

/** What the four models share: filter, divide, divide, bend. */
abstract class FrontEnd implements Model {
  abstract readonly name: string;
  readonly kernelSize: readonly [height: number, width: number];
  readonly padMode: PaddingMode;
  readonly pretrained: boolean;
  readonly activation: Activation;
  readonly cacheFilt: boolean;
  readonly centerSurround: CenterSurround;
  protected readonly values: Values;

  protected constructor(
    caller: string,
    kernelSize: KernelSize,
    onCenter: readonly boolean[],
    options: SharedOptions,
    pretrained: Values,
    untrained: () => Partial<Values>,
  ) {
    const { padMode = "reflect", activation = softplus, cacheFilt = false } = options;
    this.kernelSize = modelKernelSize(caller, kernelSize);
    this.padMode = padModeOf(caller, padMode);
    this.pretrained = options.pretrained ?? false;
    this.activation = activation;
    this.cacheFilt = cacheFilt;
    if (typeof activation !== "function") {
      throw new TypeError(`${caller}: activation is ${shown(activation)}; it must be a function of a tensor`);
    }
    if (this.pretrained && this.kernelSize.some((n) => n !== PRETRAINED_SIZE)) {
      throw new RangeError(
        `${caller}: kernelSize is [${this.kernelSize.join(", ")}]; a pretrained model has kernelSize [31, 31]`,
      );
    }
    if (this.pretrained && onCenter.length === 1 && !onCenter[0]) {
      warn(
        new UserWarning(
          "pretrained-off-center",
          `${caller}: the pretrained model had onCenter: true, so onCenter: false might not make sense`,
        ),
      );
    }
    const channels = onCenter.length;
    const fixed = (value: number): readonly number[] => new Array<number>(channels).fill(value);
    this.values = this.pretrained
      ? pretrained
      : {
          centerStd: fixed(1),
          surroundStd: fixed(4),
          luminanceStd: fixed(UNTRAINED_STD),
          contrastStd: fixed(UNTRAINED_STD),
          ...untrained(),
        };
    this.centerSurround = new CenterSurround(this.kernelSize, {
      onCenter,
      amplitudeRatio: this.pretrained ? PRETRAINED_RATIO : (options.amplitudeRatio ?? 1.25),
      centerStd: this.values.centerStd,
      surroundStd: this.values.surroundStd,
      padMode: this.padMode,
    });
  }

  get options(): Readonly<Record<string, unknown>> {
    const { kernelSize, padMode, pretrained, values } = this;
    const { onCenter, amplitudeRatio } = this.centerSurround;
    return { kernelSize, onCenter, amplitudeRatio, padMode, pretrained, ...values };
  }

  /**
   * The kernels of the filters this model has, each [channels, 1, height, width], by Python's names: "center_surround",
   * "luminance", "contrast".
   */
  kernels(): ReadonlyMap<string, Tensor<"float64">> {
    const { luminanceStd, luminanceScalar, contrastStd, contrastScalar } = this.values;
    const gaussians = (std: readonly number[]): Tensor<"float64"> =>
      circularGaussian2d(this.kernelSize, std.map(Math.fround), { dtype: "float64" });
    const kernels = new Map([["center_surround", this.centerSurround.filt()]]);
    if (luminanceStd && luminanceScalar) kernels.set("luminance", gaussians(luminanceStd));
    if (contrastStd && contrastScalar) kernels.set("contrast", gaussians(contrastStd));
    return kernels;
  }

  forward<D extends DType>(image: Tensor<D>): Tensor<D> {
    checkOneChannel(this.name, image);
    const { kernelSize, values } = this;
    const pad = (x: Tensor<D>): Tensor<D> => samePadding(x, kernelSize, { padMode: this.padMode });
    const padded = pad(image);
    const linear = this.centerSurround.correlate(padded);
    const channels = this.centerSurround.onCenter.map((_, c) => {
      let y = linear.slice(1, c, c + 1);
      if (values.luminanceScalar && values.luminanceStd) {
        const luminance = blur(padded, kernelSize, Math.fround(values.luminanceStd[c]));
        y = y.div(luminance.mul(values.luminanceScalar[c]).add(1));
      }
      if (values.contrastScalar && values.contrastStd) {
        const energy = blur(pad(y.square()), kernelSize, Math.fround(values.contrastStd[c]));
        y = y.div(amplitude(energy).add(1e-6).mul(values.contrastScalar[c]).add(1));
      }
      return this.activation(y);
    });
    return concat<Tensor>(channels, 1) as Tensor<D>;
  }

  toString(): string {
    const options = Object.entries(this.options).map(([name, value]) => `${name}: ${JSON.stringify(value)}`);
    return `${this.name}(${options.join(", ")})`;
  }
}

/** Filter and nonlinearity. [batch, 1, height, width] to the same. */
export class LinearNonlinear extends FrontEnd {
  readonly name = "LinearNonlinear";

  constructor(kernelSize: KernelSize, options: LinearNonlinearOptions = {}) {
    checkOptions("LinearNonlinear()", options, [...SHARED, "onCenter"]);
    const fitted = { centerStd: [0.5339], surroundStd: [6.148] };
    super("LinearNonlinear", kernelSize, [options.onCenter ?? true], options, fitted, () => ({}));
  }
}

/** Filter, division by local luminance, nonlinearity. [batch, 1, height, width] to the same. */
export class LuminanceGainControl extends FrontEnd {
  readonly name = "LuminanceGainControl";

  constructor(kernelSize: KernelSize, options: LuminanceGainControlOptions = {}) {
    checkOptions("LuminanceGainControl()", options, [...SHARED, "onCenter", "luminanceScalar"]);
    const fitted = {
      centerStd: [1.962],
      surroundStd: [4.235],
      luminanceStd: [4.235],
      luminanceScalar: [Math.fround(14.95)],
    };
    const { luminanceScalar } = options;
    super("LuminanceGainControl", kernelSize, [options.onCenter ?? true], options, fitted, () => ({
      luminanceScalar: weights(luminanceScalar === undefined ? undefined : [luminanceScalar], 1),
    }));
  }
}

/** Filter, division by local luminance and by local contrast, nonlinearity. [batch, 1, height, width] to the same. */
export class LuminanceContrastGainControl extends FrontEnd {
  readonly name = "LuminanceContrastGainControl";

  constructor(kernelSize: KernelSize, options: LuminanceContrastGainControlOptions = {}) {
    const names = [...SHARED, "onCenter", "luminanceScalar", "contrastScalar"];
    checkOptions("LuminanceContrastGainControl()", options, names);
    const fitted = {
      centerStd: [0.7363],
      surroundStd: [48.37],
      luminanceStd: [170.99],
      luminanceScalar: [Math.fround(2.94)],
      contrastStd: [2.658],
      contrastScalar: [Math.fround(34.03)],
    };
    const { luminanceScalar, contrastScalar } = options;
    super("LuminanceContrastGainControl", kernelSize, [options.onCenter ?? true], options, fitted, () => ({
      luminanceScalar: weights(luminanceScalar === undefined ? undefined : [luminanceScalar], 1),
      contrastScalar: weights(contrastScalar === undefined ? undefined : [contrastScalar], 1),
    }));
  }
}

/** Two such channels, on-centre and off-centre. [batch, 1, height, width] to [batch, 2, height, width]. */
export class OnOff extends FrontEnd {
  readonly name = "OnOff";
  readonly applyMask: boolean;

  constructor(kernelSize: KernelSize, options: OnOffOptions = {}) {
    checkOptions("OnOff()", options, [...SHARED, "applyMask", "luminanceScalar", "contrastScalar"]);
    const fitted = {
      centerStd: [1.237, 0.3233],
      surroundStd: [30.12, 2.184],
      luminanceStd: [76.4, 2.184],
      luminanceScalar: [3.2637, 14.3961].map(Math.fround),
      contrastStd: [7.49, 2.43],
      contrastScalar: [7.3405, 16.7423].map(Math.fround),
    };
    super("OnOff", kernelSize, [true, false], options, fitted, () => ({
      luminanceScalar: weights(options.luminanceScalar, 2),
      contrastScalar: weights(options.contrastScalar, 2),
    }));
    this.applyMask = options.applyMask ?? false;
  }

  override get options(): Readonly<Record<string, unknown>> {
    return { ...super.options, applyMask: this.applyMask };
  }

  override forward<D extends DType>(image: Tensor<D>): Tensor<D> {
    const y = super.forward(image);
    if (!this.applyMask) return y;
    const [, , height, width] = image.shape;
    return y.mul(disk([height, width]).cast(y.dtype));
  }
}
