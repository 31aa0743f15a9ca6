// What a plan may say: the options of the command for one stimulus, told by the command, so that there is no second list of them.

/** What an option takes, for editors. */
export type Accepts =
  | {
      readonly kind: "integer" | "number";
      readonly minimum?: number;
      readonly maximum?: number;
      readonly above?: number;
    }
  | { readonly kind: "choice"; readonly choices: readonly string[] }
  | { readonly kind: "flag" }
  | { readonly kind: "text" };

export interface PlanOption {
  /** What it is called on the command line, without dashes. */
  readonly name: string;
  readonly help: string;
  readonly accepts: Accepts;
  /** Whether it decides only how files are made: then jobs do not differ by it, and a plan gives it one value. */
  readonly isOfFiles?: boolean;
  /** Whether a value may be a file of the user's. */
  readonly mayBeFile?: boolean;
  /** Throws an Error that says what a value must be. */
  check(text: string): void;
}

/** A thing with a name and options of its own, such as `model: { name: gaussian, std: 2 }`. */
export interface PlanGroup {
  /** What it is called in a plan, and its option on the command line. */
  readonly name: string;
  readonly help: string;
  /** Its options by their names on the command line; null where they are written `name=value` after one option. */
  readonly options: readonly PlanOption[] | null;
  /** That option: `optimizer-option`. */
  readonly assigns: string | null;
}

export interface PlanMethod {
  /** The name of the command: `metamer`. */
  readonly name: string;
  readonly help: string;
  readonly groups: readonly PlanGroup[];
  readonly options: readonly PlanOption[];
  /** Options of the command that have no place in a plan, and what to do instead. */
  readonly refused: ReadonlyMap<string, string>;
}

export interface Vocabulary {
  readonly methods: readonly PlanMethod[];
  /** Names of the pictures that ship. */
  readonly pictures: readonly string[];
  readonly largestSeed: number;
  /** Whether the name of a model or a metric means a file, which is then named as seen from the plan. */
  isFile(text: string): boolean;
}
