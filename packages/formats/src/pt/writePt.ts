// Writes .pt files that `torch.load` reads in its safe mode, in the layout of torch 2.13.

import { concatBytes } from "../bytes/concatBytes.ts";
import { crc32 } from "../bytes/crc32.ts";
import { checkOptions } from "../options.ts";
import { dataAlignment, type NewEntry, zipParts } from "../zip/zipWriter.ts";
import { writePickle } from "./pickleWriter.ts";
import type { PtValue } from "./values.ts";

export interface WritePtOptions {
  /** The folder inside the archive; torch takes the file's name without its extension. Default: "archive". */
  readonly root?: string;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function entryOf(name: string, data: Uint8Array): Required<NewEntry> {
  return { name, data, crc: crc32(data) };
}

/**
 * A value as a .pt file. Equal values give equal bytes. Tensors on one storage share it in the file too. Storages that
 * came from a file are written as they were, to the bit.
 *
 * @throws TypeError, RangeError for values that such a file cannot hold, naming their place
 */
export function writePt(value: PtValue, options: WritePtOptions = {}): Uint8Array<ArrayBuffer> {
  return concatBytes(writePtParts(value, options));
}

/**
 * The bytes of such a file in pieces, in order, as `writeFileAtomic` takes them: the elements of large tensors are among them, not
 * copied. Throws as writePt does.
 */
export function writePtParts(value: PtValue, options: WritePtOptions = {}): Uint8Array[] {
  checkOptions("writePt()", options, ["root"]);
  const { root = "archive" } = options;
  if (root === "" || /[/\0]/.test(root)) {
    throw new RangeError(`writePt: root is ${JSON.stringify(root)}; it must be the name of a folder`);
  }
  const { bytes, storages } = writePickle(value);
  const entries = [
    entryOf(`${root}/data.pkl`, bytes),
    entryOf(`${root}/.format_version`, encode("1")),
    entryOf(`${root}/.storage_alignment`, encode(String(dataAlignment))),
    entryOf(`${root}/byteorder`, encode("little")),
    ...storages.map((storage, i) => entryOf(`${root}/data/${i}`, storage.bytes)),
    entryOf(`${root}/version`, encode("3\n")),
  ];
  entries.push(entryOf(`${root}/.data/serialization_id`, encode(identify(entries))));
  return zipParts(entries);
}

/** 40 digits that differ for different contents. torch makes them otherwise, and reads them nowhere. */
function identify(entries: readonly Required<NewEntry>[]): string {
  const names = crc32(encode(entries.map(({ name }) => name).join("\n")));
  const contents = crc32(encode(entries.map(({ crc }) => crc).join("\n")));
  return String(names).padStart(20, "0") + String(contents).padStart(20, "0");
}
