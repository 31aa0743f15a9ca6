// What is common to all commands: short options, and names of folders.

import { readFile, writeFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { readTarget } from "../src/target.ts";
import { packageVersions } from "../src/versions.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

it.each(["-V", "--version"])("prints its version: %s", async (option) => {
  expect(await run(option)).toEqual({ code: 0, out: `${packageVersions()["plenoptic-js"]}\n`, err: "" });
});

it.each([[], ["metamer"], ["inspect"], ["models"], ["compare"]])(
  "explains itself with -h as with --help: %j",
  async (...command) => {
    const short = await run(...command, "-h");
    expect(short).toEqual(await run(...command, "--help"));
    expect(short.code).toBe(0);
    expect(short.out).toContain("-h, --help");
  },
);

it("keeps letters with marks of their own in the names of folders", async () => {
  await writeGray("a.png", 20, 16);
  const bytes = await readFile("a.png");
  for (const name of ["cafe\u0301", "\u0915\u093f\u0930\u0923"]) {
    await writeFile(`${name}.png`, bytes);
    expect((await readTarget(`${name}.png`)).stem).toBe(name);
  }
});

it.each([
  [["help", "metamr"], /there is no command "metamr"; did you mean "metamer"\? \(metamer, mad,/],
  [["metamer", "a.png", "--max-iter", "3"], /unknown option '--max-iter' \(Did you mean --iterations\?\)/],
  [["mad", "a.png", "--output", "x"], /unknown option '--output' \(Did you mean --out\?\)/],
  [
    ["metamer", "a.png", "--model", "./mine.MJS"],
    /mine\.MJS: Node knows endings in small letters only .*rename the file/,
  ],
])("refuses %j", async (args, words) => {
  await writeGray("a.png", 20, 16);
  await writeFile("mine.MJS", "export default (x) => x;");
  const { code, out, err } = await run(...args);
  expect({ code, out }).toEqual({ code: 2, out: "" });
  expect(err).toMatch(words);
});

it("takes what begins with dashes for a value after =, and for a file after --", async () => {
  await writeGray("--x.png", 20, 16);
  const { code, err } = await run("pyramid", "--kind", "laplacian", "--out=--made", "--", "--x.png");
  expect({ code, err }).toMatchObject({ code: 0 });
  expect(await readFile("--made/pyramid.json", "utf8")).toContain('"--x.png"');
});
