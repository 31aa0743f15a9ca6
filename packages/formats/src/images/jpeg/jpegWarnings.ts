// Which warnings of libjpeg cost no pixel, and how to hear those that come after them.
//
// libjpeg prints the first warning of a file and only counts the others, so a harmless one would hide that data is lost.
// Its counter is therefore set back after each (jpeglib.h, struct jpeg_error_mgr; jerror.c, emit_message).

/**
 * - stray bytes before a marker, as some cameras leave them: what stood before was decoded
 * - a marker of restart with another number than its turn. Where an interval is lost with it, another warning follows:
 *   the intervals are counted, and each needs data
 * - parameters of a scan that mean nothing in a sequential JPEG, and unknown numbers in the headers of JFIF and Adobe
 */
const harmless: readonly RegExp[] = [
  /^Corrupt JPEG data: \d+ extraneous bytes before marker 0x[0-9a-f]+$/,
  /^Corrupt JPEG data: found marker 0xd[0-7] instead of RST[0-7]$/,
  /^Invalid SOS parameters for sequential JPEG$/,
  /^Warning: unknown JFIF revision number \d+\.\d+$/,
  /^Unknown Adobe color transform code \d+$/,
];

/** Number of the last message of the library; it stands in the structure. */
const lastMessage = 127;

/** Words of the structure, from its counter of warnings on: five functions, the message and its 80 bytes come before. */
const code = -22;
const functions = [-27, -26, -25, -24, -23];
const traceLevel = -1;
const messages = 1;
const lastCode = 2;
const addon = [3, 4, 5];

/**
 * Whether a printed line costs no pixel. Sets the counter of warnings so that the next one is printed too; where it is
 * not found, no line is harmless.
 */
export function isHarmlessWarning(line: string, memory: WebAssembly.Memory): boolean {
  if (!harmless.some((pattern) => pattern.test(line))) return false;
  const words = new Int32Array(memory.buffer);
  const counters: number[] = [];
  for (let at = words.indexOf(lastMessage, 29); at >= 0; at = words.indexOf(lastMessage, at + 1)) {
    const counter = at - lastCode;
    const isIt =
      words[counter] === 0 &&
      words[counter + traceLevel] === 0 &&
      words[counter + code] > 0 &&
      words[counter + code] <= lastMessage &&
      words[counter + messages] > 0 &&
      addon.every((field) => words[counter + field] === 0) &&
      functions.every((field) => words[counter + field] > 0 && words[counter + field] < 1000);
    if (isIt) counters.push(counter);
  }
  if (counters.length !== 1) return false;
  // The library adds one after printing.
  words[counters[0]] = -1;
  return true;
}
