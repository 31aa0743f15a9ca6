// What every consumer runs: a photograph that ships, pictures that need a decoder, a metamer, a metric; and their hashes.
// Written as text, because consumers get it as files of their own.

import { readFileSync } from "node:fs";

/** Pictures of a kind each, whose decoders bundlers must find and put beside the page. */
const PICTURES = ["jpeg-gray-progressive.jpg", "webp-lossy-low.webp"].map((name) =>
  readFileSync(new URL(`../../packages/formats/test/data/codecs/${name}`, import.meta.url)).toString("base64"),
);

/**
 * A module that exports `result()`, or with `require` a script that does.
 *
 * @param image the image it works on. Bundlers that know nothing of files beside a script get one that needs none
 */
export function program(
  style: "import" | "require" = "import",
  image = 'await po.data.house({ dtype: "float64" })',
): string {
  const bring = style === "import" ? 'import * as po from "plenoptic-js";' : 'const po = require("plenoptic-js");';
  const give = style === "import" ? "export { result };" : "module.exports = { result };";
  return `${bring}

async function result() {
  po.setSeed(0);
  const image = ${image};
  const metamer = new po.Metamer(image, new po.models.Gaussian(31, { std: 3 }));
  await metamer.synthesize({ maxIter: 3, stopCriterion: 0 });
  const tensors = [metamer.metamer, po.metric.ssim(metamer.metamer, image)];
  for (const text of ${JSON.stringify(PICTURES)}) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    tensors.push(await po.loadImages(bytes, { dtype: "float64" }));
  }
  const hashes = [];
  for (const x of tensors) hashes.push((await po.hashTensor(x)).slice(0, 16));
  return hashes.join(" ");
}

${give}
`;
}

/** A module that prints the result. */
export const PRINT = 'import { result } from "./program.js";\nconsole.log("result: " + (await result()));\n';

/** A page's module that puts the result where it can be read from outside. */
const SHOW = `import { result } from "./program.js";
result().then(
  (text) => { document.title = "result: " + text; },
  (error) => { document.title = "failed: " + error; },
);
`;

/** The files of a page, besides its program. */
export const PAGE = {
  "index.html": `<!doctype html>
<meta charset="utf-8">
<title>working</title>
<script type="module" src="./main.js"></script>
`,
  "main.js": SHOW,
};

/** What the worker of docs/browser.md computes. */
export const WORKER_PROGRAM = `import * as po from "plenoptic-js";

export async function result() {
  po.setSeed(0);
  const image = await po.data.house({ dtype: "float64" });
  const metamer = new po.Metamer(image, new po.models.Gaussian(31, { std: 3 }));
  await metamer.synthesize({ maxIter: 100, stopCriterion: 0 });
  return (await po.hashTensor(metamer.metamer)) + ", " + metamer.metamer.size;
}
`;
