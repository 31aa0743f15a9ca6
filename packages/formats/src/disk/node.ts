// The file system, where there is one. Asked for at run time and never imported, so that browsers can load, and
// bundlers can bundle, the modules that may need it.

export interface NodeFiles {
  readonly fs: typeof import("node:fs/promises");
  /** The same without promises. */
  readonly sync: typeof import("node:fs");
  readonly path: typeof import("node:path");
  readonly url: typeof import("node:url");
}

/** Node's file modules, or `undefined` in a browser. */
export function nodeFiles(): NodeFiles | undefined {
  if (typeof process === "undefined" || typeof process.getBuiltinModule !== "function") return undefined;
  const fs = process.getBuiltinModule("node:fs/promises");
  const sync = process.getBuiltinModule("node:fs");
  const path = process.getBuiltinModule("node:path");
  const url = process.getBuiltinModule("node:url");
  return { fs, sync, path, url };
}
