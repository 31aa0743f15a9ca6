// The error of a representation as a figure, and the filters of a model.

import { checkWellFormed, pictures, texts } from "@plenoptic-js/proof/drawing/drawing";
import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const { displayFilters, metamerRepresentationError } = po.plot;

const image = po.tensor(
  Float64Array.from({ length: 64 }, (_, i) => (i % 8) / 8),
  { shape: [1, 1, 8, 8] },
);

/** The mean, the sum, and what no image changes. */
const groups: po.GroupedModel & po.Model = {
  name: "groups",
  forward: (x) => po.stack([x.mean(), x.sum(), x.mean().mul(0)]).reshape([1, 1, 3]),
  convertToDict: (r) =>
    new Map([
      ["the_mean", r.slice(2, 0, 1)],
      ["the_sum", r.slice(2, 1, 2)],
      ["nothing", r.slice(2, 2, 3)],
    ]),
  convertToTensor: (all) => po.concat([...all.values()], 2),
};

describe("metamerRepresentationError", () => {
  test("each group as a part of the target's own size, the worst first, above what each number is off by", async () => {
    const metamer = new po.Metamer(image, groups);
    await metamer.setup({ initialImage: image.mul(1.5).clip(0, 1).detach() });
    const { svg } = await metamerRepresentationError(metamer);
    checkWellFormed(svg);
    const [before, after] = await Promise.all([image.mean().item(), metamer.metamer.mean().item()]);
    const part = `${((100 * (after - before)) / before).toPrecision(3)} %`;
    const all = texts(svg);
    expect(all).toContain("Representation error [iteration=0]");
    // The axis of the bars is in hundredths, as what is written beside them.
    expect(all).toEqual(expect.arrayContaining(["1 %", "10 %", "100 %"]));
    expect(all.filter((text) => ["the mean", "the sum", "nothing", part, "0"].includes(text))).toEqual(
      expect.arrayContaining(["the mean", "the sum", "nothing", part, "0"]),
    );
    expect(all.indexOf("the mean")).toBeLessThan(all.indexOf("nothing"));
    expect(svg.match(/<rect [^>]*height="10"/g)).toHaveLength(2);
    expect(all).toEqual(expect.arrayContaining(["the_mean", "the_sum"]));
  });

  test("pictures of responses, at an iteration that was stored", async () => {
    po.setSeed(0);
    const metamer = new po.Metamer(image, new po.models.Gaussian(3));
    await metamer.synthesize({ maxIter: 4, storeProgress: 2 });
    const { svg } = await metamerRepresentationError(metamer, { iteration: 2 });
    expect(texts(svg).slice(0, 2).join(" ")).toBe("Representation error [iteration=2]");
    expect(pictures(svg)).toHaveLength(1);
    await expect(metamerRepresentationError(metamer, { iteration: 9 })).rejects.toThrow(
      /iteration must be a whole number/,
    );
  });
});

test("of tables of correlations a point is a norm, and the axis says so", async () => {
  const texture = po.process.centerCrop(await po.data.gravel({ dtype: "float64" }), 32).detach();
  const metamer = new po.Metamer(
    texture,
    new po.models.PortillaSimoncelli([32, 32], { nScales: 1, nOrientations: 2, spatialCorrWidth: 3 }),
  );
  await metamer.setup({ initialImage: texture.mul(0.9).detach() });
  const all = texts((await metamerRepresentationError(metamer)).svg);
  const tables = all.filter((text) => /^(auto|cross)_/.test(text)).length;
  expect(tables).toBeGreaterThan(2);
  expect(all.filter((text) => text === "Norm of each table")).toHaveLength(tables);
  expect(all.filter((text) => text === "Value")).toHaveLength(3);
});

