// The names of functions that came from a file: written again, they have them again.

export interface KeptNames {
  /** The dotted name under which Python's plenoptic would know it. */
  readonly savedName: string;
  /** The name that recipes give it; null where it has none. */
  readonly name: string | null;
}

const names = new WeakMap<object, KeptNames>();

/** The thing, which from now on has these names. */
export function withNames<T extends object>(thing: T, kept: KeptNames): T {
  names.set(thing, kept);
  return thing;
}

/** The names of a thing that came from a file. */
export const keptNames = (thing: object): KeptNames | undefined => names.get(thing);
