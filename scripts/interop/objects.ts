// The objects that go from one library to the other, by class, as both make them. continue.py is the other side.

import * as po from "plenoptic-js";
import { type ClassName, target } from "./cases.ts";

export type Synthesis = po.Metamer | po.MetamerCTF | po.MADCompetition;

const texture = new po.models.PortillaSimoncelli([32, 32], { nScales: 2, nOrientations: 2, spatialCorrWidth: 5 });

const MAKERS: Readonly<Record<ClassName, () => Synthesis>> = {
  Metamer: () => new po.Metamer(target.image, new po.models.Gaussian([7, 7])),
  MetamerCTF: () => new po.MetamerCTF(target.image, texture, { lossFunction: po.loss.l2Norm }),
  MADCompetition: () =>
    new po.MADCompetition(target.image, po.metric.oneMinusSsim, po.metric.mse, "max", { metricTradeoffLambda: 10 }),
};

export const fresh = (className: ClassName): Synthesis => MAKERS[className]();

/** An object with what a file holds. */
export async function loaded(className: ClassName, file: string): Promise<Synthesis> {
  const object = fresh(className);
  await object.load(file);
  return object;
}

export const imageOf = (object: Synthesis): po.Tensor =>
  object instanceof po.MADCompetition ? object.madImage : object.metamer;

export const storedOf = (object: Synthesis): po.Tensor =>
  object instanceof po.MADCompetition ? object.savedMadImage : object.savedMetamer;

/** Histories that only this class has. */
export function ownSeries(object: Synthesis): Readonly<Record<string, Float64Array>> {
  if (object instanceof po.MetamerCTF) return { scalesLoss: object.scalesLoss };
  if (!(object instanceof po.MADCompetition)) return {};
  const { optimizedMetricLoss, referenceMetricLoss } = object;
  return { optimizedMetricLoss, referenceMetricLoss };
}

/** Which scales are finished, and when; nothing for other classes. */
export const timingOf = (object: Synthesis): string =>
  object instanceof po.MetamerCTF ? JSON.stringify([object.scales, ...object.scalesTiming]) : "";
