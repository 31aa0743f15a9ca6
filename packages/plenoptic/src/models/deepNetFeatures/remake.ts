// Layers of a network made again from what a recipe says of them: the file's hash, the names of the layers, and the transform.

import { canonicalJson, type JsonObject } from "@plenoptic-js/formats";
import type { Network } from "@plenoptic-js/networks";
import { DeepNetFeatures } from "./deepNetFeatures.ts";
import { type NormalizeOptions, normalize } from "./normalize.ts";

/** What a recipe says of a network. */
export interface SaidNetwork {
  readonly network: JsonObject;
  readonly returnNodes: Readonly<Record<string, string>>;
  readonly transform: JsonObject | string | null;
}

/** The options of a recipe's model, where they are those of layers of a network. */
export function saidNetwork(options: JsonObject | null): SaidNetwork | null {
  const { network, returnNodes, transform = null } = options ?? {};
  const isMap = (value: unknown): value is JsonObject =>
    typeof value === "object" && value !== null && !Array.isArray(value);
  if (!isMap(network) || !isMap(returnNodes)) return null;
  const names = Object.values(returnNodes).every((name) => typeof name === "string");
  if (!names || !(transform === null || typeof transform === "string" || isMap(transform))) return null;
  return { network, returnNodes: returnNodes as Readonly<Record<string, string>>, transform };
}

/** What is said of the network, in words: `layer2 of the network with the SHA-256 ...`. */
export function networkWords({ network, returnNodes, transform }: SaidNetwork): string {
  const layers = Object.keys(returnNodes);
  const file = typeof network.sha256 === "string" ? ` with the SHA-256 ${network.sha256}` : "";
  const after =
    transform === null ? "" : typeof transform === "string" ? ", after a function of somebody's own" : ", normalized";
  return `${layers.length === 1 ? "the layer" : "the layers"} ${layers.join(", ")} of a network${file}${after}`;
}

/**
 * The same layers of a network that was given.
 *
 * @throws RangeError where it is another network than the one that is said, or has a transform that cannot be made again
 */
export function remakeLayers(given: Network, { network, returnNodes, transform }: SaidNetwork): DeepNetFeatures {
  const own = given.identity() as JsonObject;
  for (const [what, name] of [
    ["file", "sha256"],
    ["files of weights", "external"],
    ["layers", "layers"],
  ] as const) {
    if (canonicalJson(own[name] ?? null) === canonicalJson(network[name] ?? null)) continue;
    throw new RangeError(
      name === "sha256"
        ? `the network that was given is not that of the recipe: its file has the SHA-256 ${String(own.sha256 ?? "of none")}, that of the recipe ${String(network.sha256 ?? "of none")}`
        : `the network that was given has other ${what} than that of the recipe`,
    );
  }
  if (typeof transform === "string") {
    throw new RangeError(
      "its transform is a function of somebody's own, so give the whole model instead of the network",
    );
  }
  if (transform !== null && transform.name !== "normalize") {
    throw new RangeError(`its transform is ${JSON.stringify(transform.name)}, and there is none of that name here`);
  }
  const { mean, std } = (transform ?? {}) as unknown as NormalizeOptions;
  return new DeepNetFeatures(given, new Map(Object.entries(returnNodes)), {
    transform: transform === null ? null : normalize({ mean, std }),
  });
}
