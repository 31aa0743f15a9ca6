// `plenoptic metamer --seeds`: a folder for each seed, as a single run makes it, and a page of all.

import { spawn } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { makePng } from "@plenoptic-js/proof/files/makePng";
import { beforeEach, describe, expect, it } from "vitest";
import { runCommand } from "../src/program.ts";
import { seedList, seedsText } from "../src/seedList.ts";
import { fakeTerminal } from "./fakeTerminal.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const [WIDTH, HEIGHT] = [16, 12];
const small = ["metamer", "photo.png", "--kernel-size", "5", "--std", "1", "--iterations", "8"];

beforeEach(async () => {
  const samples = Array.from({ length: HEIGHT * WIDTH }, (_, i) => (i * 37) % 256);
  await writeFile("photo.png", makePng({ width: WIDTH, height: HEIGHT, depth: 8, colourType: 0, samples }));
});

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const terminal = fakeTerminal();
  const code = await runCommand(args, terminal);
  return { code, out: terminal.out.text, err: terminal.err.text };
}

async function filesOf(folder: string): Promise<Record<string, string>> {
  const names = (await readdir(folder)).sort();
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, (await readFile(`${folder}/${name}`)).toString("base64")])),
  );
}

describe("a list of seeds", () => {
  it.each([
    ["0-7", [0, 1, 2, 3, 4, 5, 6, 7]],
    ["5", [5]],
    ["1, 4,10-12", [1, 4, 10, 11, 12]],
    ["4294967295,3-3", [4294967295, 3]],
  ])("%j", (text, seeds) => {
    expect(seedList(text)).toEqual(seeds);
    expect(seedList(seedsText(seeds))).toEqual(seeds);
  });

  it.each([
    ["", /whole numbers from 0 to 4294967295, or ranges/],
    ["1,", /whole numbers/],
    ["-1", /whole numbers/],
    ["1.5", /whole numbers/],
    ["a-b", /whole numbers/],
    ["4294967296", /whole numbers/],
    ["7-0", /runs backwards; write 0-7/],
    ["0-5,3", /Seed 3 is there twice/],
    ["0-1000", /more than 1000 seeds/],
    ["0-4294967295", /more than 1000 seeds/],
  ])("refuses %j", (text, words) => {
    expect(() => seedList(text)).toThrow(words);
  });
});

