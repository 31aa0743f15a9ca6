// Ctrl-C, on the command as a process of its own.

import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

describe("Ctrl-C", () => {
  it.skipIf(process.platform === "win32")("stops after the iteration at hand and writes nothing", async () => {
    await writeFile("photo.pgm", `P2 24 20 255\n${Array.from({ length: 480 }, (_, i) => (i * 37) % 256).join(" ")}\n`);
    const loader = ["--conditions=source", "--import", import.meta.resolve("tsx")];
    const args = ["metamer", "photo.pgm", "--kernel-size", "5", "--iterations", "10000000", "--threads", "1"];
    const child = spawn(process.execPath, [...loader, main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    let out = "";
    let err = "";
    child.stdout.on("data", (data) => {
      out += data;
    });
    child.stderr.on("data", (data) => {
      const hadBegun = err.includes("iteration");
      err += data;
      if (!hadBegun && err.includes("iteration")) setTimeout(() => child.kill("SIGINT"), 50);
    });
    const code = await new Promise((resolve) => child.on("close", resolve));
    expect(code).toBe(130);
    expect(err).toMatch(/Stopped after \d+ of 10000000 iterations\. Nothing was written\.\n$/);
    expect(out).toBe("");
    expect(await readdir(".")).toEqual(["photo.pgm"]);
  });
});
