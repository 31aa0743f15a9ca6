// Programs of a synthesis, and what to do where one does not fit into memory: what helps in this case, and would be enough.

import {
  type FloatDType,
  getThreads,
  gradient,
  MemoryError,
  type Shape,
  Tensor,
  type TensorSpec,
  type WayOut,
} from "@plenoptic-js/tensor";
import { checkFits, inputLeaf, MOST_BYTES, Program, type ProgramSpec, shapeText } from "@plenoptic-js/tensor/engine";
import { advisedSize } from "./advisedSize.ts";

/** What the program works on. */
interface Like {
  readonly shape: Shape;
  readonly dtype: FloatDType;
}

/**
 * Compiles a program.
 *
 * @param image what nearly all of its arrays grow with
 * @param beside a program that works in turns with this one
 * @throws MemoryError with advice, before anything is compiled
 */
export function fittingProgram(image: Like, spec: ProgramSpec, beside?: Program): Program {
  return advising(image, () => new Program(spec, { threads: getThreads(), beside }));
}

/**
 * How many slots there is room for in a program, `most` at most.
 *
 * @param spec the program with a number of slots, each of a pair of arrays of the image's size
 * @throws MemoryError with advice, where there is no room for one
 */
export function fittingSlots(image: Like, spec: (slots: number) => ProgramSpec, most: number): number {
  const bytes = (slots: number): number => checkFits(spec(slots), { threads: getThreads() });
  const least = advising(image, () => bytes(1));
  // Rows are padded, so that there may be a little less room than that.
  let slots = Math.min(most, 1 + Math.floor((MOST_BYTES - least) / (2 * bytesOf(image))));
  for (; slots > 1; slots--) {
    try {
      bytes(slots);
      break;
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
    }
  }
  return slots;
}

/** Pixels from which on programs may be too large. */
const LARGE = 512 * 512;

/** Throws as `fittingProgram` does, and compiles nothing. */
export function checkFitting(image: Like, spec: () => ProgramSpec): void {
  if (image.shape.reduce((product, n) => product * n, 1) < LARGE) return;
  advising(image, () => checkFits(spec(), { threads: getThreads() }));
}

/**
 * Throws as `fittingProgram` does where something that is computed of one image, or of several alike, does not fit: by shapes
 * alone, before anything is computed.
 *
 * @param make what is computed, each on its own. What it throws is left to the computation.
 */
export function checkOutputsFit(
  image: Like,
  images: number,
  make: (images: readonly Tensor[]) => Iterable<Tensor>,
): void {
  const buffers = Array.from({ length: images }, () => inputLeaf(image.shape, image.dtype));
  let outputs: readonly Tensor[];
  try {
    outputs = [...make(buffers.map((buffer) => new Tensor(buffer)))];
  } catch {
    return;
  }
  for (const { node } of outputs) {
    checkFitting(image, () => ({
      buffers: Object.fromEntries(buffers.map((buffer, i) => [`image${i}`, buffer])),
      entries: { main: { outputs: { output: node } } },
      isPassing: true,
    }));
  }
}

/** Every synthesis holds the image, what it is compared with or moved by, and the image it makes. */
const LEAST_COPIES = 3;
/** What the default optimizer remembers and renews. */
const OPTIMIZER_COPIES = 4;
/** The part of the memory from which on an image may be too large for a synthesis. */
const MAYBE_TOO_LARGE = 1 / 64;

/**
 * Throws MemoryError where no synthesis of such an image fits, by shapes alone: to be asked before pixels are looked at or random
 * images drawn.
 *
 * @param plan a program that the synthesis needs at least. What it throws is left to the checks that come after.
 * @param copies images that an optimizer needs besides, as far as the plan has none: advice is to be enough for it too
 */
export function refuseTooLargeImage(
  image: Like,
  plan: (image: Like) => ProgramSpec,
  copies: number = OPTIMIZER_COPIES,
): void {
  const bytes = bytesOf(image);
  if (bytes < MAYBE_TOO_LARGE * MOST_BYTES) return;
  const work = (): void => {
    if (LEAST_COPIES * bytes > MOST_BYTES) throw tooLarge(image, LEAST_COPIES * bytes);
    let spec: ProgramSpec;
    try {
      spec = plan(image);
    } catch {
      return;
    }
    checkFits(spec, { threads: getThreads() });
  };
  advising(image, work, copies * bytes);
}

/** The least that descending a loss takes: the image, what it is to match, and one step down the gradient. */
export function descentPlan(
  { shape, dtype }: Like,
  target: TensorSpec,
  loss: (x: Tensor, y: Tensor) => Tensor,
): ProgramSpec {
  const buffers = { image: inputLeaf(shape, dtype), target: inputLeaf(target.shape, target.dtype) };
  const x = new Tensor(buffers.image);
  const value = loss(x, new Tensor(buffers.target)).reshape([]);
  const next = x.sub(gradient(value, x)).node;
  return { buffers, entries: { step: { outputs: { loss: value.node }, updates: { image: next } } } };
}

const bytesOf = ({ shape, dtype }: Like): number =>
  shape.reduce((product, n) => product * n, dtype === "float32" ? 4 : 8);

function tooLarge(image: Like, bytes: number): MemoryError {
  const problem =
    `an image of ${shapeText(image.shape)} in ${image.dtype} is too large: with what it is compared with and what is made it takes ` +
    `${(bytes / 1_073_741_824).toFixed(2)} GiB at least, and WebAssembly has at most 4 GiB`;
  return new MemoryError(problem, SMALLER, { bytes, isTooLarge: true });
}

function advising<T>(image: Like, work: () => T, more = 0): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof MemoryError) || !error.isTooLarge) throw error;
    const { problem, bytes, isTooLarge } = error;
    const ways = waysOut(image, bytes + more);
    const advice = ways.length === 0 ? SMALLER : whatWouldDo(ways.map(inWords));
    throw new MemoryError(problem, advice, { bytes, isTooLarge, ways }, { cause: error });
  }
}

/** What does not grow with the image is little. */
const SHARE = 0.97;

/** The advice where nothing is known to be enough. */
const SMALLER = "Use a smaller image.";

/** What would be enough, each on its own. */
function waysOut({ shape, dtype }: Like, bytes: number): WayOut[] {
  const ways: WayOut[] = [];
  if (dtype === "float64" && bytes / 2 < SHARE * MOST_BYTES) ways.push({ kind: "float32" });
  const [batch] = shape;
  const images = Math.floor((SHARE * MOST_BYTES * batch) / bytes);
  if (shape.length === 4 && batch > 1 && images >= 1) ways.push({ kind: "smaller batch", images, instead: batch });
  if (shape.length >= 2) {
    const scale = Math.sqrt((SHARE * MOST_BYTES) / bytes);
    const [height, width] = advisedSize([shape[shape.length - 2], shape[shape.length - 1]], scale);
    if (height > 0) ways.push({ kind: "smaller image", size: [height, width] });
  }
  return ways;
}

function inWords(way: WayOut): string {
  switch (way.kind) {
    case "float32":
      return "float32 instead of float64";
    case "smaller batch":
      return `a batch of ${way.images} instead of ${way.instead} images`;
    case "smaller image":
      return way.size === undefined ? "a smaller image" : `a smaller image, of about ${way.size.join(" x ")} pixels`;
    case "smaller k":
      return "a smaller k";
  }
}

/** Words for ways out, at least one, as a sentence. */
export function whatWouldDo(words: readonly string[]): string {
  const last = words[words.length - 1];
  return words.length === 1
    ? `What would do: ${last}.`
    : `What would do: ${words.slice(0, -1).join("; ")}; or ${last}.`;
}
