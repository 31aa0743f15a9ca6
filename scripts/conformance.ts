// `npm run conformance -- FOLDER [--group G] [--name N] [--verbose]`: how far our results agree with golden data.
// FOLDER is a golden folder: an index.json and its arrays. Its sub-folders random/, optim/ and optim-more/ have
// formats of their own and count too. Exit code: 0 nothing failed, 1 something did, 2 it could not be run.

import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { readIndex } from "@plenoptic-js/proof/conformance/format";
import { handlers } from "@plenoptic-js/proof/conformance/handlers";
import entries from "@plenoptic-js/proof/conformance/known-differences.json" with { type: "json" };
import { runHostile, runWhole } from "@plenoptic-js/proof/conformance/onnx";
import { runOptimGolden } from "@plenoptic-js/proof/conformance/optim/optim";
import { runOptimMoreGolden } from "@plenoptic-js/proof/conformance/optim/optimMore";
import { runRandomGolden } from "@plenoptic-js/proof/conformance/random";
import { KnownDifferences, matches, type Outcome, type Result, runCase } from "@plenoptic-js/proof/conformance/run";
import { runPtGolden } from "@plenoptic-js/proof/conformance/saved/pt";
import { runSavedGolden } from "@plenoptic-js/proof/conformance/saved/saved";

const USAGE = "Usage: npm run conformance -- FOLDER [--group GROUP] [--name NAME] [--verbose]";

type SetRunner = (folder: string) => Iterable<Result> | AsyncIterable<Result>;

/** The sub-folders with a format of their own, and what runs them: nothing yet for some. */
const OTHER_SETS: Readonly<Record<string, SetRunner | undefined>> = {
  random: runRandomGolden,
  optim: runOptimGolden,
  "optim-more": runOptimMoreGolden,
  async *pt(folder) {
    yield* runPtGolden(folder);
    yield* runSavedGolden(folder);
  },
};

/** What an index may hold beside its cases, by the name of the list. */
const BESIDE_CASES: Readonly<Record<string, SetRunner>> = { hostile: runHostile, light: runWhole };

interface Options {
  readonly folder: string;
  /** A group and the groups inside it. */
  readonly group: string;
  /** A name, in which `*` stands for any text. */
  readonly name: string;
  readonly verbose: boolean;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      group: { type: "string", default: "" },
      name: { type: "string", default: "*" },
      verbose: { type: "boolean", default: false },
    },
  });
  const [folder, ...rest] = positionals;
  if (folder === undefined || rest.length > 0) throw new Error(USAGE);
  if (!existsSync(join(folder, "index.json"))) throw new Error(`${folder} holds no index.json. ${USAGE}`);
  return { folder, ...values };
}

async function* runAll(options: Options, known: KnownDifferences): AsyncGenerator<Result> {
  const { folder, group, name } = options;
  const inGroup = (candidate: string): boolean => group === "" || `${candidate}/`.startsWith(`${group}/`);
  for (const golden of readIndex(folder)) {
    if (inGroup(golden.group) && matches(name, golden.name)) yield await runCase(folder, golden, handlers, known);
  }
  for (const [set, runSet] of Object.entries(BESIDE_CASES)) {
    if (!inGroup(set)) continue;
    for await (const result of runSet(folder)) if (matches(name, result.name)) yield result;
  }
  for (const [set, runSet] of Object.entries(OTHER_SETS)) {
    const setFolder = join(folder, set);
    if (!inGroup(set) || !existsSync(setFolder)) continue;
    for await (const result of (runSet ?? notSupported)(setFolder)) if (matches(name, result.name)) yield result;
  }
}

/** One "not supported" for each case of a set. */
function* notSupported(folder: string): Generator<Result> {
  const { files } = JSON.parse(readFileSync(join(folder, "index.json"), "utf8"));
  for (const [file, { cases }] of Object.entries<{ cases: number }>(files)) {
    for (let i = 0; i < cases; i++) yield { name: `${file}/${i}`, outcome: "not supported", detail: basename(folder) };
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  const known = new KnownDifferences(entries);
  const counts: Record<Outcome, number> = { passed: 0, failed: 0, "not supported": 0, "known difference": 0 };
  const unsupported = new Map<string, number>();

  for await (const { name, outcome, detail = "" } of runAll(options, known)) {
    counts[outcome]++;
    if (outcome === "not supported") unsupported.set(detail, (unsupported.get(detail) ?? 0) + 1);
    if (outcome === "failed" || options.verbose) {
      const lines = detail === "" ? [] : detail.split("\n");
      console.log([`${outcome}: ${name}`, ...lines].join("\n    "));
    }
  }
  for (const [what, count] of unsupported) console.log(`not supported: ${what} (${count})`);
  for (const { function: name, output, spec } of known.outdated()) {
    console.log(`known-differences.json lists ${name}, ${output} (${spec}), but it agrees: remove the entry.`);
  }
  console.log(`${counts["known difference"]} known difference`);
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts["not supported"]} not supported`);
  if (counts.failed > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
});
