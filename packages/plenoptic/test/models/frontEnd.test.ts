// The front-end models beyond their golden cases: options, errors, drawn weights, precision.

import { describe, expect, test, vi } from "vitest";
import * as po from "../../src/index.ts";

const ramp = (dtype: "float32" | "float64" = "float64"): po.Tensor =>
  po.tensor(
    Float64Array.from({ length: 40 * 36 }, (_, i) => ((i * 7919) % 1009) / 1009),
    { shape: [1, 1, 40, 36], dtype },
  );

describe("CenterSurround", () => {
  test("equals the correlation with its kernels", async () => {
    const model = new po.models.CenterSurround([7, 10], { onCenter: [true, false], padMode: "circular" });
    const image = ramp();
    const dense = await po.conv2d(image, model.filt() as po.Tensor, { padMode: "circular" }).data();
    const own = await model.forward(image).data();
    expect(Math.max(...own.map((v, i) => Math.abs(v - dense[i])))).toBeLessThan(1e-14);
  });

  test("kernels sum to zero, and off is minus on", async () => {
    const kernels = new po.models.CenterSurround(9, { onCenter: [true, false] }).filt();
    for (const sum of await kernels.sum([1, 2, 3]).data()) expect(Math.abs(sum)).toBeLessThan(1e-15);
    expect(await kernels.sum().abs().item()).toBe(0);
  });

  test.each<[string, () => unknown, RegExp]>([
    ["a ratio below 1", () => new po.models.CenterSurround(5, { amplitudeRatio: 0.5 }), /at least 1/],
    ["surrounds that do not fit", () => new po.models.CenterSurround(5, { surroundStd: [3, 4] }), /surroundStd/],
    [
      "centres that do not fit",
      () => new po.models.CenterSurround(5, { onCenter: [true, false], centerStd: [1, 2, 3] }),
      /centerStd/,
    ],
    ["an unknown option", () => new po.models.CenterSurround(5, { std: 3 } as never), /std/],
    [
      "a colour image",
      () => new po.models.CenterSurround(5).forward(po.ones([1, 3, 8, 8])),
      /\[batch, 1, height, width\]/,
    ],
  ])("refuses %s", (_name, make, message) => {
    expect(make).toThrow(message);
  });
});

describe("front-end models", () => {
  test("pretrained ones want kernels of 31", () => {
    expect(() => new po.models.OnOff(15, { pretrained: true })).toThrow(/\[31, 31\]/);
  });

  test("an off-centre pretrained model warns", () => {
    const warned = vi.fn();
    const stop = po.warnings.on(warned);
    new po.models.LuminanceGainControl(31, { pretrained: true, onCenter: false });
    if (typeof stop === "function") stop();
    expect(warned).toHaveBeenCalledOnce();
  });

  test("weights are drawn in Python's order: luminance, then contrast", () => {
    po.setSeed(9);
    const model = new po.models.OnOff(5);
    const drawn = new po.TorchGenerator(9).rand(4, "float32").map((u) => Math.fround(u * 10));
    expect([...(model.options.luminanceScalar as number[]), ...(model.options.contrastScalar as number[])]).toEqual([
      ...drawn,
    ]);
  });

  test("weights that are given draw nothing", () => {
    po.setSeed(9);
    new po.models.LuminanceContrastGainControl(5, { luminanceScalar: 2, contrastScalar: 3 });
    expect(po.rand([1], { dtype: "float32" }).dataSync()).toEqual(new po.TorchGenerator(9).rand(1, "float32"));
  });

  test("OnOff has its two channels, each as alone in a batch", async () => {
    const model = new po.models.OnOff(9, { luminanceScalar: [3, 14], contrastScalar: [7, 16] });
    const one = ramp();
    const alone = await model.forward(one).data();
    const both = await model.forward(po.concat([one, one.flip([3])])).data();
    expect(both.slice(0, alone.length)).toEqual(alone);
    expect(model.forward(one).shape).toEqual([1, 2, 40, 36]);
  });

  test("the gradient agrees with a finite difference", async () => {
    const model = new po.models.LuminanceContrastGainControl(9, { luminanceScalar: 5, contrastScalar: 7 });
    const image = ramp();
    const objective = (x: po.Tensor): po.Tensor => model.forward(x).square().sum();
    const slope = (await po.gradient(objective(image), image).data())[500];
    const values = await image.data();
    const at = async (step: number): Promise<number> => {
      const moved = Float64Array.from(values);
      moved[500] += step;
      return objective(po.tensor(moved, { shape: image.shape })).item();
    };
    const difference = ((await at(1e-5)) - (await at(-1e-5))) / 2e-5;
    expect(Math.abs(difference - slope)).toBeLessThan(1e-7 * Math.max(1, Math.abs(slope)));
  });

  test("float32 images give float32 responses", () => {
    const model = new po.models.LinearNonlinear(9);
    expect(model.forward(ramp("float32")).dtype).toBe("float32");
  });

  test("they can be synthesized with", async () => {
    const metamer = new po.Metamer(ramp(), new po.models.LinearNonlinear(9));
    const { loss } = await metamer.synthesize({ maxIter: 20 });
    expect(loss).toBeLessThan(metamer.losses[0]);
  });
});
