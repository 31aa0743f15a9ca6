// What a recipe needs that its file does not hold, from the command line: shared by `plenoptic run` and `plenoptic verify`.

import { availableParallelism } from "node:os";
import type { Command } from "@commander-js/extra-typings";
import type { FloatDType } from "@plenoptic-js/tensor";
import type { Command as PlainCommand } from "commander";
import type { replay } from "plenoptic-js";
import { UserError } from "./failure.ts";
import { givenImage } from "./givenImage.ts";
import { chooseMetric } from "./metricRegistry.ts";
import { chooseModel } from "./modelRegistry.ts";
import { isNetworkName, readNetwork } from "./networkModel.ts";
import { wholeNumber } from "./options.ts";
import { RESIZE_HELP, type Resize, resizeOption } from "./resize.ts";
import { MOST_THREADS, THREADS_UNASKED } from "./runFlags.ts";
import type { UserFile } from "./userCode.ts";

// Types of flags are no interfaces: options of a command must be records, which interfaces are not.
export type ReplayFlags = {
  readonly image?: string | undefined;
  readonly resize?: Resize | undefined;
  readonly initial?: string | undefined;
  readonly model?: string | undefined;
  readonly optimized?: string | undefined;
  readonly reference?: string | undefined;
  readonly threads?: number | undefined;
};

/** The command with the options of `ReplayFlags`. */
export function withReplayFlags<Args extends unknown[], Options extends Record<string, unknown>>(
  command: Command<Args, Options>,
): Command<Args, Options & ReplayFlags> {
  (command as unknown as PlainCommand)
    .option(
      "--image <file>",
      "the target, where the file does not hold it, gray or in colour as it was; checked by its hash; too large a one is cropped to the middle",
    )
    .option(
      "--resize <size>",
      RESIZE_HELP.replace("the image first", "that image first").replace("before --crop", "before it is cropped"),
      resizeOption,
    )
    .option(
      "--initial <file>",
      "the image that the synthesis started from, where that was given: an image file, gray or in colour as it was, or an array (.npy); checked by its hash",
    )
    .option(
      "--model <file>",
      "the model that the recipe names: a network (.onnx), checked by its hash, or a file of your own code, checked by its graph",
    )
    .option("--optimized <file>", "the same of the metric that was optimized")
    .option("--reference <file>", "the same of the other metric")
    .option("--threads <n>", `cores to use (default: all, at most ${THREADS_UNASKED})`, wholeNumber(1, MOST_THREADS));
  return command;
}

/** How many threads to use. */
export const replayThreads = ({ threads }: ReplayFlags): number =>
  threads ?? Math.min(availableParallelism(), THREADS_UNASKED);

/** What was given, and the files of the user's own among it. */
export interface Given {
  readonly given: replay.ReplayGiven;
  readonly files: readonly (UserFile | undefined)[];
}

/** What the recipe says of the image it started from; of its target, where it says nothing. */
function startIn({ calls, image }: replay.ReadResult["recipe"]): {
  readonly dtype: string;
  readonly shape: readonly number[];
} {
  const said = calls.find(({ call }) => call === "setup")?.options.initialImage ?? null;
  return said === null ? image : (said as unknown as typeof image);
}

/** Reads what the options name, as the recipe wants it. */
export async function givenBy(flags: ReplayFlags, { recipe }: Pick<replay.ReadResult, "recipe">): Promise<Given> {
  const { shape } = recipe.image;
  const dtype = recipe.image.dtype as FloatDType;
  const [height = 1, width = 1] = shape.slice(-2);
  const size = [height, width] as const;
  const { image, initial, model, optimized, reference, resize } = flags;
  if (resize !== undefined && image === undefined) {
    throw new UserError("--resize is of the image that --image names; name it, also where it is a picture that ships");
  }
  const isNetwork = model !== undefined && isNetworkName(model);
  const network = isNetwork ? await readNetwork(model) : null;
  const choice = model === undefined || isNetwork ? undefined : await chooseModel(model, {});
  const first = optimized === undefined ? undefined : await chooseMetric(optimized);
  const second = reference === undefined ? undefined : await chooseMetric(reference);
  return {
    given: {
      image: image === undefined ? null : await givenImage(image, "--image", recipe.image, resize),
      initialImage: initial === undefined ? null : await givenImage(initial, "--initial", startIn(recipe)),
      model: (await choice?.create(size, dtype)) ?? null,
      network,
      optimizedMetric: (await first?.create(size, dtype)) ?? null,
      referenceMetric: (await second?.create(size, dtype)) ?? null,
    },
    files: [choice?.userFile, first?.file, second?.file],
  };
}
