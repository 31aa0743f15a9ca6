// `plenoptic sweep` in processes of its own: what is done stays done, what fails says so, Ctrl-C and a changed plan lose nothing.

import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { isSweep, jobStates, publishResults, readSweep } from "@plenoptic-js/runs";
import { describe, expect, test } from "vitest";
import { makeJob } from "../src/sweepJob.ts";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const PLAN =
  "method: metamer\nimages: photo.png\nmodel: { name: gaussian, kernel-size: 5, std: [1, 2] }\niterations: 5\n";
const resultsIn = (folder: string): string[] =>
  readdirSync(`${folder}/results`).filter((name) => !name.startsWith("."));

describe("a sweep", () => {
  test("is planned, made, looked at, collected and verified; again it makes nothing; a changed plan makes what is new", async () => {
    await writeGray("photo.png", 16, 16);
    await writeFile("plan.yaml", PLAN);
    const dry = await run("sweep", "plan.yaml", "--dry-run");
    expect(dry.err).toContain("Measuring a step of 2 kinds of jobs");
    expect(dry.out).toMatch(/std +seed +steps +job[\s\S]*2 jobs, about .* of memory/);
    expect(dry.code).toBe(0);
    expect(existsSync("plan")).toBe(false);

    const first = await run("sweep", "plan.yaml", "--jobs", "2");
    expect(first.code).toBe(0);
    expect(first.out).toMatch(/^Done: 2 of 2 jobs\n/);
    const before = resultsIn("plan");
    expect(before).toHaveLength(2);
    expect(before[0]).toMatch(/^std-1-[0-9a-f]{12}$/);
    const times = before.map((name) => statSync(`plan/results/${name}/result.pt`).mtimeMs);

    await writeFile("plan.yaml", `${PLAN.replace("[1, 2]", "[2, 1, 3]")}penalty-lambda: 0.1\nseed: per-job\n`);
    const second = await run("sweep", "plan.yaml");
    expect(second.err).toContain("3 jobs, 2 done");
    expect(second.out).toMatch(/^Done: 3 of 3 jobs\n/);
    expect(before.map((name) => statSync(`plan/results/${name}/result.pt`).mtimeMs)).toEqual(times);

    expect((await run("sweep", "status", "plan")).out).toMatch(/^3 of 3 jobs done, 0 failed, 0 left\n/);
    expect((await run("collect", "plan")).code).toBe(0);
    const [header, ...rows] = readFileSync("plan/stimuli.csv", "utf8").trim().split("\n");
    expect(header).toMatch(/^folder,std,image,/);
    expect(rows.map((row) => row.split(",")[1])).toEqual(["2", "1", "3"]);
    const manifest = JSON.parse(readFileSync("plan/manifest.json", "utf8")) as {
      stimuli: { recipe: { result: object } }[];
    };
    expect(manifest.stimuli.map(({ recipe }) => typeof recipe.result)).toEqual(["object", "object", "object"]);
    // A recipe of the manifest is one that runs: the seed stands for the states.
    writeFileSync("one.json", JSON.stringify(manifest.stimuli[0].recipe));
    expect(await run("run", "one.json", "--image", "photo.png", "--out", "one")).toMatchObject({ code: 0 });

    const verified = await run("verify", "plan", "--share", "0.5", "--share-seed", "3");
    expect(verified.out).toMatch(/^2 of 3 results, chosen at random: --share 0\.5 --share-seed 3 chooses them again\n/);
    expect(verified.out).toMatch(/plan: 2 of 2 identical\n$/);
    expect(verified.code).toBe(0);
    expect((await run("verify", "plan", "--share", "0.5", "--share-seed", "3")).out).toBe(verified.out);
  });

  test("keeps why a job failed, makes the others, and tries again when it is asked to", async () => {
    await writeGray("photo.png", 16, 16);
    // Planning sees a model that works; processes that make jobs do not.
    const code =
      "import { existsSync } from 'node:fs';\nconst ends = () => existsSync('broken') && process.argv.includes('work');\n";
    await writeFile("mine.mjs", `${code}export default (x) => { if (ends()) process.exit(9); return x; };\n`);
    await writeFile(
      "plan.yaml",
      PLAN.replace(/model: .*\n/, "model: [./mine.mjs, { name: gaussian, kernel-size: 5 }]\n"),
    );
    writeFileSync("broken", "");
    const first = await run("sweep", "plan.yaml", "--out", "s", "--jobs", "1");
    expect(first.code).toBe(2);
    expect(first.err).toMatch(/failed: model-mine\.mjs-/);
    const sweep = readSweep("s");
    const failed = jobStates(sweep).filter(({ failure }) => failure !== null);
    expect(failed).toHaveLength(1);
    expect(readFileSync(failed[0].failure ?? "", "utf8")).toMatch(/exit code|ended the process/);
    expect(jobStates(sweep).filter(({ results }) => results !== null)).toHaveLength(1);
    rmSync("broken");
    expect((await run("sweep", "plan.yaml", "--out", "s")).err).toContain("1 failed before (--retry tries again)");
    const again = await run("sweep", "plan.yaml", "--out", "s", "--retry");
    expect(again.out).toMatch(/^Done: 2 of 2 jobs\n/);
    expect(again.code).toBe(0);
  });

  test.skipIf(process.platform === "win32")("is stopped by Ctrl-C, and goes on to the bits of one run", async () => {
    await writeGray("photo.png", 64, 64);
    const plan =
      "method: metamer\nimages: photo.png\nmodel: { name: gaussian, kernel-size: 5 }\niterations: 20000\nseed: 3\n";
    await writeFile("plan.yaml", plan);
    const begun = spawnSweep(["plan.yaml"]);
    await begun.until(/job 0\.\d*[1-9]/);
    begun.child.kill("SIGINT");
    expect(await begun.end).toBe(130);
    expect(begun.text()).toMatch(/Stopped\. 0 of 1 job done in this run; the same command goes on\.\n$/);
    expect(resultsIn("plan")).toEqual([]);
    expect(readdirSync("plan/checkpoints")).toHaveLength(1);
    expect((await run("sweep", "plan.yaml")).out).toMatch(/^Done: 1 of 1 job\n/);
    expect(readdirSync("plan/checkpoints")).toEqual([]);
    const flags = ["--kernel-size", "5", "--iterations", "20000", "--seed", "3", "--out", "one"];
    expect(await run("metamer", "photo.png", ...flags)).toMatchObject({ code: 0 });
    expect((await run("verify", `plan/results/${resultsIn("plan")[0]}/result.pt`, "one/metamer.pt")).out).toMatch(
      /: the same bits, the same recipe/,
    );
  });
});

