// Numbers of things, in words.

/** `1 iteration`, `2 iterations`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
