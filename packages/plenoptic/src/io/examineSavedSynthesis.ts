// Python plenoptic's `examine_saved_synthesis`: prints what a saved file holds, without the model.

import { type PtValue, readPt, readSourcePieces, type Source } from "@plenoptic-js/formats";
import { describeSaved, type SavedDescription } from "./describe.ts";
import { describeText } from "./describeText.ts";
import { itemsOf } from "./items.ts";
import { maxFileBytes } from "./maxFileBytes.ts";
import { checkSource } from "./places.ts";

export interface ExaminedFile extends SavedDescription {
  /** What to call the file: its path, as a rule. */
  readonly file: string;
  /** What was read otherwise than it was meant, in sentences. */
  readonly warnings: readonly string[];
}

/**
 * What a .pt file holds: the items of a dictionary or list, else its one value.
 *
 * @throws FileError when there is no such file, or when it is damaged or may not be read
 */
export async function examineFile(source: Source): Promise<ExaminedFile> {
  const { bytes, name } = await readSourcePieces(source, { maxBytes: maxFileBytes });
  const { value, warnings } = readPt(bytes, { name });
  const items = itemsOf(value) ?? new Map<PtValue, PtValue>([["value", value]]);
  return { file: name, warnings, ...describeSaved(items, name) };
}

/**
 * Prints what a saved file holds: metadata; callables with the shapes of what they were checked with; tensors with
 * dtype, shape and range; everything else. Gives the printed text.
 *
 * @throws FileError when there is no such file, or when it is damaged or may not be read
 */
export async function examineSavedSynthesis(source: Source): Promise<string> {
  checkSource("examineSavedSynthesis", source);
  const text = describeText(await examineFile(source));
  console.log(text);
  return text;
}
