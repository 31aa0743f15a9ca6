// The sound files of the tests of formats, which are damaged.

import { readdirSync, readFileSync } from "node:fs";

const data = new URL("../../../../formats/test/data/", import.meta.url);

/** Larger files take longer and reach nothing else. */
const LARGEST = 12_000;

export function sample(file: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(file, data)));
}

/** The files of a folder with this ending, by name. */
export function samples(folder: string, ending: string): Uint8Array[] {
  return readdirSync(new URL(folder, data))
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => sample(folder + name))
    .filter((bytes) => bytes.length <= LARGEST);
}

/** A saved synthesis that holds its model. */
export function storedSample(name: string): Uint8Array {
  const path = `../../../../plenoptic/test/data/withModel/${name}.pt`;
  return new Uint8Array(readFileSync(new URL(path, import.meta.url)));
}
