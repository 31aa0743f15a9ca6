// The work that the method "exact" announces, beside the operations that it makes. Times are not tested: machines differ.

import { expect, it } from "vitest";
import { iterate, type RotationSink } from "../../../tensor/src/linalg/qlIteration.ts";
import { tridiagonalize } from "../../../tensor/src/linalg/tridiagonal.ts";
import * as po from "../../src/index.ts";
import { exactOperations } from "../../src/synthesis/eigendistortion/exact.ts";

/** The operations of J^T J, of its reduction, and of the rotations that it takes: six for a row and rotation. */
function operationsMade(jacobian: ArrayLike<number>, m: number, n: number): number {
  const fisher = new Float64Array(n * n);
  let made = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < m; k++) sum += jacobian[k * n + i] * jacobian[k * n + j];
      made += 2 * m;
      fisher[i * n + j] = sum;
      fisher[j * n + i] = sum;
    }
  }
  // Golub and Van Loan, "Matrix Computations", 4th edition, section 8.3.1: 4 n^3 / 3, and as much for Q.
  made += (8 / 3) * n ** 3;
  const largest = fisher.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const steps = tridiagonalize(
    fisher.map((x) => x / largest),
    n,
  );
  let step = steps.next();
  while (!step.done) step = steps.next();
  const sink: RotationSink = {
    start() {},
    push() {
      made += 6 * n;
    },
  };
  for (const _ of iterate(step.value.diagonal, step.value.beside, sink));
  return made;
}

const SIDE = 16;

it.each<[string, () => Promise<po.Tensor>]>([
  [
    "a blur",
    async () => {
      const image = po.process.centerCrop(await po.data.house({ dtype: "float64" }), SIDE);
      return new po.Eigendistortion(image, new po.models.Gaussian(9)).computeJacobian();
    },
  ],
  ["random weights", async () => po.randn([2 * SIDE * SIDE, SIDE * SIDE], { dtype: "float64" })],
])("is announced as it is: %s", async (_, make) => {
  const jacobian = await make();
  const [m, n] = jacobian.shape;
  const share = exactOperations(m, n) / operationsMade(await jacobian.data(), m, n);
  expect(share).toBeGreaterThan(0.8);
  expect(share).toBeLessThan(1.25);
});
