// The study of docs/sweeps.md at small size; and what 10,000 jobs take.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { writeNpy } from "@plenoptic-js/formats";
import {
  collect,
  jobStates,
  planJobs,
  publishResults,
  readPlan,
  readSweep,
  sweepStatus,
  writeSweep,
} from "@plenoptic-js/runs";
import { expect, test } from "vitest";
import { SweepRecipes } from "../src/sweepRecipes.ts";
import { sweepVocabulary } from "../src/sweepVocabulary.ts";
import { fakeTerminal } from "./fakeTerminal.ts";
import { run } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const STUDY = readFileSync(new URL("../../../examples/sweep/widths.yaml", import.meta.url), "utf8");

test("the study: 60 stimuli, none of which shares its start, on one sheet", async () => {
  const page = readFileSync(new URL("../../../docs/sweeps.md", import.meta.url), "utf8");
  expect(page).toContain(STUDY.slice(STUDY.indexOf("method:")));
  const small = STUDY.replace("kernel-size: 31", "kernel-size: 9").replace("iterations: 600", "iterations: 8");
  writeFileSync("widths.yaml", `${small}resize: 32\n`);
  const made = await run("sweep", "widths.yaml");
  expect(made.out).toMatch(/^Done: 60 of 60 jobs\n/);
  expect(made).toMatchObject({ code: 0 });
  const sweep = readSweep("widths");
  expect(new Set(sweep.jobs.map(({ seed }) => seed)).size).toBe(60);
  expect(sweep.varying).toEqual(["image", "std", "replicate"]);
  expect(await run("collect", "widths")).toMatchObject({ code: 0 });
  const sheet = readFileSync("widths/contact-sheet.html", "utf8");
  expect(sheet.match(/<article /g)).toHaveLength(60);
  expect(sheet).toContain('<select name="std">');
  expect(readFileSync("widths/stimuli.csv", "utf8").trim().split("\n")).toHaveLength(61);
  expect(await run("verify", "widths", "--share", "0.05")).toMatchObject({ code: 0 });
});

test("10,000 jobs are planned, listed, half done and collected in a few seconds of work and little memory", async () => {
  mkdirSync("photos");
  for (let i = 0; i < 20; i++) {
    const data = Float64Array.from({ length: 256 }, (_, k) => ((k * 7919 + i * 31) % 251) / 250);
    writeFileSync(`photos/${i}.npy`, writeNpy({ dtype: "float64", shape: [16, 16], data }));
  }
  const text =
    "method: metamer\nimages: photos\nmodel: { name: gaussian, kernel-size: 5, std: [1, 2, 3, 4, 5] }\niterations: [100, 200]\nreplicates: 50\n";
  const terminal = fakeTerminal();
  const memory = process.memoryUsage().rss;
  // Of this process alone, and not of making the stubs: the machine may be busy.
  let begun = process.cpuUsage();
  let micro = 0;
  const pause = (): void => {
    const { user } = process.cpuUsage(begun);
    micro += user;
  };
  const plan = await readPlan(text, "plan.yaml", process.cwd(), sweepVocabulary(terminal));
  const planned = await planJobs(plan, new SweepRecipes(terminal).describe);
  const sweep = writeSweep("sweep", text, planned);
  pause();
  expect(new Set(sweep.jobs.map(({ name }) => name)).size).toBe(10_000);
  expect(sweep.jobs.some(({ sharesStart }) => sharesStart)).toBe(false);
  const recipe = JSON.stringify({ image: { sha256: "a" }, model: { fingerprint: "b" }, marks: "c".repeat(12_000) });
  for (const [i, job] of sweep.jobs.entries()) {
    if (i % 2 === 1) continue;
    const outcome = {
      job: job.id,
      verdict: "matched",
      words: "",
      isGood: true,
      loss: 1,
      clipped: 0,
      picture: "result.png",
    };
    await publishResults(sweep, job, async (folder) => {
      writeFileSync(`${folder}/outcome.json`, JSON.stringify(outcome));
      writeFileSync(`${folder}/recipe.json`, recipe);
    });
  }
  begun = process.cpuUsage();
  const again = readSweep("sweep");
  expect(sweepStatus(again)).toMatchObject({ jobs: 10_000, done: 5000, left: 5000 });
  expect(jobStates(again).filter(({ results }) => results === null)).toHaveLength(5000);
  expect(collect(again, "many").made).toHaveLength(5000);
  pause();
  expect(micro / 1e6).toBeLessThan(10);
  expect((process.memoryUsage().rss - memory) / 1e6).toBeLessThan(500);
});
