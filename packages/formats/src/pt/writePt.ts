// Writes .pt files that `torch.load` reads in its safe mode, in the layout of torch 2.13.

import { concatBytes } from "../bytes/concatBytes.ts";
import { crc32 } from "../bytes/crc32.ts";
import { checkOptions } from "../options.ts";
import { dataAlignment, type NewEntry, zipParts } from "../zip/zipWriter.ts";
import { type Pickled, writePickle } from "./pickleWriter.ts";
import type { PtValue } from "./values.ts";

export interface WritePtOptions {
  /** The folder inside the archive; torch takes the file's name without its extension. Default: "archive". */
  readonly root?: string;
}

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/**
 * A value as a .pt file. Equal values give equal bytes. Tensors on one storage share it in the file too. Storages that
 * came from a file are written as they were, to the bit.
 *
 * @throws TypeError, RangeError for values that such a file cannot hold, naming their place
 */
export function writePt(value: PtValue, options: WritePtOptions = {}): Uint8Array<ArrayBuffer> {
  return concatBytes([...writePtParts(value, options)]);
}

/**
 * The bytes of such a file in pieces, in order, as `writeFileAtomic` takes them: the elements of large tensors are among them, not
 * copied. Those that are made when they are asked for are made when their turn comes. Throws as writePt does, before the first piece.
 */
export function writePtParts(value: PtValue, options: WritePtOptions = {}): Iterable<Uint8Array> {
  checkOptions("writePt()", options, ["root"]);
  const { root = "archive" } = options;
  if (root === "" || /[/\0]/.test(root)) {
    throw new RangeError(`writePt: root is ${JSON.stringify(root)}; it must be the name of a folder`);
  }
  const pickled = writePickle(value);
  return zipParts(entriesOf(root, pickled));
}

function* entriesOf(root: string, { bytes, storages }: Pickled): Generator<Required<NewEntry>> {
  const written: Omit<Required<NewEntry>, "data">[] = [];
  const entry = (name: string, data: Uint8Array): Required<NewEntry> => {
    const crc = crc32(data);
    written.push({ name: `${root}/${name}`, crc });
    return { name: `${root}/${name}`, data, crc };
  };
  yield entry("data.pkl", bytes);
  yield entry(".format_version", encode("1"));
  yield entry(".storage_alignment", encode(String(dataAlignment)));
  yield entry("byteorder", encode("little"));
  for (const [i, storage] of storages.entries()) yield entry(`data/${i}`, storage.bytes);
  yield entry("version", encode("3\n"));
  yield entry(".data/serialization_id", encode(identify(written)));
}

/** 40 digits that differ for different contents. torch makes them otherwise, and reads them nowhere. */
function identify(entries: readonly Pick<Required<NewEntry>, "name" | "crc">[]): string {
  const names = crc32(encode(entries.map(({ name }) => name).join("\n")));
  const contents = crc32(encode(entries.map(({ crc }) => crc).join("\n")));
  return String(names).padStart(20, "0") + String(contents).padStart(20, "0");
}
