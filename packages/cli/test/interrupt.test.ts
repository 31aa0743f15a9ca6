// Ctrl-C, on the command as a process of its own.

import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
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
    "step",
    /Stopped after \d+ of 100 steps\. Nothing was written\.\n$/,
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

  it("that comes again ends the work at once, even where it computes without a pause", async () => {
    await writeFile("photo.pgm", `P2 24 20 255\n${Array.from({ length: 480 }, (_, i) => (i * 37) % 256).join(" ")}\n`);
    await writeFile(
      "slow.mjs",
      `export async function makeModel() {
  console.error("making");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return (x) => {
    console.error("tracing");
    for (const end = Date.now() + 60_000; Date.now() < end; );
    return x;
  };
}
`,
    );
    const loader = ["--conditions=@plenoptic-js/source", "--import", import.meta.resolve("tsx")];
    const command = ["metamer", "photo.pgm", "--model", "./slow.mjs", "--threads", "1"];
    const child = spawn(process.execPath, [...loader, main, ...command], { stdio: ["ignore", "ignore", "pipe"] });
    let err = "";
    const sent = new Set<string>();
    let second = 0;
    child.stderr.on("data", (data) => {
      err += data;
      for (const said of ["making", "tracing"]) {
        if (!err.includes(said) || sent.has(said)) continue;
        sent.add(said);
        second = performance.now();
        child.kill("SIGINT");
      }
    });
    const signal = await new Promise((resolve) => child.on("close", (_, endedBy) => resolve(endedBy)));
    expect(err).toContain("Stopping ...");
    expect(signal).toBe("SIGINT");
    expect(performance.now() - second).toBeLessThan(20_000);
    expect((await readdir(".")).sort()).toEqual(["photo.pgm", "slow.mjs"]);
  });
});
