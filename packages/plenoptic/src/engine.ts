// plenoptic-js/engine: what code needs that builds on the library, the command first of all, beside what `index.ts` has.
// The cards of models, metrics and losses, recipes, old files rewritten, what a saved file holds, the defaults and limits that help texts state, pauses, gaps and medians, ways out in a sentence.

export { advisedSize } from "./advisedSize.ts";
export { counted } from "./counted.ts";
export * as photographs from "./data/photographs.ts";
export { TARGET_KEYWORD, targetText } from "./embeddedTarget.ts";
export { checkOutputsFit, whatWouldDo } from "./fitting.ts";
export { type Gap, gapOf } from "./gap.ts";
export { describeText } from "./io/describeText.ts";
export { examineFile } from "./io/examineSavedSynthesis.ts";
export { maxFileBytes } from "./io/maxFileBytes.ts";
export {
  measured,
  numbersOf,
  type StimulusEncoding,
  type StimulusForm,
  type StimulusMeasures,
  stimulusOf,
  stimulusPng,
} from "./io/stimulus.ts";
export { mseLossCard } from "./loss/cards.ts";
export { median } from "./median.ts";
export type { MetricCard } from "./metric/card.ts";
export { metricCards } from "./metric/cards.ts";
export type { ModelCard, ModelLoss, ModelOption, ModelPreset, RepresentationGroups } from "./models/card.ts";
export { modelCards } from "./models/cards.ts";
export { mainLayers } from "./models/deepNetFeatures/mainLayers.ts";
export { modelFunction } from "./models/model.ts";
export { pixelHash } from "./pixelHash.ts";
export { fittingZoom } from "./plot/planes.ts";
export type { HistorySource } from "./plot/sources.ts";
export { deepMetamerDrive } from "./presets/deepMetamer.ts";
export type { ImageSize } from "./process/steerableMasks.ts";
export { mostScales } from "./process/steerablePyramid.ts";
export {
  buildRecipe,
  type OwnRecipe,
  RECIPE_KEYWORD,
  type Recipe,
  type RecipeExport,
  type RecipeParts,
  randomStates,
  recipeText,
} from "./recipe.ts";
export { type ReadStimulus, readStimulus } from "./replay/readStimulus.ts";
export { stepsOf } from "./replay/rerun.ts";
export { significant } from "./significant.ts";
export { megabytes } from "./stored/describe.ts";
export { EIGENDISTORTION_DEFAULTS } from "./synthesis/eigendistortion/options.ts";
export { residualLimit } from "./synthesis/eigendistortion/summary.ts";
export { Rests } from "./synthesis/frame/pause.ts";
export { driftWords } from "./synthesis/mad/drift.ts";
export { MAD_SUMMARY_DEFAULTS } from "./synthesis/mad/madVerdict.ts";
export { LAYOUT_OF } from "./synthesis/saving/dictionary/metadata.ts";
export { keepRecipe } from "./synthesis/saving/knownRecipe.ts";
export { isSynthesis, rewriteSynthesis } from "./synthesis/saving/old/rewrite.ts";
export { SUMMARY_DEFAULTS } from "./synthesis/verdict/metamerVerdict.ts";
export { areOneButForRounding } from "./synthesis/verdict/rounding.ts";
