// What is drawn of a representation, by its shape and by its groups.

import { checkWellFormed, pictures, texts } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, it } from "vitest";
import * as po from "../../src/index.ts";

const { plotRepresentation } = po.plot;

const ramp = (shape: readonly number[]): po.Tensor =>
  po.tensor(
    Float64Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => i),
    { shape },
  );

/** How many charts of stems a figure has. */
const charts = (svg: string): number => texts(svg).filter((text) => text === "Index").length;

/** How many dots each chart has. */
const dots = (svg: string): number[] =>
  [...svg.matchAll(/<path d="(M[^"]*)"[^>]*stroke-linecap="round"/g)].map(([, d]) => d.match(/h0/g)!.length);

describe("plotRepresentation, by the shape", () => {
  it("draws pictures of [batch, channel, height, width]", async () => {
    const figure = await plotRepresentation(null, ramp([2, 3, 4, 4]), { batchIdx: 1, title: "Responses" });
    checkWellFormed(figure.svg);
    expect(pictures(figure.svg)).toHaveLength(3);
    expect(charts(figure.svg)).toBe(0);
    const titles = texts(figure.svg).filter((text) => text.startsWith("Responses"));
    expect(titles).toEqual(["Responses channel 0", "Responses channel 1", "Responses channel 2"]);
    expect(texts(figure.svg)).toContain("48 to 63 · 4 x 4 pixels, enlarged 74 times");
  });

  it("draws them in colours where there are negative values", async () => {
    expect(pictures((await plotRepresentation(null, ramp([1, 1, 2, 2]))).svg)[0].channels).toBe(1);
    expect(pictures((await plotRepresentation(null, ramp([1, 1, 2, 2]).sub(1))).svg)[0].channels).toBe(3);
  });

  it.each([
    [
      [1, 2, 5],
      [5, 5],
    ],
    [[1, 5], [5]],
    [[2, 5], [5]],
    [[5], [5]],
    [[1, 1, 2, 3, 2], [12]],
  ])("draws stems of %j", async (shape, counts) => {
    const { svg } = await plotRepresentation(null, ramp(shape));
    expect(pictures(svg)).toEqual([]);
    expect(dots(svg)).toEqual(counts);
  });

  it("draws groups under their names, and leaves out empty ones", async () => {
    const groups = new Map([
      ["means", ramp([1, 1, 3])],
      ["nothing", po.zeros([1, 1, 0])],
      ["map", ramp([1, 1, 2, 2])],
    ]);
    const { svg } = await plotRepresentation(null, groups);
    expect(charts(svg)).toBe(1);
    expect(pictures(svg)).toHaveLength(1);
    expect(texts(svg)).toEqual(expect.arrayContaining(["means", "map"]));
    expect(texts(svg)).not.toContain("nothing");
  });

  it("sets one range for all charts", async () => {
    const { svg } = await plotRepresentation(null, ramp([1, 3, 4]), { ylim: [0, 5] });
    expect(texts(svg).filter((text) => text === "cut off: 2 of 4 values beyond the axis")).toHaveLength(1);
    expect(texts(svg).filter((text) => text === "cut off: 4 of 4 values beyond the axis")).toHaveLength(1);
  });

  it("refuses what it cannot draw", async () => {
    await expect(plotRepresentation(null, ramp([1, 1, 2]), { batchIdx: 1 })).rejects.toThrow(/batchIdx must be/);
    await expect(plotRepresentation(null, new Map())).rejects.toThrow(/has no groups/);
    const z = po.complex(ramp([1, 1, 2]), ramp([1, 1, 2]));
    await expect(plotRepresentation(null, z)).rejects.toThrow(/plot the real and the imaginary part/);
    await expect(plotRepresentation(null, ramp([1, 1, 2]), { batch: 1 } as object)).rejects.toThrow(
      /plotRepresentation has no option "batch"/,
    );
  });
});

describe("plotRepresentation, by the model", () => {
  const texture = new po.models.PortillaSimoncelli([64, 64], { nScales: 2, nOrientations: 3, spatialCorrWidth: 5 });
  const image = po.tensor(new po.TorchGenerator(2).rand(64 * 64, "float64"), { shape: [1, 1, 64, 64] });

  it("lets texture statistics be drawn as their model arranges them", async () => {
    const representation = texture.forward(image);
    const figure = await plotRepresentation(texture, representation);
    checkWellFormed(figure.svg);
    const titles = texts(figure.svg).join(" ");
    for (const name of ["pixels+var_highpass", "std+skew+kurtosis recon", "magnitude_std"]) {
      expect(titles).toContain(name);
    }
    // N = 2 scales, K = 3 orientations: 7, 3 (N + 1), K N, N + 1, K N, N, N - 1, N - 1.
    expect(dots(figure.svg)).toEqual([7, 9, 6, 3, 6, 2, 1, 1]);
    expect((await plotRepresentation(texture, texture.convertToDict(representation))).svg).toBe(figure.svg);
  });

  it("draws the groups of a model that has some", async () => {
    const grouped = {
      forward: (x: po.Tensor): po.Tensor => x,
      convertToDict: (x: po.Tensor) =>
        new Map([
          ["first", x.slice(2, 0, 2)],
          ["rest", x.slice(2, 2, 5)],
        ]),
    };
    const { svg } = await plotRepresentation(grouped, ramp([1, 1, 5]));
    expect(dots(svg)).toEqual([2, 3]);
    expect(texts(svg)).toEqual(expect.arrayContaining(["first", "rest"]));
  });

  it("leaves the drawing to a model that draws", async () => {
    const own = await po.plot.stemPlot(ramp([3]), { title: "mine" });
    const calls: unknown[] = [];
    const drawing = {
      forward: (x: po.Tensor): po.Tensor => x,
      plotRepresentation: (...given: unknown[]) => {
        calls.push(given);
        return own;
      },
    };
    const data = ramp([1, 1, 3]);
    expect(await plotRepresentation(drawing, data, { batchIdx: 0 })).toBe(own);
    expect(calls).toEqual([[data, { batchIdx: 0 }]]);
  });

  it("goes by the shape for any other model", async () => {
    const model = new po.models.Linear();
    const output = model.forward(image);
    expect((await plotRepresentation(model, output)).svg).toBe((await plotRepresentation(null, output)).svg);
    expect((await plotRepresentation((x) => x, image)).svg).toBe((await plotRepresentation(null, image)).svg);
  });
});
