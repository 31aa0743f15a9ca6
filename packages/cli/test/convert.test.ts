// `plenoptic convert`: saved files of every release as current ones, and arrays from one kind of file into another.

import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  PtComplex,
  PtGlobal,
  PtSize,
  PtStorage,
  PtTensor,
  PtTuple,
  type PtValue,
  readNpy,
  readNpz,
  readPt,
  readSafetensors,
  writeNpy,
  writePt,
} from "@plenoptic-js/formats";
import { savedFiles } from "@plenoptic-js/proof/conformance/saved/saved";
import { objectOf, type SavedObject } from "@plenoptic-js/proof/conformance/saved/savedObjects";
import * as po from "plenoptic-js";
import { rewriteSynthesis } from "plenoptic-js/engine";
import { describe, expect, it } from "vitest";
import { ZipArchive } from "../../formats/src/zip/zipReader.ts";
import { keysOf, savedClass } from "../../plenoptic/src/synthesis/saving/dictionary/layouts.ts";
import { run } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

const pt = fileURLToPath(new URL("../../formats/test/data/pt/", import.meta.url));
const strangers = (file: string): string => `${pt}../cases/${file}`;
const samples = readdirSync(pt, { recursive: true, encoding: "utf8" })
  .filter((file) => /^(\d|HEAD|handwritten).*\.pt$/.test(file) && !file.endsWith("plain.pt"))
  .sort();

const imageOf = (object: SavedObject | po.Eigendistortion): po.Tensor | null => {
  if (object instanceof po.Eigendistortion) return object.eigendistortions;
  return object instanceof po.MADCompetition ? object.madImage : object.metamer;
};

type Dict = Map<PtValue, PtValue>;
const dictOf = (path: string): Dict => readPt(readFileSync(path)).value as Dict;

async function convert(from: string, to: string, ...options: string[]): Promise<string> {
  const { code, out, err } = await run("convert", from, to, ...options);
  expect([code, err]).toEqual([0, ""]);
  return out;
}

/** All names that a .pt file asks torch to look up. */
function globals(path: string): string[] {
  const archive = new ZipArchive(readFileSync(path), path, 1000);
  const text = new TextDecoder("latin1").decode(archive.read("archive/data.pkl"));
  return [...new Set([...text.matchAll(/c([a-z_.]+)\n(\w+)\n/g)].map(([, module, name]) => `${module}.${name}`))];
}

/** What torch's safe mode accepts of what plenoptic needs, and a Counter of a scheduler. */
const accepted = [
  "collections.OrderedDict",
  "collections.Counter",
  "torch.Size",
  "torch._utils._rebuild_tensor_v2",
  "torch.FloatStorage",
  "torch.DoubleStorage",
  "torch.LongStorage",
];

useWorkFolder();

