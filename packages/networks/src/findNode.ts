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

const NO_PATHS =
  ". Its nodes do not say of which modules they are part, as in files of PyTorch before 1.13 and of other programs: name a value";

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
  if (asValue >= 0 && isLayer(asValue)) return asValue;
  const asNode = nodes.findIndex((node) => node.node === name);
  if (asNode >= 0 && isLayer(asNode)) return asNode;
  const isHere = ({ place }: NamedNode): boolean => place !== undefined && name !== "" && isInside(place.path, name);
  const inModule = lastIndex(nodes, (node, i) => isLayer(i) && isHere(node));
  if (inModule >= 0) return inModule;
  const own = nodes.findIndex(({ place }, i) => isLayer(i) && place !== undefined && ownName(place) === name);
  if (own >= 0) return own;
  if (asValue >= 0 || asNode >= 0 || nodes.some(isHere)) {
    throw new RangeError(
      `${network.source}: ${shown(name)} is no layer: it does not depend on the pixels of the image, or not as numbers with a gradient`,
    );
  }
  throw new RangeError(
    `${network.source}: there is no layer ${shown(name)}${network.explain?.(name) ?? advice(network, name)}`,
  );
}

/** What a layer is called: the path of its module where that means this value, else the name of the value. */
export function calledBy(network: Named, index: number): string {
  const { name, place } = network.nodes[index];
  const path = place?.path ?? "";
  return path !== "" && findNode(network, path) === index ? path : name;
}

const ownName = ({ path, own }: Place): string => (path === "" ? own : `${path}.${own}`);

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
  if (near === "") return "; it has no layers";
  return `${paths.size === 0 ? NO_PATHS : ""}; the nearest names are ${near}`;
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
