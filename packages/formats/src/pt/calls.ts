// What the calls of a pickle share: how one is made, and how it is refused.

import type { KeyTable } from "./keys.ts";
import type { Budget } from "./limits.ts";
import type { PtValue } from "./values.ts";

/** Arguments do not have the form that Python and torch write. */
export class ArgumentError extends Error {
  constructor(callee: string) {
    super(`it calls ${callee} with arguments that torch.save does not write`);
  }
}

/** What calls need to know of the file. */
export interface CallContext {
  readonly budget: Budget;
  readonly keys: KeyTable;
  /** The most bytes that one tensor may have when all of its elements are written out. */
  readonly maxTensorBytes: number;
}

/** What a call makes of its arguments. */
export type Callable = (args: readonly PtValue[], context: CallContext) => PtValue;
