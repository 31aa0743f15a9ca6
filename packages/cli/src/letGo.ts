// Large arrays and memories that nobody needs any more, given back to the system at once. The engine collects them when it sees fit, and
// by then there may be several copies of a large image.

import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { makeRoom } from "@plenoptic-js/tensor/engine";

/** Pixels from which on it is worth the pause. */
const LARGE = 4_000_000;
/** Helper threads know the memories of programs until they have ended: milliseconds to wait for that at once, and how often. */
const PAUSE = 200;
const PAUSES = 5;

let collect: (() => void) | undefined;

/** Collects garbage and sets programs aside, where the work is on an image of so many pixels that this matters. */
export async function letGo(pixels: number): Promise<void> {
  if (pixels < LARGE) return;
  if (collect === undefined) {
    setFlagsFromString("--expose-gc");
    collect = runInNewContext("gc") as () => void;
  }
  // First what is garbage: programs that are set aside are copied.
  collect();
  makeRoom();
  for (let i = 0; i < PAUSES; i++) {
    await setTimeout(PAUSE);
    collect();
  }
}
