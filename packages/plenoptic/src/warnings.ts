// Warnings: things that are probably not meant but stop nothing; the namespace `po.warnings`.

import { shown } from "@plenoptic-js/tensor/engine";

/** Base of all warnings. The code stays the same when the words change. */
abstract class Warning {
  abstract readonly name: string;
  readonly code: string;
  readonly message: string;

  constructor(code: string, message: string) {
    this.code = code;
    this.message = message;
  }

  toString(): string {
    return `${this.name}: ${this.message}`;
  }
}

/** Something in the user's input looks wrong. */
export class UserWarning extends Warning {
  readonly name = "UserWarning";
}

/** Something will change, or comes from an old version. */
export class FutureWarning extends Warning {
  readonly name = "FutureWarning";
}

/** A saved synthesis does not fit the object that loads it. */
export class LoadWarning extends Warning {
  readonly name = "LoadWarning";
}

export type AnyWarning = UserWarning | FutureWarning | LoadWarning;

const handlers = new Set<(warning: AnyWarning) => void>();
const seen = new Set<string>();

/**
 * Sends every warning to `handler` from now on. Without any handler, warnings go to `console.warn`, each message once.
 *
 * @returns a function that takes the handler away again
 */
export function on(handler: (warning: AnyWarning) => void): () => void {
  if (typeof handler !== "function") {
    throw new TypeError(`warnings.on: the handler is ${shown(handler)}; it must be a function of a warning`);
  }
  // A wrapper of its own, so that one function given twice is taken away once at a time.
  const entry = (warning: AnyWarning): void => handler(warning);
  handlers.add(entry);
  return () => {
    handlers.delete(entry);
  };
}

/** Gives a warning. Messages begin with the name of the function that warns, so that they tell their place. */
export function warn(warning: AnyWarning): void {
  if (!(warning instanceof Warning)) {
    throw new TypeError(`warnings.warn: the warning is ${shown(warning)}; it must be a UserWarning or its like`);
  }
  if (handlers.size > 0) {
    for (const handler of handlers) handler(warning);
    return;
  }
  const text = String(warning);
  if (seen.has(text)) return;
  seen.add(text);
  console.warn(text);
}
