// Whether a result is what its recipe makes: it is made again, here, and compared bit by bit.

import type { Source } from "@plenoptic-js/formats";
import { hashTensor } from "@plenoptic-js/tensor";
import { checkOptions, shapeText, shown } from "@plenoptic-js/tensor/engine";
import { counted } from "../counted.ts";
import { Eigendistortion } from "../synthesis/eigendistortion/eigendistortion.ts";
import { type CannotReason, CannotReplay } from "./cannotReplay.ts";
import { Course, type Parting } from "./course.ts";
import { differenceOf } from "./difference.ts";
import { differentPixels } from "./pixels.ts";
import { type MadeResult, type ReadResult, readFor, withResult } from "./readResult.ts";
import { RERUN_OPTIONS, type ReplayStep, type RerunOptions, rerun, type Synthesis, stepsOf } from "./rerun.ts";
import { resultOf } from "./result.ts";

export interface VerifyOptions extends RerunOptions {
  /** How long it may take, in seconds. What takes longer is not verified. Default null: as long as it takes. */
  readonly maxSeconds?: number | null;
  /** Called after every step. */
  readonly onProgress?: (made: ReplayStep) => unknown;
}

export interface Verification {
  /** What was found: the same bits; others; or nothing, because it cannot be run here. */
  readonly verdict: "identical" | "differs" | "cannot";
  /** Of what cannot be run here, why. */
  readonly reason: CannotReason | null;
  /** Where the results part; null where they do not, or nobody knows. */
  readonly parting: Parting | null;
  /** Steps that were made again. */
  readonly steps: number;
  /** The same in a sentence, or a few. */
  readonly text: string;
}

/** Ends a run that has been seen to differ. */
class Parted extends Error {
  readonly parting: Parting;
  constructor(parting: Parting) {
    super("the results part");
    this.parting = parting;
  }
}

class TimeIsUp extends Error {}

/**
 * Makes the result of a file again, by its recipe, and compares. The file is a .pt or PNG file, or a recipe alone.
 *
 * A run that is seen to differ ends there. What cannot be run here is a verdict too, and no error; errors are for files that cannot be
 * read, and for faults.
 *
 * @throws FileError for a file that cannot be read, or is damaged
 */
export async function verify(source: Source, options: VerifyOptions = {}): Promise<Verification> {
  checkOptions("replay.verify()", options, [...RERUN_OPTIONS, "maxSeconds", "onProgress"]);
  const { maxSeconds = null } = options;
  if (maxSeconds !== null && !(typeof maxSeconds === "number" && maxSeconds > 0)) {
    throw new RangeError(`replay.verify: maxSeconds is ${shown(maxSeconds)}; it must be a number above 0, or null`);
  }
  let steps = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const result = withResult(await readFor("verify", source));
    const counting = (made: number): void => {
      steps = made;
    };
    const verified = verifyResult(result, options, counting);
    if (maxSeconds === null) return await verified;
    // A single step may take longer than all the time there is.
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new CannotReplay("time", lateText(result, steps))), 1000 * maxSeconds + GRACE);
    });
    return await Promise.race([verified, late]);
  } catch (error) {
    if (!(error instanceof CannotReplay)) throw error;
    const { reason, message } = error;
    return { verdict: "cannot", reason, parting: null, steps, text: `cannot be verified here: ${message}` };
  } finally {
    clearTimeout(timer);
  }
}

/** Milliseconds in which a step may come to its end when the time is up. */
const GRACE = 500;

function lateText({ recipe }: ReadResult, steps: number): string {
  const all = stepsOf(recipe);
  return all === null
    ? "the time was up"
    : `the time was up after ${steps} of ${counted(all, "step")}, which agree as far as the file tells`;
}

async function verifyResult(
  result: MadeResult,
  options: VerifyOptions,
  made: (steps: number) => void,
): Promise<Verification> {
  const { recipe } = result;
  const { maxSeconds = null, onProgress } = options;
  const until = maxSeconds === null ? Number.POSITIVE_INFINITY : performance.now() + 1000 * maxSeconds;
  let taken = 0;
  let steps = 0;
  let course: Course | null = null;
  const onWork: RerunOptions["onWork"] = async (work) => {
    taken = work.taken;
    await options.onWork?.(work);
  };
  const stepped = async (step: ReplayStep, synthesis: Synthesis): Promise<void> => {
    steps = step.step - taken;
    made(steps);
    if (step.numbers !== null) {
      course ??= new Course(recipe, result.series, taken);
      const parting = await course.step(step.step, step.numbers, () => resultOf(synthesis));
      if (parting !== null) throw new Parted(parting);
    }
    await onProgress?.(step);
    if (performance.now() >= until) throw new TimeIsUp();
  };
  const agreed = (): number => course?.agreed ?? taken;
  try {
    const { synthesis, others } = await rerun(result, { ...options, onWork }, stepped);
    const found = await compareEnd(result, synthesis, agreed());
    if (found.verdict === "differs") refuseOthers(others);
    const kept = taken === 0 ? "" : `; the first ${counted(taken, "step")} were taken from the checkpoint`;
    return { ...found, reason: null, steps, text: `${found.text}${kept}` };
  } catch (error) {
    if (error instanceof TimeIsUp) {
      throw new CannotReplay("time", lateText(result, taken + steps));
    }
    if (!(error instanceof Parted)) throw error;
    return {
      verdict: "differs",
      reason: null,
      parting: error.parting,
      steps,
      text: partingText(error.parting, course),
    };
  }
}

