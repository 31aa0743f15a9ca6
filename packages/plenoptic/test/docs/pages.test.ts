// The samples of pages for users run, and print the numbers that stand beside them. Pages that take longer are in
// pages.slow.test.ts.

import { test } from "vitest";
import { checkPage } from "./pages.ts";

test.each(["docs/metrics.md", "docs/models.md", "docs/mad.md", "docs/figures.md", "docs/reproducibility.md"])(
  "%s",
  (path) => checkPage(path),
);
