// `plenoptic compare A B`: how alike two images are, by metrics, with what their numbers mean.

import { Command, InvalidArgumentError } from "@commander-js/extra-typings";
import { MemoryError, tensor } from "@plenoptic-js/tensor";
import { checkOutputsFit, type MetricCard } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { metricLines, metricRegistry, unknownMetric } from "./metricRegistry.ts";
import { RESIZE_HELP, type Resize, resizeOption } from "./resize.ts";
import { textTable } from "./table.ts";
import { IMAGE_HELP, readTarget, STDIN, type Target } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { printWarnings } from "./warnings.ts";

const NOTES = `
${metricLines(({ summary }) => summary)}

Images are compared as gray values from 0 to 1, in double precision. Colour images become gray: 0.2125 R + 0.7154 G +
0.0721 B. What each metric computes, and why other programs give other numbers, is in docs/metrics.md.

Examples:
  plenoptic compare photo.png house-metamer/metamer.png
  plenoptic compare a.png b.png --metric ssim,mse --json`;

export function compareCommand(terminal: Terminal) {
  return new Command("compare")
    .description("tell how alike two images are")
    .argument("<a>", IMAGE_HELP)
    .argument("<b>", "the other image, of the same size")
    .helpOption("-h, --help", "print this help")
    .option("--resize <size>", `both images: ${RESIZE_HELP}`, resizeOption)
    .option(
      "--metric <names>",
      `metrics, with commas between: ${[...metricRegistry.keys()].join(", ")} (default: all that are made for images of this size)`,
      metricNames,
    )
    .option("--json", "print all digits, as JSON")
    .addHelpText("after", NOTES)
    .action((a, b, options) => compare(a, b, options, terminal));
}

function metricNames(text: string): string[] {
  const names = text.split(",").map((name) => name.trim().toLowerCase());
  const unknown = names.find((name) => !metricRegistry.has(name));
  if (unknown !== undefined) throw new InvalidArgumentError(`There is no ${unknownMetric(unknown)}`);
  return [...new Set(names)];
}

interface Result extends Pick<MetricCard, "direction" | "range" | "identical"> {
  readonly metric: string;
  readonly value: number;
}

async function compare(
  nameA: string,
  nameB: string,
  options: {
    readonly resize?: Resize | undefined;
    readonly metric?: readonly string[] | undefined;
    readonly json?: true | undefined;
  },
  terminal: Terminal,
): Promise<void> {
  if (nameA === STDIN && nameB === STDIN) {
    throw new UserError("only one of the images can be - (standard input); give the other as a file");
  }
  const a = await readTarget(nameA, options.resize);
  const b = await readTarget(nameB, options.resize);
  if (a.width !== b.width || a.height !== b.height) {
    const smaller = b.width * b.height < a.width * a.height ? b : a;
    throw new UserError(
      `${a.name} is ${sizeOf(a)} pixels and ${b.name} ${sizeOf(b)}; images that are compared must have the same size, so ` +
        `crop one of them, or add --resize ${smaller.width}x${smaller.height} to scale both`,
    );
  }
  const side = Math.min(a.width, a.height);
  const names =
    options.metric ?? [...metricRegistry.keys()].filter((name) => side >= metricRegistry.get(name)!.usualSide);
  const impossible = names.find((name) => side < metricRegistry.get(name)!.leastSide);
  if (impossible !== undefined) {
    throw new UserError(
      `the images are ${sizeOf(a)} pixels, and ${impossible} needs at least ${metricRegistry.get(impossible)!.leastSide} on both ` +
        "sides; leave it out, or use larger images",
    );
  }
  const quiet = printWarnings((text) => void terminal.err.write(`${text}\n`));
  try {
    const dtype = "float64";
    const [x, y] = [a, b].map(({ values, height, width }) => tensor(values, { shape: [1, 1, height, width], dtype }));
    inDoublePrecision(() =>
      checkOutputsFit(x, 2, ([p, q]) => names.map((name) => metricRegistry.get(name)!.compute(p, q))),
    );
    const results: Result[] = [];
    for (const metric of names) {
      const { compute, direction, range, identical } = metricRegistry.get(metric)!;
      results.push({ metric, value: await compute(x, y).item(), direction, range, identical });
    }
    terminal.out.write(options.json ? `${json(a, b, results)}\n` : report(a, b, results));
  } finally {
    quiet();
  }
}

/** What does not fit is told without what would not help: other precisions are not to be had here. */
function inDoublePrecision(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error;
    const { problem, bytes, isTooLarge } = error;
    const ways = error.ways.filter(({ kind }) => kind !== "float32");
    throw new MemoryError(problem, "Use smaller images.", { bytes, isTooLarge, ways }, { cause: error });
  }
}

function sizeOf({ width, height }: Target): string {
  return `${width} x ${height}`;
}

function json(a: Target, b: Target, metrics: readonly Result[]): string {
  const images = [a, b].map(({ name, conversion }) => ({ name, conversion }));
  return JSON.stringify({ images, width: a.width, height: a.height, metrics }, null, 2);
}

function report(a: Target, b: Target, results: readonly Result[]): string {
  const rows = results.map(({ metric, value, direction, range: [low, high], identical }) => [
    metric,
    digits(value),
    digits(identical),
    high === null ? `from ${digits(low)}` : `${digits(low)} to ${digits(high)}`,
    `${direction} is more similar`,
  ]);
  const table = textTable([["metric", "value", "identical", "range", "direction"], ...rows]);
  const read = [a, b].map(({ name, conversion }) => `  ${name}: ${conversion}\n`).join("");
  return `${a.name} and ${b.name}, ${sizeOf(a)} pixels\n${read}\n${table}`;
}

/** Six significant digits. */
function digits(value: number): string {
  const rounded = Number(value.toPrecision(6));
  return rounded !== 0 && Math.abs(rounded) < 0.001 ? rounded.toExponential() : String(rounded);
}
