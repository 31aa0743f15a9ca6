// Where something is read from or written to. What is no such place is refused in the name of the function that was called.

import type { Source } from "@plenoptic-js/formats";
import { shown } from "@plenoptic-js/tensor/engine";

export function checkPath(caller: string, path: string): void {
  if (typeof path !== "string" || path === "") {
    throw new TypeError(`${caller}: the path is ${shown(path)}; it must be a text, the name of a file`);
  }
}

export function checkSource(caller: string, source: Source): void {
  const isPlace =
    typeof source === "string"
      ? source !== ""
      : [URL, Blob, ArrayBuffer, Uint8Array].some((kind) => source instanceof kind);
  if (isPlace) return;
  const wanted = "a path, URL, Blob, ArrayBuffer or Uint8Array";
  throw new TypeError(`${caller}: the source is ${shown(source)}; it must be ${wanted}`);
}
