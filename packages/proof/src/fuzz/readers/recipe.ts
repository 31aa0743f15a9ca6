// Damaged recipes, alone and in PNG files, and the records of stimuli beside them. JSON has no checksum: what is accepted must keep what
// everything behind the reader relies on, looked at by hand.

import { isDeepStrictEqual } from "node:util";
import { canonicalJson, FileError, type JsonObject, type JsonValue, readPng, writePng } from "@plenoptic-js/formats";
import { replay } from "plenoptic-js";
import { readStimulus } from "plenoptic-js/engine";
import { type Draw, damage, oddNumber } from "../damage.ts";
import type { FuzzReader } from "../reader.ts";

const hash = (digit: string): string => digit.repeat(64);
const array = { dtype: "float64", shape: [1, 1, 4, 4], sha256: hash("a") };
const random = {
  seed: 0,
  torch: "AAAAAAAAAAA=",
  numpy: { key: "AAAAAA==", position: 624, cachedGaussian: null },
};
const exported = {
  file: "metamer.png",
  bits: 8,
  encoding: "srgb",
  colourChunk: true,
  pixelsPerDegree: 48.5,
  pixels: hash("b"),
  clippedBelow: 1,
  clippedAbove: 0,
  maxRoundingError: 0.00196,
  distance: { most: 0.1, rms: 0.01 },
  measures: { loss: { exact: 0.25, written: null } },
};
const metamer: JsonObject = {
  recipe: 1,
  numerics: 1,
  method: "Metamer",
  image: { ...array, name: "house", conversion: "gray as stored" },
  model: { name: "Gaussian", options: { kernelSize: [5, 5], std: [1] }, fingerprint: hash("c") },
  options: {
    lossFunction: { name: "mse", fingerprint: hash("d") },
    penaltyFunction: { name: "penalizeRange", fingerprint: hash("e") },
    penaltyLambda: 0.1,
  },
  random,
  calls: [
    {
      call: "setup",
      options: {
        optimizer: { name: "Adam", lr: 0.01, betas: [0.9, 0.999] },
        scheduler: null,
        initialImage: { ...array, drawn: { kind: "noise", initialNoise: 0.1, random: { torch: "AAAA" } } },
      },
    },
    { call: "synthesize", options: { maxIter: 9, stopCriterion: null, stopItersToCheck: 50, storeProgress: 0 } },
    { call: "to", options: { dtype: "float32" } },
  ],
  marks: [
    [1, "0123456789abcdef"],
    [2, "0123456789abcdef"],
  ],
  result: { ...array, iterations: 9, finalLoss: 0.25 },
  exports: [exported],
  command: "plenoptic metamer house",
  versions: { "plenoptic-js": "0.1.0" },
  environment: { platform: "linux", threads: 2 },
};
const eigendistortion: JsonObject = {
  ...metamer,
  method: "Eigendistortion",
  options: {},
  calls: [{ call: "synthesize", options: { method: "krylov", k: 2, maxIter: 1500, p: 5, q: 2 } }],
  result: { ...array, eigenindex: [0, 15], alpha: 5 },
};
const competition: JsonObject = {
  ...metamer,
  method: "MADCompetition",
  model: null,
  options: {
    optimizedMetric: { name: "mse", fingerprint: hash("1") },
    referenceMetric: { name: null, fingerprint: hash("2") },
    minmax: "max",
    constrained: true,
    allowedRange: [0, 1],
  },
};

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

const RECIPE = "plenoptic-recipe";
const STIMULUS = "plenoptic-stimulus";
const TARGET = "plenoptic-target";

/** A picture with these texts. */
function pngWith(text: ReadonlyMap<string, string>): Uint8Array {
  const data = Uint8Array.from({ length: 16 }, (_, i) => 16 * i);
  return writePng({ width: 4, height: 4, channels: 1, maxValue: 255, data }, { text });
}

function files(): Uint8Array[] {
  const { file: _, ...stimulus } = exported;
  const target = JSON.stringify({
    dtype: "float64",
    shape: [1, 1, 4, 4],
    levels: 255,
    data: "AAAAAAAAAAAAAAAAAAAAAA==",
  });
  const recipes = [metamer, eigendistortion, competition].map(canonicalJson);
  return [
    ...recipes.map(bytesOf),
    ...recipes.map((recipe) =>
      pngWith(
        new Map([
          [RECIPE, recipe],
          [STIMULUS, canonicalJson(stimulus)],
          [TARGET, target],
        ]),
      ),
    ),
  ];
}

/** Values of every kind, at the edges of what a schema allows. */
function oddValue(draw: Draw, before: JsonValue): JsonValue {
  if (typeof before === "number" && draw(2))
    return [oddNumber(draw, before), -before, before + 0.5, 1e308, -1][draw(5)];
  if (typeof before === "string" && draw(2))
    return [`${before}0`, before.slice(1), before.toUpperCase(), "\u0000\ud7ff", "../x"][draw(5)];
  const odd: JsonValue[] = [null, true, 0, -0.5, "", "x", [], {}, [[]], hash("f"), 2 ** 53, { name: "x" }, ["float64"]];
  return odd[draw(odd.length)];
}

