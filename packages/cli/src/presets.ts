// The recipes that the command knows by name: a model, an optimizer and a start that go together.

import type { optim, Tensor } from "@plenoptic-js/tensor";
import { presets } from "plenoptic-js";
import { textureOptimizer } from "plenoptic-js/engine";

export type PresetName = "texture";

interface CliPreset {
  /** The model's name on the command line. */
  readonly model: string;
  readonly iterations: number;
  /** How the start is made, for people. */
  readonly start: string;
  readonly optimizer: () => optim.Optimizer;
  readonly initialImage: (target: Tensor) => Tensor;
}

export const cliPresets: Readonly<Record<PresetName, CliPreset>> = {
  texture: {
    model: "portilla-simoncelli",
    iterations: 100,
    start: "the mean of the target with a little noise",
    optimizer: textureOptimizer,
    initialImage: presets.textureStart,
  },
};

export const presetNames: readonly PresetName[] = ["texture"];

/** What `--preset` says in the help of a command. */
export const PRESET_HELP =
  "a recipe that is known to work. texture: the same texture, rearranged (portilla-simoncelli, L-BFGS, a start near the mean)";
