// How many programs this thread has compiled: what tests ask, so that nothing is compiled twice where once will do.

let made = 0;

/** Programs compiled so far. */
export const programsMade = (): number => made;

export function countProgram(): void {
  made++;
}