describe("plenoptic metamer --seeds", () => {
  it("gives each seed the files of a single run, to the byte", async () => {
    const { code, out } = await run(...small, "--seeds", "0-2,9", "--out", "all");
    expect(code).toBe(0);
    expect((await readdir("all")).sort()).toEqual([
      "plenoptic-files.json",
      "report.html",
      "seed-0",
      "seed-1",
      "seed-2",
      "seed-9",
    ]);
    for (const seed of [0, 2, 9]) {
      await run(...small, "--seed", String(seed), "--out", `one-${seed}`);
      expect(await filesOf(`all/seed-${seed}`)).toEqual(await filesOf(`one-${seed}`));
    }
    expect(out).toContain("seeds 0-2,9, compared");
    const page = await readFile("all/report.html", "utf8");
    for (const text of ["photo.png under gaussian", "from 4 seeds", "Seed 9", "Standard deviation", "the median"]) {
      expect(page).toContain(text);
    }
  });

  it("takes another number where a folder is there, and refuses one that was named", async () => {
    const list = ["--seeds", "0-1"];
    expect((await run(...small, ...list)).code).toBe(0);
    expect((await run(...small, ...list)).code).toBe(0);
    expect((await readdir(".")).sort()).toEqual(["photo-metamers", "photo-metamers-2", "photo.png"]);
    const again = [...small, "--seeds", "1-2", "--out", "photo-metamers"];
    const refused = await run(...again);
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/photo-metamers has the results of an earlier run already.*--overwrite/);
    expect(await readdir("photo-metamers")).not.toContain("seed-2");
    expect((await run(...again, "--overwrite")).code).toBe(0);
    const page = await readFile("photo-metamers/report.html", "utf8");
    expect(page).not.toContain("Seed 0");
    expect(page).toContain('<a href="seed-2/report.html">');
    // What an earlier run has left there is cleared away, and nothing of the person's own.
    expect((await readdir("photo-metamers")).filter((name) => name.startsWith("seed"))).toEqual(["seed-1", "seed-2"]);
    await writeFile("photo-metamers/seed-1/notes.txt", "mine");
    expect((await run(...small, "--seeds", "7", "--out", "photo-metamers", "--overwrite")).code).toBe(0);
    expect((await readdir("photo-metamers")).filter((name) => name.startsWith("seed"))).toEqual(["seed-1", "seed-7"]);
    expect(await readdir("photo-metamers/seed-1")).toEqual(["notes.txt"]);
  });

  it.each([
    ["once", "1", 1],
    ["for each seed where random numbers make it, as a single run does", "po.rand([]).item()", 3],
  ])("makes a model of the user's own %s", async (_, factor, times) => {
    const source = `let times = 0;
      export async function makeModel({ po }) {
        times++;
        const factor = await ${factor};
        return { name: \`mine, made \${times} times\`, forward: (x) => po.avgPool2d(x, 4).mul(factor) };
      }`;
    await writeFile("mine.mjs", source);
    const command = ["metamer", "photo.png", "--iterations", "4", "--model"];
    expect((await run(...command, "./mine.mjs", "--seeds", "3-5", "--out", "all")).code).toBe(0);
    const recipe = async (folder: string) => JSON.parse(await readFile(`${folder}/recipe.json`, "utf8"));
    expect((await recipe("all/seed-5")).model.name).toBe(`mine, made ${times} times`);
    await writeFile("again.mjs", source);
    expect((await run(...command, "./again.mjs", "--seed", "5", "--out", "one")).code).toBe(0);
    expect((await recipe("all/seed-5")).result.sha256).toBe((await recipe("one")).result.sha256);
    expect((await recipe("all/seed-4")).result.sha256).not.toBe((await recipe("one")).result.sha256);
  });

  it("leaves out a seed whose numbers do not stay finite, and makes the others", async () => {
    // Only where the first pixel of the noise is small.
    await writeFile(
      "sometimes.mjs",
      "export default (x) => x.add(x.slice(2, 0, 1).slice(3, 0, 1).mul(3).sub(1.5).clip(0, 1).mul(1e3).exp());\n",
    );
    const model = ["metamer", "photo.png", "--model", "./sometimes.mjs", "--iterations", "3", "--out", "all"];
    const { code, err } = await run(...model, "--seeds", "0-5");
    const made = (await readdir("all")).filter((name) => name.startsWith("seed-"));
    expect(made.length).toBeGreaterThan(0);
    expect(made.length).toBeLessThan(6);
    expect(code).toBe(2);
    expect(err).toMatch(/warning: seed \d: .*Nothing of it was written/);
    expect(err).toMatch(/error: \d seeds? of 6 gave no metamer: seed \d: /);
    expect(await readFile("all/report.html", "utf8")).toContain("left out");
  });

  it("says of a model that sees nothing that there was nothing to match", async () => {
    await writeFile("blind.mjs", "export default (x) => x.mul(0).mean().reshape([1, 1]);\n");
    const command = ["metamer", "photo.png", "--model", "./blind.mjs", "--iterations", "3"];
    const { code, out } = await run(...command, "--seeds", "0-1", "--out", "all");
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Nothing to match: metamer of photo\.png under blind\.mjs\n {2}verdict {2}The model responded /,
    );
    expect(await readFile("all/report.html", "utf8")).toContain("2 of 2 results are without anything to match.");
    const page = await readFile("all/seed-0/report.html", "utf8");
    expect(page).toMatch(/<h1>Nothing to match in photo\.png<\/h1>\n<p>Nothing to match: /);
    expect(page).toContain("Here the model saw no difference to begin with");
  });

  it.each([
    ["a seed too", ["--seed", "1"], /'--seeds <list>' cannot be used with option '--seed <n>'/],
    ["a list that is none", ["--seeds", "1-"], /--seeds.* '1-' .* such as 0-7 or 1,4,10-12/],
  ])("refuses %s", async (_, args, words) => {
    const { code, err } = await run(...small, "--seeds", "0-1", ...args);
    expect(code).toBe(2);
    expect(err).toMatch(words);
    expect(await readdir(".")).toEqual(["photo.png"]);
  });
});

describe.skipIf(process.platform === "win32")("Ctrl-C", () => {
  it("keeps the metamers that are done, and says so", async () => {
    const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
    const loader = ["--conditions=@plenoptic-js/source", "--import", import.meta.resolve("tsx")];
    // The first one settles at once; the second would take hours.
    await writeFile("model.mjs", "export default (x) => x.mul(1);\n");
    const command = ["metamer", "photo.png", "--model", "./model.mjs", "--iterations", "20000", "--seeds", "3-400"];
    const child = spawn(process.execPath, [...loader, main, ...command, "--threads", "1"], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let err = "";
    let sent = false;
    child.stderr.on("data", (data) => {
      err += data;
      if (sent || !err.includes("seed 4 (2 of 398)")) return;
      sent = true;
      setTimeout(() => child.kill("SIGINT"), 50);
    });
    await new Promise((resolve) => child.on("close", resolve));
    expect(await readdir("photo-metamers")).toContain("seed-3");
    expect(await readdir("photo-metamers")).not.toContain("report.html");
    if (err.includes("Stopped"))
      expect(err).toMatch(/For the rest, give --seeds [-\d]+ and --out photo-metamers\. Done/);
    if (err.includes("Stopped")) expect(err).toMatch(/Stopped.*Done: seeds? [-\d]+, in photo-metamers\.\n$/);
  });
});
