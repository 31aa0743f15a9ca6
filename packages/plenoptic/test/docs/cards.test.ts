// The tables of models, metrics and losses in the guides say what the cards say.

import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { lossCards } from "../../src/loss/cards.ts";
import type { MetricCard } from "../../src/metric/card.ts";
import { metricCards } from "../../src/metric/cards.ts";
import type { ModelCard, ModelOption } from "../../src/models/card.ts";
import { modelCards } from "../../src/models/cards.ts";
import { portillaSimoncelliCard } from "../../src/models/portillaSimoncelli/card.ts";
import { defaultsOf } from "../models/checkModelCard.ts";

const guide = (name: string): Promise<string> => readFile(new URL(`../../../../docs/${name}`, import.meta.url), "utf8");

/** The rows of the table with this head, as they stand in a page. */
function tableOf(page: string, head: string): string[] {
  const lines = page.split("\n");
  const at = lines.indexOf(head);
  expect(at, head).toBeGreaterThan(0);
  const rows = lines.slice(at + 2);
  return rows.slice(
    0,
    rows.findIndex((line) => !line.startsWith("|")),
  );
}

const cellsOf = (row: string): string[] =>
  row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());

function optionText([name, { kind, range, default: standard }]: [string, ModelOption]): string {
  return `\`${name}\` ${standard} (${kind === "integer" ? `${range[0]} to ${range[1]}` : `above ${range[0]}`})`;
}

function modelRow(card: ModelCard): string {
  const options = Object.entries(card.options).map(optionText).join(", ") || "none";
  const step = card.sideStep?.(defaultsOf(card)) ?? 1;
  const side = `${card.leastSide(defaultsOf(card))}${step > 1 ? `, in steps of ${step}` : ""}`;
  return `| \`${card.className}\` | \`${card.name}\` | ${card.summary} | ${options} | ${side} |`;
}

test("docs/models.md lists all models", async () => {
  const head = "| in `po.models` | on the command line | it | options there | shortest side |";
  expect(tableOf(await guide("models.md"), head)).toEqual(modelCards.map(modelRow));
});

test("docs/models.md knows the texture statistics by their groups and shapes", async () => {
  const head = "| group (`convertToDict`) | shape | kept | what it is | in the paper |";
  const options = defaultsOf(portillaSimoncelliCard);
  const letters = { N: options.nScales, K: options.nOrientations, M: options.spatialCorrWidth };
  /** The value of `2K` or `N+1`. */
  const sizeOf = (text: string): number => {
    const [, factor = "1", letter, more = "0"] = /^(\d*)([NKM])([+−]\d)?$/.exec(text) ?? [];
    if (letter === undefined) return Number(text);
    return Number(factor || 1) * letters[letter as keyof typeof letters] + Number(more.replace("−", "-"));
  };
  const model = portillaSimoncelliCard.create(
    { nScales: letters.N, nOrientations: letters.K, spatialCorrWidth: letters.M },
    [128, 128],
  );
  const { length } = model.representationScales;
  const kept = [...model.convertToDict(po.zeros([1, 1, length], { dtype: "float64" }))].map(
    ([name, group]) =>
      [name, group.shape.slice(2), group.dataSync().filter((value) => !Number.isNaN(value)).length] as const,
  );
  const rows = tableOf(await guide("models.md"), head).map(cellsOf);
  const said = rows.map(
    ([name, shape, count]) => [name.replaceAll("`", ""), shape.split(", ").map(sizeOf), Number(count)] as const,
  );
  const byName = (a: readonly [string, ...unknown[]], b: readonly [string, ...unknown[]]): number =>
    a[0] < b[0] ? -1 : 1;
  expect(said.sort(byName)).toEqual(kept.sort(byName));
});

/** What a row says before its last cell, the shape of the result. */
function metricRow(name: string, { direction, range: [low, high], identical }: Said): string {
  const up = direction === "higher" ? "**higher**" : direction;
  return `| \`${name}\` | ${up} | ${high === null ? `from ${text(low)}` : `${text(low)} to ${text(high)}`} | ${text(identical)} |`;
}

type Said = Pick<MetricCard, "direction" | "range" | "identical">;

const text = (value: number): string =>
  Math.abs(value) > 0 && Math.abs(value) < 0.01 ? value.toExponential() : `${value}`;

/** What 1 minus a similarity is. */
function asDistance({ range: [low, high], identical }: Said): Said {
  return { direction: "lower", range: [1 - high!, 1 - low], identical: 1 - identical };
}

test("docs/metrics.md says of every metric which way is up", async () => {
  const rows = tableOf(
    await guide("metrics.md"),
    "| metric | more similar is | range | identical images | result |",
  ).map((row) => row.replace(/ [^|]+ \|$/, ""));
  const expected = metricCards.flatMap((card) => [
    metricRow(card.functionName, card),
    ...(card.distance.name !== card.functionName && card.distance.name in po.metric
      ? [metricRow(card.distance.name, asDistance(card))]
      : []),
  ]);
  expect(rows.slice(0, expected.length)).toEqual(expected);
});

test("docs/science/synthesis.md has the formula of every loss", async () => {
  const rows = tableOf(await guide("science/synthesis.md"), "| loss | formula |");
  expect(rows.map((row) => row.replaceAll("\\|", "|"))).toEqual(
    lossCards.map(({ name, formula }) => `| \`${name}\` | ${formula} |`),
  );
});

test("docs/metamers.md names the losses that fit the parts of a representation", async () => {
  const names = lossCards.map(({ name }) => `\`${name}\``);
  const all = `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
  expect(await guide("metamers.md")).toContain(`The loss must fit every part, so ${all} do.`);
});
