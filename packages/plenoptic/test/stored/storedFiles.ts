// Files that hold their model, and what comes of them: the same in Node and in a page. Nothing here knows the models.

import { hashTensor } from "@plenoptic-js/tensor";
import * as po from "../../src/index.ts";

/** What is known of a file and of going on from it. */
export interface KnownOfFile {
  readonly verified: string;
  readonly fingerprints: object;
  /** After going on. */
  readonly sha256: string;
  readonly numbers: readonly number[];
}

const steps = { maxIter: 3, stopCriterion: null } as const;

async function goneOn(made: po.Metamer | po.MetamerCTF | po.MADCompetition): Promise<Omit<KnownOfFile, "verified">> {
  const ctf = made instanceof po.MetamerCTF ? { changeScaleCriterion: null, ctfItersToCheck: 2 } : {};
  await made.synthesize({ ...steps, ...ctf });
  const image = made instanceof po.MADCompetition ? made.madImage : made.metamer;
  return { fingerprints: made.fingerprints, sha256: await hashTensor(image), numbers: [...made.losses] };
}

/** By the names of the files. */
const readers: Readonly<Record<string, (bytes: Uint8Array) => Promise<Omit<KnownOfFile, "verified">>>> = {
  metamer: async (bytes) => goneOn(await po.Metamer.load(bytes)),
  ctf: async (bytes) => goneOn(await po.MetamerCTF.load(bytes)),
  mad: async (bytes) => goneOn(await po.MADCompetition.load(bytes)),
  eigendistortion: async (bytes) => {
    const made = await po.Eigendistortion.load(bytes);
    po.setSeed(2);
    const { eigenvalues } = await made.synthesize({ k: 2 });
    const { eigendistortions, fingerprints } = made;
    return { fingerprints, sha256: await hashTensor(eigendistortions!), numbers: [...eigenvalues] };
  },
};

export const STORED_FILES: readonly string[] = Object.keys(readers);

/** Loads a file, verifies it, and goes on from it. */
export async function knownOf(name: string, bytes: Uint8Array): Promise<KnownOfFile> {
  const { text } = await po.replay.verify(bytes);
  return { verified: text, ...(await readers[name](bytes)) };
}
