// What the command says of a result that is no metamer, of how it was made, and of what it can be made with.

import { mkdir, readFile } from "node:fs/promises";
import { optimizers, optionHelp, schedulers } from "@plenoptic-js/tensor/engine";
import type { SynthesisSummary } from "plenoptic-js";
import { describe, expect, it } from "vitest";
import { shortfall } from "../src/outcome.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

describe("what is near", () => {
  /** A synthesis of one step, by its losses. */
  const made = (first: number, last: number): Parameters<typeof shortfall>[0]["synthesis"] =>
    ({
      losses: Float64Array.of(first, last),
      penalties: Float64Array.of(0, 0),
      pixelChangeNorm: Float64Array.of(1),
      penaltyLambda: 0.1,
    }) as never;
  const summary = { numIter: 1 } as SynthesisSummary;

  it.each([
    ["squares", 0.0999, true],
    ["squares", 0.1001, false],
    ["norm", 0.316, true],
    ["norm", 0.317, false],
  ] as const)("a loss of %s that falls to %d of the first: %s", (measure, last, near) => {
    const why = shortfall({ synthesis: made(2, 2 * last), summary, measure });
    if (near) expect(why).toBeNull();
    else expect(why).toMatch(/^it did not come near: the loss is /);
  });
});

describe("what is no metamer", () => {
  it("is not called one, where the loss rose", async () => {
    await writeGray("photo.png", 24, 20);
    const wild = ["--kernel-size", "5", "--optimizer", "SGD", "--learning-rate", "1e8", "--iterations", "5"];
    const { code, out } = await run("metamer", "photo.png", ...wild, "--out", "made");
    expect(code).toBe(0);
    expect(out).toMatch(/^Not a metamer of photo\.png .*\n {2}why not {2}the loss did not fall: /);
    expect(await readFile("made/report.html", "utf8")).toContain("<h1>Not a metamer of photo.png</h1>");
    expect(JSON.parse(await readFile("made/recipe.json", "utf8")).result.noMetamer).toMatch(/the loss did not fall/);
  });

  it("is not called one, where the scales were not all reached", async () => {
    await writeGray("photo.png", 32, 32);
    const scaled = ["--model", "portilla-simoncelli", "--scales", "2", "--orientations", "2", "--width", "3"];
    const ctf = ["--coarse-to-fine", "together", "--iterations", "3"];
    const { code, out } = await run("metamer", "photo.png", ...scaled, ...ctf, "--out", "made");
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^Not a metamer .*\n {2}why not {2}the scales were not all matched/),
    ]);
    const { result } = JSON.parse(await readFile("made/recipe.json", "utf8"));
    expect(result.scalesLeft.at(-1)).toBe("all");
    expect(result.scalesLeft.length).toBeGreaterThan(1);
  });
});

it("the command in the recipe has the image as it was typed", async () => {
  await mkdir("my images");
  const name = `it's ${"long".repeat(30)}.png`;
  await writeGray(`my images/${name}`, 24, 20);
  const { code } = await run(
    "metamer",
    `my images/${name}`,
    "--kernel-size",
    "5",
    "--iterations",
    "1",
    "--out",
    "made",
  );
  expect(code).toBe(0);
  const { command, image } = JSON.parse(await readFile("made/recipe.json", "utf8"));
  expect(command).toMatch(
    new RegExp(`^plenoptic metamer 'my images/it'\\\\''s ${"long".repeat(30)}\\.png' --model gaussian`),
  );
  expect(image.name).toBe(name);
});

it("plenoptic optimizers lists every option with its default and what it is", async () => {
  const { code, out } = await run("optimizers");
  expect(code).toBe(0);
  for (const [name, { options, summary }] of Object.entries({ ...optimizers, ...schedulers })) {
    expect(out).toContain(`${name}  ${summary}\n`);
    for (const option of options) expect(optionHelp(name, option), `${name}.${option}`).toBeTruthy();
  }
  expect(out).toMatch(/^ {2}milestones +needed, such as 100,200 /m);
  expect((await run("optimizers", "steplr")).out).toMatch(
    /^StepLR .*\n {2}stepSize +needed, such as 100 .*\n {2}gamma +0\.1 /,
  );
});
