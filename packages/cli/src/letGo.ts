// Large arrays and memories that nobody needs any more, given back to the system at once. The engine collects them when it sees fit, and
// by then there may be several copies of a large image.

import { setTimeout } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { makeRoom } from "@plenoptic-js/tensor/engine";

/** Pixels from which on it is worth the pause. */
const LARGE = 4_000_000;
/** Milliseconds in which helper threads end. */
const PAUSE = 100;

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
  await setTimeout(PAUSE);
  collect();
}