test("two workers may do one job: both make the same, and the later one is dropped", async () => {
  await writeGray("photo.png", 16, 16);
  await writeFile("plan.yaml", PLAN.replace("[1, 2]", "1"));
  expect(await run("sweep", "plan.yaml", "--jobs", "1")).toMatchObject({ code: 0 });
  const sweep = readSweep("plan");
  const [job] = sweep.jobs;
  const before = statSync(`plan/results/${job.name}/outcome.json`).mtimeMs;
  const isOurs = await publishResults(sweep, job, async (folder) => writeFileSync(`${folder}/outcome.json`, "{}"));
  expect(isOurs).toBe(false);
  expect(statSync(`plan/results/${job.name}/outcome.json`).mtimeMs).toBe(before);
  expect(readdirSync("plan/results")).toEqual([job.name]);
  // One that is done by now is not begun.
  await makeJob(sweep, job, { signal: AbortSignal.abort(new Error("begun")), onShare: () => {} });
});

describe("a mistake in a plan has its place, also where only the command knows it", () => {
  const start = "method: metamer\nimages: photo.png\n";
  test.each<[string, string, RegExp]>([
    [
      "a model that is not there",
      `${start}model: gausian\n`,
      /^error: plan\.yaml:3:8: there is no model "gausian"; did you mean "gaussian"\?/,
    ],
    [
      "an option of another model",
      `${start}model: { name: identity, std: 3 }\n`,
      /^error: plan\.yaml:3:31: the model identity has no option std; it takes no options/,
    ],
    [
      "an optimizer's option",
      `${start}optimizer: { name: SGD, momentun: 3 }\n`,
      /^error: plan\.yaml:3:\d+: the optimizer SGD has no option "momentun"; did you mean "momentum"\?/,
    ],
    [
      "a whole number",
      `${start}iterations: 2.5\n`,
      /^error: plan\.yaml:3:13: iterations is 2\.5\. It must be a whole number from 1 to 10000000\./,
    ],
    [
      "options that go against each other",
      `${start}preset: texture\nlearning-rate: 0.1\n`,
      /^error: plan\.yaml:\d:\d+: option 'preset <name>' cannot be used with option 'learning-rate <x>'/,
    ],
    [
      "an image that is too small",
      `${start}model: { name: gaussian, kernel-size: 99 }\n`,
      /^error: plan\.yaml:2:9: photo\.png is 16 x 16 pixels/,
    ],
    [
      "two values of what decides only the files",
      `${start}encoding: [linear, srgb]\n`,
      /^error: plan\.yaml:3:11: encoding has one value in a plan, as it decides how the files are made/,
    ],
    [
      "a limit of time",
      `${start}max-seconds: 9\n`,
      /^error: plan\.yaml:3:1: max-seconds has no place in a plan: results would depend on the machine; use iterations/,
    ],
  ])("%s", async (_, plan, words) => {
    await writeGray("photo.png", 16, 16);
    await writeFile("plan.yaml", plan);
    const { code, err } = await run("sweep", "plan.yaml", "--dry-run");
    expect(err).toMatch(words);
    expect(code).toBe(2);
    expect(isSweep("plan")).toBe(false);
  });
});

test("the published schema of plans is that of the command", async () => {
  const { out } = await run("sweep", "--schema");
  const published = readFileSync(new URL("../plan.schema.json", import.meta.url), "utf8");
  expect(JSON.parse(out)).toEqual(JSON.parse(published));
});

/** `plenoptic sweep` in a process that can be sent signals. */
function spawnSweep(args: readonly string[]) {
  const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));
  // As on a terminal, where it says every 0.1 seconds how far it is; elsewhere a job may be done before it says so for the first time.
  const terminal = ["--import", "data:text/javascript,process.stderr.isTTY=true;process.stderr.columns=80"];
  const node = ["--conditions=@plenoptic-js/source", "--import", import.meta.resolve("tsx"), ...terminal];
  const env = { ...process.env, TERM: "xterm" };
  const child = spawn(process.execPath, [...node, main, "sweep", ...args], { stdio: ["ignore", "pipe", "pipe"], env });
  let text = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (more: string) => {
      text += more;
      for (const listener of listeners) listener();
    });
  }
  const end = new Promise<number | null>((resolve) => child.on("close", (code) => resolve(code)));
  const until = (words: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (words.test(text)) resolve();
      };
      listeners.add(look);
      look();
      void end.then(() => reject(new Error(`it ended, and said: ${text}`)));
    });
  return { child, end, until, text: () => text };
}
