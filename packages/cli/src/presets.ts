// The presets that the command knows by name: a model, an optimizer and a start that go together, as the models' cards say.

import { type ModelPreset, modelCards } from "plenoptic-js/engine";

interface CliPreset extends ModelPreset {
  /** The model's name on the command line. */
  readonly model: string;
}

const presets = modelCards.flatMap(({ name, preset }): CliPreset[] => (preset ? [{ ...preset, model: name }] : []));

export const cliPresets: ReadonlyMap<string, CliPreset> = new Map(presets.map((preset) => [preset.name, preset]));

/** What `--preset` says in the help of a command. */
export const PRESET_HELP = `a recipe that is known to work. ${presets
  .map(({ name, summary, model, parts }) => `${name}: ${summary} (${model}, ${parts})`)
  .join("; ")}`;

/** Their iterations, as the help of a command says them: `with --preset texture 100`. */
export const PRESET_ITERATIONS = presets
  .map(({ name, iterations }) => `with --preset ${name} ${iterations}`)
  .join(", ");
