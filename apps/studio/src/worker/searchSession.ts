// Eigendistortions: found in one search, which cannot be kept in the middle.

import type { JsonObject } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { Eigendistortion, type Model, plot } from "plenoptic-js";
import type { Choice } from "../choice/choice.ts";
import type { Curves, Judged, Made } from "../protocol/messages.ts";
import { planeOf } from "./images.ts";
import type { Outcome, Result, Session } from "./session.ts";

/** The strength that results are saved and judged with; the command's own. */
const ALPHA = 5;
const ALL = 100;

export interface Search {
  readonly choice: Choice;
  readonly target: Tensor<FloatDType>;
  readonly model: Model;
  readonly description: string;
}

export class SearchSession implements Session {
  readonly description: string;
  readonly target: Tensor<FloatDType>;
  readonly steps = ALL;
  readonly every = 0;
  readonly #eig: Eigendistortion;
  readonly #model: Model;
  readonly #choice: Choice;
  #step = 0;

  constructor({ choice, target, model, description }: Search) {
    this.description = `of ${description}`;
    this.target = target;
    this.#choice = choice;
    this.#model = model;
    this.#eig = new Eigendistortion(target, model);
  }

  get step(): number {
    return this.#step;
  }

  get isDone(): boolean {
    return this.#eig.search !== null;
  }

  async run(_most: number, signal: AbortSignal, stepped: () => Promise<void>): Promise<Outcome> {
    const { k, iterations } = this.#choice;
    try {
      const { words } = await this.#eig.synthesize({
        k,
        maxIter: iterations,
        signal,
        onProgress: ({ stage, share }) => {
          const half = stage === "bottom" || stage === "decomposition" ? 1 : 0;
          this.#step = Math.min(ALL - 1, Math.floor((ALL / 2) * (half + Math.min(share, 1))));
          return stepped();
        },
      });
      this.#step = ALL;
      return { words };
    } catch (error) {
      this.#step = 0;
      throw error;
    }
  }

  /** Each as an image, the target with nothing added where none is found yet. */
  async made(): Promise<readonly Made[]> {
    const { eigendistortions, eigenindex } = this.#eig;
    if (eigendistortions === null || eigenindex === null) return [];
    const places = Array.from(await eigenindex.data());
    return Promise.all(
      places.map(async (index, i) => ({
        name: `distorted-${index}`,
        title: i < this.#choice.k ? `Most noticeable, ${index + 1}` : `Least noticeable, ${places.length - i}`,
        plane: await planeOf(eigendistortions, i),
        isChange: true,
      })),
    );
  }

  numbers(): readonly (readonly [name: string, value: number])[] {
    const { search } = this.#eig;
    if (search === null) return [];
    return Array.from(search.eigenvalues, (value, i) => [`eigenvalue ${i + 1}`, value] as const);
  }

  curves(): Curves {
    return { series: [] };
  }

  async stored(): Promise<{ readonly step: number; readonly made: readonly Made[] }> {
    return { step: this.#step, made: await this.made() };
  }

  async representation(): Promise<string> {
    return (await plot.plotRepresentation(this.#model, this.#model.forward(this.target))).svg;
  }

  async judge(signal: AbortSignal): Promise<Judged> {
    const { verdict, text } = await this.#eig.summary({ strength: ALPHA, signal });
    return { verdict, text: text.replaceAll("strength", "alpha") };
  }

  async results(): Promise<readonly Result[]> {
    const { eigendistortions, image } = this.#eig;
    if (eigendistortions === null) return [];
    const made = await this.made();
    return made.map(({ name }, i) => ({
      name,
      image: image
        .add(
          eigendistortions
            .slice(0, i, i + 1)
            .reshape(image.shape)
            .mul(ALPHA),
        )
        .detach(),
      recipe: null,
    }));
  }

  async recipes(): Promise<readonly { readonly name: string; readonly recipe: JsonObject }[]> {
    const recipe = await this.#eig.recipe();
    return recipe === null ? [] : [{ name: "eigendistortion", recipe }];
  }

  async files(): Promise<readonly { readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }[]> {
    return [{ name: "eigendistortion.pt", bytes: await this.#eig.toBytes() }];
  }

  async checkpoint(): Promise<null> {
    return null;
  }
}
