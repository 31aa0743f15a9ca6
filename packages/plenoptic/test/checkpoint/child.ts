// The program that is killed: a process of its own. It says when its call begins; it dies where it is told to, or by others.

import { writeSync } from "node:fs";
import { callOf, made, type Scenario, type Stage } from "./scenario.ts";

interface Told extends Scenario {
  readonly path: string;
  /** Dies at this stage of writing this file; null: not by itself. */
  readonly dies: { readonly stage: Stage; readonly file: number } | null;
  /** Dies after so many steps of this process. */
  readonly after: number | null;
}

const told = JSON.parse(process.argv[2]) as Told;
const die = (): never => {
  process.kill(process.pid, "SIGKILL");
  for (;;);
};

/** Node's own functions are replaced: those who write know nothing of it. */
function dieAt({ stage, file }: NonNullable<Told["dies"]>): void {
  const fs = process.getBuiltinModule("node:fs/promises");
  const { open, rename } = fs;
  let files = 0;
  let isIt = false;
  Object.assign(fs, {
    open: async (path: string, flags: string): Promise<unknown> => {
      if (flags === "wx") isIt = ++files === file;
      if (isIt && flags === "wx" && stage === "before opening") die();
      const handle = await open(path, flags);
      if (!isIt || flags !== "wx") return handle;
      const { writeFile, sync } = handle;
      let pieces = 0;
      Object.assign(handle, {
        writeFile: async (piece: Uint8Array) => {
          // Some pieces are whole then, and one is not.
          if (stage === "half written" && ++pieces > 8) {
            await writeFile.call(handle, piece.subarray(0, piece.length / 2));
            die();
          }
          await writeFile.call(handle, piece);
        },
        sync: async () => {
          if (stage === "before flush") die();
          await sync.call(handle);
        },
      });
      return handle;
    },
    rename: async (from: string, to: string) => {
      if (isIt && stage === "before rename") die();
      await rename(from, to);
      if (isIt && stage === "after rename") die();
    },
  });
}

if (told.dies !== null) dieAt(told.dies);
const synthesis = await made(told);
let steps = 0;
const options = callOf(told, told.path);
writeSync(1, "begun\n");
await synthesis.synthesize({
  ...options,
  onProgress: () => {
    if (++steps === told.after) die();
  },
});
writeSync(1, "done\n");
