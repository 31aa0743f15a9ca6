// What a PNG file tells programs that manage colours: gAMA and sRGB chunks. PNG specification (third edition), sections 11.3.2.2
// and 11.3.2.5.

import { writeChunk } from "./pngChunks.ts";

/** How samples follow from light: in proportion, or by the transfer function of sRGB. */
export type ColourChunk = "linear" | "srgb";

/** 100,000 times the exponent that light is raised to. */
const GAMMA = { linear: 100_000, srgb: 45_455 } as const;
/** Rendering intent: relative colorimetric, which moves no colour that a display can show. */
const INTENT = 1;

/** The chunks as they stand in a file; none for null. */
export function writeColour(colour: ColourChunk | null): Uint8Array[] {
  if (colour === null) return [];
  if (!Object.hasOwn(GAMMA, colour)) {
    throw new RangeError(`the colours of a PNG are written as "linear" or "srgb", not ${JSON.stringify(colour)}`);
  }
  const gamma = new Uint8Array(4);
  new DataView(gamma.buffer).setUint32(0, GAMMA[colour]);
  // Programs that know no sRGB chunk find the same, nearly, in the other.
  return [...(colour === "srgb" ? [writeChunk("sRGB", Uint8Array.of(INTENT))] : []), writeChunk("gAMA", gamma)];
}
