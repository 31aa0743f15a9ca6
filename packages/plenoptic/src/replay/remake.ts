// The things that a recipe names: models, losses, metrics and so on. A recipe can name only what the library has; what is a user's own
// must be given by the user, and is checked by the hash of its graph. Functions are known by that hash, whatever they are called.

import type { Network } from "@plenoptic-js/networks";
import { hashTensor, type optim, type Shape, type Tensor } from "@plenoptic-js/tensor";
import { optimizers, schedulers, shapeText } from "@plenoptic-js/tensor/engine";
import { lossCards, lossFactoryCards } from "../loss/cards.ts";
import type { LossFunction } from "../loss/lossFunction.ts";
import { metricCards } from "../metric/cards.ts";
import { modelCards } from "../models/cards.ts";
import { networkWords, remakeLayers, saidNetwork } from "../models/deepNetFeatures/remake.ts";
import { type GroupedModel, type ModelLike, modelFunction } from "../models/model.ts";
import type { OwnRecipe, RecipeArray, RecipeModel } from "../recipe.ts";
import { penalizeRange } from "../regularize/index.ts";
import type { FileFunctions } from "../stored/fileFunctions.ts";
import { traceUser } from "../validate/error.ts";
import type { MetricFunction } from "../validate/metric.ts";
import { type PenaltyFunction, validateLoss, validatePenalty } from "../validate/scalar.ts";
import { type CannotReason, CannotReplay } from "./cannotReplay.ts";

/** What a recipe needs that its file does not hold. */
export interface ReplayGiven {
  /** The target. */
  readonly image?: Tensor | null;
  /** The image that the synthesis started from, where that was given too. */
  readonly initialImage?: Tensor | null;
  /** A model of your own. */
  readonly model?: ModelLike | null;
  /** The network whose layers are the model, as `readOnnx` gives it: it is checked by the hash of its file. Layers and normalization are the recipe's. */
  readonly network?: Network | null;
  readonly lossFunction?: LossFunction | null;
  readonly penaltyFunction?: PenaltyFunction | null;
  readonly optimizedMetric?: MetricFunction | null;
  readonly referenceMetric?: MetricFunction | null;
}

/** What was given, and what the file holds. */
export interface ReplaySources extends ReplayGiven {
  readonly kept: FileFunctions | null;
}

/** Something made again; `isSame` where its graph is the one of the recipe. */
export interface Remade<T> {
  readonly thing: T;
  readonly isSame: boolean;
}

type Like = { readonly shape: Shape; readonly dtype: "float32" | "float64" };

interface Said {
  readonly name?: string | null;
  /** Of a job's loss it may be missing: then the name decides. */
  readonly fingerprint?: string;
}

/** A tensor that was given, if it is the one of the recipe. Throws CannotReplay for another. */
export async function sameArray(
  reason: "image" | "initial image",
  given: Tensor,
  wanted: RecipeArray,
  whose: string,
): Promise<Tensor> {
  const cast = given.dtype === wanted.dtype ? given : given.cast(wanted.dtype as "float64").detach();
  const sha256 = await hashTensor(cast);
  if (sha256 === wanted.sha256) {
    if (cast.shape.join() === wanted.shape.join()) return cast;
    throw new CannotReplay(
      reason,
      `the recipe says that the ${reason} is ${shapeText(wanted.shape)}, and its SHA-256 is that of ${shapeText(cast.shape)}: it was changed`,
    );
  }
  const sizes =
    cast.shape.join() === wanted.shape.join()
      ? ""
      : ` (it is [${cast.shape.join(", ")}], that of the recipe [${wanted.shape.join(", ")}])`;
  throw new CannotReplay(
    reason,
    `${whose} is not the ${reason} of the recipe: its SHA-256 is ${sha256}, that of the recipe's ${wanted.sha256}${sizes}`,
  );
}

/** The model of a recipe. */
export function remadeModel(
  { model: said, image }: OwnRecipe,
  { model: given = null, network = null, kept }: ReplaySources,
): Remade<ModelLike> {
  if (said === null) throw new CannotReplay("model", "the recipe has no model, and its method needs one");
  const like = image as unknown as Like;
  const printOf = (candidate: ModelLike): string | null =>
    printed(() => traceUser("the model", modelFunction(candidate), [like]).fingerprint);
  const model = given ?? (network === null ? null : layersOf(network, said));
  if (model !== null) {
    const print = printOf(model);
    if (print === said.fingerprint) return { thing: model, isSame: true };
    throw new CannotReplay(
      "model",
      `the model that was given is another one than that of the recipe: its fingerprint is ${print ?? "none, for it does not take such an image"}, that of the ` +
        `recipe's ${said.fingerprint}`,
    );
  }
  if (kept?.model !== undefined) {
    const print = printOf(kept.model);
    if (print === said.fingerprint) return { thing: kept.model, isSame: true };
    throw new CannotReplay("model", otherKept("model", print, said.fingerprint));
  }
  const card = modelCards.find(({ className }) => className === said.name);
  const layers = saidNetwork(said.options);
  if (layers !== null) {
    const file = said.file === undefined ? "" : `, the file ${said.file.name}`;
    throw new CannotReplay("model", `its model is ${networkWords(layers)}${file}, which must be given`);
  }
  const name = said.name === null ? "a model without a name" : `the model "${said.name}"`;
  const file = said.file === undefined ? "" : `, from the file ${said.file.name} (SHA-256 ${said.file.sha256})`;
  const own = `it was made with ${name}${file}, which must be given`;
  if (card === undefined || said.file !== undefined) throw new CannotReplay("model", own);
  let thing: ModelLike;
  try {
    thing = card.remake(said.options ?? {});
  } catch (cause) {
    throw new CannotReplay("model", `${own}: the one of that name here has no such options`, { cause });
  }
  return { thing, isSame: printOf(thing) === said.fingerprint };
}

