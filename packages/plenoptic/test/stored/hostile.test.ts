// Stored models from strangers: what is damaged, of a later release, or too much is refused before it is computed, with the limit in words.

import { FileError, type PtDict, PtStorage, PtTensor, type PtValue, sha256Hex } from "@plenoptic-js/formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { examineFile } from "../../src/io/examineSavedSynthesis.ts";
import { FILE_LIMITS, GRAPH_LIMITS } from "../../src/stored/form.ts";
import { readFunctions } from "../../src/stored/read.ts";
import { storeFunctions } from "../../src/stored/write.ts";
import { picture } from "../synthesis/methods.ts";

afterAll(po.warnings.on(() => {}));

type Json = Record<string, unknown>;
interface Parts {
  index: Json;
  graphs: Map<PtValue, PtValue>;
  constants: Map<PtValue, PtValue>;
}

let good: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  po.setSeed(0);
  const taps = po.tensor([0.1, 0.3, 0.5], { dtype: "float64" });
  const model = po.model("mine", (x) => po.correlateSeparable(x, taps, taps).square());
  const made = new po.Metamer(picture(), model);
  await made.synthesize({ maxIter: 2, stopCriterion: null });
  good = await made.toBytes({ withModel: true });
});

/** The file with its model changed. */
async function changed(change: (parts: Parts) => unknown): Promise<Uint8Array> {
  const file = await po.io.loadFile(good);
  const model = (file.get("save_metadata") as PtDict).get("plenoptic_js_model") as Map<PtValue, PtValue>;
  const parts: Parts = {
    index: JSON.parse(model.get("index") as string) as Json,
    graphs: model.get("graphs") as Map<PtValue, PtValue>,
    constants: model.get("constants") as Map<PtValue, PtValue>,
  };
  const whole = change(parts);
  if (typeof whole === "string") model.set("index", whole);
  else model.set("index", JSON.stringify(parts.index));
  return file.toBytes();
}

const functionsOf = ({ index }: Parts): Record<string, { cases: { graph: string; inputs: Json[] }[] } & Json> =>
  index.functions as never;

/** Another text in the place of the model's graph. The hash is that of the text: only what it says is wrong. */
function withText(parts: Parts, change: (text: string) => string, inputs?: Json[]): void {
  const { model } = functionsOf(parts);
  for (const one of model.cases) {
    const text = change(parts.graphs.get(one.graph) as string);
    one.graph = sha256Hex(new TextEncoder().encode(text));
    if (inputs !== undefined) one.inputs = inputs;
    parts.graphs.set(one.graph, text);
  }
}

const whole = (n: number): string => {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, n);
  return `${view.getUint32(0).toString(16)}:${view.getUint32(4).toString(16)}`;
};
const TYPE = "float64[1,1,12,12]";
const head = ["plenoptic graph 1", `0 input@0(){}:${TYPE}`];
const graph = (...lines: string[]): string => [...head, ...lines].join("\n");
const shape = (...sizes: number[]): string => `[${sizes.map(whole).join(",")}]`;

/** Each factor broadcast to a large matrix, and multiplied: little text, much work. */
function heavy(times: number): string {
  const n = 16384;
  const lines = [
    `1 reshape(0){shape=${shape(144, 1)}}:float64[144,1]`,
    `2 sum(1){axes=[${whole(0)}]}:float64[1]`,
    `3 broadcastTo(2){shape=${shape(n, n)}}:float64[${n},${n}]`,
  ];
  for (let i = 0; i < times; i++) {
    lines.push(`${4 + i} matmul(${3 + i},3){transposeB=false}:float64[${n},${n}]`);
  }
  return graph(...lines, `out ${3 + times}`);
}

const chain = (nodes: number): string =>
  graph(...Array.from({ length: nodes - 1 }, (_, i) => `${i + 1} square(${i}){}:${TYPE}`), `out ${nodes - 1}`);

/** A tensor that shows fewer numbers than it seems to have. */
const repeated = (count: number): PtTensor =>
  new PtTensor({
    dtype: "float64",
    shape: [count],
    strides: [0],
    storage: new PtStorage("float64", 1, new Uint8Array(8)),
  });

