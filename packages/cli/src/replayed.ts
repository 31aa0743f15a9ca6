// Running a recipe in the terminal: what there is to do is told first, then how far it is.

import { replay } from "plenoptic-js";
import { counted } from "plenoptic-js/engine";
import { Progress } from "./progress.ts";
import { givenBy, type ReplayFlags, replayThreads } from "./replayFlags.ts";
import type { Terminal } from "./terminal.ts";
import { blaming } from "./userCode.ts";
import { printWarnings } from "./warnings.ts";

/** Runs something with what the options give, telling first what there is to do, and then how far it is. */
export async function replayed<T>(
  file: string,
  flags: ReplayFlags,
  { err }: Terminal,
  work: (source: string, options: replay.RunOptions) => Promise<T>,
): Promise<T> {
  let progress: Progress | undefined;
  const say = (text: string): void => {
    progress?.clear();
    err.write(`${text}\n`);
  };
  const quiet = printWarnings(say);
  try {
    const { given, files } = await givenFor(file, flags);
    const onWork = ({ text, steps }: replay.ReplayWork): void => {
      say(`${file}: ${text}, ${counted(replayThreads(flags), "thread")}`);
      progress = new Progress(err, steps ?? 100, undefined, {
        unit: steps === null ? null : "step",
        measure: "objective",
      });
    };
    const onProgress = ({ step, numbers, share }: replay.ReplayStep): void => {
      progress?.update(numbers === null ? Math.floor(100 * Math.min(share, 1)) : step, numbers?.loss ?? null);
    };
    return await blaming(files, () => work(file, { ...given, onWork, onProgress }));
  } finally {
    progress?.clear();
    quiet();
  }
}

/** Files without a recipe need nothing: what is wrong with them is said by what reads them again. */
async function givenFor(file: string, flags: ReplayFlags): Promise<Awaited<ReturnType<typeof givenBy>>> {
  try {
    return await givenBy(flags, await replay.read(file));
  } catch (error) {
    if (!(error instanceof replay.CannotReplay)) throw error;
    return { given: {}, files: [] };
  }
}
