// From a choice to a synthesis that is ready for its first step: as the command makes it, to the same bits. docs/browser.md

import {
  type FloatDType,
  type optim,
  optim as optimizersOf,
  setSeed,
  setThreads,
  type Tensor,
} from "@plenoptic-js/tensor";
import { optimizers } from "@plenoptic-js/tensor/engine";
import { MADCompetition, Metamer, MetamerCTF, type Model, plot } from "plenoptic-js";
import { type MetricCard, type ModelCard, metricCards, modelCards } from "plenoptic-js/engine";
import type { Choice } from "../choice/choice.ts";
import { type Descent, DescentSession } from "./descentSession.ts";
import { type Opened, type Sides, targetFor } from "./images.ts";
import { SearchSession } from "./searchSession.ts";
import type { Session } from "./session.ts";

/** How many steps the stop rules of the command look back. They end nothing here, as in the command where none is given. */
const RULES = { stopCriterion: 0, stopItersToCheck: 50 } as const;
const SCALES = { coarseToFine: "together", changeScaleCriterion: 0.01, ctfItersToCheck: 50 } as const;

export interface Chosen {
  readonly card: ModelCard;
  readonly options: Readonly<Record<string, number>>;
  readonly sides: Sides;
}

/**
 * Makes it ready.
 *
 * @param checkpoint what an earlier session of the same choice saved; null to begin
 * @throws RangeError and others, in words, for what cannot be made
 */
export async function beginSession(
  choice: Choice,
  image: Opened,
  threads: number,
  checkpoint: Uint8Array | null,
): Promise<Session> {
  setThreads(threads);
  if (choice.method === "mad") return beginMad(choice, image);
  const chosen = chooseModel(choice);
  const target = await targetFor(image, choice, chosen.sides);
  setSeed(choice.seed);
  const [, , height, width] = target.shape;
  const model = chosen.card.create(chosen.options, [height, width]);
  if (choice.method === "eigendistortion")
    return new SearchSession({ choice, target, model, description: chosen.sides.description });
  return beginMetamer(choice, chosen, target, model, checkpoint);
}

function chooseModel({ method, model, options }: Choice): Chosen {
  const card =
    method === "texture"
      ? modelCards.find(({ preset }) => preset?.name === "texture")
      : modelCards.find(({ name }) => name === model);
  if (card === undefined) {
    throw new RangeError(
      `There is no model "${model}" here; there are ${modelCards.map(({ name }) => name).join(", ")}.`,
    );
  }
  if (method === "coarse-to-fine" && card.hasScales !== true) {
    const scaled = modelCards.filter(({ hasScales }) => hasScales === true).map(({ name }) => name);
    throw new RangeError(
      `The model ${card.name} has no scales to go from coarse to fine by; choose ${scaled.join(" or ")}.`,
    );
  }
  for (const option of Object.keys(options)) {
    if (option in card.options) continue;
    throw new RangeError(
      `The model ${card.name} has no option "${option}"; it has ${Object.keys(card.options).join(", ") || "none"}.`,
    );
  }
  const all = Object.fromEntries(
    Object.entries(card.options).map(([name, { default: usual }]) => [name, options[name] ?? usual]),
  );
  const words = Object.entries(card.options).map(([name, option]) => `${option.words} ${all[name]}`);
  const description = words.length === 0 ? card.name : `${card.name} (${words.join(", ")})`;
  return { card, options: all, sides: { least: card.leastSide(all), step: card.sideStep?.(all) ?? 1, description } };
}

function optimizerOf({ optimizer, learningRate }: Choice): optim.Optimizer {
  const rate = learningRate === null ? {} : { lr: learningRate };
  if (optimizer === "Adam") return optimizersOf.Adam({ lr: 0.01, ...rate, amsgrad: true });
  const maker = optimizers[optimizer];
  if (maker === undefined) {
    throw new RangeError(`There is no optimizer "${optimizer}"; there are ${Object.keys(optimizers).join(", ")}.`);
  }
  return maker.make(rate);
}

