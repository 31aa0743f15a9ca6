// Whether an image is a metamer of a layer of a network, by the criterion of J. Feather, G. Leclerc, A. Mądry and J. H. McDermott, "Model metamers
// reveal divergent invariances between biological and artificial neural networks", Nature Neuroscience 26, 2023: the layer's response
// to it must be more like that to the target than those to any two unrelated images are to each other, by the correlation of ranks
// (Spearman), of values (Pearson) and by the ratio of signal and noise; and the network must take both images for the same thing.

import type { Global } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { heldValue, log64, settled } from "@plenoptic-js/tensor/engine";
import type { DeepNetFeatures } from "../../models/deepNetFeatures/deepNetFeatures.ts";
import { mainLayers } from "../../models/deepNetFeatures/mainLayers.ts";
import type { ModelLike } from "../../models/model.ts";
import { significant } from "../../significant.ts";
import { Rests } from "../frame/pause.ts";
import { fitted, type NamedPhotograph, rangeOf } from "./photographs.ts";

/** How alike two responses of a layer are. NaN where one of them is the same everywhere. */
export interface Likeness {
  /** Correlation of ranks, -1 to 1. */
  readonly spearman: number;
  /** Correlation, -1 to 1. */
  readonly pearson: number;
  /** Power of the first response and of the difference, in decibels; infinite where there is none. */
  readonly snr: number;
}

/** How alike a layer's responses to target and metamer are. */
export interface LayerMatch extends Likeness {
  readonly name: string;
  /** Whether the metamer was made to match it. */
  readonly wanted: boolean;
  /** The most that unrelated photographs reach: each number on its own. */
  readonly unrelated: Likeness;
  /** Whether all three numbers are above those. */
  readonly above: boolean;
}

/** What a network makes of target and metamer. */
export interface NetworkMatch {
  /** Layers in the network's order: those to be matched, and others to compare. */
  readonly layers: readonly LayerMatch[];
  /** The largest of the network's results for each image of the batch; null where its results are no classes, or cannot be computed here. */
  readonly classes: { readonly target: readonly number[]; readonly metamer: readonly number[] } | null;
  /** Pairs of unrelated photographs. */
  readonly pairs: number;
  /** Whether all layers to be matched are above, and the classes, where there are some, are the same. */
  readonly isMetamer: boolean;
}

/** Bytes of responses that are held at most: of more, layers that were not to be matched are left out. */
const MOST_BYTES = 536_870_912;

type Values = Float32Array | Float64Array;

/** A response, and the ranks of its values. */
interface Seen {
  readonly values: Values;
  readonly ranks: Float64Array;
}

/** The layers of a model that is layers of a network; undefined for all others. */
function layersOf(model: ModelLike): DeepNetFeatures | undefined {
  const { network, returnNodes } = model as Partial<DeepNetFeatures>;
  return network !== undefined && returnNodes instanceof Map ? (model as DeepNetFeatures) : undefined;
}

/** What photographs are to the layers of a network. */
export interface Unrelated {
  readonly pairs: number;
  readonly most: ReadonlyMap<string, Likeness>;
}

/**
 * Compares what a network makes of two images, with photographs as the measure.
 *
 * @param photographs gives them, where they are needed
 * @param known what was found about the photographs before
 * @returns null for models that are no layers of a network
 */
