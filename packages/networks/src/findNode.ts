// Which node a name means, and what to say of one that means none.

import { shown } from "@plenoptic-js/tensor/engine";
import { lastIndex } from "./lastIndex.ts";
import { isInside, type Place } from "./modulePaths.ts";

/** A value and what it is called. */
export interface NamedNode {
  readonly name: string;
  /** The name of the operation that makes it. */
  readonly node: string;
  readonly op: string;
  readonly place: Place | undefined;
  /** Whether it is made of floating numbers that depend on the image. Only such values are layers. */
  readonly isLayer: boolean;
}

interface Named {
  readonly source: string;
  readonly nodes: readonly NamedNode[];
  explain?(name: string): string | undefined;
}

/** How many names an error shows. */
const SHOWN = 10;

/** The place of the node that a name means, by the names of values, then of operations, then by paths. */
export function findNode(network: Named, name: string): number {
  if (typeof name !== "string") {
    throw new TypeError(`${network.source}: a layer is named ${shown(name)}; it must be a text`);
  }
  const { nodes } = network;
  const isLayer = (i: number): boolean => nodes[i].isLayer;
  const asValue = nodes.findIndex((node) => node.name === name);
  if (asValue >= 0) return layer(network, asValue, name);
  const asNode = nodes.findIndex((node) => node.node === name);
  if (asNode >= 0) return layer(network, asNode, name);
  const inModule = lastIndex(
    nodes,
    ({ place }, i) => isLayer(i) && place !== undefined && name !== "" && isInside(place.path, name),
  );
  if (inModule >= 0) return inModule;
  const own = nodes.findIndex(({ place }, i) => isLayer(i) && place !== undefined && ownName(place) === name);
  if (own >= 0) return own;
  throw new RangeError(
    `${network.source}: there is no layer ${shown(name)}${network.explain?.(name) ?? advice(network, name)}`,
  );
}

const ownName = ({ path, own }: Place): string => (path === "" ? own : `${path}.${own}`);

function layer({ source, nodes }: Named, index: number, name: string): number {
  if (nodes[index].isLayer) return index;
  throw new RangeError(
    `${source}: ${shown(name)} is no layer: it does not depend on the pixels of the image, or not as numbers with a gradient`,
  );
}

function advice({ nodes }: Named, name: string): string {
  const paths = new Set<string>();
  for (const { place, isLayer } of nodes) {
    if (place === undefined || !isLayer) continue;
    const parts = place.path.split(".");
    for (let n = 1; n <= parts.length; n++) paths.add(parts.slice(0, n).join("."));
  }
  paths.delete("");
  const layers = nodes.filter(({ isLayer }) => isLayer);
  const names = [...new Set([...paths, ...layers.map((node) => node.name)])];
  const near = nearest(name, names).map(shown).join(", ");
  const none = paths.size === 0 ? ". It does not say from which modules it was made" : "";
  return near === "" ? `${none}; it has no layers` : `${none}; the nearest names are ${near}`;
}

/** The names that are most like another one, the most alike first. */
function nearest(name: string, names: readonly string[]): string[] {
  const word = name.toLowerCase();
  return names
    .map((candidate) => ({ candidate, far: distance(word, candidate.toLowerCase()) }))
    .sort((a, b) => a.far - b.far || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, SHOWN)
    .map(({ candidate }) => candidate);
}

/** Insertions, deletions and changes from one text to another (Levenshtein 1966). Of long texts the beginnings are compared. */
function distance(a: string, b: string): number {
  const [from, to] = [a.slice(0, 64), b.slice(0, 64)];
  let row = Array.from({ length: to.length + 1 }, (_, j) => j);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1] + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, change));
    }
    row = next;
  }
  return row[to.length];
}
