import { metric } from "plenoptic-js";
export const ssim = metric.ssim;
