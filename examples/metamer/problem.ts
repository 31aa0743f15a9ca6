// What went wrong, in words for a visitor of the page: what the library says of its own functions and options would be no help here.

import * as po from "plenoptic-js";
import type { Target } from "./synthesis.ts";

/** Both models look at squares of 31 pixels, and mirror the picture at its edges: 15 pixels beyond each, so 16 must be there. */
const LEAST_SIDE = 16;

/** Why no metamer can be made of a picture; undefined where one can. */
export function whyUnfit({ height, width }: Pick<Target, "height" | "width">): string | undefined {
  if (Math.min(height, width) >= LEAST_SIDE) return undefined;
  return (
    `This picture is too small: ${width} x ${height} pixels. The models look at squares of 31 pixels, so each side must have at ` +
    `least ${LEAST_SIDE}. Please choose a larger picture.`
  );
}

/** An error whose message is for the visitor. */
export class Problem extends Error {}

/** An error in words for the visitor. What is wrong with a file is said so already. */
export function inWords(error: unknown): string {
  if (error instanceof po.FileError && error.code === "too-big") {
    return "This picture has too many pixels for this page. Please choose a smaller one.";
  }
  if (error instanceof Problem || error instanceof po.FileError) return error.message;
  if (error instanceof po.MemoryError || (error instanceof RangeError && /memory|allocation/i.test(error.message))) {
    return "This picture is too large for the memory that this page can have. Please choose a smaller one.";
  }
  if (error instanceof po.NonFiniteError)
    return "The numbers became too large to go on. Please try another picture or model.";
  const detail = error instanceof Error ? error.message : String(error);
  return `Something is wrong with this page itself, not with what you did. Others may find this of use: ${detail}`;
}
