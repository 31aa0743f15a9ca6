// Models of the user's own, named on the command line as files.

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import * as po from "plenoptic-js";
import { describe, expect, it } from "vitest";
import { isModuleName, whyNot } from "../src/userModule.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const SIDE = 16;
const few = ["--iterations", "4", "--out", "made"];

async function readRecipe(): Promise<ReturnType<typeof JSON.parse>> {
  return JSON.parse(await readFile("made/recipe.json", "utf8"));
}

/** What the library makes with a model of the same meaning. */
async function byHand(samples: readonly number[], model: po.ModelLike): Promise<string> {
  const values = samples.map((value) => value / 255);
  const image = po.tensor(values, { shape: [1, 1, SIDE, SIDE], dtype: "float64" });
  po.setSeed(0);
  const metamer = new po.Metamer(image, model);
  await metamer.synthesize({ maxIter: 4, stopCriterion: 0 });
  return po.hashTensor(metamer.metamer);
}

const blocks = (image: po.Tensor): po.Tensor => image.square().reshape([1, 1, 4, 4, 4, 4]).mean([3, 5]);

describe("--model FILE", () => {
  const body = "(image) => image.square().reshape([1, 1, 4, 4, 4, 4]).mean([3, 5])";
  const same: readonly [what: string, source: string, name: string][] = [
    ["a function as default export", `export default ${body};`, "mine.mjs"],
    ["a function called model", `export const model = ${body};`, "mine.mjs"],
    ["a model with a name", `export default { name: "blocks-v1", forward: ${body} };`, "blocks-v1"],
    [
      "a function that makes one for the size of the image",
      `export function makeModel({ height, width, dtype, po }) {
        if (height !== ${SIDE} || width !== ${SIDE} || dtype !== "float64") throw new Error("the size is wrong");
        return po.model("blocks-v2", ${body});
      }`,
      "blocks-v2",
    ],
    ["a promise of one", `export const makeModel = async () => ${body};`, "mine.mjs"],
    [
      "an object that uses itself",
      `class Blocks { #n = 4; forward(x) { const n = this.#n; return x.square().reshape([1, 1, 4, n, 4, n]).mean([3, 5]); } }
      export const model = new Blocks();`,
      "mine.mjs",
    ],
  ];

  it.each(same)("runs %s", async (_, source, name) => {
    const samples = await writeGray("photo.png", SIDE, SIDE);
    await writeFile("mine.mjs", source);
    const { code, err } = await run("metamer", "photo.png", "--model", "./mine.mjs", ...few);
    expect([code, err]).toEqual([0, expect.stringContaining("Model: mine.mjs, float64")]);
    const recipe = await readRecipe();
    expect(recipe.result.sha256).toBe(await byHand(samples, blocks));
    const sha256 = createHash("sha256").update(source).digest("hex");
    expect(recipe.model).toMatchObject({ name, file: { name: "mine.mjs", sha256 } });
    expect(recipe.command).toContain("--model ./mine.mjs");
    const page = await readFile("made/report.html", "utf8");
    expect(page).toContain("mine.mjs");
  });

  it("matches its scales, coarse to fine", async () => {
    await writeGray("photo.png", SIDE, SIDE);
    const source = `export default {
      scales: ["coarse", "fine"],
      forward(image, { scales } = {}) {
        const pixels = image.reshape([1, ${SIDE * SIDE}]);
        if (scales?.length !== 1) return pixels;
        return scales[0] === "coarse" ? pixels.mean(1).reshape([1, 1]) : pixels.slice(1, 1, ${SIDE * SIDE});
      },
    };`;
    await writeFile("scaled.mjs", source);
    const ctf = ["--coarse-to-fine", "separate", "--scale-iterations", "1", "--change-scale-criterion", "off"];
    const { code, err } = await run("metamer", "photo.png", "--model", "./scaled.mjs", ...ctf, ...few);
    expect([code, err]).toEqual([0, expect.any(String)]);
    expect((await readRecipe()).method).toBe("MetamerCTF");
  });

  it("shows what it sees with represent", async () => {
    await writeGray("photo.png", SIDE, SIDE);
    await writeFile("mine.js", `export default ${body};`);
    await writeFile("package.json", '{ "type": "module" }');
    const { code, out } = await run("represent", "photo.png", "--model", "./mine.js", "--out", "made");
    expect([code, out]).toEqual([0, expect.stringContaining("photo.png as mine.js sees it: 16 numbers")]);
  });
});

