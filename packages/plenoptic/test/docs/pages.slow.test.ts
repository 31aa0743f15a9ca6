// The samples of pages for users whose syntheses take a while.

import { test } from "vitest";
import * as po from "../../src/index.ts";
import { checkPage } from "./pages.ts";

test.each(["README.md", "docs/metamers.md", "docs/eigendistortion.md"])("%s", (path) => checkPage(path));

test("docs/compatibility.md", () =>
  checkPage("docs/compatibility.md", async () => {
    // What Python would have begun.
    const image = await po.loadImages("photo.png", { dtype: "float64" });
    const metamer = new po.Metamer(image, new po.models.Gaussian(7, { std: 2 }));
    await metamer.synthesize({ maxIter: 2 });
    await metamer.save("begun.pt");
  }));
