// Memory that nobody knows any more is there until the engine collects garbage, and engines take their time: they do not count shared
// memory at all. They look at once where an array is asked for that they cannot give.

/** More bytes than there are addresses. */
const IMPOSSIBLE = 4_503_599_627_370_496;

/** Has the engine collect what nobody knows any more, now, where it can be brought to it. */
export function collectNow(): void {
  try {
    void new ArrayBuffer(IMPOSSIBLE);
  } catch {
    // As it was meant.
  }
}
