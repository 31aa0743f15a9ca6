// Killing the program, and holding what it comes to in the end against the run that nobody killed.

import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { callOf, made, type Scenario, type Stage, stepsIn, uninterrupted } from "./scenario.ts";

/** How a process is killed: by itself, at a stage of writing its n-th file, or after so many steps; or after so many milliseconds. */
export interface Kill {
  readonly dies?: { readonly stage: Stage; readonly file: number };
  readonly after?: number;
  readonly milliseconds?: number;
}

const child = fileURLToPath(new URL("./child.ts", import.meta.url));
const root = fileURLToPath(new URL("../../../../", import.meta.url));

/** Runs the program until it is killed. Whether it was; it may have been quicker. */
function killed(scenario: Scenario, path: string, { dies = null, after = null, milliseconds }: Nullable<Kill>) {
  const told = JSON.stringify({ ...scenario, path, dies, after });
  const flags = ["--import", "tsx", "--conditions=@plenoptic-js/source"];
  const program = spawn(process.execPath, [...flags, child, told], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  let err = "";
  program.stderr.on("data", (data) => {
    err += data;
  });
  program.stdout.once("data", () => {
    if (typeof milliseconds === "number") setTimeout(() => program.kill("SIGKILL"), milliseconds);
  });
  return new Promise<boolean>((resolve, reject) => {
    program.on("close", (code, signal) => {
      if (signal === "SIGKILL" || code === 0) resolve(signal === "SIGKILL");
      else reject(new Error(`the program ended with ${code ?? signal}: ${err}`));
    });
  });
}

type Nullable<T> = { readonly [K in keyof T]?: T[K] | null };

/** The bytes that a run comes to, once for each scenario. */
const wanted = new Map<string, Promise<Uint8Array>>();

/**
 * Kills the program, once for each kill, each time going on from what the last one left; then lets it come to its end.
 *
 * @returns the steps that were kept after each kill
 */
export async function killAndGoOn(scenario: Scenario, kills: readonly Kill[]): Promise<number[]> {
  const folder = mkdtempSync(join(tmpdir(), "killed-"));
  const path = join(folder, "kept.pt");
  try {
    const kept: number[] = [];
    for (const kill of kills) {
      const wasKilled = await killed(scenario, path, kill);
      if (kill.milliseconds === undefined) expect(wasKilled, JSON.stringify(kill)).toBe(true);
      kept.push(await stepsIn(path));
    }
    const synthesis = await made(scenario);
    await synthesis.synthesize(callOf(scenario, path));
    const key = JSON.stringify(scenario);
    if (!wanted.has(key)) wanted.set(key, uninterrupted(scenario));
    const bytes = await wanted.get(key);
    expect(Buffer.compare(await synthesis.toBytes(), bytes as Uint8Array)).toBe(0);
    expect(Buffer.compare(readFileSync(path), bytes as Uint8Array)).toBe(0);
    // Nothing half written is left.
    expect(readdirSync(folder)).toEqual([basename(path)]);
    return kept;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
