// Graphs written and read as data: nothing is lost, and nothing that was not written by storeGraph is accepted.

import { createHash } from "node:crypto";
import { generator, integer, pick } from "@plenoptic-js/proof/graphs/arrays";
import { randomGraph } from "@plenoptic-js/proof/graphs/randomGraph";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { loadGraph, type StoredGraph, StoredGraphError, sizeOfGraph, storeGraph } from "../../src/engine.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { definitions } from "../../src/graph/definitions.ts";
import { fourierDefinitions } from "../../src/graph/fourier.ts";
import { topological } from "../../src/graph/node.ts";
import { correlateSeparable, pad, type Tensor, tensor, trace } from "../../src/index.ts";
import type { ArrayValue, Node } from "../../src/ops/definition.ts";
import { interpret } from "../../src/reference/interpret.ts";
import { fingerprint } from "../../src/stored/fingerprint.ts";

/** A blur with a constant, a table and a literal. */
function sample(): { outputs: Node[]; inputs: Node[]; taps: ArrayValue } {
  const x = inputLeaf([1, 6], "float32");
  const taps: ArrayValue = { dtype: "float32", shape: [3], re: Float32Array.of(0.25, 0.5, 0.25) };
  const blurred = ops.correlate1d(ops.pad(x, [[1, 1]], "reflect"), arrayLeaf(taps), -1);
  return { outputs: [ops.sum(ops.mul(blurred, ops.literal(-0, "float32")))], inputs: [x], taps };
}

const stored = (): StoredGraph => {
  const { outputs, inputs } = sample();
  return storeGraph(outputs, inputs);
};

const TEXT = `plenoptic graph 1
0 input@0(){}:float32[1,6]
1 gatherSum(0){axis=3ff00000:0;indices=int32(1,0,1,2,3,4,5,4);starts=int32(0,1,2,3,4,5,6,7,8)}:float32[1,8]
2 array(){}#4d8609cba6ec20944c3ba1ffff53804808086d1813386cab3a15202ad0bcf579:float32[3]
3 correlate1d(1,2){axis=3ff00000:0}:float32[1,6]
4 literal(){value=80000000:0}:float32[]
5 broadcastTo(4){shape=[3ff00000:0,40180000:0]}:float32[1,6]
6 mul(3,5){}:float32[1,6]
7 sum(6){axes=[0:0,3ff00000:0]}:float32[]
out 7`;

describe("storeGraph", () => {
  it("writes the lines that the fingerprint is the hash of", () => {
    const { text, inputs, constants } = stored();
    expect(inputs).toEqual([{ shape: [1, 6], dtype: "float32" }]);
    expect(text).toBe(TEXT);
    expect([...constants.values()]).toEqual([sample().taps]);
    const { outputs, inputs: leaves } = sample();
    expect(createHash("sha256").update(text).digest("hex")).toBe(fingerprint(outputs, leaves));
  });

  it("refuses an input that is not in the list", () => {
    expect(() => storeGraph(sample().outputs, [])).toThrow("depend on an input that is not in the list of inputs");
  });
});

