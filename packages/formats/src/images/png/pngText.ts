// Text stored in a PNG by keyword: tEXt, zTXt and iTXt chunks. PNG specification (third edition), section 11.3.3.

import { InflateLimitError, inflateZlib } from "../../bytes/inflate.ts";
import { FileError } from "../../errors.ts";
import { type PngChunk, writeChunk } from "./pngChunks.ts";

const maxTextChunks = 1000;
const maxUnpackedBytes = 16 * 1024 * 1024;

/**
 * The texts of a PNG. Where a keyword is repeated, its last text counts.
 *
 * @throws FileError when a text chunk is malformed, or there is far too much text
 */
export function readText(chunks: readonly PngChunk[], name: string): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  const textChunks = chunks.filter(({ type }) => type === "tEXt" || type === "zTXt" || type === "iTXt");
  if (textChunks.length > maxTextChunks) {
    throw new FileError("too-big", name, `the PNG has more than ${maxTextChunks} text chunks`);
  }
  let budget = maxUnpackedBytes;
  for (const { type, data } of textChunks) {
    const malformed = (cause?: unknown): FileError =>
      new FileError("damaged", name, `the PNG has a malformed ${type} (text) chunk`, { cause });
    const unpack = (packed: Uint8Array): Uint8Array => {
      try {
        const bytes = inflateZlib(packed, budget);
        budget -= bytes.length;
        return bytes;
      } catch (cause) {
        if (!(cause instanceof InflateLimitError)) throw malformed(cause);
        throw new FileError("too-big", name, `the texts of the PNG unpack to more than ${maxUnpackedBytes} bytes`);
      }
    };
    /** Cuts the zero-terminated field that starts at `offset`. */
    const field = (offset: number): Uint8Array => {
      const end = data.indexOf(0, offset);
      if (end < 0) throw malformed();
      return data.subarray(offset, end);
    };
    const keyword = field(0);
    if (keyword.length === 0 || keyword.length > 79) throw malformed();
    let at = keyword.length + 1;
    let text: string;
    if (type === "tEXt") {
      text = fromLatin1(data.subarray(at));
    } else if (type === "zTXt") {
      if (data[at] !== 0) throw malformed();
      text = fromLatin1(unpack(data.subarray(at + 1)));
    } else {
      const [isPacked, method] = [data[at], data[at + 1]];
      if (isPacked === undefined || isPacked > 1 || method !== 0) throw malformed();
      at += 2;
      for (let skipped = 0; skipped < 2; skipped++) at += field(at).length + 1; // language, translated keyword
      const bytes = data.subarray(at);
      try {
        text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(isPacked ? unpack(bytes) : bytes);
      } catch (cause) {
        throw cause instanceof FileError ? cause : malformed(cause);
      }
    }
    texts.set(fromLatin1(keyword), text);
  }
  return texts;
}

/**
 * A text chunk as it stands in a file: tEXt where Latin-1 can hold the text, else iTXt.
 *
 * @param keyword 1 to 79 printable Latin-1 characters, single spaces only inside
 * @throws RangeError for a keyword or text that PNG cannot hold
 */
export function writeText(keyword: string, text: string): Uint8Array {
  if (!/^[\x21-\x7e\xa1-\xff]+( [\x21-\x7e\xa1-\xff]+)*$/.test(keyword) || keyword.length > 79) {
    const rule = "1 to 79 printable Latin-1 characters with single spaces only inside";
    throw new RangeError(`a PNG text keyword must be ${rule}, not ${JSON.stringify(keyword)}`);
  }
  if (/\0|\p{Surrogate}/u.test(text)) {
    throw new RangeError(`the PNG text ${JSON.stringify(keyword)} holds a zero character or half a surrogate pair`);
  }
  const isLatin1 = /^[\n\x20-\x7e\xa0-\xff]*$/.test(text);
  const head = `${keyword}\0${isLatin1 ? "" : "\0\0\0\0"}`; // iTXt: not packed, no language, no translated keyword
  const body = isLatin1 ? toLatin1(text) : new TextEncoder().encode(text);
  const data = new Uint8Array(head.length + body.length);
  data.set(toLatin1(head));
  data.set(body, head.length);
  return writeChunk(isLatin1 ? "tEXt" : "iTXt", data);
}

// Not TextDecoder("latin1"): by the web's rules that is windows-1252.
function fromLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let start = 0; start < bytes.length; start += 8192) {
    text += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return text;
}

function toLatin1(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length }, (_, index) => text.charCodeAt(index));
}
