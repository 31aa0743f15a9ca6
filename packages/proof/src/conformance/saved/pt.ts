// The saved files of a golden folder (pt/): read, compared with the descriptions beside them, written, and read again.
// The README of that folder says what the descriptions ("sidecars") mean.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  PtByteArray,
  PtComplex,
  PtCounter,
  PtDevice,
  PtDtype,
  PtFloat,
  PtGlobal,
  PtObject,
  PtOrderedDict,
  PtSet,
  PtSize,
  PtStorage,
  PtTensor,
  PtTuple,
  type PtValue,
  readPt,
  writePt,
} from "@plenoptic-js/formats";
import type { Result } from "../run.ts";

/** A value as a sidecar describes it. Which fields there are depends on `t`. */
export interface Described {
  readonly t: string;
  readonly v?: unknown;
  readonly items?: readonly unknown[];
  readonly [field: string]: unknown;
}

interface Sidecar {
  /** Of a saved synthesis: its dictionary. */
  readonly keys?: Readonly<Record<string, Described>>;
  readonly key_order?: readonly string[];
  /** Of other files: what they hold, or words where that would be long. */
  readonly value?: unknown;
  readonly aliases?: { readonly shared_storage: string[][]; readonly same_object: string[][] };
  /** "must: ..." or "may: ...", where an error is right too. */
  readonly reader?: string;
}

/** One line for each place where a value is not what was described; none when all is well. */
export function compareDescribed(value: PtValue | undefined, expected: Described, place: string): string[] {
  const { t, v } = expected;
  const isEqual = (found: unknown, wanted: unknown): string[] =>
    JSON.stringify(found) === JSON.stringify(wanted)
      ? []
      : [`${place}: ${JSON.stringify(found)}, expected ${JSON.stringify(wanted)}`];
  const inside = (found: readonly (PtValue | undefined)[]): string[] => {
    const items = (expected.items ?? []) as readonly Described[];
    const digest = expected.all_float64_sha256;
    return [
      ...isEqual(found.length, expected.length ?? items.length),
      ...(digest === undefined ? [] : isEqual(sha256(float64Bytes(found as number[], true)), digest)),
      ...items.flatMap((item, i) => compareDescribed(found[i], item, `${place}/${i}`)),
    ];
  };
  const dict = (type: new () => Map<PtValue, PtValue>): string[] => {
    if (!(value instanceof Map) || Object.getPrototypeOf(value) !== type.prototype) return [`${place}: no ${t}`];
    const pairs = (expected.items ?? []) as readonly (readonly [Described, Described])[];
    const found = [...value];
    return [
      ...isEqual(found.length, expected.length),
      ...pairs.flatMap(([key, item], i) => [
        ...compareDescribed(keyValue(found[i]?.[0]), key, `${place}/key ${i}`),
        ...compareDescribed(found[i]?.[1], item, `${place}/${key.v}`),
      ]),
    ];
  };
  const wrong = [`${place}: no ${t} but ${String(value)}`];
  switch (t) {
    case "none":
      return value === null ? [] : wrong;
    case "bool":
    case "str":
      return isEqual(value, v);
    case "int":
      return typeof value === "bigint" ? isEqual(String(value), expected.dec) : wrong;
    case "float":
      return typeof value === "number"
        ? isEqual(Buffer.from(float64Bytes([value], false)).toString("hex"), expected.hex)
        : wrong;
    case "bytes":
      if (expected.kind === "bytearray") {
        return value instanceof PtByteArray ? isEqual(Buffer.from(value.bytes).toString("hex"), expected.hex) : wrong;
      }
      return value instanceof Uint8Array ? isEqual(Buffer.from(value).toString("hex"), expected.hex) : wrong;
    case "list":
      return Array.isArray(value) ? inside(value) : wrong;
    case "tuple":
      return value instanceof PtTuple ? inside(value.items) : wrong;
    case "set":
      return value instanceof PtSet ? inside(value.items) : wrong;
    case "dict":
    case "dict:collections.defaultdict":
      return dict(Map);
    case "odict":
      return dict(PtOrderedDict);
    case "dict:collections.Counter":
      return dict(PtCounter);
    case "complex":
      return value instanceof PtComplex ? isEqual([value.re, value.im], v) : wrong;
    case "size":
      return value instanceof PtSize ? isEqual(value.sizes, v) : wrong;
    case "dtype":
      return value instanceof PtDtype ? isEqual(`torch.${value.name}`, v) : wrong;
    case "device":
      return value instanceof PtDevice ? isEqual(String(value), v) : wrong;
    case "global":
      return value instanceof PtGlobal ? isEqual(value.name, expected.name) : wrong;
    case "object":
      // A bare storage is the only object that is more than a name here.
      if (value instanceof PtStorage) return isEqual("torch.storage.TypedStorage", expected.class);
      if (!(value instanceof PtObject)) return wrong;
      return [
        ...isEqual(value.className, expected.class),
        ...compareDescribed(value.state, expected.pickled_state as Described, `${place}/state`),
      ];
    case "tensor":
    case "parameter":
      return value instanceof PtTensor
        ? isEqual(describeTensor(value), {
            isParameter: t === "parameter",
            dtype: expected.dtype,
            shape: expected.shape,
            stride: expected.stride,
            offset: expected.storage_offset,
            requiresGrad: expected.requires_grad,
            sha256: expected.sha256,
          })
        : wrong;
    default:
      return [`${place}: the sidecar has the unknown type ${t}`];
  }
}

