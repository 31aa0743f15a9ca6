// What a layer is called: PyTorch's paths of modules, such as `layer1.0.relu_1`, in the files of both of its exporters, and which value
// a name means. The rule for names that are no single operation is that of torchvision's feature extraction.

/** What is known of an operation before its paths are. */
export interface Written {
  /** The name of the node, such as `/layer1/layer1.0/relu_1/Relu`. */
  readonly name: string;
  /** What the newer exporter wrote of its module: a list of texts in Python's notation. */
  readonly scopes: string | undefined;
  /** Whether it is no part of a module: a constant. */
  readonly isAside: boolean;
}

/** Where an operation stands. */
export interface Place {
  /** The path of its module, "" for the network itself. */
  readonly path: string;
  /** Its own name inside of the module: `add`. */
  readonly own: string;
}

/** The places of all operations, in their order; undefined where the file does not tell. */
export function placesOf(operations: readonly Written[]): (Place | undefined)[] {
  const places = operations.map(({ name, scopes }) =>
    scopes === undefined ? pathOfName(name) : placeOfScopes(parseList(scopes)),
  );
  return operations.some(({ scopes }) => scopes !== undefined) ? numbered(operations, places) : places;
}

/**
 * The path in the name of a node: `/part/part/Op`. A part is the name of a module, or its path from the part before on:
 * `/features/features.0/Conv`.
 */
function pathOfName(name: string): Place | undefined {
  if (!name.startsWith("/")) return undefined;
  const parts = name.slice(1).split("/");
  const own = (parts.pop() as string).toLowerCase();
  let path = "";
  let previous: string | undefined;
  for (const part of parts) {
    const rest = previous !== undefined && part.startsWith(`${previous}.`) ? part.slice(previous.length + 1) : part;
    path = path === "" ? rest : `${path}.${rest}`;
    previous = part;
  }
  return { path, own };
}

/** A list of cumulative paths, and the operation last: `['', 'layer1', 'layer1.0', 'relu_1']`. */
function placeOfScopes(scopes: readonly string[] | undefined): Place | undefined {
  if (scopes === undefined || scopes.length < 2) return undefined;
  return { path: scopes[scopes.length - 2], own: scopes[scopes.length - 1] };
}

const MOST_SCOPES = 64;

/** A list of texts in Python's notation; undefined for anything else. */
export function parseList(text: string): string[] | undefined {
  if (!/^\[.*\]$/s.test(text)) return undefined;
  const inside = text.slice(1, -1);
  const list: string[] = [];
  const item = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|$)/gsy;
  while (item.lastIndex < inside.length) {
    const found = item.exec(inside);
    if (found === null || list.length === MOST_SCOPES) return undefined;
    list.push((found[1] ?? found[2] ?? "").replace(/\\(.)/gs, "$1"));
    // A comma at the end promises more.
    if (found[3] === "," && item.lastIndex === inside.length) return undefined;
  }
  return list;
}

/** With `_1`, `_2` ... at the further calls of a module, which the newer exporter does not tell apart: each call is a run of nodes. */
function numbered(operations: readonly Written[], places: readonly (Place | undefined)[]): (Place | undefined)[] {
  const containers = new Set<string>();
  for (const place of places) {
    const parts = place?.path.split(".") ?? [];
    for (let n = 1; n < parts.length; n++) containers.add(parts.slice(0, n).join("."));
  }
  const calls = new Map<string, number>();
  let running: string | undefined;
  return places.map((place, i) => {
    if (operations[i].isAside) return place;
    if (place === undefined || place.path === "" || containers.has(place.path)) {
      running = undefined;
      return place;
    }
    const { path } = place;
    if (path !== running) calls.set(path, (calls.get(path) ?? -1) + 1);
    running = path;
    const call = calls.get(path) as number;
    return call === 0 ? place : { ...place, path: `${path}_${call}` };
  });
}

/** Whether a path begins with all components of another, or is it. */
export function isInside(path: string, outer: string): boolean {
  return path === outer || path.startsWith(`${outer}.`);
}
