// Before a package is packed: what stands once in the project and belongs into every tarball comes into its folder. `after`
// takes it away again. npm runs both in the package's folder.

import { cpSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";

// Node is shown the bundles, and browsers the built page, so a package without them would be empty.
if (process.argv[2] !== "after" && !existsSync("dist/node/index.js") && !existsSync("dist/index.html")) {
  console.error("dist is missing, or not whole: run npm run build in the project first.");
  process.exit(1);
}

const root = join(import.meta.dirname, "..");

/** The library's own page, and the documentation it links to, come along with the package that people install. */
const ofLibrary = existsSync("assets/images") ? ["README.md", "docs"] : [];

for (const name of ["LICENSE", "CHANGELOG.md", ...ofLibrary]) {
  if (process.argv[2] === "after") rmSync(name, { recursive: true, force: true });
  else cpSync(join(root, name), name, { recursive: true });
}
