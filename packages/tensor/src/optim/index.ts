// Optimizers; the namespace `optim`.

export { Adam, type AdamOptions } from "./adam.ts";
export type { Named, Optimizer } from "./optimizer.ts";
