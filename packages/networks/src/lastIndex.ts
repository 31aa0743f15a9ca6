/** The place of the last element that passes a test; -1 where none does. (Array.findLastIndex is younger than the engines we run in.) */
export function lastIndex<T>(list: readonly T[], test: (element: T, index: number) => boolean): number {
  let index = list.length - 1;
  while (index >= 0 && !test(list[index], index)) index--;
  return index;
}
