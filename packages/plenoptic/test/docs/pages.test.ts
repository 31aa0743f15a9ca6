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
  const golden = (name: string): string =>
    fileURLToPath(new URL(`../../../networks/test/data/golden/${name}`, import.meta.url));
  await checkPage("docs/deep-nets.md", async () => {
    await copyFile(golden("nets/resnet_dynamic_17.onnx"), "resnet.onnx");
    await copyFile(golden("real/ocr_cls.onnx"), "ocr_cls.onnx");
  });
});
