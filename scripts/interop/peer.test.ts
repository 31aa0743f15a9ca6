// The line to Python, and the two programs that use it: what they say when there is nothing to talk to, and what they do with
// the answers of a Python that is played by Node.

import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Peer, PeerError, RequestError } from "@plenoptic-js/proof/peer/peer";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { workloads } from "../../bench/workloads.ts";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const ROOT = here("../..");
const BENCH = here("../../bench/peers.ts");
const INTEROP = here("./run.ts");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "peer-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An executable. It is given `-B` and the script's path, as Python would be. */
function executable(text: string): string {
  const path = join(folder, "python");
  writeFileSync(path, text, { mode: 0o755 });
  return path;
}

/** A Python played by Node: greets with `hello`, and answers each request with what `answer` gives. */
function played(hello: object, answer = "() => ({})"): string {
  return executable(`#!${process.execPath}
    const answer = ${answer};
    console.error("noise on the other stream");
    console.log(${JSON.stringify(JSON.stringify(hello))});
    require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
      console.log(JSON.stringify(answer(JSON.parse(line))));
    });
  `);
}

/** The real one, of which installed packages are hidden: only the standard library can be imported. */
const bare = (): string => executable('#!/bin/sh\nexec python3 -S -s "$@"\n');

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(program: string, ...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const command = ["--conditions=@plenoptic-js/source", "--import", "tsx", program, ...args];
    execFile(process.execPath, command, { cwd: ROOT }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err });
    });
  });
}

const READY = { ready: { python: "3.99", torch: "9.9", plenoptic: "2.9" } };

describe("Peer", () => {
  test("asks in turn, and tells a refused request from a lost Python", async () => {
    const python = played(
      READY,
      "({ n }) => (n < 0 ? { error: 'ValueError: negative' } : n > 9 ? process.exit(3) : { twice: 2 * n })",
    );
    const peer = await Peer.start(python, "script.py");
    expect(String(peer)).toBe("python 3.99, torch 9.9, plenoptic 2.9");
    expect(await peer.ask({ n: 4 })).toEqual({ twice: 8 });
    await expect(peer.ask({ n: -1 })).rejects.toThrow(new RequestError("ValueError: negative"));
    expect(await peer.ask({ n: 5 })).toEqual({ twice: 10 });
    const lost = peer.ask({ n: 10 });
    await expect(lost).rejects.toThrow(PeerError);
    await expect(lost).rejects.toThrow(/stopped answering; it ended with exit code 3: noise on the other stream/);
  });

  test("what cannot be run, or is no Python, is refused", async () => {
    await expect(Peer.start(join(folder, "none"), "script.py")).rejects.toThrow(
      /cannot be used as Python: .*ENOENT.*--python/,
    );
    const dies = executable("#!/bin/sh\necho 'no such option: -B' >&2\nexit 4\n");
    await expect(Peer.start(dies, "script.py")).rejects.toThrow(/exit code 4: no such option: -B/);
    const chats = executable("#!/bin/sh\necho hello\ncat\n");
    await expect(Peer.start(chats, "script.py")).rejects.toThrow(/does not answer as Python would: "hello"/);
  });

  test("a Python without plenoptic is refused with its own words", async () => {
    const python = played({ error: "ModuleNotFoundError: No module named 'plenoptic'" });
    const refused = Peer.start(python, "script.py");
    await expect(refused).rejects.toThrow(PeerError);
    await expect(refused).rejects.toThrow(
      /No module named 'plenoptic'\nInstall it with: .*python -m pip install torch plenoptic/,
    );
  });
});

// Continuous integration may have no Python; the scripts' syntax and their greeting are checked where there is one.
const hasPython = await new Promise<boolean>((resolve) => {
  execFile("python3", ["--version"], (error) => resolve(error === null));
});

describe.runIf(hasPython)("the real Python, with nothing installed", () => {
  test.each(["continue.py", "../../bench/peers.py"])("%s says what it misses", async (script) => {
    const refused = Peer.start(bare(), here(script));
    await expect(refused).rejects.toThrow(/cannot import plenoptic: ModuleNotFoundError: No module named '/);
  });

  test("both programs say so, write nothing and exit with 2", async () => {
    const python = bare();
    const file = join(folder, "ratios.json");
    const ended = await Promise.all([run(BENCH, "--python", python, "--json", file), run(INTEROP, "--python", python)]);
    for (const { code, out, err } of ended) {
      expect({ code, out }).toEqual({ code: 2, out: "" });
      expect(err).toMatch(/^\S+ cannot import plenoptic: ModuleNotFoundError: .*\nInstall it with: .*\n$/);
    }
    expect(existsSync(file)).toBe(false);
  });
});

describe("bench:peers", () => {
  test("prints a table and writes the ratios; what Python cannot do is told and left out", async () => {
    // Threads of the plenoptic that is played take a second each; it knows no FFT in float32.
    const python = played(
      READY,
      `({ run, dtype, threads }) =>
        run.startsWith("FFT") && dtype === "float32" ? { error: "KeyError: 'no FFT'" } : { ms: 1000 * threads }`,
    );
    const file = join(folder, "ratios.json");
    const { code, out } = await run(BENCH, "--python", python, "--only", "fft", "--rounds", "2", "--json", file);
    const ratios = JSON.parse(readFileSync(file, "utf8")) as Record<string, number | string>[];
    expect(ratios.map(({ workload, dtype, threads, peer_ms }) => [workload, dtype, threads, peer_ms])).toEqual([
      ["FFT 256x256 real, forward", "float64", 1, 1000],
      ["FFT 256x256 real, forward", "float64", 2, 2000],
    ]);
    for (const { ours_ms, peer_ms, ratio } of ratios as Record<string, number>[]) {
      expect(ours_ms).toBeGreaterThan(0);
      expect(ratio).toBeCloseTo(ours_ms / peer_ms, 12);
    }
    expect(out).toMatch(/workload +dtype +threads +ours ms +peer ms +ratio +must/);
    expect(out).toMatch(/FFT 256x256 real, forward +float64 +2 +[\d.]+ +2000\.000 +[\d.e-]+ +0\.9 +met/);
    expect(out).toMatch(/Not timed: .*float32, threads: 1: Python says KeyError: 'no FFT'/);
    expect(code).toBe(1);
  });

  test("every workload has its counterpart in peers.py, but for what plenoptic has not", () => {
    const script = readFileSync(here("../../bench/peers.py"), "utf8");
    for (const { name, isOurs = false } of workloads) {
      expect(script.includes(`${JSON.stringify(name)}: `), name).toBe(!isOurs);
    }
  });

  test("without --python, and with a name that no workload has, it says what it wants", async () => {
    const [plain, unknown] = await Promise.all([run(BENCH), run(BENCH, "--python", "x", "--only", "nothing")]);
    expect(plain).toMatchObject({
      code: 2,
      out: "",
      err: expect.stringMatching(/^Usage: npm run bench:peers -- --python/),
    });
    expect(unknown).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/no workload's name holds it/) });
  });
});
