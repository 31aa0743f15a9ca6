// Matrices whose rows lie in memory in pieces: images, say, each of which is one row of a matrix. Its pieces are the rows of the
// image, with padding between them. So an array need not be copied to be multiplied as a matrix.

import { SEQUENTIAL_LIMIT } from "../../../math/summation.ts";
import type { Node } from "../../../ops/definition.ts";
import { type Layout, layoutOf, rowBytes } from "../../layout.ts";
import { PANEL_BYTES } from "./columns.ts";

/** How the rows of a matrix lie. */
export interface Pieces {
  /** Bytes of a piece, and from the end of one to the next. */
  readonly bytes: number;
  readonly gap: number;
}

/** The array of which a matrix is a reshape that makes one row of several, if their bytes are a multiple of `unit`; or null. */
function inPieces(matrix: Node, unit: number): Node | null {
  if (matrix.op.kind !== "view" || matrix.op.elements !== "in order") return null;
  const [array] = matrix.inputs;
  const { columns, elementBytes } = layoutOf(array.shape, array.dtype);
  const rows = array.shape.at(-2) ?? 1;
  const isRow = rows > 1 && columns > 0 && rows * columns === matrix.shape.at(-1);
  return isRow && (columns * elementBytes) % unit === 0 ? array : null;
}

/**
 * What the kernels of a product read instead of its operands. Sums along rows take pieces of whole vectors, of one length for both
 * operands; and panels of the second operand's columns lie in one piece each.
 */
export function piecedOperands({ inputs, attributes }: Node): readonly Node[] {
  const [a, b] = inputs;
  if (attributes.transposeB !== true) return [a, inPieces(b, PANEL_BYTES) ?? b];
  if ((a.shape.at(-1) as number) <= SEQUENTIAL_LIMIT) return inputs;
  const [x, y] = [a, b].map((matrix) => inPieces(matrix, 16));
  if (x === null || y === null) return [x ?? a, y ?? b];
  return x.shape.at(-1) === y.shape.at(-1) ? [x, y] : [x, b];
}

/** How the rows of a matrix lie in the array that holds it: in pieces, or each as a whole. */
export function piecesOf(matrix: Node, { columns, elementBytes, ...layout }: Layout): Pieces | null {
  const bytes = columns * elementBytes;
  return columns === matrix.shape.at(-1)
    ? null
    : { bytes, gap: rowBytes({ columns, elementBytes, ...layout }) - bytes };
}
