// Files that are something else than they are called: what they look like, for messages. Downloads go wrong, and names
// are given by hand.

import { FileError } from "./errors.ts";

/** First bytes (Latin-1; `?` is any byte), what such a file is, and what to do. */
const kinds: readonly (readonly [start: string, what: string, advice?: string])[] = [
  ["version https://git-lfs", "a Git LFS pointer, not the file itself", "fetch it with `git lfs pull`"],
  ["\x93NUMPY", "a NumPy array (.npy)"],
  ["\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "a .pt file of PyTorch"],
  ["PK\x03\x04", "a zip archive (.npz, .pt, .zip)"],
  ["PK\x05\x06", "an empty zip archive"],
  ["\x1f\x8b", "a gzip archive", "unpack it first"],
  ["BZh", "a bzip2 archive", "unpack it first"],
  ["\xfd7zXZ\0", "an xz archive", "unpack it first"],
  ["(\xb5/\xfd", "a zstd archive", "unpack it first"],
  ["7z\xbc\xaf'\x1c", "a 7-Zip archive", "unpack it first"],
  ["Rar!\x1a\x07", "a RAR archive", "unpack it first"],
  ["\x89HDF", "an HDF5 file"],
  ["MATLAB 5.0 MAT-file", "a MATLAB file (.mat)"],
  ["GGUF", "a GGUF file"],
  ["\x89PNG", "a PNG image"],
  ["\xff\xd8\xff", "a JPEG image"],
  ["II*\0", "a TIFF image"],
  ["MM\0*", "a TIFF image"],
  ["RIFF????WEBP", "a WebP image"],
  ["GIF8", "a GIF image"],
  ["%PDF", "a PDF document"],
];

/** What a file looks like; `detail` shows its beginning. */
interface OtherKind {
  readonly what: string;
  readonly detail?: string;
  readonly advice?: string | undefined;
}

function recognize(bytes: Uint8Array): OtherKind | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 512));
  for (const [pattern, what, advice] of kinds) {
    if ([...pattern].every((char, index) => char === "?" || char === start[index])) return { what, advice };
  }
  // Protocols 2 to 5; older ones are text, and begin like anything.
  if (bytes[0] === 0x80 && bytes[1] >= 2 && bytes[1] <= 5) {
    return { what: "a bare pickle", advice: "write it again with torch.save or numpy.save" };
  }
  // A tar archive says so behind its first name.
  if (start.slice(257, 262) === "ustar") return { what: "a tar archive", advice: "unpack it first" };
  if (isSafetensors(bytes)) return { what: "a .safetensors file" };
  const text = textOf(bytes.subarray(0, 512));
  if (text === undefined) return undefined;
  const words = text.trim().replace(/\s+/g, " ");
  const detail = JSON.stringify([...words].slice(0, 40).join(""));
  if (words === "") return { what: "nothing but blanks" };
  if (/^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg/i.test(words)) {
    return { what: "an SVG drawing", advice: "export it as PNG" };
  }
  if (/^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype html|html|head|body|script|title)\b/i.test(words)) {
    return { what: "a web page", advice: "the download went wrong" };
  }
  if (/^<(\?xml|!--|!doctype)/i.test(words)) return { what: "XML", detail };
  if (/^(\{ ?["}]|\[ ?["{[\]\d-])/.test(words)) return { what: "JSON", detail };
  return { what: "text", detail };
}

/** The length of a header, and the brace it begins with. */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) <= BigInt(bytes.length - 8);
}

/** What a file looks like, as the end of a sentence: `text: "Dear diary"`. Undefined where nothing is known of it. */
export function describeOtherKind(bytes: Uint8Array): string | undefined {
  const kind = recognize(bytes);
  if (kind === undefined) return undefined;
  const { what, detail, advice } = kind;
  return `${what}${detail === undefined ? "" : `: ${detail}`}${advice === undefined ? "" : `; ${advice}`}`;
}

/**
 * The error for a file that does not begin as it should.
 *
 * @param wanted what it should be: "a .pt file"
 * @param found what was found instead, where nothing is known of the file
 */
export function otherKindError(bytes: Uint8Array, name: string, wanted: string, found = ""): FileError {
  if (bytes.length === 0) return new FileError("damaged", name, "the file is empty");
  const kind = recognize(bytes);
  if (kind === undefined) return new FileError("damaged", name, `this is not ${wanted}${found}`);
  const { what, detail, advice } = kind;
  const more = `${detail === undefined ? "" : `: ${detail}`}${advice === undefined ? "" : `; ${advice}`}`;
  return new FileError("unsupported", name, `this is ${what}, not ${wanted}${more}`);
}

/** Bytes as text, where they are text. */
function textOf(bytes: Uint8Array): string | undefined {
  let text: string;
  try {
    // A character may be cut in two at the end of the sample: `stream` lets it be.
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
  const isControl = (char: string): boolean => char < " " && !"\t\n\f\r".includes(char);
  return [...text].some(isControl) ? undefined : text;
}
