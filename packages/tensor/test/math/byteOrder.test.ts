// A big-endian machine is refused. That bundles keep the check: bundle.test.ts of the plenoptic package.

import { expect, test } from "vitest";
import { requireLittleEndian } from "../../src/math/byteOrder.ts";

test("a machine whose first byte of the number 1 is 0 is refused, and this one is not", () => {
  expect(() => requireLittleEndian(0)).toThrow(
    "plenoptic needs a little-endian machine: this one is big-endian, and every number would be wrong",
  );
  expect(() => requireLittleEndian(1)).not.toThrow();
  expect(() => requireLittleEndian()).not.toThrow();
});
