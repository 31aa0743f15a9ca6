// A few layers that stand for a whole network: its outermost modules, or, where its file knows no modules, values at equal distances.

import type { Network } from "@plenoptic-js/networks";

const LEAST = 4;
const MOST = 12;

/** Names of layers in the network's order, at most 12; the last one is its last value that can be computed. */
export function mainLayers(network: Network): string[] {
  const nodes = network.nodes.filter(({ shape }) => shape === undefined || shape.length >= 2);
  const depths = nodes.map(({ path }) => (path === undefined || path === "" ? 0 : path.split(".").length));
  const deepest = Math.max(0, ...depths);
  let names: string[] = [];
  for (let depth = 1; depth <= deepest && names.length < LEAST; depth++) {
    const cut = nodes.flatMap(({ path }) => (path ? [path.split(".").slice(0, depth).join(".")] : []));
    names = [...new Set(cut)];
  }
  if (names.length === 0) names = nodes.map(({ name }) => name);
  const places = new Map(names.map((name) => [network.find(name), name]));
  const ordered = [...places].sort(([a], [b]) => a - b).map(([, name]) => name);
  if (ordered.length <= MOST) return ordered;
  return Array.from({ length: MOST }, (_, i) => ordered[Math.floor((i * (ordered.length - 1)) / (MOST - 1) + 0.5)]);
}
