// JSON objects with a key twice: RFC 8259 allows them, and readers disagree about what they mean.

/**
 * The first key that some object of a JSON text has twice; undefined when there is none.
 *
 * @param text what JSON.parse has accepted
 */
export function duplicateKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === "{") open.push(new Set());
    else if (char === "[") open.push(null);
    else if (char === "}" || char === "]") open.pop();
    if (char !== '"') continue;
    const start = at++;
    while (text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
    let next = at + 1;
    while (/\s/.test(text[next] ?? "")) next++;
    const keys = open.at(-1);
    if (text[next] !== ":" || keys == null) continue;
    const key = JSON.parse(text.slice(start, at + 1)) as string;
    if (keys.has(key)) return key;
    keys.add(key);
  }
  return undefined;
}
