// The 5056-byte snapshot of torch's CPU generator (`torch.get_rng_state`), read and written.
// Layout: docs/science/random-numbers.md. Little-endian; fields the CPU never uses are zero.

const BYTES = 5056;
const SIZE = 624;
const LEFT = 8;
const SEEDED = 12;
const NEXT = 16;
const WORDS = 24;
const NORMAL = 5024;
const NORMAL_VALID = 5040;

export interface TorchState {
  initialSeed: bigint;
  /** The 624 words of the engine. */
  words: Uint32Array;
  /** Words of the block used so far, 0..624. */
  position: number;
  /** True when nothing was drawn since seeding. */
  fresh: boolean;
  cachedNormal: number | null;
}

/** The snapshot of a state. */
export function writeTorchState(state: TorchState): Uint8Array {
  const bytes = new Uint8Array(BYTES);
  const view = new DataView(bytes.buffer);
  // Just after seeding torch says next = 0 and left = 1: make a block before the first output.
  const next = state.fresh ? 0 : state.position;
  view.setBigUint64(0, state.initialSeed, true);
  view.setInt32(LEFT, SIZE + 1 - state.position, true);
  view.setInt32(SEEDED, 1, true);
  view.setBigUint64(NEXT, BigInt(next), true);
  state.words.forEach((word, i) => {
    view.setUint32(WORDS + 8 * i, word, true);
  });
  if (state.cachedNormal !== null) {
    view.setFloat64(NORMAL, state.cachedNormal, true);
    view.setInt32(NORMAL_VALID, 1, true);
  }
  return bytes;
}

/** The state in a snapshot. Throws RangeError for bytes that torch's CPU generator cannot have written. */
export function readTorchState(bytes: Uint8Array): TorchState {
  if (bytes.length !== BYTES) {
    throw new RangeError(`setState: a snapshot of torch's CPU generator has ${BYTES} bytes, not ${bytes.length}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const left = view.getInt32(LEFT, true);
  const next = view.getBigUint64(NEXT, true);
  const seeded = view.getInt32(SEEDED, true);
  const fresh = left === 1 && next === 0n;
  if (seeded !== 1 || left < 1 || left > SIZE || !(fresh || next === BigInt(SIZE + 1 - left))) {
    throw new RangeError(
      `setState: not a snapshot of torch's CPU generator (seeded ${seeded}, left ${left}, next ${next}; ` +
        `expected seeded 1 and left + next = ${SIZE + 1}, or left 1 and next 0).`,
    );
  }
  const words = new Uint32Array(SIZE);
  for (let i = 0; i < SIZE; i++) {
    const word = view.getBigUint64(WORDS + 8 * i, true);
    if (word > 0xffffffffn) throw new RangeError(`setState: word ${i} of the snapshot, ${word}, is above 2^32-1.`);
    words[i] = Number(word);
  }
  return {
    initialSeed: view.getBigUint64(0, true),
    words,
    position: SIZE + 1 - left,
    fresh,
    cachedNormal: view.getInt32(NORMAL_VALID, true) === 0 ? null : view.getFloat64(NORMAL, true),
  };
}