describe("a saved synthesis becomes a current file", () => {
  it.each(samples)("%s", async (file) => {
    const out = await convert(pt + file, "new.pt");
    const old = dictOf(pt + file);
    const dict = dictOf("new.pt");
    expect(accepted).toEqual(expect.arrayContaining(globals("new.pt")));
    const className = savedClass(String((dict.get("save_metadata") as Dict).get("synthesis_object")));
    if (className === undefined) throw new Error("no class that is known");
    expect(out).toContain(`: a ${className}, saved `);
    expect([...dict.keys()]).toEqual(keysOf(className));
    // Every array of the old file is there, to the bit.
    for (const [key, value] of old) {
      if (!(value instanceof PtTensor)) continue;
      const now = dict.get(key) as PtTensor;
      expect([key, now.dtype, now.shape, now.bytes()]).toEqual([key, value.dtype, value.shape, value.bytes()]);
    }
    // Once is enough.
    expect(await convert("new.pt", "again.pt")).toMatch(/\n {2}kept {2}everything: .* current layout already\n/);
    expect(readFileSync("again.pt")).toEqual(readFileSync("new.pt"));
  });

  it("which holds what a newer release saves of the same synthesis", async () => {
    const pairs = [
      ["1.3.1", "metamer_adam_plain_noamsgrad_f32"],
      ["1.2.0", "metamer_adam_plain_noamsgrad_f32"],
      ["1.0.2-torch1.13", "metamer_plateau_f32"],
    ];
    for (const [release, name] of pairs) {
      await convert(`${pt}${release}/${name}.pt`, "new.pt", "--overwrite");
      const dict = dictOf("new.pt");
      const expected = dictOf(`${pt}HEAD/${name}.pt`);
      for (const key of ["_loss_function", "_penalty_function"]) {
        const [one, other] = [dict, expected].map((from) => (from.get(key) as PtTuple).items);
        expect(one.slice(0, 2)).toEqual(other.slice(0, 2));
        const [a, b] = [one, other].map((items) => Number((items[2] as PtTensor).data()[0]));
        expect(Math.abs(a - b)).toBeLessThanOrEqual(1e-5 * Math.abs(b));
      }
      const penalties = dict.get("_penalties") as number[];
      const every = Number(expected.get("_store_progress"));
      (expected.get("_penalties") as number[]).forEach((penalty, i) => {
        if (every > 0 && i % every === 0) expect(Math.abs(penalties[i] - penalty)).toBeLessThanOrEqual(1e-3 * penalty);
        else expect(penalties[i]).toBeNaN();
      });
      const [current, wanted] = [dict, expected].map((from) => from.get("_current_penalty") as number);
      expect(Math.abs(current - wanted)).toBeLessThanOrEqual(1e-3 * wanted);
      for (const key of ["_image_shape", "_penalty_lambda", "_scheduler_step_arg", "_store_progress", "_loaded"]) {
        expect([key, dict.get(key)]).toEqual([key, expected.get(key)]);
      }
      const states = [dict, expected].map((from) => [...(from.get("_optimizer") as PtTuple)]);
      expect(states[0][0]).toBe(states[1][0]);
      const [first, second] = states.map(([, state]) => (state as Dict).get("state") as Dict);
      expect([...(first.get(0) as Dict).keys()]).toEqual([...(second.get(0) as Dict).keys()]);
    }
  });

  it.each(savedFiles(pt).map((file) => [file.name, file] as const))(
    "which loads as the old one does, and goes on: %s",
    async (name, { kind, path }) => {
      const quiet = po.warnings.on(() => {});
      try {
        await convert(`${pt}${name}.pt`, "new.pt");
        const [old, now] = [objectOf(kind, path), objectOf(kind, path)];
        await old.load(`${pt}${name}.pt`);
        await now.load("new.pt");
        expect(imageOf(now)?.dataSync()).toEqual(imageOf(old)?.dataSync());
        for (const object of [old, now]) {
          // One that was never set up draws its first image now.
          po.setSeed(0);
          if (object instanceof po.Eigendistortion) await object.synthesize({ method: "power", maxIter: 2 });
          else await object.synthesize({ maxIter: 2, stopCriterion: -1 });
        }
        expect(imageOf(now)?.dataSync()).toEqual(imageOf(old)?.dataSync());
        if (now instanceof po.Eigendistortion || old instanceof po.Eigendistortion) return;
        expect(now.losses).toEqual(old.losses);
        if (now instanceof po.MADCompetition && old instanceof po.MADCompetition) {
          expect(now.referenceMetricLoss).toEqual(old.referenceMetricLoss);
        }
      } finally {
        quiet();
      }
    },
  );
});

