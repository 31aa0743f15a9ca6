// Schedulers that move the momentum, and the optimizers that have one.

import { checkNumber } from "../checks.ts";
import type { Optimizer } from "../optimizer.ts";
import type { Scheduler } from "./scheduler.ts";

/** Refuses momenta that are not above 0 and below 1. */
export function checkMomenta(maker: string, momenta: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(momenta)) {
    checkNumber(maker, name, value, value > 0 && value < 1, "above 0 and below 1");
  }
}

/**
 * The optimizer as this scheduler moves it: where it moves the momentum, that is told in every step.
 *
 * @throws RangeError where the scheduler moves a momentum that the optimizer does not have
 */
export function scheduled(optimizer: Optimizer, scheduler: Scheduler | null): Optimizer {
  if (scheduler === null || !scheduler.movesMomentum) return optimizer;
  if (optimizer.kind === "formula" && optimizer.moving !== undefined) return optimizer.moving();
  throw new RangeError(
    `${scheduler.name} moves the momentum, and ${optimizer.name} has none; give ${scheduler.name} the option cycleMomentum: false`,
  );
}