describe("loadGraph(storeGraph())", () => {
  it("is the same graph, with the same values, for random graphs of all ops", () => {
    const seen = new Set<string>();
    for (let seed = 0; seed < 400; seed++) {
      const { outputs: made, inputs } = randomGraph(seed);
      const outputs = [...made, ops.stopGradient(made[0])];
      const leaves = [...inputs.keys()];
      const written = structuredClone(storeGraph(outputs, leaves));
      const read = loadGraph(written);
      expect(read.fingerprint, `seed ${seed}`).toBe(fingerprint(outputs, leaves));
      expect(fingerprint(read.outputs, read.inputs)).toBe(read.fingerprint);
      if (seed % 4 === 0) {
        const given = new Map(read.inputs.map((leaf, i) => [leaf, inputs.get(leaves[i])!]));
        expect(interpret(read.outputs, given).map(bitsOf)).toEqual(interpret(outputs, inputs).map(bitsOf));
      }
      for (const node of topological(outputs)) seen.add(node.op.name);
    }
    expect([...seen].sort()).toEqual(Object.keys({ ...definitions, ...fourierDefinitions }).sort());
  });

  it("keeps an input that nothing uses", () => {
    const [a, b] = [inputLeaf([2], "float64"), inputLeaf([3, 1], "bool")];
    const { inputs } = loadGraph(storeGraph([ops.neg(a)], [b, a]));
    expect(inputs.map(({ shape, dtype }) => ({ shape, dtype }))).toEqual([
      { shape: [3, 1], dtype: "bool" },
      { shape: [2], dtype: "float64" },
    ]);
  });

  it("keeps the sign of zero, NaN and every bit of a number", () => {
    for (const value of [-0, 0, Number.NaN, 0.1, 5e-324, -Infinity]) {
      const { outputs } = loadGraph(storeGraph([ops.literal(value, "float64")], []));
      expect(outputs[0].attributes.value).toBe(value);
    }
  });
});