describe("it says", () => {
  const sample = "1.1.0-torch1.13/metamer_plateau_f32.pt";

  it("what was computed and what nobody knows", async () => {
    const out = await convert(pt + sample, "new.pt");
    expect(out).toMatch(/metamer_plateau_f32\.pt: a plenoptic\.Metamer, saved before plenoptic 1\.2\n/);
    expect(out).toMatch(
      /\n {2}computed {3}the penalties of the images stored at iterations 0, 3 and of the final image\n/,
    );
    expect(out).toMatch(/\n {2}not known {2}the penalties of 4 iterations: NaN\n/);
    expect(out).toMatch(/\n {2}not known {2}the name of the model /);
    expect(out).toMatch(/\n {2}not known {2}_current_loss/);
    expect(out).toMatch(/\n {2}replaced {3}it names Python classes .*torch\.optim\.lr_scheduler\.ReduceLROnPlateau/);
    expect(out).toMatch(/\nWritten to new\.pt: \d+ bytes\n$/);
  });

  it("that a lost optimizer was made good", async () => {
    const out = await convert(`${pt}HEAD/metamer_loaded_resaved_f32.pt`, "new.pt");
    expect(out).toMatch(/\n {2}repaired {2}_optimizer, whose state .* had lost/);
    const dict = dictOf("new.pt");
    expect(dict.get("_optimizer")).toBeNull();
    expect([...(dict.get("_scheduler") as PtTuple)]).toEqual([null, new Map()]);
  });

  it("that a loss of one's own cannot be computed, and keeps what the file has", async () => {
    const dict = dictOf(`${pt}1.3.1/metamer_adam_plain_noamsgrad_f32.pt`);
    const [, inputs, output] = (dict.get("loss_function") as PtTuple).items;
    dict.set("loss_function", new PtTuple(["__main__.mine", inputs, output]));
    writeFileSync("old.pt", writePt(dict));
    expect(await convert("old.pt", "new.pt")).toMatch(
      /not known {2}what __main__\.mine gives .* raise_on_checks=False\n/,
    );
    const [name, before, value] = (dictOf("new.pt").get("_loss_function") as PtTuple).items;
    expect([name, before, (value as PtTensor).bytes()]).toEqual([
      "__main__.mine",
      inputs,
      (output as PtTensor).bytes(),
    ]);
  });

  it("that keys of other people are left out, and what is missing", async () => {
    const dict = dictOf(`${pt}HEAD/metamer_init_only_f32.pt`);
    dict.set("_mine", 1n);
    dict.delete("_loaded");
    writeFileSync("old.pt", writePt(dict));
    const out = await convert("old.pt", "new.pt");
    expect(out).toMatch(/left out {3}_mine: plenoptic 2\.x has no such keys/);
    expect(out).toMatch(/not known {2}_loaded: the file has no such keys/);
    expect([...dictOf("new.pt").keys()]).toEqual(keysOf("plenoptic.Metamer").filter((key) => key !== "_loaded"));
  });

  it("nothing of metadata that is no text", async () => {
    const dict = dictOf(`${pt}1.3.1/metamer_adam_plain_noamsgrad_f32.pt`);
    (dict.get("save_metadata") as Dict).set("\ud800", "a").set("mine", "b");
    writeFileSync("old.pt", writePt(dict));
    await convert("old.pt", "new.pt");
    const own = JSON.parse(String((dictOf("new.pt").get("save_metadata") as Dict).get("plenoptic_js")));
    expect(own.converted.era).toBe("1.2 to 1.3.1");
    expect(own.converted.metadata).toMatchObject({ plenoptic_version: "1.3.1", mine: "b" });
    expect(Object.keys(own.converted.metadata)).not.toContain("\ud800");
  });

  it("what range a penalty had that was not the usual one", async () => {
    const dict = dictOf(`${pt}1.3.1/metamer_adam_plain_noamsgrad_f32.pt`);
    dict.set("_allowed_range", new PtTuple([0.25, 0.5]));
    writeFileSync("old.pt", writePt(dict));
    expect(await convert("old.pt", "new.pt")).toMatch(
      /range penalty of \[0\.25, 0\.5\] gives .* called penalize_range\n/,
    );
    const image = po.io.toTensor(dict.get("_image") as PtTensor);
    const expected = await po.regularize.penalizeRange(image, { allowedRange: [0.25, 0.5] }).item();
    expect(expected).toBeGreaterThan(0);
    const [, , output] = (dictOf("new.pt").get("_penalty_function") as PtTuple).items;
    expect((output as PtTensor).data()[0]).toBe(expected);
  });
});

