// Python's names of options and states, and ours.

/** weightDecay as weight_decay. */
export const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** weight_decay as weightDecay, T_max as tMax. */
export const camelCase = (name: string): string =>
  name.replace(/_(.)/g, (_, c: string) => c.toUpperCase()).replace(/^./, (c) => c.toLowerCase());
