// `plenoptic convert OLD NEW`: any saved file as a current one, and arrays from one kind of file into another.

import { stat } from "node:fs/promises";
import { extname } from "node:path";
import { Command } from "@commander-js/extra-typings";
import {
  type BytePieces,
  type PtTensor,
  readPt,
  readSourcePieces,
  systemCode,
  writeFileAtomic,
  writePtParts,
} from "@plenoptic-js/formats";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { isSynthesis, LAYOUT_OF, maxFileBytes, rewriteSynthesis } from "plenoptic-js/engine";
import { UserError } from "./failure.ts";
import { whileWriting } from "./interrupt.ts";
import {
  type Arrays,
  FILE_KINDS,
  type FileKind,
  IMAGE_ENDINGS,
  plainArrays,
  readArrays,
  synthesisArrays,
  writeArrays,
  writing,
} from "./tensorFiles.ts";
import type { Terminal } from "./terminal.ts";

const NOTES = `
What becomes what:
  a saved synthesis (.pt) of any release of Python's plenoptic
      -> .pt               the same in the layout of plenoptic ${LAYOUT_OF}, which loads here and there
      -> .npz .safetensors its arrays: images, histories, representations
  tensors: .pt .npz .safetensors   into each other, by name; those of a list are arr_0, arr_1, ...
  one array: .npy                  into the others, and back

Nothing in a file is run. What could not be known or kept is printed. docs/compatibility.md says more.

Examples:
  plenoptic convert old.pt new.pt
  plenoptic convert metamer.pt metamer.npz
  plenoptic convert photo.npy photo.pt`;

export function convertCommand(terminal: Terminal) {
  return new Command("convert")
    .description("rewrite a saved file of any release as a current one, or as another kind of file")
    .argument("<old>", `the file to read: ${FILE_KINDS.join(", ")}`)
    .argument("<new>", `the file to write: ${FILE_KINDS.join(", ")}`)
    .helpOption("-h, --help", "print this help")
    .option("--overwrite", "replace the new file, if it is there already")
    .addHelpText("after", NOTES)
    .action((from, to, { overwrite }) => convert(from, to, overwrite === true, terminal));
}

/** What is printed and what is written. */
interface Converted {
  readonly what: string;
  readonly lines: readonly (readonly [kind: string, text: string])[];
  /** In order. */
  readonly parts: readonly Uint8Array[];
}

async function convert(from: string, to: string, overwrite: boolean, terminal: Terminal): Promise<void> {
  const kinds = { from: kindOf(from), to: kindOf(to) };
  if (kinds.from === kinds.to && kinds.to !== ".pt") {
    throw new UserError(`${from} and ${to} are both ${kinds.to}, so there is nothing to convert; copy the file`);
  }
  if (!overwrite) await refuseExisting(to);
  const { bytes, name } = await readSourcePieces(from, { maxBytes: maxFileBytes });
  const converted =
    kinds.from === ".pt"
      ? await convertPt(bytes, name, kinds.to, to)
      : ofArrays(describe(kinds.from), readArrays(kinds.from, bytes.slice(0, bytes.length), name), kinds.to, to);
  if (!overwrite) await refuseExisting(to);
  await whileWriting(() => writeFileAtomic(to, converted.parts));
  const width = Math.max(...converted.lines.map(([kind]) => kind.length));
  const lines = converted.lines.map(([kind, text]) => `  ${kind.padEnd(width)}  ${text}`);
  const size = converted.parts.reduce((sum, part) => sum + part.length, 0);
  const report = [`${name}: ${converted.what}`, ...lines, `Written to ${to}: ${size} bytes`];
  // Names come from the file: what steers a terminal does not pass.
  terminal.out.write(report.map((line) => `${line.replace(/\p{C}/gu, " ")}\n`).join(""));
}

function kindOf(path: string): FileKind {
  const ending = extname(path).toLowerCase();
  const kind = FILE_KINDS.find((candidate) => candidate === ending);
  if (kind === undefined) {
    const kinds = FILE_KINDS.join(", ");
    const advice = IMAGE_ENDINGS.test(ending)
      ? "images are not converted, only arrays and saved syntheses: give an image file to the other commands as it is, or read " +
        `its values in JavaScript with po.loadImages(); the names here end in one of ${kinds}`
      : `the name must end in one of ${kinds}`;
    throw new UserError(`${path}: ${advice}`);
  }
  return kind;
}

const describe = (kind: FileKind): string => (kind === ".npy" ? "an array" : `a ${kind} file`);

async function refuseExisting(path: string): Promise<void> {
  try {
    await stat(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return;
    throw error;
  }
  throw new UserError(`${path} is there already; choose another name, or replace it with --overwrite`);
}

async function convertPt(bytes: BytePieces, name: string, to: FileKind, path: string): Promise<Converted> {
  const { value, container, warnings } = readPt(bytes, { name });
  if (!isSynthesis(value)) {
    if (to !== ".pt") return ofArrays(describe(".pt"), plainArrays(value, name), to, path);
    const what =
      container === "zip" ? "not a saved synthesis" : "not a saved synthesis, in the format of torch before 1.6";
    return { what, lines: [["kept", "everything it holds"]], parts: writing(path, () => [...writePtParts(value)]) };
  }
  const { className, origin, dict, notes } = await rewriteSynthesis(value, name);
  const what = `a ${className}, ${origin}`;
  if (to !== ".pt") return ofArrays(what, synthesisArrays(dict), to, path);
  const lines = notes.map(({ kind, text }) => [kind, text] as const);
  const unchanged = lines.length === 0 ? ([["kept", "everything: it has the current layout already"]] as const) : [];
  const inert = warnings.map((warning) => ["replaced", warning] as const);
  return { what, lines: [...lines, ...unchanged, ...inert], parts: writing(path, () => [...writePtParts(dict)]) };
}

function ofArrays(what: string, { tensors, leftOut }: Arrays, to: FileKind, path: string): Converted {
  if (tensors.size === 0) {
    const others = leftOut.length === 0 ? "" : `, only ${leftOut.join(", ")}`;
    throw new UserError(`there is nothing to write to ${path}: ${what} that holds no arrays${others}`);
  }
  const { bytes, changes } = writeArrays(to, tensors, path);
  const shown = ([name, { dtype, shape }]: [string, PtTensor]): string => `${name} ${dtype} ${shapeText(shape)}`.trim();
  return {
    what,
    lines: [
      ...[...tensors].map((item) => ["array", shown(item)] as const),
      ...changes.map((change) => ["changed", change] as const),
      ...(leftOut.length === 0 ? [] : [["left out", leftOut.join(", ")] as const]),
    ],
    parts: [bytes],
  };
}
