// The presets that the command knows by name: a model, an optimizer and a start that go together, as the models' cards say.

import type { optim, Tensor } from "@plenoptic-js/tensor";
import { deepMetamerDrive, type ModelPreset, modelCards } from "plenoptic-js/engine";

interface CliPreset extends Omit<ModelPreset, "initialImage"> {
  /** The model's name on the command line; null where a network is to be named. */
  readonly model: string | null;
  scheduler(): optim.Scheduler | null;
  /** null: uniform noise. */
  initialImage(target: Tensor): Tensor | null;
}

/** For layers of networks. */
const deepMetamer: CliPreset = {
  name: "deep-metamer",
  model: null,
  summary: "what a layer of a network takes for the same",
  parts: "Adam with 0.01, halved every 3000 steps",
  iterations: 12_000,
  optimizer: () => deepMetamerDrive().optimizer,
  scheduler: () => deepMetamerDrive().scheduler,
  initialImage: () => null,
  start: "uniform noise",
};

const presets = [
  ...modelCards.flatMap(({ name, preset }): CliPreset[] =>
    preset ? [{ ...preset, model: name, scheduler: () => null }] : [],
  ),
  deepMetamer,
];

export const cliPresets: ReadonlyMap<string, CliPreset> = new Map(presets.map((preset) => [preset.name, preset]));

/** What `--preset` says in the help of a command. */
export const PRESET_HELP = `a recipe that is known to work. ${presets
  .map(
    ({ name, summary, model, parts }) => `${name}: ${summary} (${model ?? "--model net.onnx --layer NAME"}, ${parts})`,
  )
  .join("; ")}`;

/** Their iterations, as the help of a command says them: `with --preset texture 100`. */
export const PRESET_ITERATIONS = presets
  .map(({ name, iterations }) => `with --preset ${name} ${iterations}`)
  .join(", ");