describe("a file of the user's that cannot be used", () => {
  const refused: readonly [what: string, file: string, source: string, line: RegExp][] = [
    ["is not there", "other.mjs", "", /^error: \.\/mine\.mjs: there is no such file with a model$/],
    [
      "does not parse",
      "mine.mjs",
      "export default (image => ",
      /^error: \.\/mine\.mjs(, line \d+)?: it cannot be run: \w+/,
    ],
    ["throws while it is loaded", "mine.mjs", "null.x;", /\.\/mine\.mjs, line 1: it cannot be run: TypeError: .*null/],
    [
      "exports nothing",
      "mine.mjs",
      "const a = 1;",
      /exports nothing; a model must be its default export or its export "model", or be made by/,
    ],
    ["exports something else", "mine.mjs", "export const modle = (x) => x;", /exports modle; a model must be/],
    [
      "exports a number",
      "mine.mjs",
      "export default 3;",
      /its model is a number; it must be a function from an image to a Tensor/,
    ],
    ["exports an object without forward", "mine.mjs", "export default { name: 'x' };", /its model is an object/],
    [
      "has a makeModel that is no function",
      "mine.mjs",
      "export const makeModel = 3;",
      /"makeModel" is a number; it must be a function of \{ height/,
    ],
    [
      "has a makeModel that throws",
      "mine.mjs",
      "export const makeModel = () => { throw new Error('no such size'); };",
      /its makeModel failed: Error: no such size/,
    ],
    [
      "has a model that throws",
      "mine.mjs",
      "export default (x) => x.notThere();",
      /\.\/mine\.mjs, line 1: its model failed: TypeError: .*notThere/,
    ],
    [
      "looks at values",
      "mine.mjs",
      "export default (x) => x.mul(x.mean().itemSync());",
      /\.\/mine\.mjs, line 1: its model failed: TraceError/,
    ],
    [
      "is a class",
      "mine.mjs",
      "\nexport default class A { forward(x) { return x; } }",
      /line 2: its model is the class A; .*made with new/,
    ],
    ["is asynchronous", "mine.mjs", "export default async (x) => x;", /its model gives a promise, .*leave out async/],
    ["forgets to return", "mine.mjs", "export default (x) => { x.square(); };", /gives undefined; is a return missing/],
    ["makes a model", "mine.mjs", "export default () => ({ forward: (x) => x });", /must be exported as makeModel/],
    ["makes nothing", "mine.mjs", "export const makeModel = () => {};", /its makeModel gives undefined; it must be/],
    [
      "has no gradient",
      "mine.mjs",
      "export default (x) => x.detach();",
      /\.\/mine\.mjs: no gradient can flow through the model/,
    ],
    [
      "divides by 0",
      "mine.mjs",
      "export default (x) => x.mul(0).sqrt();",
      /mine\.mjs: .* before the first step\. .* look for a square root or a division of 0 in the model/,
    ],
    [
      "has a model that gives no tensor",
      "mine.mjs",
      "export default (x) => 3;",
      /mine\.mjs, line 1: its model gives a number; it must give a Tensor/,
    ],
  ];

  it.each(refused)("%s", async (what, file, source, line) => {
    await writeGray("photo.png", SIDE, SIDE);
    await writeFile(file, source);
    const { code, out, err } = await run("metamer", "photo.png", "--model", "./mine.mjs", ...few);
    const lines = err.split("\n").filter((text) => text !== "" && !/^(Target|Model): /.test(text));
    expect(lines[0]).toMatch(line);
    expect(lines[0]).toMatch(/^error: /);
    // What follows is an example, or nothing.
    expect(lines.slice(1, 2)).toEqual(lines.length > 1 ? ["For example:"] : []);
    expect([code, out]).toEqual([what === "is not there" ? 2 : 1, ""]);
    expect(await readdir(".")).toEqual([file, "photo.png"].sort());
  });

  it("has options of other models beside it, or is no module", async () => {
    await writeGray("photo.png", SIDE, SIDE);
    await writeFile("mine.mjs", "export default (x) => x;");
    await writeFile("mine.py", "");
    await mkdir("folder.mjs");
    const withStd = await run("metamer", "photo.png", "--model", "./mine.mjs", "--std", "2");
    expect([withStd.code, withStd.err]).toEqual([
      2,
      expect.stringMatching(/a file of your own, so --std means nothing/),
    ]);
    const python = await run("metamer", "photo.png", "--model", "./mine.py");
    expect([python.code, python.err]).toEqual([
      2,
      expect.stringMatching(/\.\/mine\.py: a file with a model must end in \.mjs/),
    ]);
    const folder = await run("metamer", "photo.png", "--model", "./folder.mjs");
    expect([folder.code, folder.err]).toEqual([2, expect.stringMatching(/folder\.mjs is a folder/)]);
  });

  it("is a metric that is none", async () => {
    await writeGray("photo.png", SIDE, SIDE);
    await writeFile("mine.mjs", "export default 3; export const other = (a, b) => { throw new RangeError('out'); };");
    const number = await run("mad", "photo.png", "--optimized", "./mine.mjs");
    expect([number.code, number.err]).toEqual([
      1,
      expect.stringMatching(/its metric is a number; it must be a function of two images/),
    ]);
    await writeFile("mine2.mjs", "export const metric = (a, b) => { throw new RangeError('out'); };");
    const throwing = await run("mad", "photo.png", "--optimized", "./mine2.mjs");
    expect([throwing.code, throwing.err]).toEqual([
      1,
      expect.stringMatching(/mine2\.mjs, line 1: its metric failed: RangeError: out/),
    ]);
    await writeFile("mine3.mjs", "export const metric = (a, b) => a.mul(b).mean();");
    const similarity = await run("mad", "photo.png", "--optimized", "./mine3.mjs");
    expect([similarity.code, similarity.err]).toEqual([
      1,
      expect.stringMatching(/mine3\.mjs: the metric gives .* for two identical images/),
    ]);
  });
});

describe("what a name on the command line means", () => {
  it.each(["./mine.mjs", "mine.mjs", "../models/energy.ts", "/a/b.js", "folder/mine", "C:\\models\\mine.mjs"])(
    "%s is a file",
    (name) => {
      expect(isModuleName(name)).toBe(true);
    },
  );

  it.each(["gaussian", "on-off", "ssim", "mjs"])("%s is a name", (name) => {
    expect(isModuleName(name)).toBe(false);
  });

  const error = (code: string, message: string): Error => Object.assign(new Error(message), { code });

  it("says what to do where Node runs no TypeScript, and where plenoptic-js is not at hand", () => {
    expect(whyNot(error("ERR_UNKNOWN_FILE_EXTENSION", ""), "makeModel")).toMatch(
      /use Node 22\.18 or newer, or a \.mjs file/,
    );
    const missing = error("ERR_MODULE_NOT_FOUND", "Cannot find package 'plenoptic-js' imported from /x/mine.mjs");
    expect(whyNot(missing, "makeMetric")).toMatch(/install it there, or export makeMetric\(\{ po \}\)/);
    expect(whyNot(error("ERR_MODULE_NOT_FOUND", "Cannot find package 'lodash'"), "makeModel")).toMatch(/lodash/);
  });
});

it("the files that docs/models.md shows can be used", async () => {
  const guide = await readFile(new URL("../../../docs/models.md", import.meta.url), "utf8");
  const files = [...guide.matchAll(/^```js\n(.*?)^```/gms)].map(([, source]) => source);
  expect(files).toHaveLength(3);
  await writeGray("photo.png", SIDE, SIDE);
  for (const [i, source] of files.entries()) {
    await writeFile(`mine-${i}.mjs`, source);
    const isMetric = source.includes("metric");
    const args = isMetric ? ["mad", "photo.png", "--optimized"] : ["metamer", "photo.png", "--model"];
    const { code, err } = await run(...args, `./mine-${i}.mjs`, "--iterations", "2", "--out", `made-${i}`);
    expect(code, err).toBe(0);
  }
});

it("nothing that stands in a file makes a command run code", async () => {
  await writeGray("photo.png", SIDE, SIDE);
  await writeFile(
    "mine.mjs",
    "import { writeFileSync } from 'node:fs'; writeFileSync('ran', ''); export default (x) => x;",
  );
  await run("metamer", "photo.png", "--model", "./mine.mjs", ...few);
  expect(await readdir(".")).toContain("ran");
  await writeFile("ran", "before");
  for (const args of [
    ["inspect", "made/metamer.pt"],
    ["convert", "made/metamer.pt", "new.npz"],
    ["metamer", "made/metamer.png", "--kernel-size", "3", "--iterations", "1", "--out", "again"],
    ["compare", "made/metamer.png", "photo.png"],
  ]) {
    expect((await run(...args)).code).toBe(0);
  }
  expect(await readFile("ran", "utf8")).toBe("before");
});
