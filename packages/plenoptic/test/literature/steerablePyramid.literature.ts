// E. P. Simoncelli and W. T. Freeman, "The steerable pyramid: a flexible architecture for multi-scale derivative computation", ICIP
// 1995: bands from which the image comes back, that hold its energy, and that steer.

import { cos64, pow64 } from "@plenoptic-js/tensor/engine";
import { expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { Output } from "./output.ts";

const output = new Output("pyramid", ["property", "apart by"]);
const SIDE = 256;
const ORDER = 3;
const FILTERS = ORDER + 1;
const FLOAT64 = { dtype: "float64" } as const;

const relative = (a: po.Tensor, b: po.Tensor): number => a.sub(b).norm().itemSync() / b.norm().itemSync();

function seen(property: string, apart: number, most: number): void {
  output.row([property, apart.toExponential(1)]);
  expect(apart).toBeLessThan(most);
}

test("the image comes back from its bands", async () => {
  const image = await po.data.house(FLOAT64);
  const pyramid = new po.process.SteerablePyramidFreq([SIDE, SIDE], { order: ORDER });
  seen("reconstruction", relative(pyramid.reconPyr(pyramid.forward(image)), image), 1e-5);
});

test("the bands hold the energy of the image", async () => {
  const image = await po.data.house(FLOAT64);
  const pyramid = new po.process.SteerablePyramidFreq([SIDE, SIDE], {
    order: ORDER,
    tightFrame: true,
    downsample: false,
  });
  let energy = 0;
  for (const band of pyramid.forward(image).values()) energy += band.square().sum().itemSync();
  seen("energy", Math.abs(energy / image.square().sum().itemSync() - 1), 1e-5);
});

/** The band that the filter of a scale gives when it is turned: its ring is that of the pyramid, its angle cos^order about `angle`. */
function bandAt(image: po.Tensor, pyramid: po.process.SteerablePyramidFreq, scale: number, angle: number): po.Tensor {
  const planes = pyramid.weights("forward", scale).map((plane) => po.tensor(plane, { shape: [SIDE, SIDE] }));
  // Squares of the filters of all angles add up to the square of the ring.
  const ring = planes
    .reduce((sum: po.Tensor, plane) => sum.add(plane.square()), po.zeros([SIDE, SIDE], FLOAT64))
    .sqrt();
  let sum = 0;
  for (let k = 0; k < FILTERS; k++) sum += pow64(cos64((Math.PI * k) / FILTERS), 2 * ORDER);
  const places = po.tensor(Float64Array.from({ length: SIDE }, (_, k) => -1 + (2 * k) / SIDE));
  const around = places.reshape([SIDE, 1]).atan2(places.reshape([1, SIDE]));
  const cosine = around.sub(angle).cos();
  const filter = ring.mul(cosine.square().mul(cosine)).div(Math.sqrt(sum));
  // The zero frequency first, as transforms have it; and the cube of -i is i.
  const filtered = po.fft2(image).mul(po.ifftshift(filter, { axes: [-2, -1] }));
  const turned = po.complex(filtered.imag().neg(), filtered.real());
  return po
    .ifft2(turned)
    .real()
    .mul(SIDE * SIDE);
}

test.each([10, 22.5, 45, 77, 120])(
  "a band steered by %f degrees is that of the filter turned by them",
  async (degrees) => {
    const image = await po.data.house(FLOAT64);
    const pyramid = new po.process.SteerablePyramidFreq([SIDE, SIDE], { order: ORDER, downsample: false });
    const angle = (degrees * Math.PI) / 180;
    const scale = 2;
    const [steered] = pyramid.steerCoeffs(pyramid.forward(image), [angle]);
    const band = (steered.get(scale) as po.Tensor).reshape([1, 1, SIDE, SIDE]);
    seen(`steered by ${degrees} degrees`, relative(band, bandAt(image, pyramid, scale, angle)), 1e-5);
  },
);
