// Whether two metrics can disagree: not where their gradients have one direction, so that neither can change while the other is held.

import { gradient, type Tensor } from "@plenoptic-js/tensor";
import { distanceOf, type MetricFunction } from "../../validate/metric.ts";

/** Gradients whose directions differ by less than this (1 minus the cosine of the angle) are taken for the same direction. */
const SAME_DIRECTION = 1e-12;

/** Why neither metric can change at an image while the other is held, in words; null where they can. */
export function whyTogether(image: Tensor, start: Tensor, a: MetricFunction, b: MetricFunction): string | null {
  const slopeOf = (metric: MetricFunction): Tensor =>
    distanceOf((x, y) => gradient(metric(x, y), y), image, start).cast("float64");
  const [g, h] = [slopeOf(a), slopeOf(b)];
  // Computed once, and not for each of what follows.
  for (const slope of [g, h]) slope.dataSync();
  const [gh, gg, hh] = [g.mul(h), g.square(), h.square()].map((x) => x.sum().itemSync());
  if (!(gg > 0 && hh > 0) || 1 - Math.abs(gh) / Math.sqrt(gg * hh) >= SAME_DIRECTION) return null;
  return image.size === 1
    ? "the image has one pixel, so that a metric that is held leaves nothing to change; choose a larger image"
    : "they change together here, so that neither can change while the other is held; one of them may be made from the other, such " +
        "as a multiple of it: choose another one";
}
