// einsum: products of tensors, summed over named axes, in NumPy's notation (numpy.einsum, explicit and implicit form).
//
// Two operands become one matrix product where axes are summed that both have: all such axes make one long axis, in the
// order in which the first operand names them, and it is summed as matmul sums. Axes of one operand alone that the
// result lacks are summed before. More operands are taken in pairs, from the left.

import { ops } from "./graph/build.ts";
import { type DType, isDifferentiable, type Node, sizeOf } from "./ops/definition.ts";
import { arithmeticDType, DTypeError, ShapeError, shapeText } from "./ops/rules.ts";
import { type Fits, nodeOf, Tensor } from "./tensor.ts";
import { shown } from "./words/shown.ts";

/** A node and the labels of its axes. Axes that stand for "..." have the labels 0, 1, ..., counted from the last. */
interface Labelled {
  readonly node: Node;
  readonly labels: readonly string[];
}

interface Equation {
  readonly operands: readonly string[];
  /** Undefined in the implicit form. */
  readonly output: string | undefined;
}

function parse(equation: string): Equation {
  const text = equation.replaceAll(" ", "");
  const wrong = text.replaceAll("...", "").match(/[^A-Za-z,>-]|-(?!>)|(?<!-)>/);
  if (wrong) {
    throw new SyntaxError(
      `einsum "${equation}": ${shown(wrong[0])} does not belong there; write letters for axes, commas between ` +
        'operands, "..." for all other axes, and "->" before the result',
    );
  }
  const [operands, output, ...more] = text.split("->");
  if (more.length > 0 || output?.includes(",")) {
    throw new SyntaxError(`einsum "${equation}": there is one result; write it once, after a single "->"`);
  }
  const terms = operands.split(",");
  for (const term of output === undefined ? terms : [...terms, output]) {
    if (term.indexOf("...") !== term.lastIndexOf("...")) {
      throw new SyntaxError(`einsum "${equation}": "..." stands twice in "${term}"`);
    }
  }
  return { operands: terms, output };
}

/** The labels of a term, "..." written out to `dots` labels. */
function labelsOf(term: string, dots: number, equation: string): string[] {
  const [before, after] = term.split("...");
  const others = after === undefined ? [] : Array.from({ length: dots }, (_, i) => String(dots - 1 - i));
  const labels = [...before, ...others, ...(after ?? "")];
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  if (twice !== undefined) {
    throw new SyntaxError(
      `einsum "${equation}": ${twice} stands twice in "${term}"; diagonals are not taken, name every axis once`,
    );
  }
  return labels;
}

function labelled(tensor: Tensor, term: string, equation: string): Labelled {
  const { node } = tensor;
  if (!isDifferentiable(node.dtype)) {
    throw new DTypeError(`einsum "${equation}": an operand is ${node.dtype}; cast it to a float dtype first`);
  }
  const named = term.replace("...", "").length;
  const dots = node.shape.length - named;
  if (dots < 0 || (dots > 0 && !term.includes("..."))) {
    throw new ShapeError(
      `einsum "${equation}": "${term}" names ${named} axes, but the operand ${shapeText(node.shape)} has ${node.shape.length}`,
    );
  }
  return { node, labels: labelsOf(term, dots, equation) };
}

/** The size of every label; sizes of 1 grow, as in broadcasting. */
function sizesOf(operands: readonly Labelled[], equation: string): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const { node, labels } of operands) {
    labels.forEach((label, i) => {
      const [known, own] = [sizes.get(label) ?? 1, node.shape[i]];
      if (known !== own && known !== 1 && own !== 1) {
        const name = label >= "A" ? `axis ${label}` : 'an axis of "..."';
        throw new ShapeError(
          `einsum "${equation}": ${name} has sizes ${known} and ${own} in ` +
            `${operands.map((x) => shapeText(x.node.shape)).join(" and ")}; they must be equal or 1`,
        );
      }
      sizes.set(label, known === 1 ? own : known);
    });
  }
  return sizes;
}

/** The labels of the result: those given, or "..." and then all that stand once, in order. */
function outputLabels(operands: readonly Labelled[], { output }: Equation, equation: string): string[] {
  const all = operands.flatMap((x) => x.labels);
  const dots = all.reduce((n, label) => (label < "A" ? Math.max(n, Number(label) + 1) : n), 0);
  if (output === undefined) {
    const once = all.filter((label) => label >= "A" && all.indexOf(label) === all.lastIndexOf(label));
    return [...labelsOf("...", dots, equation), ...once.sort()];
  }
  if (dots > 0 && !output.includes("...")) {
    throw new SyntaxError(
      `einsum "${equation}": the result lacks the axes of "..."; write "..." there too, or name them`,
    );
  }
  const labels = labelsOf(output, dots, equation);
  const unknown = labels.find((label) => !all.includes(label));
  if (unknown !== undefined) {
    throw new SyntaxError(`einsum "${equation}": the result has an axis ${unknown} that no operand has`);
  }
  return labels;
}

