// What a caller hands over to be asked or told while work goes on, checked before it begins.

import type { Global } from "@plenoptic-js/formats";
import { shown } from "@plenoptic-js/tensor/engine";

/** Refuses a signal that is none. */
export function checkSignal(caller: string, signal: Global<"AbortSignal"> | undefined): void {
  if (signal === undefined || typeof signal?.throwIfAborted === "function") return;
  throw new TypeError(`${caller}: signal must be an AbortSignal, such as new AbortController().signal`);
}

/** Refuses a listener that is no function. */
export function checkListener(caller: string, onProgress: unknown): void {
  if (onProgress === undefined || typeof onProgress === "function") return;
  throw new TypeError(`${caller}: onProgress is ${shown(onProgress)}; it must be a function`);
}