async function beginMetamer(
  choice: Choice,
  { card, sides }: Chosen,
  target: Tensor<FloatDType>,
  model: Model,
  checkpoint: Uint8Array | null,
): Promise<Session> {
  const isScaled = choice.method === "coarse-to-fine";
  const preset = choice.method === "texture" ? card.preset : undefined;
  const loss =
    card.loss === undefined ? undefined : isScaled ? card.loss.ofParts.compute : card.loss.create(model, target);
  const options = { penaltyLambda: choice.penalty, ...(loss !== undefined && { lossFunction: loss }) };
  const { coarseToFine, ...criteria } = SCALES;
  const synthesis = isScaled
    ? new MetamerCTF(target, model as ConstructorParameters<typeof MetamerCTF>[1], { ...options, coarseToFine })
    : new Metamer(target, model, options);
  // Drawn after what the constructor draws, as the preset itself does.
  const initialImage = preset?.initialImage(target) ?? null;
  const optimizer = preset?.optimizer() ?? optimizerOf(choice);
  if (checkpoint === null) await synthesis.setup({ optimizer, initialImage });
  else {
    await synthesis.load(checkpoint);
    await synthesis.setup();
  }
  const descent: Descent = {
    description: `${isScaled ? "from coarse to fine under " : "under "}${sides.description}`,
    target,
    parts: [{ name: "metamer", title: "Metamer", synthesis }],
    iterations: choice.iterations,
    rules: isScaled ? { ...RULES, ...criteria } : RULES,
    judge: async (signal) => {
      const { verdict, text } = await synthesis.summary({ signal });
      return { verdict, text };
    },
    representation: async () => {
      const figure = await plot.metamerRepresentationError(synthesis);
      return figure.svg;
    },
  };
  return new DescentSession(descent);
}

function chooseMetric(name: string): MetricCard {
  const card = metricCards.find((one) => one.name === name);
  if (card !== undefined) return card;
  throw new RangeError(
    `There is no metric "${name}" here; there are ${metricCards.map((one) => one.name).join(", ")}.`,
  );
}

async function beginMad(choice: Choice, image: Opened): Promise<Session> {
  const [optimized, reference] = [chooseMetric(choice.optimized), chooseMetric(choice.reference)];
  if (optimized === reference) {
    throw new RangeError(`Both metrics are ${optimized.name}; a competition is between two.`);
  }
  const least = Math.max(optimized.leastSide, reference.leastSide);
  const description = `${optimized.distance.text} against ${reference.distance.text}`;
  const target = await targetFor(image, choice, { least, step: 1, description });
  setSeed(choice.seed);
  const four = await MADCompetition.all(target, optimized.distance.compute, reference.distance.compute, {
    initialNoise: choice.noise,
  });
  const part = (card: MetricCard, how: "min" | "max", synthesis: MADCompetition) => ({
    name: `${how}-${card.name}`,
    title: `${card.distance.text} as ${how === "min" ? "small" : "large"} as can be`,
    synthesis,
  });
  const names = [optimized.distance.text, reference.distance.text] as const;
  return new DescentSession({
    description,
    target,
    parts: [
      part(optimized, "min", four.minA),
      part(optimized, "max", four.maxA),
      part(reference, "min", four.minB),
      part(reference, "max", four.maxB),
    ],
    iterations: choice.iterations,
    rules: RULES,
    judge: async () => {
      const { verdict, text } = await MADCompetition.summaryOfAll(four, { names });
      return { verdict, text };
    },
    representation: async () => {
      const [metric1Name, metric2Name] = names;
      const { minA, minB, maxA, maxB } = four;
      return (await plot.madLossAll(minA, minB, maxA, maxB, { metric1Name, metric2Name })).svg;
    },
  });
}
