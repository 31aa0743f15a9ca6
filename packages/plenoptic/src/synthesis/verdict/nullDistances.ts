// How far apart different photographs are for a model: what the nearness of a metamer is measured against. Every photograph is looked at
// once, one after the other, and all of them are compared with each other.

import type { Global } from "@plenoptic-js/formats";
import type { FloatDType, Tensor } from "@plenoptic-js/tensor";
import { collectNow, heldValue, settled, shapeText } from "@plenoptic-js/tensor/engine";
import { median } from "../../median.ts";
import { type ModelFunction, type ModelLike, modelFunction } from "../../models/model.ts";
import { Rests } from "../frame/pause.ts";
import { bytesOf, distanceOf, type GroupValues, groupValues } from "./groups.ts";
import { fitted, type NamedPhotograph, rangeOf, type ValueRange } from "./photographs.ts";
import { areOneButForRounding } from "./rounding.ts";

/** The distances of different photographs in one group. */
export interface NullGroup {
  /** How many distances were found: those that are no numbers do not count. */
  readonly pairs: number;
  /** How many of these pairs differ by more than rounding makes. */
  readonly differing: number;
  readonly minimum: number;
  readonly median: number;
}

export interface NullDistances {
  readonly photographs: readonly string[];
  /** Those that were left out, as in the shape of the image they are the same picture as another: its name. */
  readonly repeated: readonly { readonly name: string; readonly as: string }[];
  readonly groups: ReadonlyMap<string, NullGroup>;
  /** How often the model was evaluated. */
  readonly evaluations: number;
  /** The most that was held of its responses at once. */
  readonly bytes: number;
  /** Where the photographs were stretched to the range of the image: that range. */
  readonly stretchedTo: ValueRange | null;
}

interface Distance {
  /** The second of the two photographs, by its place. */
  readonly second: number;
  readonly distance: number;
  /** Whether it is no more than rounding makes. */
  readonly isRounding: boolean;
}

/** Bytes of responses that are held at most, where they are not so large that two of them are more. */
const MOST_BYTES = 268_435_456;
/** How many photographs are compared at least. Where so many responses are too much, two are held, and some are computed again. */
const LEAST_COMPARED = 3;

/**
 * Compares photographs as a model sees them, in the shape, the precision and the range of an image.
 *
 * @param target the groups of the representation to be matched
 * @param mostBytes of responses that are held
 * @throws RangeError where all photographs are the same picture
 */
export async function nullDistances(
  model: ModelLike,
  image: Tensor<FloatDType>,
  target: GroupValues,
  photographs: readonly NamedPhotograph[],
  signal: Global<"AbortSignal"> | undefined,
  mostBytes = MOST_BYTES,
): Promise<NullDistances> {
  const forward: ModelFunction = modelFunction(model);
  const { shape, dtype } = image;
  const range = rangeOf(heldValue(image).re);
  const each = bytesOf(target);
  const fits = Math.floor(mostBytes / Math.max(1, each));
  const compared = photographs.slice(0, Math.max(LEAST_COMPARED, fits));
  const areKept = compared.length <= fits;
  const rests = new Rests();
  let evaluations = 0;
  const kept = new Map<number, GroupValues>();
  const imageOf = (i: number): Tensor<FloatDType> => fitted(compared[i], shape, dtype, range);
  const seenBy = async (i: number): Promise<GroupValues> => {
    const known = kept.get(i);
    if (known !== undefined) return known;
    await (areKept ? rests : new Rests()).rest();
    signal?.throwIfAborted();
    // Else the photograph and the response before, which nobody needs any more, may lie beside the next. What a turn of the event loop
    // makes is held until its end.
    if (!areKept) collectNow();
    evaluations++;
    const [response] = await settled([forward(imageOf(i))]);
    const seen = await groupValues(model, response);
    if (areKept) kept.set(i, seen);
    return seen;
  };
  const distances = new Map([...target.keys()].map((name) => [name, [] as Distance[]]));
  const repeats = new Map<number, number>();
  // Functions, so that a response is not held beyond its comparisons: loops keep what they held last.
  const compare = async (first: GroupValues, i: number, j: number): Promise<void> => {
    const second = await seenBy(j);
    const found = [...target].map(([name, values]): [string, Omit<Distance, "second">] => {
      const [a, b] = [first.get(name), second.get(name)];
      if (a === undefined || b === undefined) return [name, { distance: Number.NaN, isRounding: false }];
      return [name, { distance: distanceOf(values, a, b), isRounding: areOneButForRounding(a, b, values) }];
    });
    // A model may respond to different pictures alike; only those with the same pixels are one.
    if (found.every(([, { distance }]) => distance === 0) && isSame(imageOf(i), imageOf(j))) {
      repeats.set(j, i);
      return;
    }
    for (const [name, one] of found) {
      if (Number.isFinite(one.distance)) distances.get(name)?.push({ second: j, ...one });
    }
  };
  const compareWithLater = async (i: number): Promise<void> => {
    const first = await seenBy(i);
    for (let j = i + 1; j < compared.length; j++) {
      if (repeats.has(j)) continue;
      await compare(first, i, j);
    }
  };
  for (let i = 0; i < compared.length - 1; i++) if (!repeats.has(i)) await compareWithLater(i);
  if (repeats.size === compared.length - 1) {
    throw new RangeError(
      `summary: all ${compared.length} photographs are the same picture in the target's shape, ${shapeText(shape)}, so there is no ` +
        "distance between different ones; give two or more that differ",
    );
  }
  const groups = [...distances].map(([name, found]): [string, NullGroup] => {
    // One may have been compared with others before it met the same picture.
    const kept = found.filter(({ second }) => !repeats.has(second));
    const different = kept.map(({ distance }) => distance);
    const differing = kept.filter(({ isRounding }) => !isRounding).length;
    const minimum = different.reduce((least, distance) => Math.min(least, distance), Number.POSITIVE_INFINITY);
    const pairs = different.length;
    return [name, { pairs, differing, minimum: pairs === 0 ? Number.NaN : minimum, median: median(different) }];
  });
  return {
    photographs: compared.flatMap(({ name }, i) => (repeats.has(i) ? [] : [name])),
    repeated: [...repeats].map(([i, as]) => ({ name: compared[i].name, as: compared[as].name })),
    groups: new Map(groups),
    evaluations,
    bytes: (areKept ? compared.length : 2) * each,
    stretchedTo: range[0] === 0 && range[1] === 1 ? null : range,
  };
}

function isSame(a: Tensor<FloatDType>, b: Tensor<FloatDType>): boolean {
  const [{ re: first }, { re: second }] = [heldValue(a), heldValue(b)];
  for (let i = 0; i < first.length; i++) if (first[i] !== second[i]) return false;
  return true;
}
