// CRC-32 as in ISO 3309, the checksum of zip archives. Four bytes at a time, because it is taken over whole images:
// table k says what a byte does to the sum k bytes later ("slicing").

const tables: readonly Uint32Array[] = makeTables();

function makeTables(): Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
    return crc;
  });
  const made = [first];
  for (let k = 1; k < 4; k++) made.push(made[k - 1].map((crc) => first[crc & 255] ^ (crc >>> 8)));
  return made;
}

export function crc32(bytes: Uint8Array): number {
  const [t0, t1, t2, t3] = tables;
  const whole = bytes.length - (bytes.length % 4);
  let crc = -1;
  let at = 0;
  for (; at < whole; at += 4) {
    crc ^= bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    crc = t3[crc & 255] ^ t2[(crc >>> 8) & 255] ^ t1[(crc >>> 16) & 255] ^ t0[crc >>> 24];
  }
  for (; at < bytes.length; at++) crc = t0[(crc ^ bytes[at]) & 255] ^ (crc >>> 8);
  return ~crc >>> 0;
}