/** Sums over the axes that `keep` lacks. */
function reduced({ node, labels }: Labelled, keep: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, i) => (keep.has(label) ? [] : [i]));
  return { node: ops.sum(node, axes), labels: labels.filter((label) => keep.has(label)) };
}

/** With the axes in the given order (which names all of them), those it has not got as size 1. */
function arranged({ node, labels }: Labelled, order: readonly string[]): Node {
  const present = order.filter((label) => labels.includes(label));
  const permuted = ops.permute(
    node,
    present.map((label) => labels.indexOf(label)),
  );
  return ops.reshape(
    permuted,
    order.map((label) => (labels.includes(label) ? node.shape[labels.indexOf(label)] : 1)),
  );
}

/** The product of two operands, summed over the labels that `keep` lacks. */
function contracted(
  first: Labelled,
  second: Labelled,
  keep: ReadonlySet<string>,
  sizes: ReadonlyMap<string, number>,
): Labelled {
  const a = reduced(first, new Set([...keep, ...second.labels]));
  const b = reduced(second, new Set([...keep, ...first.labels]));
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const terms = shared.filter((label) => !keep.has(label));
  const batch = shared.filter((label) => keep.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  if (terms.length === 0 || rows.length + columns.length === 0) {
    const labels = [...batch, ...rows, ...columns, ...terms];
    const product = ops.mul(arranged(a, labels), arranged(b, labels));
    return reduced({ node: product, labels }, keep);
  }
  const shapeOf = (labels: readonly string[]): number[] => labels.map((label) => sizes.get(label) as number);
  const matrix = (x: Labelled, left: readonly string[], right: readonly string[]): Node => {
    const grown = ops.broadcastTo(x.node, shapeOf(x.labels));
    const y = arranged({ node: grown, labels: x.labels }, [...batch, ...left, ...right]);
    return ops.reshape(y, [...shapeOf(batch), sizeOf(shapeOf(left)), sizeOf(shapeOf(right))]);
  };
  // The second operand is read along its rows where the summed axes are its last.
  const transposeB = terms.includes(b.labels[b.labels.length - 1]);
  const right = transposeB ? matrix(b, columns, terms) : matrix(b, terms, columns);
  const labels = [...batch, ...rows, ...columns];
  const node = ops.reshape(ops.matmul(matrix(a, rows, terms), right, { transposeB }), shapeOf(labels));
  return { node, labels };
}

/**
 * Products of tensors summed over axes, in NumPy's notation: `einsum("ij,jk->ik", a, b)` is a matrix product,
 * `einsum("bchw->bc", x)` sums images, `einsum("i,j", a, b)` is an outer product. Every letter names an axis; "..." stands for all
 * other axes and broadcasts. Without "->" the result has the letters that stand once, in alphabetical order. Spaces
 * do not matter. A letter may not stand twice in one operand (no diagonals). Operands are float or complex, of one
 * precision.
 */
export function einsum<D extends DType>(
  equation: string,
  ...tensors: readonly [Tensor<D>, ...Tensor<NoInfer<D>>[]]
): Tensor<D>;
export function einsum<D extends DType, E extends DType>(
  equation: string,
  a: Tensor<D>,
  b: Tensor<E> & Fits<D, E>,
): Tensor;
export function einsum<D extends DType, E extends DType, F extends DType>(
  equation: string,
  a: Tensor<D>,
  b: Tensor<E> & Fits<D, E>,
  c: Tensor<F> & Fits<D, F> & Fits<E, F>,
): Tensor;
export function einsum<T extends Tensor>(equation: string, ...tensors: readonly T[]): Tensor<T["dtype"]>;
export function einsum(equation: string, ...tensors: readonly Tensor[]): Tensor {
  if (typeof equation !== "string") {
    throw new TypeError(`einsum: the equation is ${shown(equation)}; it must be a text, such as "ij,jk->ik"`);
  }
  tensors.forEach((x, i) => {
    nodeOf(`einsum "${equation}"`, x, `operand ${i}`);
  });
  const parsed = parse(equation);
  if (parsed.operands.length !== tensors.length) {
    throw new TypeError(
      `einsum "${equation}": the equation has ${parsed.operands.length} operands, but ${tensors.length} tensors were given`,
    );
  }
  const operands = parsed.operands.map((term, i) => labelled(tensors[i], term, equation));
  tensors.map((x) => x.dtype).reduce((a, b) => arithmeticDType(`einsum "${equation}"`, a, b));
  const sizes = sizesOf(operands, equation);
  const output = outputLabels(operands, parsed, equation);
  const [first, ...others] = operands;
  let result = first;
  others.forEach((other, i) => {
    const later = others.slice(i + 1).flatMap((x) => x.labels);
    result = contracted(result, other, new Set([...output, ...later]), sizes);
  });
  result = reduced(result, new Set(output));
  return new Tensor(arranged(result, output));
}
