// Ctrl-C, on the command as a process of its own.

import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { interruptible } from "../src/interrupt.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Each would take hours; `begun` is what it prints while it works. */
const work: readonly [name: string, args: string[], begun: string, stopped: RegExp][] = [
  [
    "metamer",
    ["--kernel-size", "5", "--iterations", "10000000"],
    "iteration",
    /Stopped after \d+ of 10000000 iterations\. Nothing was written\.\n$/,
  ],
  [
    "mad",
    ["--iterations", "10000000", "--weight", "1"],
    "iteration",
    /Stopped after \d+ of 40000000 iterations\. Nothing was written\.\n$/,
  ],
  [
    "eigendistortion",
    ["--model", "linear", "--method", "power", "--iterations", "10000000", "--stop", "0"],
    "the most noticeable",
    /Stopped at \d+ %\. Nothing was written\.\n$/,
  ],
];

describe.skipIf(process.platform === "win32")("a signal", () => {
  const signals = [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const;
  const both = work.flatMap(([name, ...rest], i) =>
    signals.slice(0, i === 0 ? 2 : 1).map((signal) => [name, signal, ...rest] as const),
  );

  it.each(both)(
    "stops %s in the middle by %j, and nothing is written",
    async (name, [signal, exitCode], args, begun, stopped) => {
      await writeFile(
        "photo.pgm",
        `P2 24 20 255\n${Array.from({ length: 480 }, (_, i) => (i * 37) % 256).join(" ")}\n`,
      );
      const loader = ["--conditions=@plenoptic-js/source", "--import", import.meta.resolve("tsx")];
      const command = [name, "photo.pgm", ...args, "--threads", "1"];
      const child = spawn(process.execPath, [...loader, main, ...command], { stdio: ["ignore", "pipe", "pipe"] });
      let out = "";
      let err = "";
      child.stdout.on("data", (data) => {
        out += data;
      });
      child.stderr.on("data", (data) => {
        const hadBegun = err.includes(begun);
        err += data;
        if (!hadBegun && err.includes(begun)) setTimeout(() => child.kill(signal), 50);
      });
      const code = await new Promise((resolve) => child.on("close", resolve));
      expect(code).toBe(exitCode);
      expect(err).toMatch(stopped);
      expect(out).toBe("");
      expect(await readdir(".")).toEqual(["photo.pgm"]);
    },
  );

  /** Sends a signal when the command has said something, and tells how it ended, and how long after. */
  async function interruptAt(said: string, args: readonly string[]) {
    const loader = ["--conditions=@plenoptic-js/source", "--import", import.meta.resolve("tsx")];
    const child = spawn(process.execPath, [...loader, main, ...args], { stdio: ["ignore", "ignore", "pipe"] });
    let err = "";
    let sent: number | undefined;
    child.stderr.on("data", (data) => {
      err += data;
      if (sent !== undefined || !err.includes(said)) return;
      sent = performance.now();
      child.kill("SIGINT");
    });
    const endedBy = await new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
    return { endedBy, seconds: (performance.now() - sent!) / 1000 };
  }

  // Shells call this end 130, too.
  it("ends the work at once where it computes without a pause before the first step", async () => {
    await writeFile("photo.pgm", `P2 24 20 255\n${Array.from({ length: 480 }, (_, i) => (i * 37) % 256).join(" ")}\n`);
    await writeFile(
      "slow.mjs",
      `export default (x) => {
  console.error("tracing");
  for (const end = Date.now() + 60_000; Date.now() < end; );
  return x;
};
`,
    );
    const { endedBy, seconds } = await interruptAt("tracing", ["metamer", "photo.pgm", "--model", "./slow.mjs"]);
    expect(endedBy).toBe("SIGINT");
    expect(seconds).toBeLessThan(20);
    expect((await readdir(".")).sort()).toEqual(["photo.pgm", "slow.mjs"]);
  });

  it("ends the work at once while it is compiled", async () => {
    const command = ["metamer", "gravel", "--preset", "texture", "--iterations", "10000000", "--threads", "1"];
    const { endedBy } = await interruptAt("Model:", command);
    expect(endedBy).toBe("SIGINT");
    expect(await readdir(".")).toEqual([]);
  });
});

describe("between two steps", () => {
  const listeners = (): number => process.listenerCount("SIGINT");

  it("a signal is heard where the last step was short, and else left to the system", async () => {
    const before = listeners();
    const clock = vi.spyOn(performance, "now");
    const heard: boolean[] = [];
    const work = async ({ stepping }: { stepping(): void }): Promise<void> => {
      for (const time of [5000, 5100, 5200, 7000, 9000, 9010]) {
        clock.mockReturnValue(time);
        stepping();
        heard.push(listeners() > before);
      }
    };
    try {
      clock.mockReturnValue(1000);
      await interruptible(
        () => {},
        () => "",
        work,
      );
    } finally {
      clock.mockRestore();
    }
    // What precedes the first step may be long.
    expect(heard).toEqual([false, true, true, false, false, true]);
    expect(listeners()).toBe(before);
  });

  it("a signal is heard however long the step was, where the work keeps what it has done", async () => {
    const before = listeners();
    const clock = vi.spyOn(performance, "now");
    const heard: boolean[] = [];
    const work = async ({ stepping, signal }: { stepping(): void; readonly signal: AbortSignal }): Promise<void> => {
      for (const time of [5000, 60_000]) {
        clock.mockReturnValue(time);
        stepping();
        heard.push(listeners() > before);
      }
      process.emit("SIGTERM", "SIGTERM");
      expect(signal.reason).toMatchObject({ exitCode: 143 });
      // The next one is left to the system.
      heard.push(listeners() > before);
    };
    const nothing = (): void => {};
    try {
      await interruptible(nothing, () => "", work, true);
    } finally {
      clock.mockRestore();
    }
    expect(heard).toEqual([true, true, false]);
  });
});
