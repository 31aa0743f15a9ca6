// A .pt file as a zip archive, as torch has written it since 1.6: a pickle, and one entry for each storage.

import type { BytePieces } from "../bytes/bytePieces.ts";
import { FileError } from "../errors.ts";
import { swapBytes } from "../tensors/elements.ts";
import { PtStorage } from "../tensors/storage.ts";
import { ZipArchive } from "../zip/zipReader.ts";
import { KeyTable } from "./keys.ts";
import type { Budget } from "./limits.ts";
import { readPickle } from "./pickleReader.ts";
import { StorageTable } from "./storageTable.ts";
import type { PtValue } from "./values.ts";

/** torch reads archives of these versions. */
const [oldestVersion, newestVersion] = [1, 10];

/** @param placeholders gets the names of unknown classes and functions */
export function readZipContainer(bytes: BytePieces, name: string, budget: Budget, placeholders: Set<string>): PtValue {
  const archive = new ZipArchive(bytes, name, budget.limits.maxEntries);
  const root = rootOf(archive, name);
  if (archive.has(`${root}constants.pkl`)) {
    throw new FileError("unsupported", name, "this is a TorchScript program, not a file of torch.save");
  }
  checkVersion(archive, root, name);
  const bigEndian = isBigEndian(archive, root, name);
  const storages = new StorageTable(name, 5, ({ key, dtype, size, location, bytes: expected }) => {
    const raw = archive.read(`${root}data/${key}`);
    if (raw.length !== expected) {
      const problem = `storage ${JSON.stringify(key)} has ${raw.length} bytes where ${expected} are said to be`;
      throw new FileError("damaged", name, problem);
    }
    if (bigEndian && dtype === null) {
      throw new FileError("unsupported", name, "untyped storages of big-endian machines are not read");
    }
    budget.spend(200 + (bigEndian ? raw.length : 0));
    const data = bigEndian && dtype !== null ? swapBytes(raw, dtype) : raw;
    return new PtStorage(dtype, size, data, location);
  });

  const maxTensorBytes = budget.limits.maxMemory;
  const context = { name, budget, keys: new KeyTable(), maxTensorBytes, storage: storages.get, placeholders };
  return readPickle(archive.read(`${root}data.pkl`), 0, context).value;
}

/** The one folder in which all entries are, with the slash behind it. */
function rootOf(archive: ZipArchive, name: string): string {
  const names = [...archive.names()];
  const roots = new Set(names.map((entry) => entry.slice(0, entry.indexOf("/") + 1)));
  const [root] = roots;
  if (root === undefined || ![...roots].some((folder) => archive.has(`${folder}data.pkl`))) {
    const kind = names.some((entry) => entry.endsWith(".npy")) ? "a NumPy archive (.npz)" : "some other zip archive";
    throw new FileError("unsupported", name, `this is ${kind}, not a .pt file: it holds no FOLDER/data.pkl`);
  }
  if (roots.size > 1 || root === "") {
    throw new FileError(
      "damaged",
      name,
      "the archive is damaged: its entries are not in one folder, as torch has them",
    );
  }
  return root;
}

function text(archive: ZipArchive, entry: string): string {
  // Longer ones are wrong anyway.
  return String.fromCharCode(...archive.read(entry).subarray(0, 32)).trim();
}

function checkVersion(archive: ZipArchive, root: string, name: string): void {
  const entry = [`${root}version`, `${root}.data/version`].find((candidate) => archive.has(candidate));
  if (entry === undefined) {
    throw new FileError(
      "damaged",
      name,
      "the archive does not say which version it has; torch does not read it either",
    );
  }
  const version = text(archive, entry);
  const number = /^\d{1,9}$/.test(version) ? Number(version) : -1;
  if (number < oldestVersion || number > newestVersion) {
    const problem = `the archive has version ${JSON.stringify(version)}; ${oldestVersion} to ${newestVersion} are read`;
    throw new FileError("unsupported", name, problem);
  }
}

function isBigEndian(archive: ZipArchive, root: string, name: string): boolean {
  if (!archive.has(`${root}byteorder`)) return false;
  const order = text(archive, `${root}byteorder`);
  if (order !== "little" && order !== "big") {
    throw new FileError("damaged", name, `its byte order is ${JSON.stringify(order)}; it must be "little" or "big"`);
  }
  return order === "big";
}
