// The samples of pages for users whose syntheses take a while.

import { test } from "vitest";
import { checkPage } from "./pages.ts";

test.each(["README.md", "docs/metamers.md", "docs/eigendistortion.md"])("%s", checkPage);
