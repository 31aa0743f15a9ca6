// What the command says of a result that is no metamer, of how it was made, and of what it can be made with.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { optimizers, optionHelp, schedulers } from "@plenoptic-js/tensor/engine";
import { describe, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

describe("photographs to compare with", () => {
  const small = ["--kernel-size", "5", "--iterations", "3"];

  it("are the images of a folder, cut or mirrored, and other files are left alone", async () => {
    await writeGray("photo.png", 24, 20);
    await mkdir("mine");
    await writeGray("mine/a.png", 30, 10);
    await writeGray("mine/b.png", 12, 40);
    await writeFile("mine/notes.txt", "no image");
    const { code, out, err } = await run("metamer", "photo.png", ...small, "--null", "mine", "--out", "made");
    expect([code, err]).toEqual([0, expect.any(String)]);
    expect(out).toMatch(/Compared with 1 pair of 2 photographs/);
    expect(JSON.parse(await readFile("made/recipe.json", "utf8")).command).toMatch(/ --null mine$/);
    expect(out).toMatch(/\n {11}1 pair is few: near is easily said then/);
    expect(await readFile("made/report.html", "utf8")).toContain("photograph 1 a.png, photograph 2 b.png");
  });

  it("are refused where one of them is broken, by its name", async () => {
    await writeGray("photo.png", 24, 20);
    await mkdir("mine");
    for (const name of ["a", "b", "c"]) await writeGray(`mine/${name}.png`, 30, name.charCodeAt(0) - 80);
    const whole = await readFile("mine/c.png");
    await writeFile("mine/c.png", whole.subarray(0, whole.length >> 1));
    await writeFile("mine/._a.png", "no image");
    const { code, err } = await run("metamer", "photo.png", ...small, "--null", "mine", "--out", "made");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(
        /--null: "c\.png" in the folder "mine" cannot be read as an image: .*take it out of the folder/,
      ),
    ]);
  });

  it.each([
    ["nowhere", /--null: there is no folder "nowhere"/],
    ["empty", /--null: the folder "empty" holds no image/],
    [
      "twice",
      /--null: the images in the folder "twice" are all the same; put two photographs or more there that differ/,
    ],
  ])("are refused before anything is computed: %s", async (folder, words) => {
    await writeGray("photo.png", 24, 20);
    await mkdir("empty");
    await mkdir("twice");
    await writeGray("twice/a.png", 12, 10);
    await writeGray("twice/b.png", 12, 10);
    const { code, err } = await run("metamer", "photo.png", ...small, "--null", folder, "--out", "made");
    expect([code, err]).toEqual([2, expect.stringMatching(words)]);
  });
});

describe("what is no metamer", () => {
  it("is not called one, where the loss rose", async () => {
    await writeGray("photo.png", 24, 20);
    const wild = ["--kernel-size", "5", "--optimizer", "SGD", "--learning-rate", "1e8", "--iterations", "5"];
    const { code, out } = await run("metamer", "photo.png", ...wild, "--out", "made");
    expect(code).toBe(0);
    expect(out).toMatch(
      /^Not matched: metamer of photo\.png .*\n {2}verdict {2}The model's responses .* no nearer to each other/,
    );
    expect(out).toMatch(/\n {11}Not settled: the objective did not fall: .* smaller --learning-rate/);
    expect(await readFile("made/report.html", "utf8")).toContain("<h1>Not a metamer of photo.png</h1>");
    expect(JSON.parse(await readFile("made/recipe.json", "utf8")).result.verdict).toBe("not matched");
  });

  it("is not called one, where it is the target but for rounding, and that is not drawn", async () => {
    await writeGray("photo.png", 24, 20);
    // A step of this length goes to the lowest point of the mean of 480 squares.
    const step = ["--model", "identity", "--optimizer", "SGD", "--learning-rate", "240", "--iterations", "3"];
    const { code, out } = await run("metamer", "photo.png", ...step, "--out", "made");
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^The target (itself|but for rounding): metamer of .*\n {2}verdict {2}The image is the target /,
      ),
    ]);
    const page = await readFile("made/report.html", "utf8");
    expect(page).toMatch(/<h1>No metamer: the target (itself|but for rounding), photo\.png<\/h1>/);
    expect(page).toMatch(/Here they do not differ, and so show nothing/);
    expect(page).toMatch(/What sets them apart<\/h2>\s*<p>Nothing/);
  });

  it("is not called one, where it is practically the target", async () => {
    await writeGray("photo.png", 24, 20);
    const sgd = ["--optimizer", "SGD", "--learning-rate", "238", "--iterations", "3"];
    const step = ["metamer", "photo.png", "--model", "identity", ...sgd];
    const { code, out } = await run(...step, "--out", "made");
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(
        /^Practically the target: metamer of .*\n {2}verdict {2}The image is practically the target: .*\n[\s\S]*The images differ by at most /,
      ),
    ]);
    const page = await readFile("made/report.html", "utf8");
    expect(page).toMatch(/<h1>No metamer: practically the target, photo\.png<\/h1>/);
    expect(page).toMatch(/Here they hardly differ/);
    expect(page).toMatch(/What sets them apart<\/h2>\s*<p>Nothing that a picture of 16 bits could hold/);
  });

  it("is told to take larger steps, where none changed a pixel", async () => {
    await writeGray("photo.png", 24, 20);
    const tiny = ["--kernel-size", "5", "--optimizer", "SGD", "--learning-rate", "1e-30", "--iterations", "1"];
    const { out } = await run("metamer", "photo.png", ...tiny, "--out", "made");
    expect(out).toMatch(/Stuck: no iteration changed the image, .* Try a larger --learning-rate\./);
    expect(out).toMatch(/Why it stopped: the one iteration was made\./);
  });

  it("is not called one, where the scales were not all reached", async () => {
    await writeGray("photo.png", 32, 32);
    const scaled = ["--model", "portilla-simoncelli", "--scales", "2", "--orientations", "2", "--width", "3"];
    const ctf = ["--coarse-to-fine", "together", "--iterations", "3"];
    const { code, out } = await run("metamer", "photo.png", ...scaled, ...ctf, "--out", "made");
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/\n {11}The scales were not all matched: it ended at .*\(--scale-iterations\)/),
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