describe("files from before 1.2", () => {
  it("leave what is known to MetamerCTF and Eigendistortion", async () => {
    await convert(`${pt}1.0.0/eig_power_f32.pt`, "eig.pt");
    const old = dictOf(`${pt}1.0.0/eig_power_f32.pt`);
    const sizes = ["n_channels", "im_height", "im_width"].map((key) => Number(old.get(key)));
    const eig = dictOf("eig.pt");
    expect(eig.get("_image_shape")).toEqual(new PtSize(sizes));
    const [name, inputs, output] = (eig.get("_model") as PtTuple).items;
    expect([name, [...(inputs as PtTuple)]]).toEqual(["unknown", ["_image"]]);
    expect((output as PtTensor).bytes()).toEqual((old.get("_representation_flat") as PtTensor).bytes());
    // Both are views of one memory still.
    expect((eig.get("_image") as PtTensor).storage).toBe((eig.get("_image_flat") as PtTensor).storage);
  });

  it("name the metrics of MADCompetition where they did", async () => {
    const image = PtTensor.of("float64", [1, 1, 2, 2], Float64Array.of(0, 0.25, 0.5, 1));
    const made = PtTensor.of("float64", [1, 1, 2, 2], Float64Array.of(0, 0.25, 0.5, 2));
    const old: Dict = new Map<PtValue, PtValue>([
      ["_losses", [1, 2]],
      ["_gradient_norm", [1, 2]],
      ["_pixel_change_norm", [1, 2]],
      ["_store_progress", 1n],
      ["_optimizer", null],
      ["_range_penalty_lambda", 0.1],
      ["_allowed_range", new PtTuple([0n, 1n])],
      ["_image", image],
      ["_image_shape", new PtSize([1, 1, 2, 2])],
      ["scheduler", null],
      ["_optimized_metric", new PtGlobal("plenoptic.metric.naive.mse")],
      ["_optimized_metric_loss", [3, 2, 1]],
      ["_reference_metric_loss", [6, 5, 4]],
      ["_minmax", "max"],
      ["_initial_image", made],
      ["_mad_image", made],
      ["_reference_metric_target", 1],
      ["_metric_tradeoff_lambda", 10],
      ["_saved_mad_image", [image, made]],
    ]);
    const { dict, notes, className } = await rewriteSynthesis(old, "old.pt");
    expect(className).toBe("plenoptic.MADCompetition");
    expect([...dict.keys()]).toEqual(keysOf(className));
    const metric = (key: string): readonly PtValue[] => (dict.get(key) as PtTuple).items;
    const [name, , output] = metric("_optimized_metric");
    expect([name, [...(output as PtTensor).data()]]).toEqual(["plenoptic.metric._naive.mse", [0.25]]);
    const [unknown, , last] = metric("_reference_metric");
    expect([unknown, [...(last as PtTensor).data()]]).toEqual(["unknown", [4]]);
    expect(dict.get("_penalties")).toEqual([0, 1]);
    expect(dict.get("_current_penalty")).toBe(1);
    expect(dict.get("_optimized_metric_loss")).toEqual([3, 2, 1]);
    expect(notes.filter(({ kind }) => kind === "kept")).toHaveLength(1);
  });
});

