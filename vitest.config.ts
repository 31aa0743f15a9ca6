// Tests in Node. The packages are tested as source, so no build is needed to run one file.

import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const source = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export const alias = {
  "@plenoptic-js/formats": source("./packages/formats/src/index.ts"),
  "@plenoptic-js/networks/onnx": source("./packages/networks/src/onnx.ts"),
  "@plenoptic-js/networks": source("./packages/networks/src/index.ts"),
  "@plenoptic-js/proof": source("./packages/proof/src"),
  "@plenoptic-js/runs": source("./packages/runs/src/index.ts"),
  "@plenoptic-js/tensor/engine": source("./packages/tensor/src/engine.ts"),
  "@plenoptic-js/tensor": source("./packages/tensor/src/index.ts"),
  "plenoptic-js/engine": source("./packages/plenoptic/src/engine.ts"),
  "plenoptic-js": source("./packages/plenoptic/src/index.ts"),
};

export default defineConfig({
  resolve: { alias },
  test: {
    include: ["packages/*/test/**/*.test.ts", "scripts/**/*.test.ts"],
    exclude: ["**/*.browser.test.ts", "**/*.slow.test.ts", "**/node_modules/**"],
    environment: "node",
    pool: "forks",
    testTimeout: 120_000,
  },
});
