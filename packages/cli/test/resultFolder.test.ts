// Where results go: a folder of their own, whole or not at all.

import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { checkFolder, type FolderChoice, writeResults } from "../src/resultFolder.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const files = new Map([
  ["a.txt", bytes("new a")],
  ["recipe.json", bytes("new recipe")],
]);
const names = [...files.keys()];
const all = ["a.txt", "plenoptic-files.json", "recipe.json"];
const never = new AbortController().signal;
const quiet = (): void => {};

let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "plenoptic-"));
});

afterEach(async () => {
  await rm(home, { recursive: true });
});

function at(path: string, rules: Partial<FolderChoice> = {}): FolderChoice {
  return { path: join(home, path), numbered: false, overwrite: false, ...rules };
}

describe("writeResults", () => {
  it("makes a new folder, and the folders above it, and leaves nothing else", async () => {
    const path = await writeResults(at("deep/er/results"), files, never, quiet);
    expect(path).toBe(join(home, "deep/er/results"));
    expect(await readdir(join(home, "deep/er"))).toEqual(["results"]);
    expect(await readdir(path)).toEqual(all);
    expect(await readFile(join(path, "a.txt"), "utf8")).toBe("new a");
  });

  it.runIf(process.platform === "linux")("says so where no folder can be made, and comes to an end", async () => {
    const choice = { path: "/proc/plenoptic/results", numbered: false, overwrite: false };
    await expect(writeResults(choice, files, never, quiet)).rejects.toThrow(
      /the folder \/proc\/plenoptic could not be made/,
    );
  });

  it("takes the first free number, when asked to", async () => {
    const choice = at("house", { numbered: true });
    await writeResults(choice, files, never, quiet);
    expect(await writeResults(choice, files, never, quiet)).toBe(join(home, "house-2"));
    expect(await writeResults(choice, files, never, quiet)).toBe(join(home, "house-3"));
    expect(await readdir(home)).toEqual(["house", "house-2", "house-3"]);
  });

  it("gives two runs at the same time a folder each", async () => {
    const choice = at("house", { numbered: true });
    const paths = await Promise.all([
      writeResults(choice, files, never, quiet),
      writeResults(choice, files, never, quiet),
    ]);
    expect(paths.sort()).toEqual([join(home, "house"), join(home, "house-2")]);
    expect(await readdir(home)).toEqual(["house", "house-2"]);
  });

  it("adds to a folder that is there, and leaves other files alone", async () => {
    await mkdir(join(home, "mine"));
    await writeFile(join(home, "mine/notes.txt"), "mine");
    await writeResults(at("mine"), files, never, quiet);
    expect(await readdir(join(home, "mine"))).toEqual(["a.txt", "notes.txt", "plenoptic-files.json", "recipe.json"]);
    expect(await readFile(join(home, "mine/notes.txt"), "utf8")).toBe("mine");
  });

  it("replaces an earlier result only when told so", async () => {
    await writeResults(at("mine"), new Map([["a.txt", bytes("old a")]]), never, quiet);
    await expect(writeResults(at("mine"), files, never, quiet)).rejects.toThrow(
      /results of an earlier run already \(a\.txt, \.\.\.\); .*--overwrite/,
    );
    expect(await readdir(join(home, "mine"))).toEqual(["a.txt", "plenoptic-files.json"]);
    expect(await readFile(join(home, "mine/a.txt"), "utf8")).toBe("old a");
    await writeResults(at("mine", { overwrite: true }), files, never, quiet);
    expect(await readFile(join(home, "mine/a.txt"), "utf8")).toBe("new a");
    expect(await readdir(join(home, "mine"))).toEqual(all);
  });

  it("clears away what the earlier run wrote, and neither what was changed since nor what others put there", async () => {
    const before = ["a.txt", "gone.txt", "edited.txt", "old.json"].map((name) => [name, bytes("old")] as const);
    await writeResults(at("mine"), new Map(before), never, quiet);
    await writeFile(join(home, "mine/notes.txt"), "mine");
    await writeFile(join(home, "mine/edited.txt"), "edited");
    const said: string[] = [];
    await writeResults(at("mine", { overwrite: true }), files, never, (line) => said.push(line));
    expect(await readdir(join(home, "mine"))).toEqual([...all, "edited.txt", "notes.txt"].sort());
    expect(said).toEqual([expect.stringMatching(/edited\.txt of an earlier run was changed since, and stays/)]);
  });

  it("never follows a record out of the folder", async () => {
    await writeFile(join(home, "outside.txt"), "old");
    await mkdir(join(home, "mine"));
    const sha256 = createHash("sha256").update("old").digest("hex");
    const record = { sha256: { "../outside.txt": sha256 } };
    await writeFile(join(home, "mine/plenoptic-files.json"), JSON.stringify(record));
    await writeResults(at("mine", { overwrite: true }), files, never, quiet);
    expect(await readFile(join(home, "outside.txt"), "utf8")).toBe("old");
  });

  it("leaves nothing when it is stopped", async () => {
    await expect(writeResults(at("results"), files, AbortSignal.abort(new Error("stop")), quiet)).rejects.toThrow(
      "stop",
    );
    expect(await readdir(home)).toEqual([]);
  });
});

describe("checkFolder", () => {
  it("refuses a place inside a file, saying which", async () => {
    await writeFile(join(home, "file"), "");
    await expect(checkFolder(at("file/results"), names)).rejects.toThrow(/file is a file/);
    await expect(checkFolder(at("file"), names)).rejects.toThrow(/file is a file/);
  });

  it.runIf(process.platform === "linux")("refuses a place where no folder can be made, even for root", async () => {
    const choice = { path: "/proc/plenoptic/results", numbered: false, overwrite: false };
    await expect(checkFolder(choice, names)).rejects.toThrow(/nothing can be written in \/proc: /);
    const numbered = { path: "/proc/sys", numbered: true, overwrite: false };
    await expect(checkFolder(numbered, names)).rejects.toThrow(/nothing can be written in \/proc: /);
  });

  it("leaves nothing behind", async () => {
    await checkFolder(at("new/results"), names);
    expect(await readdir(home)).toEqual([]);
  });

  it("refuses to replace files, before anything is computed", async () => {
    await writeResults(at("results"), files, never, quiet);
    await expect(checkFolder(at("results"), names)).rejects.toThrow(/already/);
    await checkFolder(at("results", { overwrite: true }), names);
    await checkFolder(at("results", { numbered: true }), names);
    await checkFolder(at("others"), names);
  });
});
