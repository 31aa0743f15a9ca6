// What is in a folder, where there are folders.

import { nodeFiles } from "./node.ts";

/** The paths of what is in a folder; undefined when `path` is none, and in a browser. */
export async function listFolder(path: string): Promise<string[] | undefined> {
  const node = nodeFiles();
  const stat = await node?.fs.stat(path).catch(() => undefined);
  if (node === undefined || !stat?.isDirectory()) return undefined;
  return (await node.fs.readdir(path)).map((name) => node.path.join(path, name));
}
