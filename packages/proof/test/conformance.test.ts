// The conformance runner against small golden folders and handlers made here, right and wrong.

import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type CaseArrays, type Handler, NotSupported } from "@plenoptic-js/proof/conformance/cases";
import { compare } from "@plenoptic-js/proof/conformance/compare";
import type { GoldenArray, GoldenCase, Tolerance } from "@plenoptic-js/proof/conformance/format";
import { readIndex } from "@plenoptic-js/proof/conformance/format";
import { handlers } from "@plenoptic-js/proof/conformance/handlers";
import { KnownDifferences, matches, runCase } from "@plenoptic-js/proof/conformance/run";
import { objectOf } from "@plenoptic-js/proof/conformance/saved/savedObjects";
import { tensorHandler, toArray } from "@plenoptic-js/proof/conformance/tensors";
import * as po from "plenoptic-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const array = (data: number[], dtype = "float64", shape = [data.length]): GoldenArray => ({ dtype, shape, data });
const exact: Tolerance = { rtol: 0, atol: 0 };

describe("compare", () => {
  test("allows atol + rtol * |expected| and not more", () => {
    const tolerance = { rtol: 0.01, atol: 0.1 };
    expect(compare(array([101.1]), array([100]), tolerance).agrees).toBe(true);
    expect(compare(array([101.11]), array([100]), tolerance).agrees).toBe(false);
    expect(compare(array([-98.89]), array([-100]), tolerance).agrees).toBe(false);
  });

  test("every element counts, and the worst one is named", () => {
    const { agrees, detail } = compare(
      array([1, 2, 3, 5], "float64", [2, 2]),
      array([1, 2, 3, 4], "float64", [2, 2]),
      exact,
    );
    expect(agrees).toBe(false);
    expect(detail).toMatch(/worst at \[1, 1\]: 5, expected 4/);
  });

  test("NaN matches NaN only, infinity its own sign only", () => {
    const loose = { rtol: 1, atol: 1 };
    expect(compare(array([Number.NaN]), array([Number.NaN]), exact).agrees).toBe(true);
    expect(compare(array([Number.NaN]), array([0]), loose).agrees).toBe(false);
    expect(compare(array([0]), array([Number.NaN]), loose).agrees).toBe(false);
    expect(compare(array([Number.POSITIVE_INFINITY]), array([Number.POSITIVE_INFINITY]), exact).agrees).toBe(true);
    expect(compare(array([Number.NEGATIVE_INFINITY]), array([Number.POSITIVE_INFINITY]), loose).agrees).toBe(false);
    expect(compare(array([1]), array([Number.POSITIVE_INFINITY]), loose).agrees).toBe(false);
    expect(compare(array([Number.POSITIVE_INFINITY]), array([1]), loose).agrees).toBe(false);
  });

  test("a history has a tolerance for each entry", () => {
    const tolerance = { rtol: 0.5, atol: 0, rtol_by_entry: [0.1, 0.5] };
    expect(compare(array([1.05, 1.4]), array([1, 1]), tolerance).agrees).toBe(true);
    expect(compare(array([1.4, 1]), array([1, 1]), tolerance).agrees).toBe(false);
    expect(compare(array([1, 1, 1]), array([1, 1, 1]), tolerance).agrees).toBe(false);
  });

  test("complex values are compared by the size of their difference", () => {
    const expected = array([3, 4], "complex128", [1]);
    expect(compare(array([3.3, 4.4], "complex128", [1]), expected, { rtol: 0.1001, atol: 0 }).agrees).toBe(true);
    expect(compare(array([3.3, 4.4], "complex128", [1]), expected, { rtol: 0.0999, atol: 0 }).agrees).toBe(false);
  });

  test("integers must be equal, whatever the tolerance and the width", () => {
    const expected = array([1, 2], "int64");
    expect(compare(array([1, 2], "int32"), expected, exact).agrees).toBe(true);
    expect(compare(array([1, 3], "int32"), expected, { rtol: 1, atol: 1 }).agrees).toBe(false);
    expect(compare(array([1, 2], "float64"), expected, exact).agrees).toBe(false);
  });

  test("shape and dtype must be those of the golden array", () => {
    expect(compare(array([1, 2]), array([1, 2], "float64", [1, 2]), exact).agrees).toBe(false);
    expect(compare(array([1, 2], "float32"), array([1, 2]), exact).agrees).toBe(false);
  });

  test("angles may differ by full turns, vectors by their sign, and only where that is said", () => {
    const tiny = { rtol: 0, atol: 1e-9 };
    expect(compare(array([-Math.PI]), array([Math.PI]), tiny, "angle").agrees).toBe(true);
    expect(compare(array([-Math.PI]), array([Math.PI]), tiny).agrees).toBe(false);
    expect(compare(array([Math.PI / 2]), array([0]), tiny, "angle").agrees).toBe(false);
    const vectors = array([1, 2, 3, 4], "float64", [2, 2]);
    const flipped = array([1, 2, -3, -4], "float64", [2, 2]);
    const torn = array([1, -2, 3, 4], "float64", [2, 2]);
    expect(compare(flipped, vectors, tiny, "sign").agrees).toBe(true);
    expect(compare(flipped, vectors, tiny).agrees).toBe(false);
    expect(compare(torn, vectors, tiny, "sign").agrees).toBe(false);
  });
});