function describeTensor(tensor: PtTensor): Record<string, unknown> {
  const { isParameter, dtype, shape, strides, offset, requiresGrad } = tensor;
  return { isParameter, dtype, shape, stride: strides, offset, requiresGrad, sha256: sha256(tensor.bytes()) };
}

/** A key as the value it stands for. */
function keyValue(key: PtValue | undefined): PtValue | undefined {
  if (key instanceof PtFloat) return key.value;
  return typeof key === "number" && Number.isInteger(key) ? BigInt(key) : key;
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function float64Bytes(numbers: readonly number[], littleEndian: boolean): Uint8Array {
  const view = new DataView(new ArrayBuffer(8 * numbers.length));
  for (const [i, number] of numbers.entries()) view.setFloat64(8 * i, number, littleEndian);
  return new Uint8Array(view.buffer);
}

/** The value at a place such as "/a/0". */
function valueAt(root: PtValue, place: string): PtValue | undefined {
  let value: PtValue | undefined = root;
  for (const step of place.split("/").slice(1)) {
    if (value instanceof Map) value = value.get(step) ?? value.get(Number(step));
    else if (value instanceof PtTuple) value = value.items[Number(step)];
    else value = Array.isArray(value) ? value[Number(step)] : undefined;
  }
  return value;
}

function compareAliases(value: PtValue, aliases: NonNullable<Sidecar["aliases"]>): string[] {
  const groups = (kind: "shared_storage" | "same_object", of: (value: PtValue | undefined) => unknown): string[] =>
    aliases[kind].flatMap((places) => {
      const [first, ...others] = places.map((place) => of(valueAt(value, place)));
      const same = first !== undefined && others.every((other) => other === first);
      return same ? [] : [`${places.join(", ")}: not the ${kind}`];
    });
  return [
    ...groups("shared_storage", (found) => (found instanceof PtTensor ? found.storage : undefined)),
    ...groups("same_object", (found) => found),
  ];
}

/** What the sidecars say in words, in code: by file. */
const inWords: Readonly<Record<string, (value: PtValue) => string[]>> = {
  "deep300.pt": (value) => {
    let inner = value;
    let depth = 0;
    for (; Array.isArray(inner); depth++) inner = inner[0];
    return depth === 300 && inner === 1n ? [] : [`${depth} lists around ${String(inner)}`];
  },
  "none_top.pt": (value) => (value === null ? [] : [`${String(value)}, expected None`]),
  "cycle.pt": (value) => {
    const [list, dict] = [valueAt(value, "/list"), valueAt(value, "/dict")];
    const listHolds = Array.isArray(list) && list.length === 2 && list[0] === 1n && list[1] === list;
    return listHolds && dict instanceof Map && dict.get("self") === dict ? [] : ["the cycles are not there"];
  },
  "big_list.pt": (value) => {
    const at = (name: string): PtValue[] => [...(valueAt(value, `/${name}`) as Iterable<PtValue>)];
    const count = <T>(length: number, of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i));
    const wanted: Record<string, PtValue[]> = {
      ints: count(66000, BigInt),
      floats: count(2500, (i) => i / 7),
      strs: count(1200, (i) => `s${i}`),
      one: [1n],
      thousand: count(1000, () => 0n),
      thousand1: count(1001, () => 0n),
      tuple: count(500, BigInt),
      strs_again: count(600, (i) => `s${i}`),
    };
    const dict = valueAt(value, "/dict");
    const squares = dict instanceof Map && count(2500, (i) => dict.get(i) === BigInt(i * i)).every(Boolean);
    const lists = Object.entries(wanted).filter(([name, list]) => at(name).join() !== list.join());
    return [...lists.map(([name]) => `${name} differs`), ...(squares ? [] : ["dict differs"])];
  },
  "dtypes_v3.pt": (value) => {
    const folder = value as Map<string, PtTensor>;
    return [...folder].flatMap(([name, tensor]) => {
      const wanted = { uint16: "00000100ffff", complex32: "003c0040", float8_e5m2: "3cc1" }[name];
      const found = Buffer.from(tensor.bytes()).toString("hex");
      return tensor.dtype === name && (wanted === undefined || found === wanted) ? [] : [`${name}: ${found}`];
    });
  },
};

