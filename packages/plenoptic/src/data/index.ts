// Synthetic images; part of the namespace `po.data`.

export {
  type DiskOptions,
  disk,
  type Origin,
  type PolarAngleOptions,
  type PolarRadiusOptions,
  polarAngle,
  polarRadius,
  type Size,
} from "./synthetic.ts";
