// Whether an optimizer and a scheduler are what optim makes: not a name, nor the maker itself.

import { optim } from "@plenoptic-js/tensor";
import { optimizers, schedulers, shown } from "@plenoptic-js/tensor/engine";

export function checkOptimizer(method: string, optimizer: optim.Optimizer | null): void {
  if (optimizer === null || isOptimizer(optimizer)) return;
  if (isScheduler(optimizer)) throw new TypeError(swapped(method, "optimizer", optimizer, "scheduler"));
  const name = nameIn(optimizers, optimizer) ?? "Adam";
  throw new TypeError(refusal(method, "optimizer", optimizer, `optim.${name}({ lr: 0.01 })`));
}

export function checkScheduler(method: string, scheduler: optim.Scheduler | null): void {
  if (scheduler === null || isScheduler(scheduler)) return;
  if (isOptimizer(scheduler)) throw new TypeError(swapped(method, "scheduler", scheduler, "optimizer"));
  const name = nameIn(schedulers, scheduler) ?? "StepLR";
  const call = name === "StepLR" ? "{ stepSize: 100 }" : `{ ${schedulers[name].options[0]}: ... }`;
  throw new TypeError(refusal(method, "scheduler", scheduler, `optim.${name}(${call})`));
}

const isOptimizer = (value: unknown): boolean =>
  ["formula", "lbfgs"].includes((value as { readonly kind?: string } | undefined)?.kind ?? "");

const isScheduler = (value: unknown): boolean =>
  typeof (value as { readonly next?: unknown } | undefined)?.next === "function";

const swapped = (method: string, what: string, value: unknown, kind: "optimizer" | "scheduler"): string =>
  `${method}: ${what} is ${shown(value)}, ${kind === "optimizer" ? "an optimizer" : "a scheduler"}; give it as ${kind}`;

const refusal = (method: string, what: string, value: unknown, call: string): string =>
  `${method}: ${what} is ${shown(value)}; it must be made by optim, as in ${what}: po.${call}`;

/** Of a maker, or of a text, the name it has in a registry; null where it has none. */
function nameIn(registry: Readonly<Record<string, unknown>>, value: unknown): string | null {
  const makers: Readonly<Record<string, unknown>> = optim;
  const isIt = (name: string): boolean =>
    makers[name] === value || (typeof value === "string" && value.toLowerCase() === name.toLowerCase());
  return Object.keys(registry).find(isIt) ?? null;
}
