// Image processing; the namespace `po.process`.

export { type CircularGaussianOptions, circularGaussian2d, type KernelSize } from "./gaussian.ts";
export { type Pair, type SamePaddingOptions, samePadding } from "./padding.ts";
