// The samples of test/data/pt: files of every release of Python's plenoptic, and sound files of other kinds.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checkSample, compareDescribed, type Described } from "@plenoptic-js/proof/conformance/saved/pt";
import { differenceOf } from "@plenoptic-js/proof/files/sameValue";
import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { PtObject, PtSize, PtTensor, PtTuple, type PtValue, readPt, writePt } from "../../src/index.ts";
import { ZipArchive } from "../../src/zip/zipReader.ts";
import { writeZip } from "../../src/zip/zipWriter.ts";

const folder = fileURLToPath(new URL("../data/pt/", import.meta.url));
const samples = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".pt") && !file.startsWith("hostile"))
  .sort();
const bytesOf = (file: string): Uint8Array => readFileSync(folder + file);
const sidecarOf = (file: string): string | undefined =>
  [`${folder}${file}.json`, folder + file.replace(/\.pt$/, ".json")].find((path) => existsSync(path));

describe("samples", () => {
  const described = samples.filter((file) => sidecarOf(file) !== undefined);

  it("there are some of every release", () => {
    const releases = new Set(described.map((file) => file.split("/")[0]));
    expect([...releases].filter((name) => /^\d/.test(name))).toHaveLength(14);
    expect(releases).toContain("HEAD");
  });

  it.each(described)("%s is read as described, also after it was written again", (file) => {
    expect(checkSample(folder + file, sidecarOf(file) as string)).toEqual([]);
  });

  it("the comparison sees what differs", () => {
    const tensor = (sha256: string): Described => ({
      t: "tensor",
      dtype: "uint8",
      shape: [1],
      stride: [1],
      storage_offset: 0,
      requires_grad: false,
      sha256,
    });
    const one = "4bf5122f344554c53bde2ebb8cd2b7e3d1600ad631c385a5d7cce23c7785459a";
    const value = PtTensor.of("uint8", [1], Uint8Array.of(1));
    expect(compareDescribed(value, tensor(one), "")).toEqual([]);
    expect(compareDescribed(value, tensor(one.replace("4", "5")), "")).toHaveLength(1);
    expect(compareDescribed(1, { t: "int", dec: "1" }, "")).toHaveLength(1);
    expect(compareDescribed(1n, { t: "float", hex: "3ff0000000000000" }, "")).toHaveLength(1);
    expect(compareDescribed([], { t: "tuple", length: 0, items: [] }, "")).toHaveLength(1);
    expect(compareDescribed([1n], { t: "list", length: 1, items: [{ t: "int", dec: "2" }] }, "")).toHaveLength(1);
  });
});

describe("files of plenoptic before 1.2", () => {
  it("keep optimizers and functions by name, and say so", () => {
    const { value, warnings, container } = readPt(bytesOf("1.1.0/metamer_sgd_explr_f32.pt"));
    expect(container).toBe("zip");
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/torch\.optim\.sgd\.SGD, .*plenoptic\.tools\.optim\.mse/);
    const saved = value as Map<PtValue, PtValue>;
    const optimizer = saved.get("_optimizer") as PtObject;
    expect(optimizer).toBeInstanceOf(PtObject);
    expect(optimizer.className).toBe("torch.optim.sgd.SGD");
    // The optimizer's parameter is the tensor of the metamer: the same memory.
    const groups = (optimizer.state as Map<PtValue, PtValue>).get("param_groups") as Map<PtValue, PtValue>[];
    const [parameter] = groups[0].get("params") as PtTensor[];
    expect(parameter.storage).toBe((saved.get("_metamer") as PtTensor).storage);
    // And the scheduler's optimizer is that optimizer.
    expect(((saved.get("scheduler") as PtObject).state as Map<PtValue, PtValue>).get("optimizer")).toBe(optimizer);
    expect(() => writePt(value)).toThrow(/"_optimizer".* torch\.optim\.sgd\.SGD, which torch\.load would refuse/);
  });
});

describe("a file written byte by byte", () => {
  it("holds what was meant", () => {
    const { value } = readPt(bytesOf("handwritten/plain.pt"));
    const plain = value as Map<PtValue, PtValue>;
    expect(plain.get("int")).toBe(-5n);
    expect(plain.get("big")).toBe(2n ** 70n);
    expect(plain.get("float")).toBe(0.1);
    expect(plain.get("nan")).toBeNaN();
    expect(plain.get("str")).toBe("héllo 😀");
    expect(plain.get("size")).toEqual(new PtSize([1, 1, 8, 8]));
    expect(plain.get("list")).toEqual([
      1n,
      2.5,
      "x",
      [],
      new PtTuple([]),
      new PtTuple([1n]),
      new PtTuple([1n, 2n, 3n, 4n]),
    ]);
    expect((plain.get("dict") as Map<PtValue, PtValue>).get(1)).toBe("one");
    expect((plain.get("int64") as PtTensor).data()).toEqual(BigInt64Array.of(1099511627776n, -1n));
    expect((plain.get("bool") as PtTensor).data()).toEqual(Uint8Array.of(1, 0, 1));
    expect((plain.get("empty") as PtTensor).shape).toEqual([0, 4]);
    expect(differenceOf(readPt(writePt(value)).value, value)).toBeUndefined();
  });
});

it("a program of TorchScript, whose code is compressed, is said to be none of torch.save's files", () => {
  const code = new Uint8Array(1000);
  const program = zipSync({ "net/code/__torch__.py": code, "net/constants.pkl": code });
  expect(() => readPt(program, { name: "net.pt" })).toThrow(
    'net.pt: the entry "net/code/__torch__.py" is compressed, which torch.save never does (torch.jit.save does, but programs of TorchScript are not read)',
  );
});

describe("the layout of the archive", () => {
  // Not torch's own layout: ordinary zip writers, and a switch that leaves the checksums out.
  const others = ["hand_plain_zip", "hand_zip64_extra", "hand_zip_comment", "hand_deflated", "crc_off"];
  const inTorchLayout = samples.filter(
    (file) => bytesOf(file)[0] === 0x50 && !others.some((name) => file === `format/${name}.pt`),
  );

  it.each(inTorchLayout)("%s is put together again to the same bytes", (file) => {
    const bytes = bytesOf(file);
    const archive = new ZipArchive(bytes, file, 1000);
    const entries = [...archive.names()].map((name) => ({ name, data: archive.read(name) }));
    expect(Buffer.compare(writeZip(entries), bytes)).toBe(0);
  });
});