describe("arrays", () => {
  const values = Float32Array.of(1, -0, Number.NaN, 4, 5, 6);
  const image = PtTensor.of("float32", [2, 3], values);
  const count = PtTensor.of("int64", [], BigInt64Array.of(7n));

  it("go from .pt to .npz to .safetensors and back, to the bit", async () => {
    writeFileSync(
      "a.pt",
      writePt(
        new Map([
          ["image", image],
          ["count", count],
        ] as const),
      ),
    );
    await convert("a.pt", "b.npz");
    await convert("b.npz", "c.safetensors");
    const out = await convert("c.safetensors", "d.pt");
    expect(out).toMatch(
      /^c\.safetensors: a \.safetensors file\n {2}array {2}count int64 \[\]\n {2}array {2}image float32 \[2, 3\]\n/,
    );
    const dict = dictOf("d.pt");
    expect([...dict.keys()].map(String).sort()).toEqual(["count", "image"]);
    for (const [name, tensor] of [
      ["image", image],
      ["count", count],
    ] as const) {
      const back = dict.get(name) as PtTensor;
      expect([back.dtype, back.shape, back.bytes()]).toEqual([tensor.dtype, tensor.shape, tensor.bytes()]);
    }
  });

  it("go alone from .npy to all others and back", async () => {
    writeFileSync("a.npy", writeNpy({ dtype: "float32", shape: [2, 3], data: values }));
    await convert("a.npy", "a.pt");
    expect(readPt(readFileSync("a.pt")).value).toBeInstanceOf(PtTensor);
    expect(await convert("a.npy", "a.npz")).toMatch(/\n {2}changed {2}the array, which had no name, is called arr_0\n/);
    expect(await convert("a.npy", "a.safetensors")).toMatch(/is called arr_0\n/);
    for (const from of ["a.pt", "a.npz", "a.safetensors"]) {
      await convert(from, "b.npy", "--overwrite");
      expect(readFileSync("b.npy")).toEqual(readFileSync("a.npy"));
    }
  });

  it.each<[string, string[], RegExp]>([
    ["list_of_tensors.pt", ["arr_0", "arr_1"], /array +arr_1 float32 \[2\]/],
    ["intkeys.pt", ["0"], /left out +1\n/],
    ["numpy_scalar.pt", ["loss", "x"], /array +loss float64 \[\]/],
    ["argparse.pt", ["x"], /left out +args\n/],
    ["meta_null.safetensors", ["x"], /array +x float32 \[2, 2\]/],
  ])("of %s, as strangers save them", async (file, names, said) => {
    expect(await convert(strangers(file), "x.npz")).toMatch(said);
    expect([...readNpz(readFileSync("x.npz")).arrays.keys()]).toEqual(names);
  });

  it.each([
    ["with_strings.npz", /left out +labels \(arrays of type "<U6" are not read\)/],
    ["with_readme.npz", /left out +README\.txt \(no array\)/],
    ["zip_dirs.npz", /array +x\/a float64 \[3, 4, 5\]/],
  ])("of %s, without what is no number", async (file, said) => {
    expect(await convert(strangers(file), "x.safetensors")).toMatch(said);
    expect(readSafetensors(readFileSync("x.safetensors")).tensors.size).toBe(1);
  });

  it("of a synthesis come under its names, lists of them as one, and the rest is told", async () => {
    const file = `${pt}HEAD/metamer_interrupted_f32.pt`;
    const out = await convert(file, "a.npz");
    expect(out).toMatch(/\n {2}left out {2}save_metadata, loaded, .*model, optimizer, scheduler\n/);
    const old = dictOf(file);
    const { arrays } = readNpz(readFileSync("a.npz"));
    expect(arrays.get("metamer")?.bytes()).toEqual((old.get("_metamer") as PtTensor).bytes());
    expect([...(arrays.get("losses")?.data() ?? [])]).toEqual(old.get("_losses"));
    const stored = old.get("_saved_metamer") as PtTensor[];
    const together = arrays.get("saved_metamer") as PtTensor;
    expect(together.shape).toEqual([stored.length, ...stored[0].shape]);
    const each = stored[0].bytes().length;
    stored.forEach((tensor, i) => {
      expect(together.bytes().slice(i * each, (i + 1) * each)).toEqual(tensor.bytes());
    });
    await convert(file, "a.safetensors");
    const { tensors } = readSafetensors(readFileSync("a.safetensors"));
    expect(new Set(tensors.keys())).toEqual(new Set(arrays.keys()));
  });

  it("of bfloat16 are widened for NumPy, and said to be", async () => {
    const storage = new PtStorage("bfloat16", 2, Uint8Array.of(0x80, 0x3f, 0x20, 0xc0));
    writeFileSync("a.pt", writePt(new PtTensor({ dtype: "bfloat16", shape: [2], storage })));
    expect(await convert("a.pt", "a.npy")).toMatch(/changed {2}.*NumPy has no bfloat16/);
    expect([...readNpy(readFileSync("a.npy")).data]).toEqual([1, -2.5]);
  });

  it("leave what is no array behind, and say so", async () => {
    writeFileSync(
      "a.pt",
      writePt(
        new Map<PtValue, PtValue>([
          ["x", image],
          ["epoch", 3n],
          [new PtTuple([5n]), image],
          [null, image],
          ["", image],
        ]),
      ),
    );
    expect(await convert("a.pt", "a.npy")).toMatch(/\n {2}left out {2}epoch, a tuple, None, ""\n/);
  });

  it("and other values of a .pt file are written again whole", async () => {
    const value = new Map<PtValue, PtValue>([["x", [1n, 2, new PtComplex(1, 2)]]]);
    writeFileSync("a.pt", writePt(value));
    expect(await convert("a.pt", "b.pt")).toMatch(/not a saved synthesis\n {2}kept {2}everything it holds\n/);
    expect(readPt(readFileSync("b.pt")).value).toEqual(value);
    expect(await convert(legacySample(), "c.pt")).toMatch(/in the format of torch before 1\.6\n/);
    expect(readPt(readFileSync("c.pt")).container).toBe("zip");
  });

  /** A sample in the stream of old torch versions. */
  function legacySample(): string {
    const files = readdirSync(`${pt}format`).filter((name) => name.endsWith(".pt"));
    const file = files.find((name) => readFileSync(`${pt}format/${name}`)[0] === 0x80);
    if (file === undefined) throw new Error("there is no such sample");
    return `${pt}format/${file}`;
  }
});

