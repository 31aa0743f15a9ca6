// What is made step by step: one synthesis after the other, a metamer alone or the four images of a MAD competition.

import type { JsonObject } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { MADCompetition, type Metamer, type MetamerCTF, type SynthesizeOptions } from "plenoptic-js";
import type { Curves, Judged, Made } from "../protocol/messages.ts";
import { planeOf } from "./images.ts";
import { type Outcome, type Result, type Session, storeEvery } from "./session.ts";

/** One image that is made. */
export interface Part {
  readonly name: string;
  readonly title: string;
  readonly synthesis: Metamer | MetamerCTF | MADCompetition;
}

export interface Descent {
  readonly description: string;
  readonly target: Tensor<FloatDType>;
  readonly parts: readonly Part[];
  /** Steps of each part. */
  readonly iterations: number;
  /** Options of every call beside those of running. */
  readonly rules: Pick<SynthesizeOptions, "stopCriterion" | "stopItersToCheck"> & Readonly<Record<string, unknown>>;
  judge(signal: AbortSignal): Promise<Judged>;
  representation(): Promise<string>;
}

const imageOf = ({ synthesis }: Part): Tensor<FloatDType> =>
  synthesis instanceof MADCompetition ? synthesis.madImage : synthesis.metamer;

export class DescentSession implements Session {
  readonly description: string;
  readonly target: Tensor<FloatDType>;
  readonly every: number;
  readonly #descent: Descent;
  /** Parts that ended before their last step. */
  readonly #ended = new Set<Part>();

  constructor(descent: Descent) {
    this.#descent = descent;
    this.description = descent.description;
    this.target = descent.target;
    const [, , height, width] = descent.target.shape;
    this.every = storeEvery(descent.iterations, height * width, descent.parts.length);
  }

  get #parts(): readonly Part[] {
    return this.#descent.parts;
  }

  get steps(): number {
    return this.#descent.iterations * this.#parts.length;
  }

  /** Parts that ended early count whole. */
  get step(): number {
    const { iterations } = this.#descent;
    return this.#parts.reduce((sum, part) => sum + (this.#ended.has(part) ? iterations : part.synthesis.numIter), 0);
  }

  get isDone(): boolean {
    return this.step >= this.steps;
  }

  /** The part that is at work, or the last. */
  get #present(): Part {
    const { iterations } = this.#descent;
    const open = this.#parts.find((part) => !this.#ended.has(part) && part.synthesis.numIter < iterations);
    return open ?? this.#parts[this.#parts.length - 1];
  }

  async run(most: number, signal: AbortSignal, stepped: () => Promise<void>): Promise<Outcome> {
    const { iterations, rules } = this.#descent;
    let left = most;
    let words = "";
    while (left > 0 && !this.isDone) {
      const part = this.#present;
      const { synthesis } = part;
      const before = synthesis.numIter;
      const maxIter = Math.min(left, iterations - before);
      const summary = await synthesis.synthesize({
        ...rules,
        maxIter,
        storeProgress: this.every,
        signal,
        onProgress: stepped,
      });
      words = summary.stopText;
      left -= synthesis.numIter - before;
      if (summary.stopReason !== "maxIter") this.#ended.add(part);
    }
    return { words };
  }

  async made(): Promise<readonly Made[]> {
    return Promise.all(
      this.#parts.map(async (part) => ({
        name: part.name,
        title: part.title,
        plane: await planeOf(imageOf(part)),
        isChange: false,
      })),
    );
  }

  numbers(): readonly (readonly [name: string, value: number])[] {
    const { synthesis } = this.#present;
    const { numIter, losses, penalties, penaltyLambda, gradientNorm, pixelChangeNorm } = synthesis;
    const last = <T extends ArrayLike<number>>(series: T): number => series[series.length - 1] ?? Number.NaN;
    if (synthesis instanceof MADCompetition) {
      return [
        ["optimized metric", synthesis.optimizedMetricLoss[numIter]],
        ["reference metric", synthesis.referenceMetricLoss[numIter]],
        ["gradient norm", last(gradientNorm)],
        ["change of the image", last(pixelChangeNorm)],
      ];
    }
    return [
      ["loss", losses[numIter] - penaltyLambda * penalties[numIter]],
      ["penalty", penaltyLambda * penalties[numIter]],
      ["gradient norm", last(gradientNorm)],
      ["change of the image", last(pixelChangeNorm)],
    ];
  }

  curves(): Curves {
    const { synthesis } = this.#present;
    const { losses, penalties, penaltyLambda, gradientNorm, pixelChangeNorm } = synthesis;
    const isMad = synthesis instanceof MADCompetition;
    const main = isMad
      ? [
          { name: "optimized metric", values: Float64Array.from(synthesis.optimizedMetricLoss), isLog: false },
          { name: "reference metric", values: Float64Array.from(synthesis.referenceMetricLoss), isLog: false },
        ]
      : [{ name: "loss", values: losses.map((objective, i) => objective - penaltyLambda * penalties[i]), isLog: true }];
    return {
      series: [
        ...main,
        { name: "gradient norm", values: Float64Array.from(gradientNorm), isLog: true },
        { name: "change of the image", values: Float64Array.from(pixelChangeNorm), isLog: true },
      ],
    };
  }

  async stored(step: number): Promise<{ readonly step: number; readonly made: readonly Made[] }> {
    const { iterations } = this.#descent;
    const made: Made[] = [];
    let shown = 0;
    for (const [i, part] of this.#parts.entries()) {
      const { synthesis, name, title } = part;
      const own = Math.min(Math.max(step - i * iterations, 0), synthesis.numIter);
      const { image, at } = await this.#storedIn(part, own);
      shown += at;
      made.push({ name, title, plane: await planeOf(image), isChange: false });
    }
    return { step: shown, made };
  }

  async #storedIn(part: Part, step: number): Promise<{ readonly image: Tensor; readonly at: number }> {
    const { synthesis } = part;
    if (synthesis.numIter === 0 || step >= synthesis.numIter) {
      return { image: imageOf(part), at: synthesis.numIter };
    }
    const progress = synthesis.getProgress(step, { iterationSelection: "floor" });
    const { savedMetamer, savedMadImage } = progress as {
      readonly savedMetamer?: Tensor;
      readonly savedMadImage?: Tensor;
    };
    return { image: savedMetamer ?? savedMadImage ?? imageOf(part), at: progress.storeProgressIteration ?? step };
  }

  representation(): Promise<string> {
    return this.#descent.representation();
  }

  judge(signal: AbortSignal): Promise<Judged> {
    return this.#descent.judge(signal);
  }

  async results(): Promise<readonly Result[]> {
    return Promise.all(
      this.#parts.map(async (part) => ({
        name: part.name,
        image: imageOf(part),
        recipe: await part.synthesis.recipe(),
      })),
    );
  }

  async recipes(): Promise<readonly { readonly name: string; readonly recipe: JsonObject }[]> {
    const results = await this.results();
    return results.flatMap(({ name, recipe }) => (recipe === null ? [] : [{ name, recipe }]));
  }

  async files(): Promise<readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[]> {
    return Promise.all(
      this.#parts.map(async ({ name, synthesis }) => ({ name: `${name}.pt`, bytes: await synthesis.toBytes() })),
    );
  }

  async checkpoint(): Promise<Uint8Array<ArrayBuffer> | null> {
    // Four files would be four checkpoints; a competition takes seconds, and begins anew.
    if (this.#parts.length > 1 || this.step === 0) return null;
    return this.#parts[0].synthesis.toBytes();
  }
}
