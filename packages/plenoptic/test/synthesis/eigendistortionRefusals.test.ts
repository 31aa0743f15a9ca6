// Eigendistortions in files: what does not belong to the object or is damaged is refused without a trace, and what Python writes
// otherwise is understood.

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { PtTensor, PtTuple, type PtValue } from "@plenoptic-js/formats";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { toTensor } from "../../src/io/tensors.ts";
import {
  blur,
  changed,
  type Dict,
  dictOf,
  found,
  KEYS,
  loaded,
  make,
  N,
  picture,
  record,
  SIDE,
  warned,
} from "./eigendistortionFiles.ts";

const pt = fileURLToPath(new URL("../../../formats/test/data/pt/", import.meta.url));

describe("a file is of its object", () => {
  test.each<[string, () => po.Eigendistortion, RegExp]>([
    ["image", () => new po.Eigendistortion(picture(1), blur), /the saved image differs.*more than rounding/s],
    [
      "shape",
      () => new po.Eigendistortion(picture().reshape([1, 1, 4, 16]), blur),
      /the saved image is float64 \[1, 1, 8, 8\], that of this object float64 \[1, 1, 4, 16\]/,
    ],
    [
      "model",
      () => new po.Eigendistortion(picture(), new po.models.Gaussian(3, { std: 2 })),
      /the saved output of the model differs/,
    ],
    [
      "model of another name",
      () =>
        new po.Eigendistortion(
          picture(),
          po.model("blur", (x) => blur.forward(x)),
        ),
      /the saved model is plenoptic\.models\.naive\.Gaussian, that of this object __main__\.blur/,
    ],
  ])("another %s is refused, or told", async (_, other, message) => {
    const eig = await found({ method: "exact" });
    const bytes = await eig.toBytes();
    const strict = other();
    const before = await record(strict);
    await expect(strict.load(bytes)).rejects.toThrow(po.LoadError);
    await expect(strict.load(bytes)).rejects.toThrow(message);
    expect(await record(strict)).toEqual(before);
    expect(warned).toEqual([]);
    await strict.synthesize({ k: 1 });

    const tolerant = await loaded(bytes, other(), { raiseOnChecks: false });
    expect(warned.map(({ name, code }) => [name, code])).toEqual([["LoadWarning", "check"]]);
    expect(warned[0].message).toMatch(message);
    expect(tolerant.image.dataSync()).toEqual(eig.image.dataSync());
    expect(tolerant.eigendistortions?.dataSync()).toEqual(eig.eigendistortions?.dataSync());
    // What is found from now on is of this object's model at the file's image.
    expect(tolerant.jacobian).toBeNull();
    const straight = new po.Eigendistortion(eig.image, tolerant.model);
    for (const object of [tolerant, straight]) await object.synthesize({ method: "exact" });
    expect(tolerant.eigenvalues?.dataSync()).toEqual(straight.eigenvalues?.dataSync());
  });

  test("warnings come in Python's order, and say what is kept", async () => {
    const other = new po.Eigendistortion(
      picture(1),
      po.model("mine", (x) => x.mul(2)),
    );
    await other.load(await (await found()).toBytes(), { raiseOnChecks: false });
    const subjects = [/the saved image differs/, /output of the model differs/, /the saved model is .*__main__\.mine/];
    expect(warned).toHaveLength(3);
    warned.forEach(({ name, message }, i) => {
      expect(name).toBe("LoadWarning");
      expect(message).toMatch(subjects[i]);
      expect(message).toMatch(i === 0 ? /kept is that of the file$/ : /kept is that of this object$/);
    });
  });

  test("another dtype and another class are refused, and to() helps", async () => {
    const bytes = await (await found()).toBytes();
    const single = make("float32");
    await expect(single.load(bytes, { raiseOnChecks: false })).rejects.toThrow(/use to\("float64"\)/);
    expect(single.eigenvalues).toBeNull();
    single.to("float64");
    await expect(single.load(bytes, { tensorEqualityRtol: 0 })).rejects.toThrow(/the saved image differs/);
    await single.load(bytes);
    expect(single.eigenvalues?.size).toBe(2);
    const metamer = new po.Metamer(picture(), blur);
    for (const raiseOnChecks of [true, false]) {
      await expect(metamer.load(bytes, { raiseOnChecks })).rejects.toThrow(
        /it holds a plenoptic\.Eigendistortion, .*needs what the file has not \(_losses, .*\)\. Load it into a new Eigendistortion\.$/,
      );
    }
    await expect(make().load(await metamer.toBytes())).rejects.toThrow(/it holds a plenoptic\.Metamer/);
  });

  test("a used object, one at work, and one that a load has filled take no other", async () => {
    const eig = await found();
    const bytes = await eig.toBytes();
    const before = await record(eig);
    await expect(eig.load(bytes)).rejects.toThrow(/load\(\) is for a new object/);
    await expect(eig.load(bytes, { raiseOnChecks: false })).rejects.toThrow(/load\(\) is for a new object/);
    expect(await record(eig)).toEqual(before);
    const working = make();
    const work = working.synthesize();
    await expect(working.load(bytes)).rejects.toThrow(/it is at work/);
    await expect(working.toBytes()).rejects.toThrow(/it is at work/);
    await work;
    const twice = make();
    const both = await Promise.allSettled([twice.load(bytes), twice.load(bytes)]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    await expect(twice.load(bytes)).rejects.toThrow(/load\(\) is for a new object/);
  });

  test("a change within the tolerance passes; the file's image is kept", async () => {
    const eig = await found();
    const near = new po.Eigendistortion(picture().add(1e-6).detach(), blur);
    await near.load(await eig.toBytes(), { tensorEqualityAtol: 1e-5 });
    expect(near.image.dataSync()).toEqual(eig.image.dataSync());
    expect(near.representationFlat.dataSync()).toEqual(eig.representationFlat.dataSync());
  });

  test("the function's own mistake for a file's image is told as it is", async () => {
    const square = (x: po.Tensor): po.Tensor => {
      if (x.shape[2] !== 4) throw new RangeError("only four rows");
      return x.square();
    };
    const eig = new po.Eigendistortion(picture().reshape([1, 1, 4, 16]), po.model("four rows", square));
    const bytes = await (await found()).toBytes();
    await expect(eig.load(bytes, { raiseOnChecks: false })).rejects.toThrow(/only four rows/);
    expect(eig.image.shape).toEqual([1, 1, 4, 16]);
  });
});

const floats = (shape: number[], fill = 0.5): PtTensor =>
  PtTensor.of("float64", shape, new Float64Array(shape.reduce((a, b) => a * b, 1)).fill(fill));
const ints = (...values: bigint[]): PtTensor => PtTensor.of("int64", [values.length], BigInt64Array.from(values));

describe("a damaged file is refused", () => {
  test.each<[string, string, PtValue, RegExp]>([
    ["no eigenvalues", "_eigenvalues", null, /it has no eigenvalues, 2 indices and 128 numbers of eigendistortions/],
    ["no indices", "_eigenindex", null, /2 eigenvalues, no indices/],
    ["no eigendistortions", "_eigendistortions", null, /no numbers of eigendistortions for an image of 64 pixels/],
    ["too many eigenvalues", "_eigenvalues", floats([3]), /it has 3 eigenvalues, 2 indices/],
    ["too few indices", "_eigenindex", ints(0n), /it has 2 eigenvalues, 1 indices/],
    [
      "too small vectors",
      "_eigendistortions",
      floats([2, 1, 4, 8]),
      /64 numbers of eigendistortions for an image of 64/,
    ],
    ["an index beyond the image", "_eigenindex", ints(0n, 64n), /it has the eigenindex 64, and its image 64 pixels/],
    [
      "an index below 0",
      "_eigenindex",
      ints(-1n, 3n),
      /_eigenindex is a tensor int64 \[2\]; it must be a list of whole/,
    ],
    ["half an index", "_eigenindex", floats([2]), /_eigenindex is a tensor float64 \[2\]; it must be a list of whole/],
    ["indices as text", "_eigenindex", "0, 63", /_eigenindex is the str "0, 63"/],
    ["eigenvalues as a list", "_eigenvalues", [1, 2], /_eigenvalues is a list of 2; it must be a tensor/],
    ["eigenvalues that are ints", "_eigenvalues", ints(2n, 1n), /_eigenvalues is a tensor int64 \[2\]; it must be/],
    [
      "eigenvalues that are short ints",
      "_eigenvalues",
      PtTensor.of("int32", [2], Int32Array.of(2, 1)),
      /_eigenvalues is int32/,
    ],
    ["a Jacobian of other size", "_jacobian", floats([4, 64]), /its Jacobian is \[4, 64\].* is \[64, 64\]/],
    ["a Jacobian of one axis", "_jacobian", floats([4096]), /its Jacobian is \[4096\]/],
    ["a Jacobian that is a number", "_jacobian", 3n, /_jacobian is the int 3; it must be a tensor/],
    ["no image", "_image", null, /_image is None; it must be a tensor/],
    ["an image shape that is a number", "_image_shape", 8n, /_image_shape is the int 8; it must be a torch\.Size/],
    ["a model without output", "_model", new PtTuple(["a", new PtTuple(["_image"])]), /_model is a tuple of 2/],
  ])("%s", async (_, key, value, message) => {
    const bytes = await changed((dict) => dict.set(key, value));
    const eig = make();
    const before = await record(eig);
    await expect(eig.load(bytes)).rejects.toThrow(po.FileError);
    await expect(eig.load(bytes)).rejects.toThrow(message);
    await expect(eig.load(bytes, { raiseOnChecks: false })).rejects.toThrow(
      key === "_jacobian" && value instanceof PtTensor ? message : po.FileError,
    );
    expect(await record(eig)).toEqual(before);
    expect(warned).toEqual([]);
  });

  test("keys too many and too few", async () => {
    const more = await changed((dict) => dict.set("_extra", 1n));
    await expect(loaded(more)).rejects.toThrow(/it has _extra, which this object has not/);
    const fewer = await changed((dict) => dict.delete("_eigenindex"));
    await expect(loaded(fewer)).rejects.toThrow(/it lacks _eigenindex/);
    const eig = await loaded(more, make(), { raiseOnChecks: false });
    // They are left out of what it saves.
    expect([...dictOf(await eig.toBytes()).keys()]).toEqual(KEYS);
  });

  test("half a file", async () => {
    const bytes = await (await found()).toBytes();
    await expect(loaded(bytes.subarray(0, bytes.length / 2))).rejects.toThrow(po.FileError);
  });
});

describe("what Python writes otherwise", () => {
  const values = (eig: po.Eigendistortion): number[] => [...(eig.eigenvalues as po.Tensor).dataSync()];

  /** A file with these eigenvalues; vector i is the unit vector of pixel i. */
  const python = (eigenvalues: number[], index: number[]): Promise<Uint8Array> =>
    changed((dict) => {
      (dict.get("save_metadata") as Dict).delete("plenoptic_js");
      const vectors = new Float64Array(eigenvalues.length * N);
      for (const i of eigenvalues.keys()) vectors[i * N + i] = 1;
      dict.set("_eigenvalues", PtTensor.of("float64", [eigenvalues.length], Float64Array.from(eigenvalues)));
      dict.set("_eigenindex", ints(...index.map(BigInt)));
      dict.set("_eigendistortions", PtTensor.of("float64", [eigenvalues.length, 1, SIDE, SIDE], vectors));
    });
  /** Of each vector, which one of the file it was. */
  const cameFrom = (eig: po.Eigendistortion): number[] => {
    const data = (eig.eigendistortions as po.Tensor).dataSync();
    return values(eig).map((_, i) => Array.from(data.subarray(i * N, (i + 1) * N)).indexOf(1));
  };

  test("the power method's smallest come in decreasing order", async () => {
    const eig = await loaded(await python([25, 16, 0.25, 1], [0, 1, N - 2, N - 1]));
    expect(values(eig)).toEqual([25, 16, 1, 0.25]);
    expect([...(eig.eigenindex as po.Tensor).dataSync()]).toEqual([0, 1, N - 2, N - 1]);
    expect(cameFrom(eig)).toEqual([0, 1, 3, 2]);
    expect(cameFrom(eig)[eig.positionOf(-1)]).toBe(2);
    expect([eig.search, eig.residuals, eig.groups]).toEqual([null, null, null]);
    // And so it stays.
    const again = await loaded(await eig.toBytes());
    expect(cameFrom(again)).toEqual([0, 1, 3, 2]);
  });

  test("equal ones keep their order, and NaN comes last", async () => {
    const eig = await loaded(await python([2, Number.NaN, 2, 3], [0, 1, 2, 3]));
    expect(values(eig)).toEqual([3, 2, 2, Number.NaN]);
    expect(cameFrom(eig)).toEqual([3, 0, 2, 1]);
  });

  test("a single eigenvalue is a number", async () => {
    const bytes = await changed(
      (dict) => {
        const [value] = (dict.get("_eigenvalues") as PtTensor).data() as Float64Array;
        dict.set("_eigenvalues", PtTensor.of("float64", [], Float64Array.of(value)));
      },
      await found({ method: "randomized_svd", k: 1 }),
    );
    expect((await loaded(bytes)).eigenvalues?.shape).toEqual([1]);
  });

  test("indices are floating-point numbers after Python's to()", async () => {
    const bytes = await changed((dict) => dict.set("_eigenindex", PtTensor.of("float32", [2], Float32Array.of(0, 63))));
    const { eigenindex } = await loaded(bytes);
    expect([eigenindex?.dtype, [...(eigenindex?.dataSync() ?? [])]]).toEqual(["int32", [0, 63]]);
  });

  test("results that are not those of our summary have none", async () => {
    const eig = await found();
    const bytes = await changed((dict) => {
      const data = (dict.get("_eigenvalues") as PtTensor).data() as Float64Array;
      dict.set("_eigenvalues", PtTensor.of("float64", [2], Float64Array.of(data[0] / 2, data[1])));
    }, eig);
    const again = await loaded(bytes);
    expect(again.search).toBeNull();
    expect(values(again)).toEqual([values(eig)[0] / 2, values(eig)[1]]);
  });

  test.each<[string, (own: { run: Record<string, unknown> }) => void]>([
    ["nothing", (own) => Reflect.deleteProperty(own, "run")],
    ["null", (own) => Object.assign(own, { run: null })],
    ["a text for a run", (own) => Object.assign(own, { run: "yes" })],
    ["null for a summary", (own) => Object.assign(own.run, { eigendistortion: null })],
    ["too few residuals", (own) => (own.run.eigendistortion as { residuals: number[] }).residuals.pop()],
    [
      "residuals in words",
      (own) => Object.assign(own.run.eigendistortion as object, { residuals: ["small", "large"] }),
    ],
    ["no groups", (own) => Reflect.deleteProperty(own.run.eigendistortion as object, "groups")],
    ["a newer form", (own) => Object.assign(own, { file: 99 })],
  ])("%s in our part of the metadata: no summary, and all else", async (_, change) => {
    const eig = await found();
    const bytes = await changed((dict) => {
      const metadata = dict.get("save_metadata") as Dict;
      const own = JSON.parse(String(metadata.get("plenoptic_js")));
      change(own);
      metadata.set("plenoptic_js", JSON.stringify(own));
    }, eig);
    const again = await loaded(bytes);
    expect(again.search).toBeNull();
    expect(again.eigendistortions?.dataSync()).toEqual(eig.eigendistortions?.dataSync());
  });

  test("files from before 1.2 are checked by what their model gave", async () => {
    const name = `${pt}1.1.0/eig_svd_f32.pt`;
    const size = (dictOf(readFileSync(name)).get("_image") as PtTensor).shape;
    const image = toTensor(dictOf(readFileSync(name)).get("_image") as PtTensor);
    expect(size).toEqual([1, 1, 10, 10]);
    const right = new po.Eigendistortion(image, new po.models.Gaussian(3, { std: 1 }));
    await right.load(name);
    expect(warned.map(({ name }) => name)).toEqual(["FutureWarning"]);
    expect(right.eigenvalues?.size).toBe(3);
    expect(await right.recipe()).toBeNull();
    const wrong = new po.Eigendistortion(image, new po.models.Gaussian(3, { std: 2 }));
    await expect(wrong.load(name)).rejects.toThrow(/output of the model differs/);
    expect(wrong.eigenvalues).toBeNull();
  });
});
