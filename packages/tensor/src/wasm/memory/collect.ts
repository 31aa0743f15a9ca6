// Memory that nobody knows any more is there until the engine collects garbage, and engines take their time: they do not count shared
// memory at all. They look at once where an array is asked for that they cannot give.

/**
 * More bytes than there are addresses; and the most that an array may have where arrays have a part of the addresses to themselves, as
 * in Chromium: what is longer is refused there without a look.
 */
const IMPOSSIBLE = [4_503_599_627_370_496, 34_359_738_367];

/** Has the engine collect what nobody knows any more, now, where it can be brought to it. */
export function collectNow(): void {
  for (const bytes of IMPOSSIBLE) {
    try {
      void new ArrayBuffer(bytes);
      return;
    } catch (error) {
      // As it was meant, unless the length as such is what is wrong.
      if (!/length/i.test(String(error))) return;
    }
  }
}
