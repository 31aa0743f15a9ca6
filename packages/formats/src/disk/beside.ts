// A file beside another one, named by that one: never outside of its folder, wherever links lead.

import { FileError } from "../errors.ts";
import { checkOptions } from "../options.ts";
import { nodeFiles } from "./node.ts";
import { readSource, type SourceBytes } from "./source.ts";
import { systemCode } from "./systemCode.ts";

/**
 * Reads the file `name` in the folder of the file at `path`, which must lie in that folder, or in one inside of it.
 *
 * @param name a relative path with `/`, as files name each other
 * @throws FileError when there is none, when it is elsewhere, or where there are no folders, as in a browser
 */
export async function readBeside(
  path: string,
  name: string,
  options: { maxBytes?: number } = {},
): Promise<SourceBytes> {
  checkOptions("readBeside()", options, ["maxBytes"]);
  const node = nodeFiles();
  const isUrl = /^(https?|data|blob):/i.test(path);
  if (node === undefined || isUrl) {
    throw new FileError("not-found", name, "files beside another one are found on a disk only; give it yourself");
  }
  const place = /^file:/i.test(path) ? node.url.fileURLToPath(path) : path;
  const folder = node.path.dirname(place);
  let real: string;
  try {
    real = await node.fs.realpath(node.path.join(folder, name));
  } catch (cause) {
    const code = systemCode(cause) === "ENOENT" ? "not-found" : "unreadable";
    throw new FileError(code, name, "there is no such file beside it", { cause });
  }
  const inside = node.path.relative(await node.fs.realpath(folder), real);
  if (inside === "" || inside === ".." || inside.startsWith(`..${node.path.sep}`) || node.path.isAbsolute(inside)) {
    throw new FileError("no-permission", name, "this file lies outside of the folder, which is not left");
  }
  if (!(await node.fs.stat(real)).isFile()) throw new FileError("not-a-file", name, "this is no ordinary file");
  return readSource(real, options);
}
