// One number of the source, one work: says what comes of it, then takes turns when asked and tells the shortest run of each.

import { createHash } from "node:crypto";
import { works } from "./work.ts";

const [name, threadCount] = process.argv.slice(2);
const threads = Number(threadCount);
const work = works[name];
if (work === undefined || process.send === undefined) throw new Error(`there is no work ${name}`);
const send = process.send.bind(process);
const prepared = work(threads);

/** Microseconds: of the processor, where one thread works and the others only disturb it. */
const now = (): number => {
  if (threads > 1) return performance.now() * 1000;
  const { user, system } = process.cpuUsage();
  return user + system;
};

async function turn(milliseconds: number): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  const end = performance.now() + milliseconds;
  do {
    if (prepared.before !== undefined) await prepared.before();
    const start = now();
    prepared.run();
    best = Math.min(best, now() - start);
  } while (performance.now() < end);
  return best;
}

function hash(): string {
  const sha = createHash("sha256");
  for (const { buffer, byteOffset, byteLength } of prepared.result()) {
    sha.update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return sha.digest("hex");
}

process.on("message", (milliseconds: number) => {
  void turn(milliseconds).then((best) => send(best));
});
process.on("disconnect", () => process.exit());
prepared.run();
send(hash());