/** What differs may be another model's; only equal bits say something then. */
function refuseOthers(others: readonly string[]): void {
  if (others.length === 0) return;
  const [first] = others;
  const reason = first.endsWith("metric") ? "metric" : (first as "model" | "loss" | "penalty");
  throw new CannotReplay(
    reason,
    `the ${others.join(" and the ")} of that name here is another one than that of the recipe (its graph has another fingerprint), and so is the result`,
  );
}

function partingText({ after, by, what }: Parting, course: Course | null): string {
  if (by <= 0) return `differs from the start on: ${what} is another before the first step`;
  if (by === after + 1 || course?.isExact === true) return `differs from step ${by} on: ${what} is another there`;
  const from = after === 0 ? "within the first" : `between step ${after}, where they agree, and step`;
  return after === 0
    ? `differs ${from} ${by} steps: ${what} is another after step ${by}`
    : `differs ${from} ${by}: ${what} is another there`;
}

/** What was made in the end, beside what the recipe says of it and what the file holds. */
async function compareEnd(
  result: MadeResult,
  synthesis: Synthesis,
  agreed: number,
): Promise<Pick<Verification, "verdict" | "parting" | "text">> {
  const { recipe, pixels, kind } = result;
  const made = resultOf(synthesis);
  const sha256 = await hashTensor(made);
  const all = synthesis instanceof Eigendistortion ? null : synthesis.numIter;
  const wanted = stepsOf(recipe);
  const differs = (text: string, parting: Parting | null = null) => ({ verdict: "differs", parting, text }) as const;
  if (all !== wanted) {
    return differs(`differs: ${all} steps were made before it ended by itself, and the recipe has ${wanted}`);
  }
  const parted = result.pixels === null || pixels === null ? null : await differentPixels(result, pixels, synthesis);
  const inPixels = pixelWords(result, parted);
  if (sha256 !== recipe.result.sha256) {
    const where = await whereInResult(result, synthesis);
    const parting = all === null ? null : { after: agreed, by: all, what: "the result" };
    const from = parting === null || agreed >= all! ? "" : `, between step ${agreed} and the end`;
    const text = `differs${from}: the SHA-256 of the result is ${sha256}, that of the recipe ${recipe.result.sha256}${where}${inPixels}`;
    return differs(text, parting);
  }
  if (kind === "pt" && result.result !== null) {
    const held = await hashTensor(result.result);
    if (held !== sha256) {
      const where = await differenceOf(made, result.result);
      return differs(
        `differs: the recipe makes what it says (SHA-256 ${sha256}), but that is not what the file holds: ${where}; the file was changed`,
        all === null ? null : { after: all, by: all, what: "the image in the file" },
      );
    }
  }
  if (parted !== null && parted > 0) {
    const text = `differs: the exact values are made again (SHA-256 ${sha256}), but ${otherPixels(parted)}: it was changed after it was written`;
    return differs(text);
  }
  if (pixels === null && kind === "png") {
    return differs("differs: the file has pixels of another kind than it was written with: it was changed");
  }
  if (pixels !== null && parted === null) {
    const { data, height, width } = pixels;
    const channels = data.length / (height * width);
    const held = `${width} x ${height} pixels${channels === 1 ? "" : ` of ${channels} channels`}`;
    return differs(
      `differs: the file has ${held}, and the result is ${shapeText(made.shape)}: it was changed after it was written`,
    );
  }
  const { dtype, shape } = recipe.result;
  if (dtype !== made.dtype || shape.join() !== made.shape.join()) {
    return differs(
      `differs: the recipe says that its result is ${dtype} ${shapeText(shape)}, and its SHA-256 is that of ${made.dtype} ${shapeText(made.shape)}: it was changed`,
    );
  }
  const steps = all === null ? "" : `${counted(all, "step")}, `;
  return { verdict: "identical", parting: null, text: `identical: ${steps}SHA-256 ${sha256}${inPixels}` };
}

function pixelWords({ pixels }: ReadResult, different: number | null): string {
  if (pixels === null || different === null) return "";
  if (different === 0) return `; the pixels of the file (${pixels.bits} bits) are those of the result`;
  return `; ${otherPixels(different)} than in the result`;
}

const otherPixels = (count: number): string =>
  count === 1 ? "1 pixel of the file is another" : `${count} pixels of the file are others`;

async function whereInResult({ result }: ReadResult, synthesis: Synthesis): Promise<string> {
  return result === null ? "" : `; ${await differenceOf(resultOf(synthesis), result)}`;
}