const CASES: readonly [name: string, change: (parts: Parts) => unknown, words: RegExp][] = [
  ["an index that is no JSON", () => "{", /its index is no JSON/],
  ["an index without anything", () => "{}", /has no form, or no functions/],
  [
    "a form of later releases",
    ({ index }) => Object.assign(index, { form: 2 }),
    /form 2, and this version knows form 1/,
  ],
  [
    "a function of another name",
    (parts) => Object.assign(functionsOf(parts), { constructor: functionsOf(parts).model }),
    /its index names "constructor"/,
  ],
  [
    "a function without calls",
    (parts) => Object.assign(functionsOf(parts).model, { cases: [] }),
    /does not say what the model is/,
  ],
  [
    "a function that is none",
    (parts) => Object.assign(functionsOf(parts), { model: 1 }),
    /does not say what the model is/,
  ],
  [
    "types that are none",
    (parts) => Object.assign(functionsOf(parts).model.cases[0], { inputs: [{ dtype: "float64" }] }),
    /does not say of what a graph is/,
  ],
  [
    "a dtype that is none",
    (parts) => Object.assign(functionsOf(parts).model.cases[0].inputs[0], { dtype: "__proto__" }),
    /does not say of what a graph is/,
  ],
  [
    "sizes that are none",
    (parts) => Object.assign(functionsOf(parts).model.cases[0].inputs[0], { shape: [-1] }),
    /does not say of what a graph is/,
  ],
  ["a graph that is not there", ({ graphs }) => graphs.clear(), /the graph [0-9a-f]{64} is missing/],
  ["a graph that is no text", ({ graphs }) => graphs.set("a", 1), /one of its graphs is no text/],
  [
    "a graph under another hash",
    (parts) => {
      const [[hash, text]] = parts.graphs;
      parts.graphs.set(hash, `${String(text)} `);
    },
    /line \d+/,
  ],
  [
    "another graph under the hash",
    (parts) => {
      const { model, penaltyFunction } = functionsOf(parts);
      parts.graphs.set(model.cases[0].graph, parts.graphs.get(penaltyFunction.cases[0].graph)!);
    },
    /has another fingerprint/,
  ],
  ["an op that is none", (parts) => withText(parts, (text) => text.replace("square(", "eval(")), /there is no op eval/],
  [
    "an op of a later version",
    (parts) => withText(parts, (text) => text.replace("square(", "square/9(")),
    /version 9 of square/,
  ],
  [
    "an attribute that is none",
    (parts) => withText(parts, (text) => text.replace(/(square\(\d+\))\{\}/, "$1{x=1:1}")),
    /line \d+/,
  ],
  [
    "a circle",
    (parts) => withText(parts, () => graph(`1 square(2){}:${TYPE}`, `2 square(1){}:${TYPE}`, "out 2")),
    /node 2 has not come yet/,
  ],
  [
    "a shape that the op does not give",
    (parts) => withText(parts, () => graph("1 square(0){}:float64[9]", "out 1")),
    /but square gives/,
  ],
  ["two results", (parts) => withText(parts, () => graph(`1 square(0){}:${TYPE}`, "out 1,0")), /line|several|written/],
  ["constants that are not there", ({ constants }) => constants.clear(), /the array [0-9a-f]{64} is missing/],
  ["a constant that is no tensor", ({ constants }) => constants.set("a", "b"), /is no tensor/],
  [
    "a constant of a type that graphs have not",
    ({ constants }) => constants.set("a", PtTensor.of("int64", [1], BigInt64Array.of(1n))),
    /is int64, which no graph has/,
  ],
  [
    "a constant that was changed",
    ({ constants }) => {
      const [[hash]] = constants;
      constants.set(hash, PtTensor.of("float64", [3], Float64Array.of(1, 2, 3)));
    },
    /is damaged: its hash is another/,
  ],
  [
    "one number that seems to be many",
    ({ constants }) => constants.set("a", repeated(1e6)),
    /has no numbers of its own/,
  ],
  [
    "one array that seems to be many",
    ({ constants }) => {
      const [[, value]] = constants;
      for (let i = 0; i < 50; i++) constants.set(`a${i}`, value);
    },
    /has no numbers of its own/,
  ],
  [
    "more constants than is read",
    ({ constants }) => {
      for (let i = 0; i < FILE_LIMITS.constants; i++) constants.set(`a${i}`, null);
    },
    /20001 constants; the most is 20000/,
  ],
  [
    "more graphs than is read",
    ({ graphs }) => {
      for (let i = 0; i < FILE_LIMITS.graphs; i++) graphs.set(`a${i}`, "");
    },
    /graphs; the most is 256/,
  ],
  [
    "more nodes than is read",
    (parts) => withText(parts, () => chain(GRAPH_LIMITS.nodes + 1)),
    /it has 20001 nodes; the most is 20000/,
  ],
  [
    "more elements than is read",
    (parts) =>
      withText(parts, () =>
        graph(
          `1 sum(0){axes=[${[0, 1, 2, 3].map(whole)}]}:float64[]`,
          `2 broadcastTo(1){shape=${shape(65536, 65536)}}:float64[65536,65536]`,
          `3 sum(2){axes=[${[0, 1].map(whole)}]}:float64[]`,
          "out 3",
        ),
      ),
    /has more than 268435456 elements/,
  ],
  [
    "more work than is done",
    (parts) => withText(parts, () => heavy(3)),
    /scalar operations; the most is 1000000000000/,
  ],
  [
    "more than is compiled in a while",
    (parts) => withText(parts, () => chain(1000).replaceAll("square(", "sin(")),
    /scalar operations for one element of each node; the most is 200000/,
  ],
  [
    "more text than is read",
    (parts) => withText(parts, () => graph(" ".repeat(GRAPH_LIMITS.characters))),
    /characters; the most is 67108864/,
  ],
];

