// A TIFF writer for tests, free to write nonsense: fields, pieces of image data, and where they go.

export interface TiffParts {
  /** Numbers by tag; a tag may have several. Those not given get the values of an 8-bit gray image in one strip. */
  fields?: Record<number, number | readonly number[] | undefined>;
  width?: number;
  height?: number;
  /** Strips or tiles, in order; their offsets and lengths are filled in unless `fields` has them. */
  pieces?: readonly Uint8Array[];
  littleEndian?: boolean;
  /** Further directories. */
  next?: readonly TiffParts[];
  /** The offset in the last directory, instead of 0. */
  lastNext?: number;
}

/** The first directory stands at byte 8. */
export function makeTiff(parts: TiffParts): Uint8Array {
  const { littleEndian = true } = parts;
  const out: number[] = littleEndian ? [0x49, 0x49] : [0x4d, 0x4d];
  const put = (value: number, bytes: number): void => {
    for (let i = 0; i < bytes; i++) {
      const shift = 8 * (littleEndian ? i : bytes - 1 - i);
      out.push(Math.floor(value / 2 ** shift) % 256);
    }
  };
  put(42, 2);
  put(8, 4);
  const directories = [parts, ...(parts.next ?? [])];
  for (const [index, directory] of directories.entries()) {
    const { width = 3, height = 2 } = directory;
    const pieces = directory.pieces ?? [new Uint8Array(width * height)];
    const isTiled = directory.fields?.[322] !== undefined;
    const filled: Record<number, number | readonly number[] | undefined> = {
      256: width,
      257: height,
      258: 8,
      262: 1,
      [isTiled ? 324 : 273]: pieces.map(() => 0),
      [isTiled ? 325 : 279]: pieces.map(({ length }) => length),
      ...directory.fields,
    };
    const fields = Object.entries(filled).flatMap(([tag, value]) =>
      value === undefined ? [] : [{ tag: Number(tag), values: typeof value === "number" ? [value] : [...value] }],
    );
    // Directory, then values that do not fit into it, then the image data.
    let at = out.length + 2 + 12 * fields.length + 4;
    const places = fields.map(({ values }) => {
      if (values.length <= 1) return 0;
      at += 4 * values.length;
      return at - 4 * values.length;
    });
    const offsets = fields.find(({ tag }) => tag === (isTiled ? 324 : 273));
    if (offsets !== undefined && directory.fields?.[offsets.tag] === undefined) {
      offsets.values = pieces.map(({ length }) => {
        at += length;
        return at - length;
      });
    } else {
      at += pieces.reduce((total, { length }) => total + length, 0);
    }
    put(fields.length, 2);
    for (const [i, { tag, values }] of fields.entries()) {
      put(tag, 2);
      put(4, 2);
      put(values.length, 4);
      put(values.length === 1 ? values[0] : places[i], 4);
    }
    put(index + 1 < directories.length ? at : (parts.lastNext ?? 0), 4);
    for (const { values } of fields) {
      if (values.length > 1) for (const value of values) put(value, 4);
    }
    for (const piece of pieces) for (const byte of piece) out.push(byte);
  }
  return Uint8Array.from(out);
}
