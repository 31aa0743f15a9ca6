// Arguments that a constructor does not take: refused, never ignored.

import { shown } from "@plenoptic-js/tensor/engine";

/**
 * @param caller the constructor
 * @param takes what it takes, and where other things go
 */
export function refuseSurplus(caller: string, surplus: readonly unknown[], takes: string): void {
  if (surplus.length === 0) return;
  throw new TypeError(`${caller}: ${surplus.map(shown).join(", ")} is one argument too many; it takes ${takes}`);
}
