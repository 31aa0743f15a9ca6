// Functions of a synthesis read from a file. Files come from strangers: every size is looked at before anything is made of it, every graph is
// built through its ops' own checks, and nothing is run.

import { FileError, type JsonObject, PtTensor, type PtValue } from "@plenoptic-js/formats";
import type { DType, TensorSpec } from "@plenoptic-js/tensor";
import {
  type ArrayValue,
  type LoadedGraph,
  loadGraph,
  type StoredGraph,
  StoredGraphError,
  sizeOfGraph,
} from "@plenoptic-js/tensor/engine";
import { type StoredCase, StoredFunction } from "../models/storedModel.ts";
import {
  CONSTANTS_KEY,
  FILE_LIMITS,
  FUNCTION_WORDS,
  FUNCTIONS,
  type FunctionName,
  GRAPH_LIMITS,
  GRAPHS_KEY,
  INDEX_KEY,
  type IndexCase,
  type IndexFunction,
  MODEL_FORM,
  MODEL_KEY,
  type StoredModelSize,
} from "./form.ts";

/** A function that was read. */
export interface ReadFunction extends Omit<IndexFunction, "cases"> {
  readonly function: StoredFunction;
}

export interface ReadFunctions {
  readonly functions: Readonly<Partial<Record<FunctionName, ReadFunction>>>;
  readonly size: StoredModelSize;
}

/**
 * The functions that stand in `save_metadata`; null where none do.
 *
 * @throws FileError for what is damaged, of a later form, or more than is read; the message names the limit
 */
export function readFunctions(metadata: PtValue | undefined, file: string): ReadFunctions | null {
  const dict = metadata instanceof Map ? metadata.get(MODEL_KEY) : undefined;
  return dict === undefined ? null : new Reader(file).read(dict);
}

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === "object" && x !== null && !Array.isArray(x);
const isLabels = (x: unknown): x is readonly (string | number)[] =>
  Array.isArray(x) && x.every((one) => typeof one === "string" || Number.isSafeInteger(one));
const isCount = (x: unknown): boolean => Number.isInteger(x) && (x as number) >= 0 && (x as number) <= 0x7fffffff;

class Reader {
  readonly #file: string;
  /** By fingerprint and types of inputs. */
  readonly #graphs = new Map<string, LoadedGraph>();
  #nodes = 0;
  #work = 0;

  constructor(file: string) {
    this.#file = file;
  }

  read(dict: PtValue): ReadFunctions {
    const [text, graphs, constants] = [INDEX_KEY, GRAPHS_KEY, CONSTANTS_KEY].map((key) =>
      dict instanceof Map ? dict.get(key) : undefined,
    );
    if (typeof text !== "string" || !(graphs instanceof Map) || !(constants instanceof Map)) {
      throw this.#damaged("it lacks its index, its graphs or its constants");
    }
    this.#most("indexCharacters", text.length, "characters in its index");
    this.#most("graphs", graphs.size, "graphs");
    this.#most("constants", constants.size, "constants");
    const texts = this.#texts(graphs);
    const arrays = this.#arrays(constants);
    const index = this.#index(text);
    const functions: Partial<Record<FunctionName, ReadFunction>> = {};
    for (const name of FUNCTIONS) {
      const said = index[name];
      if (said === undefined) continue;
      const { cases, ...about } = this.#function(name, said);
      const read = cases.map((one) => this.#case(one, texts, arrays.constants));
      functions[name] = {
        ...about,
        function: new StoredFunction(`the ${FUNCTION_WORDS[name]} of ${this.#file}`, read),
      };
    }
    const characters = [...texts.values()].reduce((sum, one) => sum + one.length, 0);
    const bytes = arrays.bytes + characters + text.length;
    const size = { graphs: graphs.size, nodes: this.#nodes, constantBytes: arrays.bytes, work: this.#work, bytes };
    return { functions, size };
  }

  #damaged(problem: string, cause?: unknown): FileError {
    return new FileError("damaged", this.#file, `the model in it cannot be read: ${problem}`, { cause });
  }

  #most(limit: keyof typeof FILE_LIMITS, value: number, words: string): void {
    const most = FILE_LIMITS[limit];
    if (value <= most) return;
    throw new FileError("too-big", this.#file, `the model in it has ${value} ${words}; the most is ${most}`);
  }

  #texts(graphs: ReadonlyMap<PtValue, PtValue>): Map<string, string> {
    const texts = new Map<string, string>();
    let characters = 0;
    for (const [hash, text] of graphs) {
      if (typeof hash !== "string" || typeof text !== "string") throw this.#damaged("one of its graphs is no text");
      characters += text.length;
      this.#most("characters", characters, "characters of text");
      texts.set(hash, text);
    }
    return texts;
  }

  /** Of every array the size is known before its numbers are. */
  #arrays(constants: ReadonlyMap<PtValue, PtValue>): { constants: Map<string, ArrayValue>; bytes: number } {
    const storages = new Set<object>();
    let bytes = 0;
    for (const [hash, saved] of constants) {
      if (typeof hash !== "string" || !(saved instanceof PtTensor)) {
        throw this.#damaged("one of its constants is no tensor");
      }
      const width = WIDTHS[saved.dtype as DType];
      if (width === undefined) throw this.#damaged(`one of its constants is ${saved.dtype}, which no graph has`);
      bytes += saved.size * width;
      this.#most("constantBytes", bytes, "bytes of constants");
      // One number may be shown as many by a view, and one array as many tensors.
      if (saved.size > 0 && (storages.has(saved.storage) || saved.storage.bytes.length < saved.size * width)) {
        throw this.#damaged("one of its constants has no numbers of its own");
      }
      storages.add(saved.storage);
    }
    return { constants: new Map([...constants].map(([hash, x]) => [hash as string, arrayOf(x as PtTensor)])), bytes };
  }

