// Batch normalizations that an exporter merged into the convolution before: their module has no node of its own.

import { shown } from "@plenoptic-js/tensor/engine";
import type { NamedNode } from "../findNode.ts";

/** What to say of a path that has no node, but a convolution beside it: undefined where there is none. */
export function mergedNorm(nodes: readonly NamedNode[], path: string): string | undefined {
  const sibling = siblings(path).find((candidate) =>
    // The convolution itself: a block that has one inside is no reason to think that a further block was merged into it.
    nodes.some(({ op, place }) => op === "Conv" && place?.path === candidate),
  );
  if (sibling === undefined) return undefined;
  return (
    `: ${path} was merged into ${sibling} when the file was exported; ask for ${shown(sibling)}, or export with ` +
    "training=TrainingMode.PRESERVE"
  );
}

/** Paths of the convolution that a normalization comes after: `conv1` for `bn1`, `downsample.0` for `downsample.1`. */
function siblings(path: string): string[] {
  const [, outer, own] = /^(.*?)([^.]+)$/.exec(path) ?? [];
  if (own === undefined) return [];
  if (/^\d+$/.test(own)) return own === "0" ? [] : [`${outer}${Number(own) - 1}`];
  return /bn|norm/i.test(own) ? [`${outer}${own.replace(/(batch_?)?norm|bn/i, "conv")}`] : [];
}
