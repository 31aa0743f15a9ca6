// `plenoptic represent IMAGE`: what a model sees of an image, as a table in the terminal, and as files.

import { Command } from "@commander-js/extra-typings";
import { concatBytes, writeNpy } from "@plenoptic-js/formats";
import { hashTensor } from "@plenoptic-js/tensor";
import { plot } from "plenoptic-js";
import { advisedSize, checkOutputsFit, significant } from "plenoptic-js/engine";
import { asImage } from "./beginRun.ts";
import { fitToModel } from "./crop.ts";
import { UserError } from "./failure.ts";
import type { ModelChoice } from "./modelChoice.ts";
import { chosenModel, type ModelFlags, withModelFlags } from "./modelFlags.ts";
import { describeRepresentation, type Representation } from "./representation.ts";
import { checkFolder, chooseFolder, fromHere, writeResults } from "./resultFolder.ts";
import { type ResultFlags, withResultFlags } from "./runFlags.ts";
import { summarize } from "./statistics.ts";
import { textTable } from "./table.ts";
import { IMAGE_HELP, readTarget, type Target } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { blaming } from "./userCode.ts";
import { packageVersions } from "./versions.ts";
import { printWarnings } from "./warnings.ts";

/** All files, in the order in which they are put in place. */
const FILES = ["representation.csv", "representation.npy", "representation.svg", "representation.json"] as const;

const WRITTEN = `
Written to the folder, all files or none:
  representation.csv   one line a value, of ten million at most: its group and place, and the value with all digits
  representation.npy   the exact values, in the order of the CSV
  representation.svg   a figure
  representation.json  image, model, and the values by group; null where a statistic only repeats another
  plenoptic-files.json names and hashes of these files, by which --overwrite knows them

Examples:
  plenoptic represent house
  plenoptic represent photo.png --crop --out statistics
  plenoptic represent photo.png --model on-off`;

export function representCommand(terminal: Terminal) {
  const command = new Command("represent")
    .description("show what a model sees of an image: its representation, in numbers")
    .argument("<image>", IMAGE_HELP)
    .helpOption("-h, --help", "print this help");
  const withModel = withModelFlags(command, "the model that sees", "portilla-simoncelli");
  return withResultFlags(withModel, "representation")
    .addHelpText("after", WRITTEN)
    .action(async (image, options) => {
      const choice = await chosenModel(options);
      await blaming([choice.userFile], () => represent(image, choice, options, terminal));
    });
}

type CommandOptions = ModelFlags & ResultFlags;

async function represent(
  nameOrPath: string,
  choice: ModelChoice,
  options: CommandOptions,
  terminal: Terminal,
): Promise<void> {
  const whole = await readTarget(nameOrPath, options.resize, options.dtype, choice.network?.channels);
  const target = fitToModel(whole, choice, options.crop === true);
  const folder = chooseFolder(options, `${target.stem}-representation`);
  await checkFolder(folder, FILES);
  const say = (text: string): void => void terminal.err.write(`${text}\n`);
  const quiet = printWarnings(say);
  try {
    const { height, width, name, conversion } = target;
    say(`Image: ${name}, ${width} x ${height} pixels, ${conversion}`);
    const { dtype } = options;
    for (const note of choice.network?.notes([height, width]) ?? []) say(`note: ${note}`);
    const image = asImage(target, dtype);
    const model = await choice.create([height, width], dtype);
    checkOutputsFit(image, 1, ([x]) => [model.forward(x)]);
    const output = model.forward(image);
    if (output.size > MOST_NUMBERS) throw tooMany(target, output.size);
    const described = await describeRepresentation(model, output, choice.groups);
    const figure = await plot.plotRepresentation(model, output);
    const record = {
      image: { name, conversion, height, width, sha256: await hashTensor(image) },
      model: { name: model.name, options: model.options, ...(choice.file && { file: choice.file }) },
      representation: { dtype, shape: described.shape, sha256: await hashTensor(output) },
      groups: Object.fromEntries(
        described.groups.map((group) => [group.name, { shape: group.shape, values: Array.from(group.values) }]),
      ),
      versions: packageVersions(),
    };
    const utf8 = new TextEncoder();
    const bytes: Record<(typeof FILES)[number], Uint8Array> = {
      "representation.csv": csv(described),
      "representation.npy": writeNpy({ dtype, shape: described.shape, data: described.values }),
      "representation.svg": figure.toBytes(),
      "representation.json": utf8.encode(`${JSON.stringify(record)}\n`),
    };
    const files = new Map(FILES.map((file) => [file, bytes[file]]));
    const path = await writeResults(folder, files, new AbortController().signal, say);
    terminal.out.write(
      `${name} as ${choice.description} sees it: ${described.values.length} numbers\n\n${groupTable(described)}\n` +
        `Written to ${fromHere(path)}: ${FILES.join(", ")}\n`,
    );
  } finally {
    quiet();
  }
}

/** Numbers of which tables are written: a line each, about 25 bytes, and as much in JSON. */
const MOST_NUMBERS = 10_000_000;

function tooMany({ height, width }: Target, numbers: number): UserError {
  const scale = Math.sqrt(MOST_NUMBERS / numbers);
  const [high, wide] = advisedSize([height, width], scale);
  return new UserError(
    `the representation has ${numbers} numbers, and at most ${MOST_NUMBERS} are written as tables; add --resize ${wide}x${high}, ` +
      "or, in a program, write the tensor to a .npy file with po.io.saveArrays",
  );
}

function groupTable({ groups }: Representation): string {
  const rows = groups.map(({ name, values }) => {
    const { count, mean, min, max } = summarize(values);
    return [name, String(count), ...[mean, min, max].map((value) => (count === 0 ? "" : significant(value)))];
  });
  return textTable([["group", "count", "mean", "min", "max"], ...rows]);
}

/** How many lines are made into bytes at once: a text has a greatest length. */
const LINES = 65536;

/** A line for every value. Numbers have all digits that are needed to read the same value back. */
function csv({ columns, cells, values }: Representation): Uint8Array {
  const utf8 = new TextEncoder();
  const parts = [utf8.encode(`${[...columns, "value"].join(",")}\n`)];
  for (let start = 0; start < values.length; start += LINES) {
    let text = "";
    for (let i = start; i < Math.min(start + LINES, values.length); i++)
      text += `${[...cells(i), values[i]].join(",")}\n`;
    parts.push(utf8.encode(text));
  }
  return concatBytes(parts);
}