test("patterns: a star stands for any text, everything else for itself", () => {
  expect(matches("eig_*_k2", "eig_power_onoff_k2")).toBe(true);
  expect(matches("eig_*_k2", "eig_power_onoff_k23")).toBe(false);
  expect(matches("a.b", "axb")).toBe(false);
});

describe("runCase", () => {
  let folder: string;
  let golden: GoldenCase;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "golden-"));
    const x = npyFile("x.npy", [1, 2]);
    const tolerance = { rtol: 0, atol: 1e-9 };
    golden = {
      name: "double_2",
      group: "toy",
      function: "toy.double",
      args: {},
      inputs: { x },
      outputs: { y: { ...npyFile("y.npy", [2, 4]), tolerance }, sum: { ...npyFile("sum.npy", [6]), tolerance } },
    };
    writeFileSync(join(folder, "index.json"), JSON.stringify({ format: 1, cases: [golden] }));
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  function npyFile(file: string, data: number[]): GoldenCase["inputs"][string] {
    const header = `{'descr': '<f8', 'fortran_order': False, 'shape': (${data.length},), }`.padEnd(117) + "\n";
    const bytes = Buffer.concat([
      Buffer.from("\x93NUMPY\x01\x00v\x00", "latin1"),
      Buffer.from(header, "latin1"),
      Buffer.from(new Float64Array(data).buffer),
    ]);
    writeFileSync(join(folder, file), bytes);
    return { file, shape: [data.length], dtype: "float64", sha256: createHash("sha256").update(bytes).digest("hex") };
  }

  const run = (handler: Handler | undefined, known = new KnownDifferences([])) =>
    runCase(folder, readIndex(folder)[0], new Map(handler && [["toy.double", handler]]), known);

  const double: Handler = async (_, arrays) => {
    const x = Array.from(arrays.input("x").data);
    return new Map([
      ["y", array(x.map((v) => 2 * v))],
      ["sum", array([2 * (x[0] + x[1])])],
    ]);
  };
  const wrongSum: Handler = async (...given) => new Map([...(await double(...given)), ["sum", array([7])]]);

  test("passes when every output agrees", async () => {
    expect(await run(double)).toMatchObject({ name: "double_2", outcome: "passed" });
  });

  test("fails when one output differs, is missing, or the handler throws", async () => {
    expect(await run(wrongSum)).toMatchObject({ outcome: "failed", detail: expect.stringMatching(/sum: DIFFERS/) });
    const noSum: Handler = async (...given) => new Map([...(await double(...given))].slice(0, 1));
    expect(await run(noSum)).toMatchObject({ outcome: "failed", detail: expect.stringMatching(/sum: .*not computed/) });
    const unknownInput: Handler = async (_, arrays) => new Map([["y", arrays.input("z")]]);
    expect(await run(unknownInput)).toMatchObject({ outcome: "failed", detail: expect.stringMatching(/no "z"/) });
  });

  test("a function without a handler, or a handler that says so, is not supported", async () => {
    expect(await run(undefined)).toMatchObject({ outcome: "not supported", detail: "toy.double" });
    const refuses: Handler = async () => {
      throw new NotSupported("toy.double with three inputs");
    };
    expect(await run(refuses)).toMatchObject({ outcome: "not supported", detail: "toy.double with three inputs" });
  });

  test("a known difference excuses its own output only", async () => {
    const entry = { function: "toy.double", case: "double_*", output: "sum", spec: "toy.md 1" };
    expect(await run(wrongSum, new KnownDifferences([entry]))).toMatchObject({ outcome: "known difference" });
    const wrongBoth: Handler = async () =>
      new Map([
        ["y", array([0, 0])],
        ["sum", array([7])],
      ]);
    expect(await run(wrongBoth, new KnownDifferences([entry]))).toMatchObject({ outcome: "failed" });
    const other = { ...entry, case: "single_*" };
    expect(await run(wrongSum, new KnownDifferences([other]))).toMatchObject({ outcome: "failed" });
  });

  test("a known difference that agrees is reported, one that was not looked at is not", async () => {
    const agreeing = { function: "toy.double", output: "sum", spec: "toy.md 1" };
    const unseen = { function: "toy.halve", output: "y", spec: "toy.md 2" };
    const known = new KnownDifferences([agreeing, unseen]);
    expect(await run(double, known)).toMatchObject({ outcome: "passed" });
    expect(known.outdated()).toEqual([agreeing]);
  });

  test("an array that is not the one the index describes is refused", async () => {
    npyFile("x.npy", [1, 3]);
    expect(await run(double)).toMatchObject({ outcome: "failed", detail: expect.stringMatching(/SHA-256/) });
  });

  test("tensorHandler computes outputs and the gradients of their weighted sum", async () => {
    // y = x^2 with x = [1, 2] and weights [3, -1], so grad_x = 2 w x = [6, -4].
    const tolerance = { rtol: 0, atol: 0 };
    const square = tensorHandler((_, input) => input("x").square());
    const runSquare = (gradient: number[]) => {
      const squares = {
        ...golden,
        inputs: { x: golden.inputs.x, w_y: npyFile("w.npy", [3, -1]) },
        outputs: {
          y: { ...npyFile("y.npy", [1, 4]), tolerance },
          grad_x: { ...npyFile("grad.npy", gradient), tolerance },
        },
      };
      return runCase(folder, squares, new Map([["toy.double", square]]), new KnownDifferences([]));
    };
    expect(await runSquare([6, -4])).toMatchObject({ outcome: "passed" });
    expect(await runSquare([6, 4])).toMatchObject({
      outcome: "failed",
      detail: expect.stringMatching(/y: ok.*\ngrad_x: DIFFERS/),
    });
  });

  test("a folder whose index lists no cases is refused", () => {
    writeFileSync(join(folder, "index.json"), "{}");
    expect(() => readIndex(folder)).toThrow(/no list "cases"/);
  });
});

