// What can be chosen, as the cards of models and metrics say it: plain data, which the worker sends to the page.

export interface OptionCard {
  readonly name: string;
  readonly words: string;
  readonly help: string;
  readonly isWhole: boolean;
  readonly least: number;
  /** null: no greatest. */
  readonly most: number | null;
  readonly usual: number;
}

export interface ModelEntry {
  readonly name: string;
  readonly className: string;
  readonly summary: string;
  readonly hasScales: boolean;
  readonly options: readonly OptionCard[];
}

export interface MetricEntry {
  readonly name: string;
  readonly summary: string;
  /** What it is as a distance: `1 - SSIM`. */
  readonly distance: string;
}

export interface OptimizerEntry {
  readonly name: string;
  readonly summary: string;
}

export interface PresetEntry {
  readonly name: string;
  readonly model: string;
  readonly summary: string;
  readonly parts: string;
  readonly iterations: number;
}

export interface Catalog {
  readonly pictures: readonly string[];
  readonly models: readonly ModelEntry[];
  readonly metrics: readonly MetricEntry[];
  readonly optimizers: readonly OptimizerEntry[];
  readonly presets: readonly PresetEntry[];
  readonly versions: { readonly library: string; readonly numerics: number };
}
