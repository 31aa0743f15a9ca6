// The Jacobian of a model at one image, as a matrix: one gradient for each output.

import { type FloatDType, gradient, Tensor } from "@plenoptic-js/tensor";
import { fromValue, inputLeaf, type Node } from "@plenoptic-js/tensor/engine";
import { fittingProgram } from "../../fitting.ts";
import { UserWarning, warn } from "../../warnings.ts";
import type { Linearized } from "./linearized.ts";
import type { Turn } from "./turn.ts";

/** Rows that one run of the program gives: they share what the model computes at the image. */
const ROWS = 4;

/** What one array may hold, in bytes. */
export const MOST_BYTES = 2_147_483_648;

/** Entries above which the size and the time are told before the work. */
export const LARGE = 1_000_000;

export const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 1_048_576)} MiB`;

/** Numbers of the output; a complex one counts as two. */
export const outputsOf = ({ output }: Linearized): number =>
  output.dtype.startsWith("complex") ? 2 * output.size : output.size;

/** Refuses a Jacobian that cannot be held. */
export function refuseTooLarge(caller: string, rows: number, columns: number, dtype: FloatDType): void {
  const bytes = rows * columns * (dtype === "float32" ? 4 : 8);
  if (bytes <= MOST_BYTES) return;
  throw new RangeError(
    `${caller}: the Jacobian of ${rows} outputs by ${columns} pixels takes ${mebibytes(bytes)}, more than the ` +
      `${mebibytes(MOST_BYTES)} that one array can hold. method: "krylov" needs no Jacobian; otherwise use a smaller ` +
      "image, or a model with fewer outputs.",
  );
}

/**
 * J, [outputs, pixels], both in C order; of complex outputs the real and the imaginary part of each in turn. Large ones are
 * announced by a warning, with the time they will take.
 *
 * @param then of the method "exact": what follows, with its time, to be told in the same warning
 */
export async function jacobianOf(at: Linearized, turn: Turn, then: string | null = null): Promise<Tensor<FloatDType>> {
  const { image, output } = at;
  const { dtype } = image;
  const m = outputsOf(at);
  const n = image.size;
  refuseTooLarge("computeJacobian", m, n, dtype);
  const isComplex = m !== output.size;

  const lanes = Math.min(ROWS, m);
  const buffers: Record<string, Node> = {};
  const outputs: Record<string, Node> = {};
  for (let i = 0; i < lanes; i++) {
    buffers[`c${i}`] = inputLeaf(output.shape, output.dtype);
    outputs[`row${i}`] = gradient(output, image, { cotangent: new Tensor(buffers[`c${i}`]) }).node;
  }
  const program = fittingProgram(image, { buffers, entries: { rows: { outputs } } });

  const plane = (): Float32Array | Float64Array =>
    dtype === "float32" ? new Float32Array(output.size) : new Float64Array(output.size);
  const [re, im] = [plane(), plane()];
  const one = (row: number): void => {
    const part = isComplex && row % 2 === 1 ? im : re;
    part[isComplex ? Math.floor(row / 2) : row] = 1;
  };
  const data = dtype === "float32" ? new Float32Array(m * n) : new Float64Array(m * n);
  const began = performance.now();
  let told = m * n <= LARGE;
  for (let first = 0; first < m; first += lanes) {
    const rows = Math.min(lanes, m - first);
    for (let i = 0; i < rows; i++) {
      re.fill(0);
      im.fill(0);
      one(first + i);
      program.set(`c${i}`, { dtype: output.dtype, shape: output.shape, re, ...(isComplex && { im }) });
    }
    program.run("rows");
    for (let i = 0; i < rows; i++) data.set(program.get(`rows.row${i}`).re, (first + i) * n);
    turn.report({ stage: "jacobian", share: (first + rows) / m, products: 0, residual: null });
    await turn.rest();
    if (!told && first > 0) {
      told = true;
      tell(m, n, data.byteLength, ((performance.now() - began) / (first + rows)) * m, then);
    }
  }
  checkFinite(data, n);
  return fromValue<FloatDType>({ dtype, shape: [m, n], re: data });
}

function tell(m: number, n: number, bytes: number, milliseconds: number, then: string | null): void {
  const [code, caller, after] =
    then === null ? ["jacobian-size", "computeJacobian", ""] : ["exact-size", "synthesize", `, then ${then}`];
  const seconds = Math.ceil(milliseconds / 1000);
  warn(
    new UserWarning(
      code,
      `${caller}: the Jacobian of ${m} outputs by ${n} pixels takes ${mebibytes(bytes)} and about ${seconds} s${after}; ` +
        'method: "krylov" does without it',
    ),
  );
}

function checkFinite(data: Float32Array | Float64Array, n: number): void {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i])) {
      throw new RangeError(
        `computeJacobian: the derivative of output ${Math.floor(i / n)} by pixel ${i % n} is ${data[i]}; look for a square ` +
          "root or a division of 0 in the model",
      );
    }
  }
}
