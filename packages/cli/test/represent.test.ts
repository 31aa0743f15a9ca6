// `plenoptic represent`: the numbers and the figure are those of the library, and every statistic has its name.

import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { readNpy } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";
import { describe, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const FILES = [
  "plenoptic-files.json",
  "representation.csv",
  "representation.json",
  "representation.npy",
  "representation.svg",
];
const small = ["--scales", "2", "--orientations", "3", "--width", "3"];

async function readCsv(folder: string): Promise<Record<string, string>[]> {
  const [head, ...lines] = (await readFile(`${folder}/representation.csv`, "utf8")).trimEnd().split("\n");
  const columns = head.split(",");
  return lines.map((line) => Object.fromEntries(line.split(",").map((cell, c) => [columns[c], cell])));
}

const imageOf = (samples: readonly number[], height: number, width: number, dtype: "float64" | "float32" = "float64") =>
  po.tensor(
    samples.map((level) => level / 255),
    { shape: [1, 1, height, width], dtype },
  );

describe("plenoptic represent", () => {
  it.each(["float64", "float32"] as const)("writes the texture statistics with all digits, in %s", async (dtype) => {
    const samples = await writeGray("photo.png", 32, 24);
    const { code, out } = await run("represent", "photo.png", ...small, "--dtype", dtype);
    expect(code).toBe(0);
    expect((await readdir("photo-representation")).sort()).toEqual(FILES);

    const model = new po.models.PortillaSimoncelli([24, 32], { nScales: 2, nOrientations: 3, spatialCorrWidth: 3 });
    const representation = model.forward(imageOf(samples, 24, 32, dtype));
    const values = await representation.data();
    const rows = await readCsv("photo-representation");
    expect(rows.map(({ value }) => Number(value))).toEqual(Array.from(values));
    expect(readNpy(await readFile("photo-representation/representation.npy"))).toEqual({
      dtype,
      shape: representation.shape,
      data: values,
    });
    expect(out).toContain(
      `photo.png as portilla-simoncelli (scales 2, orientations 3, width 3) sees it: ${values.length}`,
    );
    expect(out).toContain("Written to photo-representation: ");
  });

  it("names the group and the place of every statistic", async () => {
    const samples = await writeGray("photo.png", 32, 24);
    await run("represent", "photo.png", ...small, "--out", "made");
    const model = new po.models.PortillaSimoncelli([24, 32], { nScales: 2, nOrientations: 3, spatialCorrWidth: 3 });
    const groups = model.convertToDict(model.forward(imageOf(samples, 24, 32)));
    const at = (group: string, ...index: number[]): number => {
      const one = groups.get(group as po.models.TextureGroup)!;
      return index.reduce((part, i) => part.slice(0, i, i + 1).squeeze(0), one.squeeze(0).squeeze(0)).itemSync();
    };
    const rows = await readCsv("made");
    const find = (cells: Record<string, string>): number => {
      const found = rows.filter((row) => Object.entries(cells).every(([column, cell]) => row[column] === cell));
      expect(found, JSON.stringify(cells)).toHaveLength(1);
      return Number(found[0].value);
    };
    const place = (group: string, rest: Record<string, string>) => find({ group, ...rest });
    expect(place("pixel_statistics", { statistic: "kurtosis" })).toBe(at("pixel_statistics", 3));
    expect(place("auto_correlation_magnitude", { row_lag: "1", column_lag: "-1", orientation: "2", scale: "1" })).toBe(
      at("auto_correlation_magnitude", 2, 0, 2, 1),
    );
    expect(place("auto_correlation_reconstructed", { row_lag: "0", column_lag: "-1", scale: "residual_lowpass" })).toBe(
      at("auto_correlation_reconstructed", 1, 0, 2),
    );
    expect(place("skew_reconstructed", { scale: "1" })).toBe(at("skew_reconstructed", 1));
    expect(
      place("cross_orientation_correlation_magnitude", { orientation: "2", other_orientation: "1", scale: "0" }),
    ).toBe(at("cross_orientation_correlation_magnitude", 2, 1, 0));
    expect(place("magnitude_std", { orientation: "1", scale: "0" })).toBe(at("magnitude_std", 1, 0));
    expect(place("cross_scale_correlation_magnitude", { orientation: "0", other_orientation: "2", scale: "0" })).toBe(
      at("cross_scale_correlation_magnitude", 0, 2, 0),
    );
    expect(
      place("cross_scale_correlation_real", { orientation: "1", other_orientation: "0", other_part: "imaginary" }),
    ).toBe(at("cross_scale_correlation_real", 1, 3, 0));
    expect(place("var_highpass_residual", {})).toBe(at("var_highpass_residual", 0));
  });

  it("prints a line for each group, and writes the groups as JSON", async () => {
    const samples = await writeGray("photo.png", 32, 24);
    const { out } = await run("represent", "photo.png", ...small, "--out", "made");
    const record = JSON.parse(await readFile("made/representation.json", "utf8"));
    const lines = out.split("\n").map((line) => line.split(/ {2,}/));
    let total = 0;
    for (const [name, { shape, values }] of Object.entries<{ shape: number[]; values: (number | null)[] }>(
      record.groups,
    )) {
      expect(values).toHaveLength(shape.reduce((a, b) => a * b, 1));
      const kept = values.filter((value) => value !== null);
      const [, count, , min, max] = lines.find((line) => line[0] === name)!;
      expect(Number(count)).toBe(kept.length);
      expect(Number(min)).toBeCloseTo(Math.min(...kept), 1);
      expect(Number(max)).toBeCloseTo(Math.max(...kept), 1);
      total += kept.length;
    }
    expect(record.representation.shape).toEqual([1, 1, total]);
    expect(record.model).toMatchObject({ name: "PortillaSimoncelli", options: { nScales: 2, nOrientations: 3 } });
    expect(record.image).toMatchObject({ name: "photo.png", height: 24, width: 32 });
    expect(record.image.sha256).toBe(await po.hashTensor(imageOf(samples, 24, 32)));
  });

  it("draws the figure that the library draws", async () => {
    const samples = await writeGray("photo.png", 32, 24);
    await run("represent", "photo.png", ...small, "--out", "made");
    const model = new po.models.PortillaSimoncelli([24, 32], { nScales: 2, nOrientations: 3, spatialCorrWidth: 3 });
    const figure = await po.plot.plotRepresentation(model, model.forward(imageOf(samples, 24, 32)));
    expect(await readFile("made/representation.svg", "utf8")).toBe(figure.svg);
  });

  it("leaves groups of one scale empty that need two", async () => {
    await writeGray("photo.png", 32, 24);
    const { code, out } = await run("represent", "photo.png", "--scales", "1", "--width", "3");
    expect(code).toBe(0);
    expect(out).toMatch(/^cross_scale_correlation_real +0$/m);
  });

  it("writes responses that are pictures by channel, row and column", async () => {
    const samples = await writeGray("photo.png", 20, 18);
    const { code, out } = await run("represent", "photo.png", "--model", "on-off", "--out", "made");
    expect(code).toBe(0);
    expect(out).toMatch(/^representation +720 /m);
    const values = await new po.models.OnOff([31, 31], { pretrained: true }).forward(imageOf(samples, 18, 20)).data();
    const rows = await readCsv("made");
    expect(rows.map(({ value }) => Number(value))).toEqual(Array.from(values));
    expect(rows[18 * 20 + 3 * 20 + 7]).toMatchObject({ channel: "1", row: "3", column: "7" });
  });

  it("never replaces an earlier result, unless told to", async () => {
    await writeGray("photo.png", 32, 24);
    for (let i = 0; i < 2; i++) await run("represent", "photo.png", "--model", "identity");
    expect(await readdir(".")).toEqual(["photo-representation", "photo-representation-2", "photo.png"]);
    await mkdir("made");
    await writeFile("made/representation.csv", "mine");
    const refused = await run("represent", "photo.png", "--model", "identity", "--out", "made");
    expect(refused).toMatchObject({ code: 2, out: "", err: expect.stringContaining("is there already") });
    const { code } = await run("represent", "photo.png", "--model", "identity", "--out", "made", "--overwrite");
    expect(code).toBe(0);
    expect((await readdir("made")).sort()).toEqual(FILES);
  });
});