describe("what is equal up to rounding is drawn flat, and called so", () => {
  test("a picture, on the scale of the response", async () => {
    const metamer = new po.Metamer(image, new po.models.Gaussian(3));
    await metamer.setup({ initialImage: image.mul(1 + 1e-15).detach() });
    const { svg } = await metamerRepresentationError(metamer);
    checkWellFormed(svg);
    const said = texts(svg).join(" ");
    expect(said).toMatch(/Responses equal up to rounding, at most [\d.]+e-1[56]/);
    const most = (await metamer.targetRepresentation.abs().max().item()).toPrecision(3);
    expect(said).toContain(`\u2212${most} to ${most}`);
    const [{ pixels }] = pictures(svg);
    // White, which is no difference, everywhere.
    expect(new Set(pixels)).toEqual(new Set([247]));
  });

  test("one group of several, and what is 0 but for rounding; a difference that is more is drawn on its own scale", async () => {
    const parts: po.GroupedModel & po.Model = {
      name: "parts",
      forward: (x) => {
        const mean = x.mean();
        return po.stack([mean, x.sub(mean).mean(), x.square().mean()]).reshape([1, 1, 3]);
      },
      convertToDict: (r) =>
        new Map([
          ["the_mean", r.slice(2, 0, 1)],
          ["nothing", r.slice(2, 1, 2)],
          ["power", r.slice(2, 2, 3)],
        ]),
      convertToTensor: (all) => po.concat([...all.values()], 2),
    };
    const metamer = new po.Metamer(image, parts);
    // The same pixels in another order, and one thing more: the mean stays but for rounding.
    const moved = image.sub(0.4375).mul(0.9).add(0.4375).flip([3]);
    await metamer.setup({ initialImage: moved.detach() });
    const said = texts((await metamerRepresentationError(metamer)).svg).join(" ");
    expect(said).toMatch(/the_mean: equal/);
    expect(said).toMatch(/nothing: equal/);
    expect(said).not.toMatch(/power: equal/);
  });

  test("a constant in the response makes no rounding of the other numbers", async () => {
    const small = image.cast("float32").detach();
    const constant: po.Model["forward"] = (x) =>
      po.concat([x.reshape([-1]), po.full([1], 1e7, { dtype: "float32" })], 0).reshape([1, 1, 65]);
    const metamer = new po.Metamer(small, { name: "constant", forward: constant });
    await metamer.setup({ initialImage: small.mul(0.5).detach() });
    expect(texts((await metamerRepresentationError(metamer)).svg).join(" ")).not.toMatch(/equal/);
  });

  test("in float32, where rounding is more", async () => {
    const small = image.cast("float32").detach();
    for (const [off, isRounding] of [
      [2e-7, true],
      [1e-5, false],
    ] as const) {
      const metamer = new po.Metamer(small, new po.models.Gaussian(3));
      await metamer.setup({ initialImage: small.mul(1 + off).detach() });
      const { svg } = await metamerRepresentationError(metamer);
      expect(texts(svg).join(" ").includes("equal up to rounding")).toBe(isRounding);
    }
  });
});

describe("displayFilters", () => {
  test.each([
    ["LinearNonlinear", ["linear filter"]],
    ["LuminanceGainControl", ["linear filter", "luminance filter"]],
    ["LuminanceContrastGainControl", ["linear filter", "luminance filter", "contrast filter"]],
    [
      "OnOff",
      [
        "linear filter, on",
        "linear filter, off",
        "luminance filter, on",
        "luminance filter, off",
        "contrast filter, on",
        "contrast filter, off",
      ],
    ],
  ] as const)("%s", async (name, titles) => {
    const { svg } = await displayFilters(new po.models[name](31, { pretrained: true }));
    checkWellFormed(svg);
    expect(texts(svg).filter((text) => text.includes("filter"))).toEqual(titles);
    const drawn = pictures(svg);
    expect(drawn).toHaveLength(titles.length);
    for (const { width, height } of drawn) expect([width, height]).toEqual([155, 155]);
  });

  test("a model without kernels is refused, and told what would do", async () => {
    await expect(displayFilters(new po.models.Gaussian(3) as never)).rejects.toThrow(
      /one with kernels\(\): LinearNonlinear.* or OnOff\. Of this one, imshow\(model\.filt\(\)\) draws the filters$/,
    );
    for (const without of [new po.models.Identity(), null]) {
      await expect(displayFilters(without as never)).rejects.toThrow(/one with kernels\(\): .* or OnOff$/);
    }
    const model = new po.models.LinearNonlinear(31, { pretrained: true });
    await expect(displayFilters(model, { title: ["a", "b"] })).rejects.toThrow(/2 titles for 1 pictures/);
    await expect(displayFilters(model, { colWrap: 0 })).rejects.toThrow(/colWrap/);
  });
});
