// The description of a saved file as text for people: groups, columns aligned.

import { shapeText } from "@plenoptic-js/tensor/engine";
import { storedModelRows } from "../stored/describe.ts";
import type { OtherDescription, SavedDescription, TensorDescription } from "./describe.ts";

/** The groups that are not empty, each under its title, or that there are none. Ends with a line feed. */
export function describeText({ metadata, callables, tensors, others, model }: SavedDescription): string {
  const plain = (items: readonly OtherDescription[]): string[][] => items.map(({ name, value }) => [name, value]);
  const groups: [title: string, rows: string[][]][] = [
    ["Metadata", plain(metadata)],
    [
      "Callables",
      callables.map(({ name, callable, inputs = [], output }) => {
        const shapes = inputs.map((input) => `${input.name} ${input.shape === null ? "?" : shapeText(input.shape)}`);
        return [name, callable ?? "None", output === undefined ? "" : `${shapes.join(", ")} -> ${shapeText(output)}`];
      }),
    ],
    ["Tensors", tensors.map((tensor) => [tensor.name, tensor.dtype, shapeText(tensor.shape), rangeText(tensor)])],
    ["Others", plain(others)],
    ["Model", model === null ? [] : storedModelRows(model)],
  ];
  const texts = groups.filter(([, rows]) => rows.length > 0).map(([title, rows]) => `${title}\n${columns(rows)}`);
  return texts.length === 0 ? "It holds nothing: an empty dictionary or list.\n" : texts.join("\n");
}

function rangeText({ range, nans, location }: TensorDescription): string {
  const notes = [
    range === null ? "" : range[0] === range[1] ? `all ${short(range[0])}` : `${short(range[0])} to ${short(range[1])}`,
    nans === 0 ? "" : `${nans} NaN`,
    location === "cpu" ? "" : `was on ${location}`,
  ];
  return notes.filter((note) => note !== "").join(", ");
}

/** Six significant digits at most. */
function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

function columns(texts: readonly (readonly string[])[]): string {
  // Names and values come from the file: what steers a terminal does not pass.
  const rows = texts.map((row) => row.map((cell) => cell.replace(/\p{C}/gu, " ")));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  return rows.map((row) => `  ${row.map((cell, i) => cell.padEnd(widths[i])).join("  ")}`.trimEnd() + "\n").join("");
}
