// Synthetic images, and the pictures that come with the package; the name space `po.data`. Names one by one, so that bundlers
// leave out what is not used.

export {
  type DiskOptions,
  disk,
  type Origin,
  type PolarAngleOptions,
  type PolarRadiusOptions,
  polarAngle,
  polarRadius,
  type Size,
} from "../process/synthetic.ts";
export * from "./absent.ts";
export * from "./photographs.ts";
