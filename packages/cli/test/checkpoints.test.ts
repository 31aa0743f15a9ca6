// --checkpoint and --resume: the command is ended in the middle, as a process of its own, and the same command goes on to the same files.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { syncBuiltinESMExports } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { beforeEach, describe, expect, it } from "vitest";
import { Checkpoints } from "../src/checkpoints.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();
beforeEach(async () => {
  await writeGray("photo.png", 24, 20);
});

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** Starts the command, ends it by a signal, if one is given, when it has said something, and gives how it ended and what it said. */
async function endAt(said: string, signal: NodeJS.Signals | null, args: readonly string[]) {
  const loader = ["--conditions=@plenoptic-js/source", "--import", import.meta.resolve("tsx")];
  const child = spawn(process.execPath, [...loader, main, ...args], { stdio: ["ignore", "ignore", "pipe"] });
  let err = "";
  child.stderr.on("data", (data) => {
    const hadSaid = err.includes(said);
    err += data;
    if (signal !== null && !hadSaid && err.includes(said)) setTimeout(() => child.kill(signal), 200);
  });
  const end = await new Promise((resolve) => child.on("close", (code, by) => resolve(by ?? code)));
  return { end, err };
}

/** All files of a folder and those in it, by their paths. */
async function filesOf(folder: string): Promise<Map<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const read = files.sort().map(async (path) => [
    path.slice(folder.length),
    createHash("sha256")
      .update(await readFile(path))
      .digest("hex"),
  ]);
  return new Map((await Promise.all(read)) as [string, string][]);
}

const small = ["--kernel-size", "5", "--threads", "1"];
const metamer = ["metamer", "photo.png", ...small, "--iterations", "8000"];

describe.skipIf(process.platform === "win32")("a command that was ended", () => {
  it("by SIGTERM, and by SIGKILL, goes on with --resume to the files of one that was not", async () => {
    // Seconds of work, so that it is still at work when the signal comes.
    const long = [...metamer, "--iterations", "60000"];
    const command = [...long, "--out", "ended"];
    const first = await endAt("iteration ", "SIGTERM", [...command, "--checkpoint", "10000000"]);
    expect(first.end).toBe(143);
    expect(first.err).toMatch(
      /Stopped after [1-9]\d* of 60000 .*kept in ended\.checkpoint: the same command with --resume goes on/,
    );
    const killed = await endAt("Going on", "SIGKILL", [...command, "--resume", "--checkpoint", "20"]);
    expect(killed.end).toBe("SIGKILL");
    const { code, err } = await run(...command, "--resume");
    expect(code).toBe(0);
    expect(err).toMatch(/Going on with metamer after [1-9]\d* iterations/);
    expect(err).toMatch(/\d+ checkpoints? took .* s, .* % of the time/);
    expect((await readdir(".")).sort()).toEqual(["ended", "photo.png"]);
    expect((await run(...long, "--out", "whole")).code).toBe(0);
    expect(await filesOf("ended")).toEqual(await filesOf("whole"));
  });

  it("with layers of a network goes on to the same files", async () => {
    const net = new URL("../../networks/test/data/golden/nets/resnet_dynamic_17.onnx", import.meta.url);
    await copyFile(net, "net.onnx");
    const layer = ["--model", "net.onnx", "--layer", "layer2", "--with-model"];
    const command = ["metamer", "photo.png", ...layer, "--iterations", "1500", "--threads", "1"];
    const killed = await endAt("iteration ", "SIGKILL", [...command, "--checkpoint", "10", "--out", "ended"]);
    expect(killed.end).toBe("SIGKILL");
    const { code, err } = await run(...command, "--resume", "--out", "ended");
    expect(code).toBe(0);
    expect(err).toMatch(/Going on with metamer after [1-9]\d* iterations/);
    expect((await run(...command, "--out", "whole")).code).toBe(0);
    expect(await filesOf("ended")).toEqual(await filesOf("whole"));
  });

  it("of several seeds goes on with the one that was at work", async () => {
    const command = [...metamer, "--iterations", "10000", "--seeds", "0-2"];
    const { end, err } = await endAt("seed 1 (2 of 3)   iteration", "SIGINT", [...command, "--checkpoint", "50"]);
    expect(end).toBe(130);
    expect(err).toMatch(/of seed 1 \(2 of 3\)\. What was done is kept in photo-metamers\.checkpoint/);
    expect((await readdir("photo-metamers")).sort()).toEqual(["seed-0"]);
    expect((await endAt("", null, [...command, "--resume"])).end).toBe(0);
    expect((await readdir(".")).sort()).toEqual(["photo-metamers", "photo.png"]);
    // Their recipes tell of the engine that the first of them ran in.
    expect((await endAt("", null, [...command, "--out", "whole"])).end).toBe(0);
    expect(await filesOf("photo-metamers")).toEqual(await filesOf("whole"));
  });

  it("of a recipe, and of a competition: the whole of it is made as if nothing had happened", async () => {
    const mad = ["mad", "photo.png", "--weight", "1", "--iterations", "4000", "--threads", "1"];
    expect((await endAt("max-ssim:", "SIGKILL", [...mad, "--checkpoint", "20", "--out", "mad"])).end).toBe("SIGKILL");
    expect((await run(...mad, "--resume", "--out", "mad")).code).toBe(0);
    expect((await run(...mad, "--out", "whole")).code).toBe(0);
    expect(await filesOf("mad")).toEqual(await filesOf("whole"));
    const recipe = ["run", "mad/min-mse.pt", "--threads", "1", "--out", "again"];
    const ended = await endAt("step ", "SIGTERM", [...recipe, "--checkpoint", "20"]);
    // It may have been quicker.
    if (ended.end === 143) expect(await readdir("again.checkpoint")).toEqual(["result.pt"]);
    const { code, out } = await run(...recipe, "--resume");
    expect(code).toBe(0);
    expect(out).toMatch(/Made( already)?, with the bits that the recipe tells/);
    const once = await run(...recipe, "--resume");
    expect(once.out).toMatch(/Made already, with the bits that the recipe tells/);
    expect(once.code).toBe(0);
    expect(await readdir(".")).not.toContain("again.checkpoint");
  });
});

