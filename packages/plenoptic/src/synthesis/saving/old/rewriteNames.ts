// The dotted names of functions and models in files from before 2.0, as plenoptic 2.x has them.

const MOVED: readonly (readonly [old: string, now: string])[] = [
  ["plenoptic.simulate.models.", "plenoptic.models."],
  ["plenoptic.tools.optim.", "plenoptic.loss."],
  ["plenoptic.tools.regularization.", "plenoptic.regularize."],
  ["plenoptic.metric.naive.", "plenoptic.metric._naive."],
  ["plenoptic.metric.perceptual_distance.", "plenoptic.metric._perceptual_distance."],
  ["plenoptic.metric.model_metric.", "plenoptic.metric._model_metric."],
];

/** The name of plenoptic 2.x; other people's names stay as they are. */
export function presentName(name: string): string {
  const moved = MOVED.find(([old]) => name.startsWith(old));
  return moved === undefined ? name : moved[1] + name.slice(moved[0].length);
}