describe("it refuses, and writes nothing,", () => {
  const refused = async (from: string, to: string, ...options: string[]): Promise<string> => {
    const before = readdirSync(".");
    const { code, out, err } = await run("convert", from, to, ...options);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^error: .*\n$/);
    expect(readdirSync(".")).toEqual(before);
    return err;
  };

  it("to replace a file, unless it is asked to", async () => {
    copyFileSync(`${pt}HEAD/metamer_init_only_f32.pt`, "old.pt");
    writeFileSync("new.pt", "mine");
    expect(await refused("old.pt", "new.pt")).toMatch(/new\.pt is there already; .*--overwrite/);
    expect(await refused("old.pt", "old.pt")).toMatch(/old\.pt is there already/);
    expect(readFileSync("new.pt", "utf8")).toBe("mine");
    await convert("old.pt", "new.pt", "--overwrite");
    await convert("old.pt", "old.pt", "--overwrite");
    expect(readFileSync("old.pt")).toEqual(readFileSync("new.pt"));
  });

  it("names that say nothing, and to copy", async () => {
    writeFileSync("a.npy", writeNpy({ dtype: "float32", shape: [1], data: Float32Array.of(1) }));
    expect(await refused("a.npy", "a.mat")).toMatch(
      /a\.mat: the name must end in one of \.pt, \.npy, \.npz, \.safetensors/,
    );
    expect(await refused("a.PNG", "b.npy")).toMatch(
      /a\.PNG: images are not converted, .*to the other commands as it is, .*po\.loadImages\(\)/,
    );
    expect(await refused("a", "b.npy")).toMatch(/a: the name must end/);
    expect(await refused("a.npy", "b.NPY")).toMatch(/both \.npy, so there is nothing to convert; copy the file/);
    expect(await refused("a.npy", "nowhere/b.pt")).toMatch(/the folder nowhere does not exist/);
    expect(await refused("b.npy", "b.pt")).toMatch(/b\.npy: there is no such file/);
  });

  it("what a kind of file cannot hold", async () => {
    const one = PtTensor.of("int8", [1], Int8Array.of(1));
    const complex = PtTensor.of("complex128", [1], Float64Array.of(1, 2));
    writeFileSync(
      "two.pt",
      writePt(
        new Map([
          ["a", one],
          ["b", one],
        ] as const),
      ),
    );
    expect(await refused("two.pt", "two.npy")).toMatch(/holds one array, and these are 2 \(a, b\); choose \.npz/);
    writeFileSync("c.pt", writePt(new Map([["c", complex]] as const)));
    expect(await refused("c.pt", "c.safetensors")).toMatch(/c\.safetensors cannot be written: .* no complex128/);
    writeFileSync("up.pt", writePt(new Map([["../../up", one]] as const)));
    expect(await refused("up.pt", "up.npz")).toMatch(/"\.\.\/\.\.\/up" cannot be the name of an array/);
    writeFileSync("n.pt", writePt(3n));
    expect(await refused("n.pt", "n.npz")).toMatch(/neither a tensor, nor a list or dictionary of tensors/);
  });

  it("containers of nothing", async () => {
    for (const file of ["no_tensors.safetensors", "only_meta.safetensors", "empty.pt"]) {
      expect(await refused(strangers(file), "x.npz")).toMatch(
        /nothing to write to x\.npz: a \.\w+ file that holds no arrays/,
      );
      expect(existsSync("x.npz")).toBe(false);
    }
  });

  it("files that are not what they are called, and hostile ones", async () => {
    writeFileSync("a.npz", writeNpy({ dtype: "float32", shape: [1], data: Float32Array.of(1) }));
    expect(await refused("a.npz", "a.pt")).toMatch(/a\.npz: this is a single array/);
    writeFileSync("b.pt", readFileSync("a.npz"));
    expect(await refused("b.pt", "b.npz")).toMatch(/b\.pt: this is a NumPy array/);
    writeFileSync("c.safetensors", new Uint8Array(100).fill(255));
    expect(await refused("c.safetensors", "c.npz")).toMatch(/not a \.safetensors file/);
    expect(await refused(`${pt}hostile/exec_os_system.pt`, "d.pt")).toMatch(/os\.system.* Nothing was run/);
    expect(existsSync("plenoptic-hostile-marker")).toBe(false);
  });

  it("a synthesis that makes no sense", async () => {
    const changed = async (change: (dict: Dict) => void): Promise<string> => {
      const dict = dictOf(`${pt}1.3.1/metamer_adam_plain_noamsgrad_f32.pt`);
      change(dict);
      writeFileSync("old.pt", writePt(dict));
      return refused("old.pt", "new.pt");
    };
    expect(await changed((dict) => dict.set("_image", 3n))).toMatch(/old\.pt: _image must be a tensor/);
    expect(await changed((dict) => dict.set("_image", PtTensor.of("int64", [1], new BigInt64Array(1))))).toMatch(
      /_image must be a tensor of real or complex numbers/,
    );
    expect(await changed((dict) => dict.set("_losses", ["a"]))).toMatch(/_losses must be a list of numbers/);
    expect(await changed((dict) => dict.set("_allowed_range", new PtTuple([1, 0])))).toMatch(
      /_allowed_range is \[1, 0\]/,
    );
    const other = new Map<PtValue, PtValue>([["synthesis_object", "plenoptic.Geodesic"]]);
    expect(await changed((dict) => dict.set("save_metadata", other))).toMatch(/holds a plenoptic\.Geodesic; what is/);
    const nameless = new Map<PtValue, PtValue>([["plenoptic_version", "2.0.0"]]);
    expect(await changed((dict) => dict.set("save_metadata", nameless))).toMatch(
      /it holds a synthesis whose class it does not name; what is converted is /,
    );
  });
});