describe("checkpoints", () => {
  const short = ["metamer", "photo.png", ...small, "--iterations", "6", "--out", "out"];

  /** What a run leaves that could not write its results: its checkpoints. */
  async function killed(): Promise<void> {
    const fs = process.getBuiltinModule("node:fs/promises");
    const { rename } = fs;
    const refuse = async (from: string, to: string): Promise<void> => {
      if (/[.]plenoptic-/.test(to)) throw Object.assign(new Error("killed"), { code: "EIO" });
      await rename(from, to);
    };
    Object.assign(fs, { rename: refuse });
    try {
      const { code, err } = await run(...short, "--checkpoint", "2");
      expect(code).toBe(2);
      expect(err).toMatch(/note: What was done is kept in out\.checkpoint/);
    } finally {
      Object.assign(fs, { rename });
    }
    expect((await readdir(".")).sort()).toEqual(["out.checkpoint", "photo.png"]);
  }

  it("leave nothing when all is well, and say when there is nothing to go on from", async () => {
    const { code, err } = await run(...short, "--resume");
    expect(code).toBe(0);
    expect(err).toMatch(/note: there is nothing to go on from for metamer; it starts anew/);
    expect((await readdir(".")).sort()).toEqual(["out", "photo.png"]);
    expect((await run(...short, "--checkpoint", "0.5s", "--overwrite")).code).toBe(0);
  });

  it("of an earlier run are refused without --resume, and with other settings by their names", async () => {
    await killed();
    const plain = await run(...short, "--checkpoint");
    expect(plain.code).toBe(2);
    expect(plain.err).toMatch(
      /out\.checkpoint has what was kept of an earlier run.*--resume, choose another --out, or remove/,
    );
    const others: readonly (readonly [string[], RegExp])[] = [
      [["--seed", "3"], /its state of the generators is another one: give the same --seed/],
      [
        ["--optimizer", "SGD"],
        /its optimizer is another one\. Give the same settings, or choose another --out, or remove out\.checkpoint/,
      ],
      [["--std", "2"], /its model, by its graph, is another one/],
      [["--iterations", "5"], /its number of iterations \(--iterations\) is 6, and here 5/],
      [["--penalty-lambda", "0.3"], /its penaltyLambda is 0\.1, and here 0\.3/],
      [["--dtype", "float32"], /float32|image/],
    ];
    for (const [flags, words] of others) {
      const { code, err } = await run(...short, ...flags, "--resume");
      expect(err).toMatch(words);
      expect(code).toBe(2);
    }
    expect((await run(...short, "--resume")).code).toBe(0);
  });

  it("that cannot be kept are refused at the start", async () => {
    await writeFile("out.checkpoint", "");
    const { code, err } = await run(...short, "--checkpoint");
    expect(code).toBe(2);
    expect(err).toMatch(/out\.checkpoint is a file, and checkpoints would be kept in a folder of this name/);
    await rm("out.checkpoint");
    await mkdir("out.checkpoint");
    // An empty folder is none of an earlier run.
    expect((await run(...short, "--checkpoint")).code).toBe(0);
    for (const when of ["0", "1.5", "s", "30m"]) {
      const refused = await run(...short, "--checkpoint", when);
      expect(refused.code).toBe(2);
      expect(refused.err).toMatch(/It must be a number of steps, such as 50, or of seconds, such as 30s/);
    }
  });

  it.each([
    ["a metamer", "metamer.pt", short],
    ["a competition", "min-ssim.pt", ["mad", "photo.png", "--iterations", "4", "--threads", "1", "--out", "out"]],
    ["several seeds", "seed-1/metamer.pt", [...short, "--seeds", "0-1"]],
  ] as const)("of results that are there: %s is recognised, and nothing is written", async (_, saved, command) => {
    expect((await run(...command)).code).toBe(0);
    const before = await filesOf("out");
    // Ended between the results and the removal of the checkpoints; and given once more, after that.
    await mkdir("out.checkpoint");
    await copyFile(join("out", saved), join("out.checkpoint", saved.replace("/metamer", "")));
    for (let i = 0; i < 2; i++) {
      const { code, out, err } = await run(...command, "--resume");
      expect(err).toMatch(/note: the results are there already, in out/);
      expect(out).toMatch(/report {3}out.report\.html/);
      expect(code).toBe(0);
      expect((await readdir(".")).sort()).toEqual(["out", "photo.png"]);
      expect(await filesOf("out")).toEqual(before);
    }
  });

  it("that another process writes meanwhile do not spoil the results", async () => {
    const checkpoints = await Checkpoints.begin({ resume: true }, { path: "out", numbered: false, overwrite: false });
    await writeFile("out.checkpoint/metamer.pt", "kept");
    const fs = process.getBuiltinModule("node:fs/promises");
    const { rm: remove } = fs;
    const refuse = (code: string) => async () => {
      throw Object.assign(new Error("as the system says it"), { code });
    };
    try {
      Object.assign(fs, { rm: refuse("ENOTEMPTY") });
      syncBuiltinESMExports();
      await checkpoints?.clear();
      Object.assign(fs, { rm: refuse("EIO") });
      syncBuiltinESMExports();
      await expect(checkpoints?.clear()).rejects.toThrow("as the system says it");
    } finally {
      Object.assign(fs, { rm: remove });
      syncBuiltinESMExports();
    }
    expect(await readdir("out.checkpoint")).toEqual(["metamer.pt"]);
  });

  it("of results that are there, of another run: refused, and nothing is changed", async () => {
    expect((await run(...short)).code).toBe(0);
    const before = await filesOf("out");
    const others: readonly (readonly [string[], RegExp])[] = [
      [["--penalty-lambda", "0.3"], /its penaltyLambda is 0\.1, and here 0\.3/],
      [["--iterations", "7"], /out has the results of an earlier run already; choose another --out/],
    ];
    for (const [flags, words] of others) {
      const { code, err } = await run(...short, ...flags, "--resume");
      expect(err).toMatch(words);
      expect(code).toBe(2);
      expect((await readdir(".")).sort()).toEqual(["out", "photo.png"]);
      expect(await filesOf("out")).toEqual(before);
    }
    await writeFile(join("out", "report.html"), "mine");
    const { code, err } = await run(...short, "--resume");
    expect(err).toMatch(/has the results of an earlier run already \(/);
    expect(code).toBe(2);
  });

  it("of a search for eigendistortions there are none", async () => {
    await writeGray("tiny.png", 10, 10);
    const found = await run("eigendistortion", "tiny.png", "--model", "linear", "--method", "exact", "--out", "eig");
    expect(found.code).toBe(0);
    const command = ["run", "eig/eigendistortions.pt", "--out", "again", "--checkpoint", "--resume"];
    const { code, err } = await run(...command);
    expect(err).toMatch(/note: a search for eigendistortions has no checkpoints; it is made from its beginning/);
    expect(code).toBe(0);
  });
});
