// Files that are something else than they are called: what they look like, for messages. Downloads go wrong, and names
// are given by hand.

/** First bytes (Latin-1; `?` is any byte), what such a file is, and what to do. */
const kinds: readonly (readonly [start: string, what: string, advice?: string])[] = [
  ["version https://git-lfs", "a Git LFS pointer, not the file itself", "fetch it with `git lfs pull`"],
  ["\x93NUMPY", "a NumPy array (.npy)"],
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

/**
 * What a file is that is not what it should be, and what to do, as a part of a sentence: "a web page; the download went
 * wrong". Undefined where nothing is known of it.
 */
export function describeOtherKind(bytes: Uint8Array): string | undefined {
  const start = String.fromCharCode(...bytes.subarray(0, 512));
  for (const [pattern, what, advice] of kinds) {
    if ([...pattern].every((char, index) => char === "?" || char === start[index])) return joined(what, advice);
  }
  // Protocol 2 to 5; older ones are text, and begin like anything.
  if (/^\x80[\x02-\x05]/.test(start)) return joined("a bare pickle", "write it again with torch.save or numpy.save");
  // A tar archive says so behind its first name.
  if (start.slice(257, 262) === "ustar") return joined("a tar archive", "unpack it first");
  const text = textOf(bytes.subarray(0, 512));
  if (text === undefined) return undefined;
  const words = text.trim().replace(/\s+/g, " ");
  if (words === "") return "nothing but blanks";
  if (/^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<svg/i.test(words)) return "an SVG drawing";
  if (/^(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype|html|head|body|script)\b/i.test(words)) {
    return joined("a web page", "the download went wrong");
  }
  const quoted = JSON.stringify([...words].slice(0, 40).join(""));
  if (/^(<\?xml|<!--)/i.test(words)) return `XML: ${quoted}`;
  if (/^(\{\s*["}]|\[\s*["{[\]\d-])/.test(words)) return `JSON: ${quoted}`;
  return `text: ${quoted}`;
}

function joined(what: string, advice: string | undefined): string {
  return advice === undefined ? what : `${what}; ${advice}`;
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