  #index(text: string): Partial<Record<FunctionName, unknown>> {
    let index: unknown;
    try {
      index = JSON.parse(text);
    } catch (cause) {
      throw this.#damaged("its index is no JSON", cause);
    }
    const { form, functions } = isObject(index) ? index : {};
    if (Number.isInteger(form) && form !== MODEL_FORM) {
      const problem = `the model in it has the form ${String(form)}, and this version knows form ${MODEL_FORM}; a newer version reads it`;
      throw new FileError("unsupported", this.#file, problem);
    }
    if (form !== MODEL_FORM || !isObject(functions)) throw this.#damaged("its index has no form, or no functions");
    const unknown = Object.keys(functions).find((name) => !FUNCTIONS.some((known) => known === name));
    if (unknown !== undefined) throw this.#damaged(`its index names ${JSON.stringify(unknown.slice(0, 40))}`);
    return functions;
  }

  #function(name: FunctionName, said: unknown): IndexFunction {
    const one = isObject(said) ? said : {};
    const { savedName, name: own = null, options = null, scales, cases } = one;
    const isWhole =
      typeof savedName === "string" &&
      (own === null || typeof own === "string") &&
      (options === null || isObject(options)) &&
      (scales === undefined || isLabels(scales)) &&
      Array.isArray(cases) &&
      cases.length > 0;
    if (!isWhole) throw this.#damaged(`its index does not say what the ${FUNCTION_WORDS[name]} is`);
    this.#most("graphs", cases.length, `graphs of the ${FUNCTION_WORDS[name]}`);
    return {
      savedName,
      name: own,
      options: options as JsonObject | null,
      ...(scales !== undefined && { scales }),
      cases: cases as readonly IndexCase[],
    };
  }

  #case(said: unknown, texts: ReadonlyMap<string, string>, constants: ReadonlyMap<string, ArrayValue>): StoredCase {
    const { inputs: types, scales = null, graph: hash } = isObject(said) ? said : {};
    const inputs: unknown[] = Array.isArray(types) ? types : [null];
    const areTypes = inputs.every(
      (one) =>
        isObject(one) &&
        Object.hasOwn(WIDTHS, String(one.dtype)) &&
        Array.isArray(one.shape) &&
        one.shape.every(isCount),
    );
    if (!areTypes || (scales !== null && !isLabels(scales)) || typeof hash !== "string") {
      throw this.#damaged("its index does not say of what a graph is");
    }
    const text = texts.get(hash);
    if (text === undefined) throw this.#damaged(`the graph ${hash.slice(0, 64)} is missing`);
    return {
      inputs: inputs as TensorSpec[],
      scales,
      graph: this.#graph(hash, { inputs: inputs as TensorSpec[], text, constants }),
    };
  }

  #graph(hash: string, stored: StoredGraph): LoadedGraph {
    const key = `${hash} ${JSON.stringify(stored.inputs)}`;
    const known = this.#graphs.get(key);
    if (known !== undefined) return known;
    // Before any of it is read: what was read before is too much already.
    this.#most("nodes", this.#nodes, "nodes");
    let graph: LoadedGraph;
    try {
      graph = loadGraph(stored, GRAPH_LIMITS);
    } catch (cause) {
      if (!(cause instanceof StoredGraphError)) throw cause;
      throw new FileError(
        cause.limit === null ? "damaged" : "too-big",
        this.#file,
        `of the model in it ${cause.message}`,
        {
          cause,
        },
      );
    }
    if (graph.fingerprint !== hash) throw this.#damaged(`the graph ${hash.slice(0, 64)} has another fingerprint`);
    if (graph.outputs.length !== 1) throw this.#damaged("a graph gives several results");
    const { nodes, work } = sizeOfGraph(graph.outputs);
    this.#nodes += nodes;
    this.#work = Math.max(this.#work, work);
    this.#most("nodes", this.#nodes, "nodes");
    this.#graphs.set(key, graph);
    return graph;
  }
}

/** Bytes of an element, of the types that graphs have. */
const WIDTHS: Readonly<Record<DType, number>> = {
  float32: 4,
  float64: 8,
  complex64: 8,
  complex128: 16,
  int32: 4,
  bool: 1,
};

function arrayOf(saved: PtTensor): ArrayValue {
  const dtype = saved.dtype as DType;
  const { shape } = saved;
  const data = saved.data() as Float32Array | Float64Array;
  if (dtype !== "complex64" && dtype !== "complex128") return { dtype, shape, re: data };
  const kind = data.constructor as Float64ArrayConstructor;
  return {
    dtype,
    shape,
    re: kind.from({ length: data.length / 2 }, (_, i) => data[2 * i]),
    im: kind.from({ length: data.length / 2 }, (_, i) => data[2 * i + 1]),
  };
}