export async function networkMatch(
  model: ModelLike,
  target: Tensor<FloatDType>,
  metamer: Tensor<FloatDType>,
  photographs: () => Promise<readonly NamedPhotograph[]> | readonly NamedPhotograph[],
  known: Unrelated | null,
  signal: Global<"AbortSignal"> | undefined,
): Promise<{ readonly match: NetworkMatch; readonly unrelated: Unrelated } | null> {
  const layers = layersOf(model);
  if (layers === undefined || target.shape.join() !== metamer.shape.join()) return null;
  const compared = known === null ? await photographs() : [];
  // The same names with photographs that are known.
  const names = known === null ? namesFor(layers, target, compared.length + 2) : [...known.most.keys()];
  const rests = new Rests();
  const look = async (image: Tensor<FloatDType>): Promise<Seen[]> => {
    await rests.rest();
    signal?.throwIfAborted();
    const responses = await settled(responsesOf(layers, image, names));
    return responses.map((response) => seenOf(heldValue(response).re as Values));
  };
  const [seen, made] = [await look(target), await look(metamer)];
  const unrelated = known ?? (await unrelatedOf(names, target, compared, look));
  const wanted = new Set([...layers.returnNodes.keys()].map((name) => layers.network.find(name)));
  const matches = names.map((name, i): LayerMatch => {
    const own = likeness(seen[i], made[i]);
    const most = unrelated.most.get(name) as Likeness;
    const above = own.spearman > most.spearman && own.pearson > most.pearson && own.snr > most.snr;
    return { name, wanted: wanted.has(layers.network.find(name)), ...own, unrelated: most, above };
  });
  const classes = await classesOf(layers, [target, metamer]);
  const isSame = classes === null || classes.target.join() === classes.metamer.join();
  const isMetamer = isSame && matches.every(({ wanted, above }) => above || !wanted);
  return { match: { layers: matches, classes, pairs: unrelated.pairs, isMetamer }, unrelated };
}

/** Names of the layers to be matched, and of others, in the network's order. Each value has one name. */
function namesFor({ network, returnNodes, transform }: DeepNetFeatures, image: Tensor, held: number): string[] {
  const places = new Map<number, string>();
  for (const name of returnNodes.keys()) places.set(network.find(name), name);
  const sizes = network.shapes(transform === null ? image : transform(image));
  const nodes = new Map(network.nodes.map((node) => [network.find(node.name), node]));
  // Of the ranks, too.
  const bytesOf = (place: number): number =>
    (8 + (image.dtype === "float32" ? 4 : 8)) *
    held *
    (sizes.get(nodes.get(place)?.name ?? "") ?? []).reduce((n, m) => n * m, 1);
  let bytes = [...places.keys()].reduce((sum, place) => sum + bytesOf(place), 0);
  for (const name of mainLayers(network)) {
    const place = network.find(name);
    const size = sizes.get(nodes.get(place)?.name ?? "");
    // What cannot be computed here, what is too large, and what has one number only is left out.
    if (places.has(place) || size === undefined || size.length < 2 || bytes + bytesOf(place) > MOST_BYTES) continue;
    if (size.reduce((n, m) => n * m, 1) < 2) continue;
    places.set(place, name);
    bytes += bytesOf(place);
  }
  return [...places].sort(([a], [b]) => a - b).map(([, name]) => name);
}

const responsesOf = ({ network, transform }: DeepNetFeatures, image: Tensor, names: readonly string[]): Tensor[] =>
  network.layers(transform === null ? image : transform(image), names);

/** The most that any two of some photographs reach, in each layer and by each number. */
async function unrelatedOf(
  names: readonly string[],
  target: Tensor<FloatDType>,
  photographs: readonly NamedPhotograph[],
  look: (image: Tensor<FloatDType>) => Promise<Seen[]>,
): Promise<Unrelated> {
  const range = rangeOf(heldValue(target).re);
  const before: Seen[][] = [];
  const most = names.map(() => ({ spearman: -1, pearson: -1, snr: Number.NEGATIVE_INFINITY }));
  let pairs = 0;
  for (const photograph of photographs) {
    const seen = await look(fitted(photograph, target.shape, target.dtype, range));
    for (const other of before) {
      // In the image's size two may be one picture.
      if (names.every((_, i) => isSame(seen[i].values, other[i].values))) continue;
      pairs++;
      for (const [a, b] of [
        [seen, other],
        [other, seen],
      ]) {
        most.forEach((one, i) => {
          const own = likeness(a[i], b[i]);
          for (const key of ["spearman", "pearson", "snr"] as const) if (own[key] > one[key]) one[key] = own[key];
        });
      }
    }
    before.push(seen);
  }
  return { pairs, most: new Map(names.map((name, i) => [name, most[i]])) };
}

