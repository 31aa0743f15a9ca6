// The paths of modules in files of both exporters, and which value a name means.

import { describe, expect, test } from "vitest";
import { findNode, type NamedNode } from "../src/findNode.ts";
import { parseList, placesOf, type Written } from "../src/modulePaths.ts";

const written = (name: string, scopes?: string): Written => ({ name, scopes, isAside: false });
const paths = (...operations: Written[]) => placesOf(operations).map((place) => place?.path);

describe("names of nodes", () => {
  test("parts repeat what is before them, or do not", () => {
    expect(
      paths(
        written("/conv1/Conv"),
        written("/features/features.0/features.0.1/Conv"),
        written("/layer1/layer1.0/relu_1/Relu"),
        written("/layers.0/Add"),
        written("/Flatten"),
        written("Conv_12"),
      ),
    ).toEqual(["conv1", "features.0.1", "layer1.0.relu_1", "layers.0", "", undefined]);
  });

  test("a part that only begins like the one before is one of its own", () => {
    expect(paths(written("/layer1/layer10/Relu"))).toEqual(["layer1.layer10"]);
  });
});

describe("scopes", () => {
  const scoped = (...parts: string[]): Written => written("n", `[${parts.map((part) => `'${part}'`).join(", ")}]`);

  test("the last but one is the path, and further calls are counted", () => {
    const relu = scoped("", "layer1", "layer1.0", "layer1.0.relu", "relu");
    const add = scoped("", "layer1", "layer1.0", "add");
    const conv = scoped("", "layer1", "layer1.0", "layer1.0.conv", "conv2d");
    expect(paths(conv, relu, conv, relu, add, relu)).toEqual([
      "layer1.0.conv",
      "layer1.0.relu",
      "layer1.0.conv_1",
      "layer1.0.relu_1",
      "layer1.0",
      "layer1.0.relu_2",
    ]);
  });

  test("nodes one after the other are one call, also with a constant between", () => {
    const norm = scoped("", "norm", "div");
    expect(placesOf([norm, { ...scoped("", "", "c"), isAside: true }, norm]).map((place) => place?.path)).toEqual([
      "norm",
      "",
      "norm",
    ]);
  });

  test("only lists of texts are read", () => {
    expect(parseList(`['', "it's", 'a\\'b']`)).toEqual(["", "it's", "a'b"]);
    expect(parseList("[]")).toEqual([]);
    for (const text of ["", "['a'", "['a',]", "[1]", "['a' 'b']", "[__import__('os')]", `[${"'a',".repeat(70)}'a']`]) {
      expect([text, parseList(text)]).toEqual([text, undefined]);
    }
  });
});

describe("what a name means", () => {
  const node = (name: string, op: string, path: string | undefined, isLayer = true): NamedNode => ({
    name,
    node: `/${name}`,
    op,
    place: path === undefined ? undefined : { path, own: op.toLowerCase() },
    isLayer,
  });
  const network = {
    source: "net.onnx",
    nodes: [
      node("v0", "Conv", "conv1"),
      node("shape", "Shape", "layer1", false),
      node("v1", "Conv", "layer1.0.conv"),
      node("v2", "Add", "layer1.0"),
      node("v3", "Relu", "layer1.0.relu"),
      node("v4", "Relu", "layer10"),
      node("layer10", "Gemm", "fc"),
    ],
  };
  const meant = (name: string): string => network.nodes[findNode(network, name)].name;

  test("values come first, then nodes, then the last value of a module, then its own operations", () => {
    expect(["v1", "/v1", "layer1", "layer1.0", "layer1.0.conv", "layer1.0.add", "layer10"].map(meant)).toEqual([
      "v1",
      "v1",
      "v3",
      "v3",
      "v1",
      "v2",
      "layer10",
    ]);
  });

  test("a name that is not there is answered with the nearest ones", () => {
    expect(() => meant("layer1.0.cnv")).toThrow(
      'net.onnx: there is no layer "layer1.0.cnv"; the nearest names are "layer1.0.conv", "layer1.0", "layer1.0.relu"',
    );
    expect(() => meant("shape")).toThrow('net.onnx: "shape" is no layer: it does not depend on the pixels');
    expect(() => findNode(network, 3 as never)).toThrow("net.onnx: a layer is named 3; it must be a text");
  });
});
