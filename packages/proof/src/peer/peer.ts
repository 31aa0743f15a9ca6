// A Python with plenoptic, running one of our scripts and answering requests: a JSON object a line, in turn.
// serve.py is the other end.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** There is nothing to talk to: the message says what is wrong and what to do. */
export class PeerError extends Error {
  override readonly name = "PeerError";
}

/** A request that Python could not do; it goes on answering others. */
export class RequestError extends Error {
  override readonly name = "RequestError";
}

export type Answer = Readonly<Record<string, unknown>>;

/** How much of what Python prints is kept for messages. */
const KEPT = 4000;

export class Peer {
  /** Versions of Python and of the libraries. */
  readonly versions: Answer;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #gone: () => Promise<PeerError>;

  private constructor(
    child: ChildProcess,
    lines: AsyncIterator<string>,
    gone: () => Promise<PeerError>,
    versions: Answer,
  ) {
    this.#child = child;
    this.#lines = lines;
    this.#gone = gone;
    this.versions = versions;
  }

  /**
   * Starts `python script` and waits until it has imported what it needs.
   *
   * @param python a command or a path
   * @throws PeerError when it cannot be run, or cannot import something
   */
  static async start(python: string, script: string): Promise<Peer> {
    // -B: no __pycache__ in the source tree.
    const child = spawn(python, ["-B", script], { stdio: ["pipe", "pipe", "pipe"] });
    let printed = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      printed = (printed + text).slice(-KEPT);
    });
    // A pipe that closes early is told by the missing answer.
    child.stdin.on("error", () => {});
    const ended = new Promise<string>((resolve) => {
      child.once("error", (error) => resolve(error.message));
      child.once("close", (code, signal) => {
        // Progress bars end their lines with \r.
        const last = printed
          .trimEnd()
          .split(/[\r\n]/)
          .at(-1);
        resolve(`it ended with ${signal ?? `exit code ${code}`}${last ? `: ${last}` : ""}`);
      });
    });
    const gone = async (): Promise<PeerError> => new PeerError(`${python} stopped answering; ${await ended}`);
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // Where there was nothing to run, there is no output that could end.
    const first = await Promise.race([lines.next(), ended.then(() => ({ done: true as const, value: undefined }))]);
    if (first.done) {
      throw new PeerError(`${python} cannot be used as Python: ${await ended}. Name one with --python PYTHON.`);
    }
    let hello: Answer;
    try {
      hello = parse(python, first.value);
    } catch (error) {
      child.kill();
      throw error;
    }
    if (typeof hello.error === "string") {
      child.kill();
      throw new PeerError(
        `${python} cannot import plenoptic: ${hello.error}\nInstall it with: ${python} -m pip install torch plenoptic`,
      );
    }
    return new Peer(child, lines, gone, (hello.ready ?? {}) as Answer);
  }

  /**
   * @throws RequestError with Python's own last line when the request fails
   * @throws PeerError when Python has ended
   */
  async ask(request: Answer): Promise<Answer> {
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
    const next = await this.#lines.next();
    if (next.done) throw await this.#gone();
    const answer = parse(this.#child.spawnfile, next.value);
    if (typeof answer.error === "string") throw new RequestError(answer.error);
    return answer;
  }

  /** Ends it. */
  close(): void {
    this.#child.stdin?.end();
    this.#child.kill();
  }

  /** "torch 2.13.0, plenoptic 2.1.0, ..." */
  toString(): string {
    return Object.entries(this.versions)
      .map(([name, version]) => `${name} ${String(version)}`)
      .join(", ");
  }
}

function parse(python: string, line: string): Answer {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === "object" && value !== null) return value as Answer;
  } catch {
    // Told below.
  }
  throw new PeerError(`${python} does not answer as Python would: ${JSON.stringify(line.slice(0, 200))}`);
}
