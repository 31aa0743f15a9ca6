// The two readers of an image format whose pixels a decoder makes: the walk over its container, and the whole way.

import { FileError, type IntegerPixels, readImage } from "@plenoptic-js/formats";
import type { Draw } from "../damage.ts";
import type { FuzzReader, Stage } from "../reader.ts";
import { samples } from "./samples.ts";

interface Codec<Header> {
  readonly name: string;
  readonly decoder: string;
  /** Of the samples' names. */
  readonly end: string;
  readonly within: (bytes: Uint8Array, draw: Draw) => Uint8Array;
  readonly readHeader: (bytes: Uint8Array) => Header;
  readonly checkHeader: (bytes: Uint8Array, header: Header) => string | undefined;
  /** Where an input is refused; the first stage is before the header's reader. */
  readonly stages: readonly Stage[];
}

const isRefusal = (error: unknown): error is Error => error instanceof FileError;

export function codecReaders<Header>(codec: Codec<Header>): readonly [walk: FuzzReader, whole: FuzzReader] {
  const { name, decoder, end, within, readHeader, checkHeader, stages } = codec;
  const files = (): Uint8Array[] => samples("codecs/", end);
  const walk: FuzzReader = {
    name,
    count: 200_000,
    files,
    within,
    read: readHeader,
    isRefusal,
    stages: stages.slice(1),
    check: checkHeader,
    limit: 0,
  };
  /** The decoder must give an image of the size that the header says. */
  const whole: FuzzReader = {
    name: decoder,
    count: 20_000,
    files,
    within,
    read: (bytes) => readImage(bytes, { name: "fuzz", maxPixels: 1 << 20 }),
    isRefusal,
    stages: [...stages, ["decoder", /cannot be decoded/]],
    check: (_: Uint8Array, { width, height, channels, data }: IntegerPixels) =>
      data.length === width * height * channels ? undefined : `${data.length} values for ${width} x ${height}`,
    limit: 64 << 20,
  };
  return [walk, whole];
}
