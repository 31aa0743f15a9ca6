// What a system error says of itself. Apart from node.ts: the types of that one are for those who have Node's.

/** The code of a Node system error (`ENOENT` and so on), or "". */
export function systemCode(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return typeof code === "string" ? code : "";
}
