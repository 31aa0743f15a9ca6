// A user's own model that fails, on the command as a process of its own: what ends the process cannot be tried in this one.

import { spawn } from "node:child_process";
import { readdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

function plenoptic(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const loader = ["--conditions=@plenoptic-js/source", "--import", import.meta.resolve("tsx")];
  const child = spawn(process.execPath, [...loader, main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (data) => {
    out += data;
  });
  child.stderr.on("data", (data) => {
    err += data;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, out, err })));
}

const cases: readonly [what: string, source: string, line: RegExp][] = [
  [
    "reads a value of its image",
    "export default (x) => {\n  const v = x.mean().item();\n  return x.mul(v);\n};",
    /^error: \.\/mine\.mjs, line 2: its model failed: TraceError: .*compute with tensors/m,
  ],
  [
    "waits for values of its image",
    "export default async (x) => {\n  const v = await x.data();\n  return x.mul(v[0]);\n};",
    /^error: \.\/mine\.mjs, line 1: its model gives a promise, .*leave out async and await\nFor example:\n {2}export default/m,
  ],
  [
    "ends the process while it is loaded",
    "\nprocess.exit(0);",
    /^error: \.\/mine\.mjs, line 2: process\.exit\(\) ended the process before the command was done/m,
  ],
  [
    "ends the process when it is called",
    "export default (x) => process.exit(0);",
    /^error: \.\/mine\.mjs, line 1: process\.exit\(\) ended the process/m,
  ],
  [
    "is never loaded",
    "await new Promise(() => {});\nexport default (x) => x;",
    /^error: \.\/mine\.mjs: its code waits for a promise that nothing will ever resolve/m,
  ],
  [
    "is never made",
    "export const makeModel = () => new Promise(() => {});",
    /^error: \.\/mine\.mjs: its makeModel waits for a promise that nothing will ever resolve/m,
  ],
  [
    "throws where nobody waits",
    "setTimeout(() => { throw new Error('late'); });\nexport default (x) => x.square();",
    /^error: \.\/mine\.mjs, line 1: Error: late \(in code that nobody waits for\)/m,
  ],
];

describe("a model of the user's that", () => {
  it.each(cases)("%s ends with words, exit code 1 and no files", async (_, source, line) => {
    await writeFile("photo.pgm", `P2 24 20 255\n${Array.from({ length: 480 }, (_, i) => (i * 37) % 256).join(" ")}\n`);
    await writeFile("mine.mjs", source);
    const { code, out, err } = await plenoptic(
      "metamer",
      "photo.pgm",
      "--model",
      "./mine.mjs",
      "--iterations",
      "100000",
    );
    expect(err).toMatch(line);
    expect(err).not.toMatch(/\n {4}at |Node\.js v/);
    expect([code, out]).toEqual([1, ""]);
    expect(await readdir(".")).toEqual(["mine.mjs", "photo.pgm"]);
  });
});
