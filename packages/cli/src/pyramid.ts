// `plenoptic pyramid IMAGE`: the image taken apart by scale and orientation, as exact arrays and as a sheet to look at.

import { Command, Option } from "@commander-js/extra-typings";
import { writeFileAtomic, writeNpy } from "@plenoptic-js/formats";
import { hashTensor, type Tensor, tensor } from "@plenoptic-js/tensor";
import { plot } from "plenoptic-js";
import { checkOutputsFit, fittingZoom, significant } from "plenoptic-js/engine";
import { oneOf } from "./names.ts";
import { wholeNumber } from "./options.ts";
import { choosePyramid, PYRAMID_KINDS, type PyramidOptions } from "./pyramidChoice.ts";
import { RESIZE_HELP, type Resize, resizeOption } from "./resize.ts";
import { checkFolder, chooseFolder, fromHere, type ResultFile, writeResults } from "./resultFolder.ts";
import { type ResultFlags, withResultFlags } from "./runFlags.ts";
import { textTable } from "./table.ts";
import { IMAGE_HELP, readTarget } from "./target.ts";
import type { Terminal } from "./terminal.ts";
import { packageVersions } from "./versions.ts";
import { printWarnings } from "./warnings.ts";

const WRITTEN = `
Written to the folder, all files or none:
  residual_highpass.npy, scale_0.npy, scale_1.npy, ..., residual_lowpass.npy
                the exact coefficients, from fine to coarse: [1, 1, orientation, height, width], residuals without
                orientations. A Laplacian pyramid has level_0.npy, level_1.npy, ...; its last level is the lowpass residual
  pyramid.svg   all bands on a sheet; each has its own range of gray, written under it
  pyramid.json  image, options, and what the files hold
  plenoptic-files.json  names and hashes of these files, by which --overwrite knows them

Examples:
  plenoptic pyramid house
  plenoptic pyramid house --height 3 --order 5 --complex
  plenoptic pyramid photo.png --kind laplacian`;

export function pyramidCommand(terminal: Terminal) {
  const command = new Command("pyramid")
    .description("take an image apart by scale and orientation")
    .argument("<image>", IMAGE_HELP)
    .helpOption("-h, --help", "print this help")
    .option("--resize <size>", RESIZE_HELP, resizeOption)
    .addOption(
      new Option("--kind <name>", "the pyramid")
        .choices(PYRAMID_KINDS)
        .argParser(oneOf(PYRAMID_KINDS))
        .default("steerable" as const),
    )
    .option(
      "--height <n>",
      "steerable: scales, without the residuals (default: as many as fit); laplacian: all levels (default: 5)",
      wholeNumber(0, 32),
    )
    .option("--order <n>", "steerable: one less than the number of orientations (default: 3)", wholeNumber(0, 15))
    .option("--complex", "steerable: pairs of filters in quadrature, as complex coefficients");
  return withResultFlags(command, "pyramid")
    .addHelpText("after", WRITTEN)
    .action((image, options) => makePyramid(image, options, terminal));
}

type CommandOptions = PyramidOptions & ResultFlags & { readonly resize?: Resize | undefined };

async function makePyramid(nameOrPath: string, options: CommandOptions, terminal: Terminal): Promise<void> {
  const target = await readTarget(nameOrPath, options.resize, options.dtype);
  const { height, width, name, conversion } = target;
  const say = (text: string): void => void terminal.err.write(`${text}\n`);
  const quiet = printWarnings(say);
  try {
    const choice = choosePyramid(target, options);
    const folder = chooseFolder(options, `${target.stem}-pyramid`);
    const names = [...choice.parts.map((part) => `${part}.npy`), "pyramid.svg", "pyramid.json"];
    await checkFolder(folder, names);
    terminal.err.write(`Image: ${name}, ${width} x ${height} pixels, ${conversion}\n`);
    const image = tensor(target.values, { shape: [1, 1, height, width], dtype: options.dtype });
    checkOutputsFit(image, 1, ([x]) => choice.forward(x).values());
    const coefficients = choice.forward(image);
    const files = new Map<string, ResultFile>();
    const parts: Part[] = [];
    for (const [i, part] of [...coefficients.values()].entries()) {
      files.set(names[i], (path) => writeArray(path, part));
      parts.push(await describePart(names[i], part));
    }
    const sheet = await plot.pyrshow(coefficients, { zoom: fittingZoom(height, width, SIDE) });
    const record = {
      image: { name, conversion, height, width, sha256: await hashTensor(image) },
      pyramid: { kind: choice.kind, ...choice.options },
      parts,
      versions: packageVersions(),
    };
    files.set("pyramid.svg", sheet.toBytes());
    files.set("pyramid.json", new TextEncoder().encode(`${JSON.stringify(record)}\n`));
    const path = await writeResults(folder, files, new AbortController().signal, say);
    terminal.out.write(
      `${choice.description} of ${name}\n\n${partTable(parts)}\nWritten to ${fromHere(path)}: ${names.join(", ")}\n`,
    );
  } finally {
    quiet();
  }
}

/** The longest side of the largest band on the sheet, in pixels. */
const SIDE = 256;

interface Part {
  readonly file: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Of moduli, where the coefficients are complex. */
  readonly largest: number;
  readonly rms: number;
  readonly sha256: string;
}

async function writeArray(path: string, part: Tensor): Promise<void> {
  const { dtype, shape } = part;
  await writeFileAtomic(path, writeNpy({ dtype, shape, data: await part.data() }));
}

async function describePart(file: string, part: Tensor): Promise<Part> {
  const moduli = part.abs();
  return {
    file,
    dtype: part.dtype,
    shape: part.shape,
    largest: await moduli.max().item(),
    rms: await moduli.square().mean().sqrt().item(),
    sha256: await hashTensor(part),
  };
}

function partTable(parts: readonly Part[]): string {
  const rows = parts.map(({ file, shape, largest, rms }) => [
    file.replace(/\.npy$/, ""),
    shape.length === 5 ? String(shape[2]) : "1",
    shape.slice(-2).reverse().join(" x "),
    significant(largest),
    significant(rms),
  ]);
  return textTable([["part", "bands", "width x height", "largest", "rms"], ...rows]);
}
