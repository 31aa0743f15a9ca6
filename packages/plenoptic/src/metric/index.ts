// Metrics: how alike two images are; the namespace `po.metric`. docs/metrics.md compares them with other programs'.

export { modelMetricFactory } from "./modelMetric.ts";
export { mse } from "./mse/mse.ts";
export { type MsSsimOptions, msSsim } from "./msSsim/msSsim.ts";
export { type NlpdOptions, nlpd } from "./nlpd/nlpd.ts";
export { oneMinusSsim, type SsimOptions, ssim } from "./ssim/ssim.ts";
