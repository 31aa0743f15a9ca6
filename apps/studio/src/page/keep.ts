// What is kept over a reload, in the browser's own store (IndexedDB): the choice, a private image, and what was made so far.

import { clear, createStore, get, setMany, type UseStore } from "idb-keyval";
import type { Choice } from "../choice/choice.ts";

export interface Kept {
  readonly choice: Choice;
  /** The file of an image that does not ship. */
  readonly file: Blob | null;
  /** The saved synthesis, as a .pt file, and how far it was. */
  readonly checkpoint: Uint8Array<ArrayBuffer> | null;
  readonly step: number;
}

let store: UseStore | null = null;

/** Made when it is first needed: a browser may refuse, in private windows for one. */
function opened(): UseStore {
  store ??= createStore("plenoptic-studio", "kept");
  return store;
}

export async function keep(kept: Kept): Promise<void> {
  await setMany([["kept", kept]], opened());
}

/** What was kept; null where nothing was, or where the browser keeps nothing. */
export async function whatWasKept(): Promise<Kept | null> {
  try {
    return (await get<Kept>("kept", opened())) ?? null;
  } catch {
    return null;
  }
}

export async function forget(): Promise<void> {
  await clear(opened());
}