/** The value with one of its parts changed, taken away, or put elsewhere. */
function oddPart(value: JsonValue, draw: Draw): JsonValue {
  if (typeof value !== "object" || value === null || draw(6) === 0) return oddValue(draw, value);
  const isList = Array.isArray(value);
  const keys = Object.keys(value);
  if (keys.length === 0) return oddValue(draw, value);
  const key = keys[draw(keys.length)];
  const part = (value as Record<string, JsonValue>)[key];
  const what = draw(8);
  if (isList) {
    const list = [...value];
    if (what === 0) list.splice(Number(key), 1);
    else if (what === 1) list.push(part);
    else list[Number(key)] = oddPart(part, draw);
    return list;
  }
  const entries = { ...(value as Record<string, JsonValue>) };
  if (what === 0) delete entries[key];
  else if (what === 1) entries[["__proto__", "extra", "length", "sha256"][draw(4)]] = part;
  else entries[key] = oddPart(part, draw);
  return entries;
}

function oddText(text: string, draw: Draw): string {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
  for (let changes = draw(2) + 1; changes > 0; changes--) value = oddPart(value, draw);
  return JSON.stringify(value);
}

const isPng = (bytes: Uint8Array): boolean => bytes[0] === 0x89;

function within(bytes: Uint8Array, draw: Draw): Uint8Array {
  if (!isPng(bytes)) return draw(8) ? bytesOf(oddText(textOf(bytes), draw)) : damage(bytes, draw);
  const text = new Map(readPng(bytes).text);
  const key = [...text.keys()][draw(text.size)];
  if (draw(10) === 0) text.delete(key);
  else {
    const said = text.get(key)!;
    // As letters of one byte, whatever the bytes are.
    const odd = draw(8) ? oddText(said, draw) : Buffer.from(damage(bytesOf(said), draw)).toString("latin1");
    text.set(key, odd.replaceAll(/[\0\p{Surrogate}]/gu, " "));
  }
  return pngWith(text);
}

async function read(bytes: Uint8Array): Promise<replay.ReadResult> {
  if (isPng(bytes)) await readStimulus(bytes, "fuzz");
  return replay.read(bytes);
}

const METHODS = ["Metamer", "MetamerCTF", "MADCompetition", "Eigendistortion"];
const isHash = (value: unknown): boolean => typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0;

/** What everything behind the reader takes for granted. */
function check(bytes: Uint8Array, { recipe, image, pixels }: replay.ReadResult): string | undefined {
  const text = isPng(bytes) ? readPng(bytes).text!.get(RECIPE)! : textOf(bytes);
  const said = JSON.parse(text) as { readonly random: object };
  // The seed alone stands for the states that it decides.
  const random = "torch" in said.random ? said.random : { ...recipe.random, ...said.random };
  if (!isDeepStrictEqual({ ...said, random }, JSON.parse(JSON.stringify(recipe))))
    return "another recipe than stands there";
  if (recipe.recipe !== 1 || !isCount(recipe.numerics) || !METHODS.includes(recipe.method)) return "another head";
  for (const one of [recipe.image, ...(recipe.result === undefined ? [] : [recipe.result])]) {
    if (!isHash(one.sha256) || !one.shape.every(isCount) || !/^float(32|64)$/.test(one.dtype))
      return "an array that is none";
  }
  if (recipe.model !== null && !isHash(recipe.model.fingerprint)) return "a model without a fingerprint";
  for (const { call, options } of recipe.calls) {
    if (!["setup", "synthesize", "to"].includes(call)) return `a call of ${call}`;
    if (options.maxIter !== undefined && !isCount(options.maxIter)) return `${String(options.maxIter)} steps`;
    const names = [options.optimizer, options.scheduler].map(
      (one) => (one as { name?: unknown } | null | undefined)?.name,
    );
    if (names.some((name) => name !== undefined && typeof name !== "string")) return "an optimizer without a name";
  }
  for (const { bits, file, clippedBelow, clippedAbove } of recipe.exports ?? []) {
    if ((bits !== 8 && bits !== 16) || typeof file !== "string") return "a file that is none";
    if (!isCount(clippedBelow) || !isCount(clippedAbove)) return "counts that are none";
  }
  if (image !== null && image.size !== image.shape.reduce((product, n) => product * n, 1))
    return "a target of another size";
  return isPng(bytes) && pixels?.data.length !== 16 ? "other pixels" : undefined;
}

export const recipe: FuzzReader = {
  name: "recipe",
  count: 200_000,
  files,
  within,
  read,
  isRefusal: (error) => error instanceof FileError || error instanceof replay.CannotReplay,
  stages: [
    // Of a PNG file, or of what seems to be a saved synthesis.
    ["file", /^(?!.*(recipe|record of|target inside|no text))/s],
    ["text", /no text|is no JSON|holds no recipe; programs/],
    ["form", /has the form/],
    ["record of a stimulus", /record of a stimulus/],
    ["recipe", /holds no recipe: /],
    ["target", /target inside/],
  ],
  check,
  limit: 16 << 20,
};