/** The layers of a recipe's model, in a network that was given. */
function layersOf(network: Network, { name, options }: RecipeModel): ModelLike {
  const said = saidNetwork(options);
  if (said === null) {
    throw new CannotReplay(
      "model",
      `a network was given, and the model of the recipe, ${name ?? "without a name"}, is none`,
    );
  }
  try {
    return remakeLayers(network, said);
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    throw new CannotReplay("model", cause.message, { cause });
  }
}

const otherKept = (what: string, print: string | null, wanted: string): string =>
  `the ${what} in the file is another one than that of its recipe: its fingerprint is ` +
  `${print ?? "none, for it was stored for other shapes or dtypes"}, that of the recipe's ${wanted}; the right one must be given`;

/**
 * A loss, penalty or metric: the one that was given, or that of the file, or that of the library with the same graph, or at least of the same
 * name.
 */
function remade<T extends object>(
  reason: CannotReason,
  said: Said,
  given: T | null | undefined,
  kept: T | undefined,
  candidates: readonly (readonly [name: string, make: () => T])[],
  printOf: (candidate: T) => string,
): Remade<T> {
  if (given !== null && given !== undefined) {
    const print = printed(() => printOf(given));
    if (print !== null && print === (said.fingerprint ?? print)) return { thing: given, isSame: true };
    throw new CannotReplay(
      reason,
      `the ${reason} that was given is another one than that of the recipe: its fingerprint is ${print ?? "none"}, that of the recipe's ${said.fingerprint}`,
    );
  }
  const printOfKept = kept === undefined ? null : printed(() => printOf(kept));
  if (kept !== undefined && printOfKept === said.fingerprint) return { thing: kept, isSame: true };
  let ofName: T | null = null;
  for (const [name, make] of candidates) {
    try {
      const thing = make();
      const isNamed = name === said.name;
      if (said.fingerprint === undefined && !isNamed) continue;
      if (printOf(thing) === said.fingerprint || said.fingerprint === undefined) return { thing, isSame: true };
      if (isNamed) ofName = thing;
    } catch {
      // One that cannot be used on such an image is not the one.
    }
  }
  if (kept !== undefined) throw new CannotReplay(reason, otherKept(reason, printOfKept, said.fingerprint ?? "none"));
  if (ofName !== null) return { thing: ofName, isSame: false };
  const name = (said.name ?? "") === "" ? "" : ` "${said.name}"`;
  throw new CannotReplay(reason, `it was made with a ${reason}${name} of somebody's own, which must be given`);
}

export function remadeLoss(
  { options, image: like }: OwnRecipe,
  given: ReplaySources,
  model: ModelLike,
  image: Tensor,
): Remade<LossFunction> {
  const { output } = traceUser("the model", modelFunction(model), [image]);
  const candidates = [
    ...lossCards.map(({ name, compute }) => [name, () => compute] as const),
    ...("convertToDict" in model
      ? lossFactoryCards.map(({ name, create }) => [name, () => create(model as GroupedModel, image)] as const)
      : []),
  ];
  const said = options.lossFunction as unknown as Said;
  const dtype = like.dtype as "float64";
  return remade(
    "loss",
    said,
    given.lossFunction,
    given.kept?.lossFunction,
    candidates,
    (loss) => validateLoss(loss, output, output, dtype).fingerprint,
  );
}

export function remadePenalty({ options, image }: OwnRecipe, given: ReplaySources): Remade<PenaltyFunction> {
  const { shape, dtype } = image as unknown as Like;
  const candidates = [["penalizeRange", () => penalizeRange as PenaltyFunction]] as const;
  const said = options.penaltyFunction as unknown as Said;
  return remade(
    "penalty",
    said,
    given.penaltyFunction,
    given.kept?.penaltyFunction,
    candidates,
    (penalty) => validatePenalty(penalty, { imageShape: shape, imageDtype: dtype }).fingerprint,
  );
}

export function remadeMetric(
  { options, image }: OwnRecipe,
  given: ReplaySources,
  which: "optimizedMetric" | "referenceMetric",
): Remade<MetricFunction> {
  const like = image as unknown as Like;
  const candidates = metricCards.flatMap(
    ({ functionName, compute, distance }) =>
      [
        [distance.name, () => distance.compute],
        [functionName, () => compute],
      ] as const,
  );
  return remade(
    "metric",
    options[which] as unknown as Said,
    given[which],
    given.kept?.[which],
    candidates,
    (metric) => traceUser("the metric", (a, b) => metric(a, b), [like, like]).fingerprint,
  );
}

/** The optimizer that a call of setup() names; null where it names none. */
export function remadeOptimizer(said: unknown): optim.Optimizer | null {
  return ofRegistry("optimizer", optimizers, said);
}

export function remadeScheduler(said: unknown): optim.Scheduler | null {
  return ofRegistry("scheduler", schedulers, said);
}

function ofRegistry<T>(
  what: "optimizer" | "scheduler",
  makers: Readonly<Record<string, { make(options: Readonly<Record<string, unknown>>): T }>>,
  said: unknown,
): T | null {
  if (said === null || said === undefined) return null;
  const { name, ...options } = said as { readonly name: string };
  if (!Object.hasOwn(makers, name)) {
    throw new CannotReplay("unknown name", `its ${what} is "${name}", and there is none of that name here`);
  }
  try {
    return makers[name].make(options);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CannotReplay("unknown name", `its ${what} has options that make no sense here: ${why}`, { cause });
  }
}

/** A fingerprint; null for what cannot be used on such an image. */
function printed(print: () => string): string | null {
  try {
    return print();
  } catch {
    return null;
  }
}