describe("a stored model is refused, by load, verify and run alike", () => {
  test.each(CASES)("%s", async (name, change, words) => {
    const bytes = await changed(change);
    for (const reader of [po.Metamer.load, po.replay.verify, po.replay.run] as readonly ((
      x: Uint8Array,
    ) => Promise<unknown>)[]) {
      const begun = performance.now();
      const error = await reader(bytes).then(
        () => null,
        (error: unknown) => error,
      );
      expect(error, name).toBeInstanceOf(FileError);
      expect((error as Error).message).toMatch(words);
      expect(performance.now() - begun).toBeLessThan(1000);
    }
  });

  test.each(CASES)("and inspect says why: %s", async (_, change, words) => {
    const { model } = await examineFile(await changed(change));
    expect(model?.problem).toMatch(words);
    expect(model?.functions).toEqual([]);
  });
});

test("more bytes of constants than is read, before any of them is looked at", () => {
  const model = new Map<PtValue, PtValue>([
    ["index", "{}"],
    ["graphs", new Map()],
    ["constants", new Map([["a", repeated(1e9)]])],
  ]);
  const read = (): unknown => readFunctions(new Map([["plenoptic_js_model", model]]), "x.pt");
  expect(read).toThrow(FileError);
  expect(read).toThrow("x.pt: the model in it has 8000000000 bytes of constants; the most is 2147483648");
});

describe("what is too much is refused when it is saved, too", () => {
  const spec = { shape: [16384, 1], dtype: "float64" } as const;
  const kept = (call: (x: po.Tensor) => po.Tensor) =>
    storeFunctions({ model: { savedName: "m", name: null, calls: [{ call, inputs: [spec] }] } });

  test("work", () => {
    const square = (x: po.Tensor) => x.matmul(x.reshape([1, -1]));
    expect(() => kept((x) => square(x).matmul(square(x)))).toThrow(
      /the model cannot be kept in a file: it has \d+ scalar operations for one evaluation, and what a file may hold ends at 1000000000000/,
    );
  });

  test("nodes", () => {
    const long = (x: po.Tensor): po.Tensor => {
      let y = x;
      for (let i = 0; i < GRAPH_LIMITS.nodes; i++) y = y.square();
      return y;
    };
    expect(() => kept(long)).toThrow(/it has 20001 nodes, .*ends at 20000\. Save without withModel/);
  });
});
