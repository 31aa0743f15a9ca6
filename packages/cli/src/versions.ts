// Versions of the packages, from their own package.json.

import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** Version by package name. */
export function packageVersions(): { readonly "plenoptic-js": string; readonly "@plenoptic-js/tensor": string } {
  return {
    "plenoptic-js": require("plenoptic-js/package.json").version,
    "@plenoptic-js/tensor": require("@plenoptic-js/tensor/package.json").version,
  };
}
