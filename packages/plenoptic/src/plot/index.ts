/** Figures as SVG text, and the report page made of them; the namespace `po.plot`. */

export { AnimatedFigure, type AnimationKind } from "./animatedFigure.ts";
export { type AnimshowOptions, animshow } from "./animshow.ts";
export { type DisplayFiltersOptions, displayFilters, type FilteringModel } from "./displayFilters.ts";
export { type EigendistortionImshowAllOptions, eigendistortionImshowAll } from "./eigendistortionImshowAll.ts";
export { Figure } from "./figure.ts";
export { type HistogramOptions, histogram } from "./histogram.ts";
export { type ImshowOptions, imshow } from "./imshow.ts";
export { type MadImshowAllOptions, type MadLossAllOptions, madImshowAll, madLossAll } from "./madAll.ts";
export {
  type MetamerRepresentationErrorOptions,
  type ModelledMetamer,
  metamerRepresentationError,
} from "./metamerRepresentationError.ts";
export {
  type PlotRepresentationOptions,
  type PlottableModel,
  plotRepresentation,
  type Representation,
} from "./plotRepresentation.ts";
export { type PyrshowOptions, pyrshow } from "./pyrshow.ts";
export { type ReportContent, type ReportSection, report } from "./report.ts";
export type { ArraySource, EigendistortionSource, MadSource, MetamerSource, SynthesisSource } from "./sources.ts";
export { type StemPlotOptions, stemPlot } from "./stemPlot.ts";
export { type AnimatedPlot, type SynthesisAnimateOptions, synthesisAnimate } from "./synthesisAnimate.ts";
export { type SynthesisHistogramOptions, synthesisHistogram } from "./synthesisHistogram.ts";
export { type SynthesisImshowOptions, synthesisImshow } from "./synthesisImshow.ts";
export { type SynthesisLossOptions, synthesisLoss } from "./synthesisLoss.ts";
export { synthesisNorms } from "./synthesisNorms.ts";
export { type StatusPlot, type SynthesisStatusOptions, synthesisStatus } from "./synthesisStatus.ts";
export type { VRange } from "./vrange.ts";
