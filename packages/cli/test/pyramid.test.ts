// `plenoptic pyramid`: the sheet and the arrays are those of the library; what is refused.

import { readdir, readFile } from "node:fs/promises";
import { readNpy } from "@plenoptic-js/formats";
import * as po from "plenoptic-js";
import { describe, expect, it } from "vitest";
import { run, writeGray } from "./runCli.ts";
import { useWorkFolder } from "./workFolder.ts";

useWorkFolder();

const imageOf = (samples: readonly number[], height: number, width: number) =>
  po.tensor(
    samples.map((level) => level / 255),
    { shape: [1, 1, height, width], dtype: "float64" },
  );

async function expectFile(path: string, part: po.Tensor): Promise<void> {
  const { dtype, shape } = part;
  expect(readNpy(await readFile(path)), path).toEqual({ dtype, shape, data: await part.data() });
}

describe("plenoptic pyramid", () => {
  it.each([
    [[], { height: 3, order: 3, isComplex: false }],
    [["--height", "2", "--order", "1", "--complex"], { height: 2, order: 1, isComplex: true }],
    [["--height", "0"], { height: 0, order: 3, isComplex: false }],
  ] as const)("writes the exact bands of a steerable pyramid: %j", async (args, options) => {
    const samples = await writeGray("photo.png", 40, 32);
    const { code, out, err } = await run("pyramid", "photo.png", ...args);
    expect(code).toBe(0);
    expect(err).toBe("Image: photo.png, 40 x 32 pixels, gray as stored, divided by 255\n");
    const coefficients = new po.process.SteerablePyramidFreq([32, 40], options).forward(imageOf(samples, 32, 40));
    const scales = Array.from({ length: options.height }, (_, i) => `scale_${i}.npy`);
    const files = ["residual_highpass.npy", ...scales, "residual_lowpass.npy"];
    expect((await readdir("photo-pyramid")).sort()).toEqual(
      [...files, "plenoptic-files.json", "pyramid.svg", "pyramid.json"].sort(),
    );
    for (const [key, part] of coefficients) {
      await expectFile(`photo-pyramid/${typeof key === "number" ? `scale_${key}` : key}.npy`, part);
    }
    const record = JSON.parse(await readFile("photo-pyramid/pyramid.json", "utf8"));
    expect(record.pyramid).toEqual({ kind: "steerable", ...options });
    expect(record.parts.map(({ file }: { file: string }) => file)).toEqual(files);
    expect(record.parts[0].sha256).toBe(await po.hashTensor(coefficients.get("residual_highpass")!));
    expect(out).toMatch(/^residual_highpass +1 +40 x 32 /m);
    if (options.height > 0) expect(out).toMatch(new RegExp(`^scale_0 +${options.order + 1} +40 x 32 `, "m"));
  });

  it("writes the sheet that pyrshow draws", async () => {
    const samples = await writeGray("photo.png", 40, 32);
    await run("pyramid", "photo.png", "--out", "made");
    const coefficients = new po.process.SteerablePyramidFreq([32, 40]).forward(imageOf(samples, 32, 40));
    // 6 times 40 pixels are the most that fit into 256.
    const sheet = await po.plot.pyrshow(coefficients, { zoom: 6 });
    expect(await readFile("made/pyramid.svg", "utf8")).toBe(sheet.svg);
  });

  it.each([
    [[], 5],
    [["--height", "2"], 2],
  ] as const)("writes the levels of a Laplacian pyramid: %j", async (args, nScales) => {
    const samples = await writeGray("photo.png", 33, 18);
    const { code, out } = await run("pyramid", "photo.png", "--kind", "laplacian", ...args, "--out", "made");
    expect(code).toBe(0);
    const levels = new po.process.LaplacianPyramid({ nScales }).forward(imageOf(samples, 18, 33));
    for (const [i, level] of levels.entries()) await expectFile(`made/level_${i}.npy`, level);
    expect((await readdir("made")).filter((name) => name.endsWith(".npy"))).toHaveLength(nScales);
    expect(out).toContain(`Laplacian pyramid (${nScales} levels) of photo.png`);
  });

  it("makes as many levels of a small image as there are", async () => {
    await writeGray("photo.png", 9, 9);
    const { code, out } = await run("pyramid", "photo.png", "--kind", "laplacian");
    expect(code).toBe(0);
    expect(out).toContain("Laplacian pyramid (4 levels) of photo.png");
    await writeGray("dot.png", 1, 1);
    expect((await run("pyramid", "dot.png", "--kind", "laplacian")).out).toContain("Laplacian pyramid (1 level)");
  });

  it("computes in float32 when asked to", async () => {
    await writeGray("photo.png", 16, 16);
    await run("pyramid", "photo.png", "--dtype", "float32", "--complex", "--out", "made");
    expect(readNpy(await readFile("made/scale_0.npy")).dtype).toBe("complex64");
    expect(readNpy(await readFile("made/residual_lowpass.npy")).dtype).toBe("float32");
  });

  it("passes on the warning about odd sizes", async () => {
    await writeGray("photo.png", 17, 16);
    const { code, err } = await run("pyramid", "photo.png");
    expect(code).toBe(0);
    expect(err).toMatch(/^warning: .*odd-sized images/m);
  });

  it.each([
    [["--height", "3"], /17 x 16 pixels, and a steerable pyramid of it has at most 2 scales, not 3/],
    [["--complex", "--order", "0"], /--complex needs an --order from 1 to 15/],
    [["--order", "16"], /whole number from 0 to 15/],
    [["--kind", "laplacian", "--height", "6"], /a laplacian pyramid of it has at most 4 levels, not 6/],
    [["--kind", "laplacian", "--height", "0"], /one level at least/],
    [["--kind", "laplacian", "--order", "1"], /no orientations, so no --order/],
    [["--kind", "laplacian", "--complex"], /no orientations, so no --complex/],
    [["--kind", "gaussian"], /'gaussian' is invalid.*steerable, laplacian/],
  ] as const)("refuses %j", async (args, message) => {
    await writeGray("photo.png", 17, 16);
    const { code, out, err } = await run("pyramid", "photo.png", ...args);
    expect(code).toBe(2);
    expect(out).toBe("");
    expect(err).toMatch(message);
    expect(await readdir(".")).toEqual(["photo.png"]);
  });

  it("refuses an image that is too small", async () => {
    await writeGray("dot.png", 3, 9);
    expect(await run("pyramid", "dot.png")).toMatchObject({ code: 2, err: expect.stringContaining("at least 4 x 4") });
  });
});
