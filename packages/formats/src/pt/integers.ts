// Python's unbounded ints as pickles hold them: little-endian two's complement, as few bytes as possible.

/** The int of some bytes; no bytes are 0. */
export function decodeLong(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  let hex = "";
  for (let i = bytes.length - 1; i >= 0; i--) hex += bytes[i].toString(16).padStart(2, "0");
  return BigInt.asIntN(8 * bytes.length, BigInt(`0x${hex}`));
}

/** The bytes of an int. */
export function encodeLong(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array();
  let length = (value < 0n ? ~value : value).toString(16).length / 2;
  length = Math.ceil(length);
  if (BigInt.asIntN(8 * length, value) !== value) length++;
  const hex = BigInt.asUintN(8 * length, value)
    .toString(16)
    .padStart(2 * length, "0");
  return Uint8Array.from({ length }, (_, i) => Number.parseInt(hex.slice(2 * (length - i) - 2, 2 * (length - i)), 16));
}