function isSame(a: Values, b: Values): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function seenOf(values: Values): Seen {
  return { values, ranks: ranksOf(values) };
}

/** Ranks from 0 on; equal values have the mean of theirs. */
export function ranksOf(values: Values): Float64Array {
  const sorted = values.slice().sort();
  const n = sorted.length;
  /** How many are below a value, or, with `orEqual`, not above it. */
  const below = (value: number, orEqual: boolean): number => {
    let [low, high] = [0, n];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value || (orEqual && sorted[middle] === value)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return Float64Array.from(values, (value) => (below(value, false) + below(value, true) - 1) / 2);
}

/** How alike two responses are, the first of which is the signal. */
export function likeness(a: Seen, b: Seen): Likeness {
  return {
    spearman: correlation(a.ranks, b.ranks),
    pearson: correlation(a.values, b.values),
    snr: decibels(a.values, b.values),
  };
}

function correlation(a: Values, b: Values): number {
  const n = a.length;
  let [sumA, sumB] = [0, 0];
  for (let i = 0; i < n; i++) {
    sumA += a[i];
    sumB += b[i];
  }
  const [meanA, meanB] = [sumA / n, sumB / n];
  let [aa, bb, ab] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i] - meanA, b[i] - meanB];
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return ab / Math.sqrt(aa * bb);
}

function decibels(signal: Values, other: Values): number {
  let [power, noise] = [0, 0];
  for (let i = 0; i < signal.length; i++) {
    const difference = signal[i] - other[i];
    power += signal[i] * signal[i];
    noise += difference * difference;
  }
  return noise === 0 ? Number.POSITIVE_INFINITY : (10 * log64(power / noise)) / log64(10);
}

async function classesOf(layers: DeepNetFeatures, images: readonly Tensor[]): Promise<NetworkMatch["classes"]> {
  const { network } = layers;
  const [output, ...others] = network.outputs;
  if (output === undefined || others.length > 0) return null;
  const found: number[][] = [];
  for (const image of images) {
    let result: Tensor;
    try {
      [result] = responsesOf(layers, image, [output]);
    } catch {
      // The layers before it can be computed, for images of this size; it need not be.
      return null;
    }
    const flat = result.shape.slice(2).every((n) => n === 1);
    if (result.ndim < 2 || !flat || result.shape[1] < 2) return null;
    const [held] = await settled([result]);
    const values = heldValue(held).re as Values;
    const [batch, count] = held.shape;
    found.push(
      Array.from({ length: batch }, (_, i) => {
        let most = 0;
        for (let k = 1; k < count; k++) if (values[i * count + k] > values[i * count + most]) most = k;
        return most;
      }),
    );
  }
  return { target: found[0], metamer: found[1] };
}

const threeWords = ({ spearman, pearson, snr }: Likeness): string =>
  `Spearman ${significant(spearman)}, Pearson ${significant(pearson)}, ${significant(snr)} dB`;

/** What is found, in sentences. */
export function networkWords({ layers, classes, pairs, isMetamer }: NetworkMatch): string[] {
  const wanted = layers.filter((layer) => layer.wanted);
  const others = layers.filter((layer) => !layer.wanted);
  const said = wanted.map(
    (layer) =>
      `${layer.name} ${threeWords(layer)}; two unrelated photographs at most ${threeWords(layer.unrelated)}${layer.above ? "" : ": not above"}`,
  );
  const isSame = classes !== null && classes.target.join() === classes.metamer.join();
  const taken =
    classes === null
      ? "Its results are no classes to compare."
      : isSame
        ? `The network takes both for class ${classes.target.join(", ")}.`
        : `The network takes the target for class ${classes.target.join(", ")}, and the other for ${classes.metamer.join(", ")}.`;
  return [
    `By the criterion for metamers of networks (Feather et al. 2023) it is ${isMetamer ? "one" : "none"}: ${said.join(". ")} (${pairs} pairs). ${taken}`,
    ...(others.length === 0
      ? []
      : [
          `Other layers, Spearman: ${others.map(({ name, spearman }) => `${name} ${significant(spearman)}`).join(", ")}.`,
        ]),
  ];
}