describe("loadGraph refuses", () => {
  /** The error of reading the sample with one piece of its text replaced. */
  const problem = (from: string, to: string): string => {
    const good = stored();
    expect(good.text).toContain(from);
    return errorOf({ ...good, text: good.text.replace(from, to) });
  };
  const errorOf = (graph: StoredGraph, limits = {}): string => {
    try {
      loadGraph(graph, limits);
    } catch (error) {
      expect(error).toBeInstanceOf(StoredGraphError);
      return (error as Error).message;
    }
    return "none";
  };

  it.each([
    ["plenoptic graph 1", "plenoptic graph 2", 'its first line is "plenoptic graph 2"'],
    ["2 array", "3 array", 'line 4: "2 " is expected at character 1'],
    ["gatherSum(", "gatherSums(", "line 3: there is no op gatherSums"],
    ["gatherSum(", "gatherSum/2(", "line 3: it has version 2 of gatherSum, this release has version 1"],
    ["gatherSum(", "constructor(", "there is no op constructor"],
    ["gatherSum(0)", "gatherSum(1)", "line 3: node 1 has not come yet"],
    ["gatherSum(0)", "gatherSum(0,0)", "line 3: gatherSum takes 1 operands, not 2"],
    ["gatherSum(0)", "gatherSum()", "line 3: gatherSum takes 1 operands, not 0"],
    ["axis=3ff00000:0", "axis=40000000:0", "line 3: gatherSum: axis 2 is not one of the 2 axes"],
    ["axis=3ff00000:0", "axis=3ff80000:0", "line 3: 1.5 is not an integer"],
    ["axis=3ff00000:0", "axis=true", "the bits of a number is expected"],
    ["axis=3ff00000:0;", "", '"axis=" is expected'],
    ["axis=3ff00000:0", "axis=3ff00000:0;more=true", '";indices=" is expected'],
    ["int32(1,0", "int32(9,0", "gatherSum: index 9 is outside axis 1"],
    ["float32[1,8]", "float32[1,9]", "it says float32 [1, 9], but gatherSum gives float32 [1, 8]"],
    ["float32[1,8]", "float64[1,8]", "it says float64 [1, 8], but gatherSum gives float32 [1, 8]"],
    ["float32[1,8]", "float16[1,8]", "float16 is no dtype"],
    ["float32[1,8]", "float32[1,8]]", "the end of the line is expected"],
    ["@0", "@1", "there are 1 inputs, and none has place 1"],
    ["@0", "", "an input has a place (@)"],
    ["float32[1,6]", "float32[1,7]", "input 0 is float32 [1, 6], the line says float32 [1, 7]"],
    ["float32[3]", "float32[4]", "the array is float32 [3], the line says float32 [4]"],
    ["#4d86", "#4D86", "a SHA-256 is expected"],
    ["#4d86", "#4d87", "the array 4d8709cba6ec20944c3ba1ffff53804808086d1813386cab3a15202ad0bcf579 is missing"],
    ["value=80000000:0", "value=080000000:0", "the bits of a number is expected"],
    ["value=80000000:0", "value=080000000:", "the bits of a number"],
    ["[0:0,3ff00000:0]", "[3ff00000:0,0:0]", "sum: the axes [1, 0] are not sorted, or none"],
    ["[0:0,3ff00000:0]", "[]", "sum: the axes [] are not sorted, or none"],
    ["shape=[3ff00000:0,40180000:0]", "shape=[[3ff00000:0]]", "the bits of a number is expected"],
    ["out 7", "out 8", "node 8 has not come yet"],
    ["out 7", "out 07", "not as storeGraph writes them"],
    ["out 7", "out ", "a line is unused"],
    ["out ", "in ", '"out " is expected'],
    ["\nout", "\n\nout", 'is expected at character 1, where "" stands'],
  ])("%s changed to %s", (from, to, message) => {
    expect(problem(from, to)).toContain(message);
  });

  it("arrays that are missing, damaged, or of another kind", () => {
    const good = stored();
    const [[hash, value]] = good.constants;
    const withArray = (array: ArrayValue): StoredGraph => ({ ...good, constants: new Map([[hash, array]]) });
    expect(errorOf({ ...good, constants: new Map() })).toContain(`the array ${hash} is missing`);
    expect(errorOf(withArray({ ...value, re: Float32Array.of(0.25, 0.5, 0.5) }))).toContain("is damaged");
    expect(errorOf(withArray({ ...value, re: Float32Array.of(0.25, 0.5) }))).toContain("not as long as its shape");
    expect(errorOf(withArray({ ...value, re: Float64Array.of(0.25, 0.5, 0.25) }))).toContain("not of its dtype");
    expect(errorOf(withArray({ ...value, im: value.re }))).toContain("not of its dtype");
  });

  it("a line that nothing uses, and lines in another order", () => {
    const text = (lines: string[]): StoredGraph => ({
      inputs: [{ shape: [], dtype: "int32" }],
      constants: new Map(),
      text: ["plenoptic graph 1", ...lines].join("\n"),
    });
    const [x, y] = ["0 input@0(){}:int32[]", "1 neg(0){}:int32[]"];
    expect(errorOf(text([x, y, "out 1"]))).toBe("none");
    expect(errorOf(text([x, y, "out 0"]))).toContain("a line is unused, or out of order");
    expect(errorOf(text([x, y, "2 square(0){}:int32[]", "3 add(2,1){}:int32[]", "out 3"]))).toContain("out of order");
    expect(errorOf(text([x, "1 input@0(){}:int32[]", "out 0,1"]))).toContain("input 0 comes twice");
    expect(errorOf(text([x, "1 literal(){value=3fe00000:0}:int32[]", "out 1"]))).toContain("int32 cannot hold 0.5");
    expect(errorOf(text([]))).toContain('"out " is expected');
  });

  it("more than the limits allow, before it takes memory for it", () => {
    const good = stored();
    expect(errorOf(good, { characters: 100 })).toContain("the most is 100");
    expect(errorOf(good, { nodes: 5 })).toContain("nodes; the most is 5");
    expect(errorOf(good, { inputs: 0 })).toContain("it has 1 inputs; the most is 0");
    expect(errorOf(good, { constantBytes: 11 })).toContain("its arrays have 12 bytes; the most is 11");
    expect(errorOf(good, { constantBytes: 12 })).toBe("none");
    const { work } = sizeOfGraph(sample().outputs);
    expect(errorOf(good, { work: work - 1 })).toContain(`scalar operations; the most is ${work - 1}`);
    expect(errorOf(good, { work })).toBe("none");
    // gatherSum, correlate1d, broadcastTo, mul and sum.
    expect(errorOf(good, { instructions: 4 })).toContain(
      "it takes 5 scalar operations for one element of each node; the most is 4",
    );
    expect(errorOf(good, { instructions: 5 })).toBe("none");
    expect(errorOf(good, { axes: 1 })).toContain("2 axes; the most is 1");
    expect(errorOf(good, { elements: 7 })).toContain("line 3: an array of [1, 8] has more than 7 elements");
    const huge = { inputs: [], constants: new Map(), text: "" };
    const grown = (axes: number): string =>
      `plenoptic graph 1\n0 literal(){value=0:0}:bool[]\n1 broadcastTo(0){shape=[${new Array(axes).fill("41d00000:0")}]}:bool[${new Array(axes).fill(2 ** 30)}]\nout 1`;
    expect(errorOf({ ...huge, text: grown(3) })).toContain("has more than 4294967296 elements");
    expect(errorOf({ ...huge, text: grown(100_000) })).toContain("has 100000 axes; the most is 32");
  });

  it("texts changed at random, or gives the graph they say", () => {
    const draw = generator(7);
    const characters = [..."0123456789abcdef()[]{}:;,=@#/\n -"];
    let refused = 0;
    for (let round = 0; round < 4000; round++) {
      const { outputs, inputs } = randomGraph(round % 100);
      const good = storeGraph(outputs, [...inputs.keys()]);
      let { text } = good;
      for (let changes = integer(draw, 1, 3); changes > 0; changes--) {
        const at = integer(draw, 0, text.length);
        const other = integer(draw, 0, text.length);
        const length = integer(draw, 0, 8);
        const piece = pick(draw, ["", pick(draw, characters), text.slice(other, other + length)]);
        text = text.slice(0, at) + piece + text.slice(at + length);
      }
      try {
        const read = loadGraph({ ...good, text });
        expect(storeGraph(read.outputs, read.inputs).text).toBe(text);
      } catch (error) {
        if (!(error instanceof StoredGraphError)) throw error;
        expect(error.message.length).toBeLessThan(500);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(3000);
  });

  it("long garbage in no time", () => {
    const lines = ["(".repeat(1e6), "0 input@0(" + "0,".repeat(5e5), "}:".repeat(5e5), `0 add(){${"a".repeat(1e6)}`];
    const start = performance.now();
    for (const line of lines) {
      expect(errorOf({ inputs: [], constants: new Map(), text: `plenoptic graph 1\n${line}\nout 0` })).toContain(
        "line 2",
      );
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

describe("a trace as text", () => {
  it("says what each node computes", () => {
    const kernel = tensor([0.25, 0.5, 0.25]);
    const model = (x: Tensor): Tensor =>
      correlateSeparable(pad(x, [[0, 20]], "reflect"), kernel, kernel, { padMode: "circular" })
        .mul(-0)
        .abs()
        .mean();
    expect(trace(model, [{ shape: [3, 24], dtype: "float32" }]).toString()).toMatchInlineSnapshot(`
      "%0 = input 0 : float32 [3, 24]
      %1 = gatherSum(%0) axis=1 indices=(44 integers #c41db797dc48) starts=(45 integers #0aed5749fc5d) : float32 [3, 44]
      %2 = gatherSum(%1) axis=1 indices=(46 integers #b761b3f7825d) starts=(47 integers #d8846026740d) : float32 [3, 46]
      %3 = array #4d8609cba6ec : float32 [3]
      %4 = correlate1d(%2, %3) axis=1 : float32 [3, 44]
      %5 = gatherSum(%4) axis=0 indices=(2, 0, 1, 2, 0) starts=(0, 1, 2, 3, 4, 5) : float32 [5, 44]
      %6 = correlate1d(%5, %3) axis=0 : float32 [3, 44]
      %7 = literal value=-0 : float32 []
      %8 = broadcastTo(%7) shape=[3, 44] : float32 [3, 44]
      %9 = mul(%6, %8) : float32 [3, 44]
      %10 = abs(%9) : float32 [3, 44]
      %11 = sum(%10) axes=[0, 1] : float32 []
      %12 = literal value=132 : float32 []
      %13 = div(%11, %12) : float32 []
      out %13"
    `);
  });
});

describe("the list of ops", () => {
  it("names every op by its own name", () => {
    for (const [name, op] of Object.entries({ ...definitions, ...fourierDefinitions })) expect(op.name).toBe(name);
  });
});