describe("handlers", () => {
  const arraysOf = (inputs: Readonly<Record<string, GoldenArray>>): CaseArrays => ({
    input: (name) => inputs[name],
    extra: (name) => inputs[name],
    expected: (name) => inputs[name],
    path: (file) => file,
  });
  const caseOf = (name: string, args: GoldenCase["args"]): GoldenCase => {
    return { name: "made_here", group: "toy", function: name, args, inputs: {}, outputs: {} };
  };
  const img = array(
    Array.from({ length: 64 }, (_, i) => (i % 7) / 7),
    "float64",
    [1, 1, 8, 8],
  );

  test.each([
    "metric.model_metric_factory",
    "Metamer.synthesize",
    "MetamerCTF.synthesize",
    "Eigendistortion.synthesize",
  ])("%s: a model that is not known is not taken for another", async (name) => {
    const golden = caseOf(name, { model: "Another", model_args: { kernel_size: 5 } });
    const arrays = arraysOf({ img1: img, img2: img, image: img, initial_image: img });
    const handler = handlers.get(golden.function) as Handler;
    await expect(handler(golden, arrays)).rejects.toThrow(NotSupported);
    await expect(handler(golden, arrays)).rejects.toThrow(/with the model Another$/);
  });

  describe("what a saved file was made from", () => {
    const data = new URL("../../formats/test/data/pt/", import.meta.url).pathname;
    const original = join(data, "2.0.0", "metamer_adam_plain_noamsgrad_f32.json");
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "saved-"));
      mkdirSync(join(folder, "pt"));
      cpSync(join(data, "images"), join(folder, "images"), { recursive: true });
    });

    afterEach(() => rmSync(folder, { recursive: true }));

    function made(change: Readonly<Record<string, unknown>>): po.Metamer {
      const sidecar = JSON.parse(readFileSync(original, "utf8")) as { readonly init: object };
      const path = join(folder, "pt", "metamer_made_here.json");
      writeFileSync(path, JSON.stringify({ ...sidecar, init: { ...sidecar.init, ...change } }));
      return objectOf("metamer", path);
    }

    test("is made anew", () => {
      expect(made({})).toBeInstanceOf(po.Metamer);
    });

    test.each<[string, Readonly<Record<string, unknown>>, string]>([
      ["model", { model: { name: "Another", kwargs: {} } }, "there is no model Another"],
      ["loss", { loss_function: "another" }, "there is no loss another"],
      ["loss of a table's own", { loss_function: "toString" }, "there is no loss toString"],
      ["penalty", { penalty: { function: "another", lambda: 1 } }, "there is no penalty another"],
    ])("but a %s that is not known is not taken for another", (_, change, message) => {
      expect(() => made(change)).toThrow(message);
    });
  });

  test("noise is that of the draws beside the case, and draws that no seed gives are refused", async () => {
    const golden = caseOf("process.add_noise", { noise_mse: 0.5 });
    const handler = handlers.get(golden.function) as Handler;
    po.setSeed(17);
    const draws = await toArray(po.randn([1, 1, 8, 8], { dtype: "float32" }));
    po.setSeed(17);
    const image = po.tensor(Float64Array.from(img.data), { shape: img.shape });
    const expected = await toArray(po.process.addNoise(image, 0.5));
    const made = await handler(golden, arraysOf({ img, raw_normal_draws: draws }));
    expect(made.get("y")).toEqual(expected);

    const others = array(
      Array.from(draws.data, (x, i) => Number(x) + (i === 40 ? 0.001 : 0)),
      "float32",
      [1, 1, 8, 8],
    );
    await expect(handler(golden, arraysOf({ img, raw_normal_draws: others }))).rejects.toThrow(
      "no seed from 0 to 99 gives the draws of made_here",
    );
  });
});
