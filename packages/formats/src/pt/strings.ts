// Python's strings: UTF-8 in which halves of surrogate pairs may stand alone ("surrogatepass"; also called WTF-8).

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The string of some bytes; undefined when they are none. Both halves of a pair, each encoded alone, are refused: a
 * JavaScript string cannot tell them from the one character they make.
 */
export function decodePythonString(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeWithSurrogates(bytes);
  }
}

/** Cuts the bytes at lone surrogates (ED A0..BF 80..BF) and decodes what is between them. */
function decodeWithSurrogates(bytes: Uint8Array): string | undefined {
  let text = "";
  let start = 0;
  try {
    for (let i = 0; i + 2 < bytes.length; i++) {
      if (bytes[i] !== 0xed || bytes[i + 1] < 0xa0 || bytes[i + 1] > 0xbf || bytes[i + 2] >> 6 !== 2) continue;
      text += strict.decode(bytes.subarray(start, i));
      const unit = 0xd000 | ((bytes[i + 1] & 63) << 6) | (bytes[i + 2] & 63);
      if (unit >= 0xdc00 && /[\ud800-\udbff]$/.test(text) && start === i) return undefined;
      text += String.fromCharCode(unit);
      start = i + 3;
      i += 2;
    }
    return text + strict.decode(bytes.subarray(start));
  } catch {
    return undefined;
  }
}

const encoder = new TextEncoder();

/** The bytes of a string, as Python writes it. */
export function encodePythonString(text: string): Uint8Array {
  if (!/\p{Surrogate}/u.test(text)) return encoder.encode(text);
  const bytes: number[] = [];
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= 0xd800 && code < 0xe000) bytes.push(0xed, 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else bytes.push(...encoder.encode(char));
  }
  return Uint8Array.from(bytes);
}
