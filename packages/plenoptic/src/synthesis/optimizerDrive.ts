// What moves the image by an optimizer: at the beginning, of a loaded synthesis, and in another precision.

import type { FloatDType, optim, Tensor } from "@plenoptic-js/tensor";
import { castSnapshot } from "./frame/castSnapshot.ts";
import type { Objective } from "./frame/descent.ts";
import { Drive } from "./frame/drive.ts";
import { startDescent } from "./frame/startDescent.ts";
import type { OptimizerOptions } from "./runningSynthesis.ts";
import type { Loaded } from "./saving/loaded.ts";
import { resume } from "./saving/resume.ts";

export function startedDrive(
  objective: Objective,
  start: Tensor<FloatDType>,
  optimizer: optim.Optimizer,
  scheduler: optim.Scheduler | null,
): Drive {
  return new Drive(startDescent(start, optimizer, objective), scheduler);
}

/** @param initialLr the first learning rate of all, where the file knows it */
export function resumedDrive(
  objective: Objective,
  loaded: Loaded,
  given: Required<OptimizerOptions>,
  initialLr: number | null = null,
): Drive {
  const { optimizer, snapshot, ...going } = resume(loaded.run, given);
  const descent = startDescent(loaded.image, optimizer, objective, snapshot);
  // Where the state is lost, the rate of the new optimizer is the first one.
  const first = snapshot === null ? null : initialLr;
  return new Drive(descent, going.scheduler, { ...going, initialLr: first ?? going.initialLr });
}

export function castDrive(objective: Objective, drive: Drive, start: Tensor<FloatDType>): Drive {
  const { descent, scheduler } = drive;
  const snapshot = castSnapshot(descent.snapshot(), start.dtype);
  return new Drive(startDescent(start, descent.optimizer, objective, snapshot), scheduler, drive);
}
