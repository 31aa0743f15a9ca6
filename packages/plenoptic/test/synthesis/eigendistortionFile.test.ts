// Eigendistortions in files: what is saved comes back to the bit, with its recipe. What is refused: eigendistortionRefusals.test.ts.
// Files of Python's plenoptic: saving.test.ts.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { canonicalJson, type JsonValue, PtTensor, PtTuple, type PtValue, writePt } from "@plenoptic-js/formats";
import { hashTensor } from "@plenoptic-js/tensor";
import { afterAll, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { toTensor } from "../../src/io/tensors.ts";
import {
  type Dict,
  dictOf,
  found,
  KEYS,
  loaded,
  make,
  N,
  picture,
  ramp,
  record,
  SIDE,
  warned,
} from "./eigendistortionFiles.ts";

const pt = fileURLToPath(new URL("../../../formats/test/data/pt/", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "eigendistortion-"));
afterAll(() => rmSync(folder, { recursive: true }));

const methods: readonly po.EigendistortionOptions[] = [
  { method: "krylov", k: 2 },
  { method: "exact" },
  { method: "exact", k: 3 },
  { method: "power", k: 2, maxIter: 30 },
  { method: "randomized_svd", k: 3, p: 4 },
  { method: "randomized_svd", k: 1 },
];

describe.each(methods)("$method, k: $k", (options) => {
  test.each(["float32", "float64"] as const)("comes back as it was (%s)", async (dtype) => {
    const eig = await found(options, make(dtype));
    const path = join(folder, "saved.pt");
    await eig.save(path);
    const again = make(dtype);
    await again.load(path);
    expect(await record(again)).toEqual(await record(eig));
    expect(again.search?.method).toBe(options.method);
    expect(again.residuals).toHaveLength(eig.eigenvalues?.size as number);
    expect(again.residuals).toEqual(eig.residuals);
    expect(again.groups).toEqual(eig.groups);
    expect(again.positionOf(0)).toBe(0);
    expect(warned).toEqual([]);
    // And once more.
    expect(await record(await loaded(await again.toBytes(), make(dtype)))).toEqual(await record(eig));
  });

  test("in a file that has Python's keys and types", async () => {
    const eig = await found(options);
    const dict = dictOf(await eig.toBytes());
    expect([...dict.keys()]).toEqual(KEYS);
    expect((dict.get("save_metadata") as Dict).get("synthesis_object")).toBe("plenoptic.Eigendistortion");
    const python = dictOf(readFileSync(`${pt}HEAD/eig_exact_f64.pt`));
    expect([...python.keys()]).toEqual(KEYS);
    const shown = (value: PtValue | undefined): unknown => {
      if (value instanceof PtTensor) return [value.dtype, value.shape.length];
      return value instanceof PtTuple ? [...value].map(shown) : value?.constructor.name;
    };
    for (const key of KEYS.slice(1)) {
      if (key === "_jacobian" && options.method !== "exact") expect(dict.get(key)).toBeNull();
      else expect([key, shown(dict.get(key))]).toEqual([key, shown(python.get(key))]);
    }
    const [name, inputs, output] = [...(dict.get("_model") as PtTuple)];
    expect([name, [...(inputs as PtTuple)]]).toEqual(["plenoptic.models.naive.Gaussian", ["_image"]]);
    expect((output as PtTensor).bytes()).toEqual((dict.get("_representation_flat") as PtTensor).bytes());
    expect((dict.get("_eigenindex") as PtTensor).data()).toEqual(
      BigInt64Array.from(eig.eigenindex?.dataSync() as Int32Array, BigInt),
    );
    expect((dict.get("_eigendistortions") as PtTensor).shape.slice(1)).toEqual([1, SIDE, SIDE]);
  });

  test("and finds after load what an object finds that was never loaded", async () => {
    const again = await loaded(await (await found(options)).toBytes());
    const fresh = make();
    for (const object of [again, fresh]) {
      po.setSeed(7);
      await object.synthesize(options);
    }
    expect(await record(again)).toEqual(await record(fresh));
  });
});

describe("images and models of all kinds", () => {
  test.each<[string, () => po.Eigendistortion, number[], number[]]>([
    ["colour", () => new po.Eigendistortion(picture(0, "float64", 3), ramp(3 * N)), [3, SIDE, SIDE], [3, SIDE, SIDE]],
    ["a vector", () => new po.Eigendistortion(picture().reshape([N]), ramp(N)), [N], [N]],
    ["one row", () => new po.Eigendistortion(picture().reshape([1, N]), ramp(N)), [N], [N]],
    ["two axes", () => new po.Eigendistortion(picture().reshape([4, 16]), ramp(N)), [4, 16], [4, 16]],
    [
      "five axes",
      () => new po.Eigendistortion(picture().reshape([1, 2, 2, 4, 4]), ramp(N)),
      [2, 2, 4, 4],
      [2, 2, 4, 4],
    ],
    [
      "complex outputs",
      () =>
        new po.Eigendistortion(
          picture(),
          po.model("complex", (x) => po.complex(x.square(), x.mul(3))),
        ),
      [1, SIDE, SIDE],
      [1, SIDE, SIDE],
    ],
    [
      "one number",
      () =>
        new po.Eigendistortion(
          picture(),
          po.model("energy", (x) => x.square().sum()),
        ),
      [1, SIDE, SIDE],
      [1, SIDE, SIDE],
    ],
  ])("%s", async (_, create, imageShape, each) => {
    const eig = await found({ k: 1 }, create());
    await eig.computeJacobian();
    const bytes = await eig.toBytes();
    expect(dictOf(bytes).get("_image_shape")).toMatchObject({ sizes: imageShape });
    const again = create();
    warned.length = 0;
    await again.load(bytes);
    expect(again.eigendistortions?.shape).toEqual([2, ...each]);
    expect(await record(again)).toEqual(await record(eig));
    expect(warned).toEqual([]);
  });

  test("a Jacobian is kept, and used", async () => {
    const eig = make();
    const jacobian = await eig.computeJacobian();
    const again = await loaded(await eig.toBytes());
    expect(again.jacobian?.shape).toEqual([N, N]);
    expect(await again.computeJacobian()).toBe(again.jacobian);
    expect(again.jacobian?.dataSync()).toEqual(jacobian.dataSync());
    expect(again.eigenvalues).toBeNull();
    await again.synthesize({ method: "exact" });
    await eig.synthesize({ method: "exact" });
    expect(again.eigenvalues?.dataSync()).toEqual(eig.eigenvalues?.dataSync());
  });

  test("a file from before synthesize() leaves everything open", async () => {
    const dict = dictOf(await make().toBytes());
    expect([...dict.keys()]).toEqual(KEYS);
    for (const key of ["_jacobian", "_eigendistortions", "_eigenvalues", "_eigenindex"]) {
      expect(dict.get(key)).toBeNull();
    }
    const eig = await loaded(writePt(dict));
    expect([eig.eigendistortions, eig.eigenvalues, eig.eigenindex, eig.search]).toEqual([null, null, null, null]);
    expect(() => eig.positionOf(0)).toThrow(/nothing is there yet/);
    // Nothing was found yet, so it may load another file.
    await eig.load(await (await found()).toBytes());
    expect(eig.eigenvalues?.size).toBe(2);
  });

  test("another precision, before and after", async () => {
    const eig = await found({ method: "exact" });
    eig.to("float32");
    const bytes = await eig.toBytes();
    expect((dictOf(bytes).get("_jacobian") as PtTensor).dtype).toBe("float32");
    const single = make();
    single.to("float32");
    await single.load(bytes);
    expect(await record(single)).toEqual(await record(eig));
    single.to("float64");
    expect([single.image.dtype, single.eigendistortions?.dtype, single.jacobian?.dtype]).toEqual(
      Array(3).fill("float64"),
    );
    const double = make("float32");
    double.to("float64");
    const back = await loaded(await single.toBytes(), double);
    expect(await record(back)).toEqual(await record(single));
    await back.synthesize({ k: 1 });
    expect(back.search?.converged).toBe(true);
  });

  test("says whether it came from a file", async () => {
    const eig = await found();
    expect(dictOf(await eig.toBytes()).get("_loaded")).toBe(false);
    expect(dictOf(await (await loaded(await eig.toBytes())).toBytes()).get("_loaded")).toBe(true);
  });
});

describe("the recipe", () => {
  interface Recipe {
    readonly method: string;
    readonly image: { readonly sha256: string };
    readonly model: object;
    readonly options: object;
    readonly random: { readonly torch: string };
    readonly calls: readonly { readonly call: string; readonly options: Record<string, JsonValue> }[];
    readonly result: { readonly sha256: string; readonly eigenvalues: number[]; readonly converged: boolean };
  }
  const recipeOf = async (eig: po.Eigendistortion): Promise<Recipe> => (await eig.recipe()) as unknown as Recipe;

  test("says what made the result, in the object and in the file", async () => {
    const eig = make();
    // The image that it was made with: what `to` makes of it follows.
    const { image } = eig;
    await eig.synthesize({ method: "krylov", k: 2 });
    await eig.synthesize({ method: "exact" });
    await eig.synthesize({ method: "exact", k: 3 });
    await eig.synthesize({ method: "randomized_svd", k: 3, p: 4, q: 1 });
    await eig.synthesize({ method: "power", maxIter: 20 });
    eig.to("float32");
    const recipe = await recipeOf(eig);
    expect(recipe).toMatchObject({
      method: "Eigendistortion",
      image: { dtype: "float64", shape: [1, 1, SIDE, SIDE], sha256: await hashTensor(image) },
      model: { name: "Gaussian", fingerprint: eig.fingerprints.model },
      options: {},
      result: {
        dtype: "float32",
        shape: [2, 1, SIDE, SIDE],
        sha256: await hashTensor(eig.eigendistortions as po.Tensor),
        eigenvalues: [...(eig.eigenvalues as po.Tensor).dataSync()],
        eigenindex: [0, 63],
        converged: eig.search?.converged,
      },
    });
    expect(recipe.calls).toEqual([
      { call: "synthesize", options: { method: "krylov", k: 2, maxIter: 1500, stopCriterion: 1e-6 } },
      { call: "synthesize", options: { method: "exact", k: null } },
      { call: "synthesize", options: { method: "exact", k: 3 } },
      { call: "synthesize", options: { method: "randomized_svd", k: 3, p: 4, q: 1 } },
      { call: "synthesize", options: { method: "power", k: 1, maxIter: 20, stopCriterion: 1e-7 } },
      { call: "to", options: { dtype: "float32" } },
    ]);
    const text = canonicalJson(recipe as never);
    const metadata = dictOf(await eig.toBytes()).get("save_metadata") as Dict;
    const own = JSON.parse(String(metadata.get("plenoptic_js")));
    expect(own.file).toBe(1);
    expect(canonicalJson(own.recipe)).toBe(text);
    expect(own.run.eigendistortion.method).toBe("power");
  });

  /** Puts torch's generator to where a recipe says it was, and finds the result of its last call again. */
  async function replay(recipe: Recipe): Promise<string> {
    const state = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    po.defaultGenerator().setState(state(recipe.random.torch));
    const eig = make();
    for (const { options } of recipe.calls) {
      const { random, k, ...rest } = options as { random?: { torch: string }; k?: number | null };
      if (random !== undefined) po.defaultGenerator().setState(state(random.torch));
      await eig.synthesize({ ...rest, ...(k != null && { k }) });
    }
    return hashTensor(eig.eigendistortions as po.Tensor);
  }

  test("gives the result again: also after others drew, an aborted search, and a load", async () => {
    const eig = make();
    await eig.synthesize({ method: "power", maxIter: 3 });
    await eig.synthesize({ method: "power", maxIter: 4 });
    const straight = await recipeOf(eig);
    expect(straight.calls.map(({ options }) => "random" in options)).toEqual([false, false]);
    expect(await replay(straight)).toBe(straight.result.sha256);

    po.rand([3]);
    await eig.synthesize({ method: "power", maxIter: 5 });
    const stop = new AbortController();
    const aborted = eig.synthesize({ method: "power", signal: stop.signal, onProgress: () => stop.abort() });
    await expect(aborted).rejects.toThrow(/abort/i);
    await eig.synthesize({ method: "power", maxIter: 6 });
    const mixed = await recipeOf(eig);
    expect(mixed.calls.map(({ options }) => "random" in options)).toEqual([false, false, true, true]);
    expect(await replay(mixed)).toBe(mixed.result.sha256);

    const again = await loaded(await eig.toBytes());
    po.setSeed(99);
    await again.synthesize({ method: "power", maxIter: 7 });
    const later = await recipeOf(again);
    expect(later.random).toEqual(straight.random);
    expect(later.calls).toHaveLength(5);
    expect(await replay(later)).toBe(later.result.sha256);
  });

  test("is null for what Python found, and stays so", async () => {
    const dict = dictOf(readFileSync(`${pt}HEAD/eig_svd_f32.pt`));
    const image = toTensor(dict.get("_image") as PtTensor);
    const create = (): po.Eigendistortion => new po.Eigendistortion(image, new po.models.Gaussian(3, { std: 1 }));
    const eig = create();
    await eig.load(`${pt}HEAD/eig_svd_f32.pt`);
    expect(await eig.recipe()).toBeNull();
    const again = await loaded(await eig.toBytes(), create());
    expect(await again.recipe()).toBeNull();
    expect(again.search).toBeNull();
    expect(again.eigendistortions?.dataSync()).toEqual(eig.eigendistortions?.dataSync());
  });
});

test("300 objects in a row, saved and loaded, leave nothing behind", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const round = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i++) {
      const eig = await found({ method: "randomized_svd", k: 1, q: 0 });
      const again = await loaded(await eig.toBytes());
      await loaded(await again.toBytes());
    }
    warned.length = 0;
    // What weak references have held in this turn goes in a later one.
    for (let turn = 0; turn < 4; turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      collect();
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  const before = await round(10);
  const after = await round(100);
  // A file alone has 40 kB; 300 of them, 12 MB.
  expect(after - before).toBeLessThan(4e6);
}, 120_000);
