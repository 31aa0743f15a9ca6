// The samples of pages for users run, and print the numbers that stand beside them. Pages that take longer are in
// pages.slow.test.ts.

import { copyFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { checkPage } from "./pages.ts";

test.each([
  "docs/metrics.md",
  "docs/models.md",
  "docs/mad.md",
  "docs/figures.md",
  "docs/reproducibility.md",
  "docs/stimuli.md",
])("%s", (path) => checkPage(path));

test("docs/deep-nets.md", async () => {
  const file = new URL("../../../networks/test/data/golden/nets/resnet_dynamic_17.onnx", import.meta.url);
  await checkPage("docs/deep-nets.md", () => copyFile(fileURLToPath(file), "resnet.onnx"));
});
