// The table of promised results, and when it may be written anew: under one NUMERICS_VERSION a result that has been promised
// keeps its bits.

/** Hashes of every result of every case. */
export type Hashes = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface HashTable {
  /** The version of the contract (docs/numerics.md) under which these are promised. */
  readonly numericsVersion: number;
  readonly hashes: Hashes;
}

/**
 * The table with what was found now.
 *
 * @throws Error where a result of the old table has other bits now, or is gone, and the version is still the same
 */
export function updatedTable(old: HashTable, hashes: Hashes, numericsVersion: number): HashTable {
  if (numericsVersion < old.numericsVersion) {
    throw new Error(
      `NUMERICS_VERSION is ${numericsVersion}, and the table has ${old.numericsVersion}; it only goes up`,
    );
  }
  if (numericsVersion === old.numericsVersion) {
    const broken = Object.entries(old.hashes).flatMap(([name, results]) =>
      Object.entries(results).flatMap(([result, hash]) => {
        const found = hashes[name]?.[result];
        return found === hash ? [] : [`${name}, ${result}: ${found === undefined ? "gone" : "other bits"}`];
      }),
    );
    if (broken.length > 0) {
      throw new Error(
        `the table is as it was: ${broken.length} promised results of NUMERICS_VERSION ${numericsVersion} are not what they were.\n` +
          `${broken.join("\n")}\nIf bits are meant to change, raise NUMERICS_VERSION (packages/tensor/src/numericsVersion.ts) ` +
          "and say so in the changelog; else find out what changed them.",
      );
    }
  }
  return { numericsVersion, hashes };
}
