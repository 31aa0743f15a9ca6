// What a helper thread runs: plain JavaScript, kept as text so that a bundler or a CDN import works. threads.ts tells the
// protocol; `take` is the same there. What it calls a program is a program in one memory: a binding of threads.ts.

/** Numbers of the control words of a program (an Int32Array). Each has a cache line of its own. */
export const CONTROL = {
  /** Pieces of the present phase that are not finished. */
  pending: 0,
  /** 1 while the thread that runs the program sleeps until pending is 0. */
  waiting: 16,
  /** The first piece of the present phase. */
  base: 32,
  /** Pieces that helpers have done, ever. */
  helped: 48,
  /** Length of the message of the first failure of a helper; its text follows. */
  failure: 64,
  failureText: 65,
  failureLength: 239,
  /** Free pieces of the first thread: next | end << 16, counted from base. */
  ranges: 304,
  stride: 16,
} as const;

/** Numbers of the words of a helper's door (an Int32Array), by which it is called. */
export const DOOR = {
  /** The program that runs. */
  program: 0,
  /** Messages sent to the helper. */
  mail: 16,
  /** 1 while the helper sleeps. */
  asleep: 32,
  /** Pieces that the helper has done, of all programs. */
  helped: 48,
  words: 64,
} as const;

/** Looks for work before a helper goes to sleep: some 50 microseconds. Tried beside others: bench/RESULTS.md, "Tuned numbers". */
const LOOKS = 600;

/**
 * The source of a helper. `platform` declares `onMessage(handler)`, which gives the handler every message the helper
 * is sent.
 */
export function workerSource(platform: string): string {
  return `"use strict";
${platform}
const programs = new Map();
let door;
let handled = 0;

function open({ module, memory, control, functions, pieces, thread, threads, scratch }) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const calls = functions.map((name) => exports[name]);
  return { control, calls, pieces, thread, threads, scratch };
}

function fail(control, error) {
  const text = String(error).slice(0, ${CONTROL.failureLength});
  if (Atomics.compareExchange(control, ${CONTROL.failure}, 0, -1) !== 0) return;
  for (let i = 0; i < text.length; i++) Atomics.store(control, ${CONTROL.failureText} + i, text.charCodeAt(i));
  Atomics.store(control, ${CONTROL.failure}, text.length);
}

function take(control, thread, threads) {
  for (let k = 0; k < threads; k++) {
    const word = ${CONTROL.ranges} + ${CONTROL.stride} * ((thread + k) % threads);
    for (;;) {
      const range = Atomics.load(control, word);
      const next = range & 0xffff;
      const end = range >>> 16;
      if (next >= end) break;
      const left = k === 0 ? range + 1 : range - 0x10000;
      if (Atomics.compareExchange(control, word, range, left) !== range) continue;
      return Atomics.load(control, ${CONTROL.base}) + (k === 0 ? next : end - 1);
    }
  }
  return -1;
}

function run(calls, pieces, piece, scratch) {
  const number = pieces[3 * piece];
  const from = pieces[3 * piece + 1];
  const to = pieces[3 * piece + 2];
  if (number >= 0) calls[number](scratch, from, to);
  else for (let call = from; call < to; call++) run(calls, pieces, call, scratch);
}

function help({ control, calls, pieces, thread, threads, scratch }) {
  let piece = take(control, thread, threads);
  if (piece < 0) return false;
  do {
    try {
      run(calls, pieces, piece, scratch);
    } catch (error) {
      fail(control, error);
    }
    Atomics.add(control, ${CONTROL.helped}, 1);
    Atomics.add(door, ${DOOR.helped}, 1);
    if (Atomics.sub(control, ${CONTROL.pending}, 1) === 1 && Atomics.exchange(control, ${CONTROL.waiting}, 0) === 1) {
      Atomics.notify(control, ${CONTROL.waiting});
    }
    piece = take(control, thread, threads);
  } while (piece >= 0);
  return true;
}

// Works until there is mail, which only the event loop can deliver.
function serve() {
  for (let idle = 0; Atomics.load(door, ${DOOR.mail}) === handled; idle++) {
    const program = programs.get(Atomics.load(door, ${DOOR.program}));
    if (program !== undefined && help(program)) {
      Atomics.store(door, ${DOOR.asleep}, 0);
      idle = 0;
    } else if (idle === ${LOOKS}) {
      // Said before the last look for work, so that work that comes later rings.
      Atomics.store(door, ${DOOR.asleep}, 1);
    } else if (idle > ${LOOKS}) {
      Atomics.wait(door, ${DOOR.asleep}, 1);
      Atomics.store(door, ${DOOR.asleep}, 0);
      idle = 0;
    }
  }
  Atomics.store(door, ${DOOR.asleep}, 0);
}

onMessage((message) => {
  handled++;
  if (message.door !== undefined) door = message.door;
  else if (message.forget !== undefined) programs.delete(message.forget);
  else {
    try {
      programs.set(message.id, open(message));
    } catch (error) {
      fail(message.control, error);
    }
  }
  serve();
});
`;
}