function compareFile(value: PtValue, sidecar: Sidecar, file: string): string[] {
  if (sidecar.keys !== undefined) {
    if (!(value instanceof Map)) return ["no dict"];
    const order = [...value.keys()];
    return [
      ...(order.join() === (sidecar.key_order ?? []).join() ? [] : [`keys ${order.join()}`]),
      ...Object.entries(sidecar.keys).flatMap(([key, item]) => compareDescribed(value.get(key), item, `/${key}`)),
    ];
  }
  const words = inWords[basename(file)];
  return [
    ...(words === undefined ? compareDescribed(value, sidecar.value as Described, "") : words(value)),
    ...(sidecar.aliases === undefined ? [] : compareAliases(value, sidecar.aliases)),
  ];
}

/** Reads a sample, and compares it with its sidecar; then, unless it holds Python objects, writes and reads it again. */
export function checkSample(file: string, sidecarFile: string): string[] {
  const sidecar: Sidecar = JSON.parse(readFileSync(sidecarFile, "utf8"));
  let read: ReturnType<typeof readPt>;
  try {
    read = readPt(readFileSync(file), { name: basename(file) });
  } catch (error) {
    const mayRefuse = sidecar.reader?.startsWith("may") && error instanceof Error && error.name === "FileError";
    return mayRefuse ? [] : [String(error)];
  }
  const problems = compareFile(read.value, sidecar, file);
  if (read.warnings.length > 0) return problems;
  const again = readPt(writePt(read.value)).value;
  return [...problems, ...compareFile(again, sidecar, file).map((problem) => `written and read again: ${problem}`)];
}

/** How hostile/cases.json says that a file must be answered. */
export interface HostileCase {
  readonly file: string;
  readonly level: "file" | "object";
  readonly expect: "error" | "value" | "either";
  /** The answer in words, where several are right. */
  readonly answer: string;
}

/** Reads a hostile sample and says what is wrong about the answer. */
export function checkHostile(folder: string, { file, level, expect }: HostileCase): string[] {
  const bytes = readFileSync(join(folder, file));
  const started = performance.now();
  let answer: "value" | "error" = "value";
  let problems: string[] = [];
  try {
    readPt(bytes, { name: file });
  } catch (error) {
    answer = "error";
    if (!(error instanceof Error) || error.name !== "FileError") problems = [`not a FileError: ${String(error)}`];
  }
  // The errors of a well-formed dictionary are due when it is loaded into an object.
  const wanted = level === "object" ? "value" : expect;
  if (wanted !== "either" && answer !== wanted) problems.push(`${answer}, expected ${wanted}`);
  const elapsed = performance.now() - started;
  if (elapsed > 1000) problems.push(`took ${elapsed.toFixed(0)} ms`);
  if (({} as Record<string, unknown>).polluted !== undefined) problems.push("a prototype was changed");
  if (existsSync("plenoptic-hostile-marker")) problems.push("something was run");
  return problems;
}

/** All samples of a folder as results of the conformance run. */
export function* runPtGolden(folder: string): Generator<Result> {
  const result = (name: string, problems: readonly string[]): Result => ({
    name: `pt/${name}`,
    outcome: problems.length === 0 ? "passed" : "failed",
    detail: problems.slice(0, 5).join("\n"),
  });
  for (const file of readdirSync(folder, { recursive: true, encoding: "utf8" }).sort()) {
    if (!file.endsWith(".pt") || dirname(file) === "hostile") continue;
    const path = join(folder, file);
    const sidecar = [`${path}.json`, path.replace(/\.pt$/, ".json")].find((candidate) => existsSync(candidate));
    if (sidecar !== undefined) yield result(file, checkSample(path, sidecar));
  }
  const hostile = join(folder, "hostile");
  const cases: HostileCase[] = JSON.parse(readFileSync(join(hostile, "cases.json"), "utf8"));
  for (const hostileCase of cases) yield result(`hostile/${hostileCase.file}`, checkHostile(hostile, hostileCase));
}
