// log1p as the reference's C library computes it: values recorded from glibc 2.36 on x86-64 with FMA.

import { expect, it } from "vitest";
import { log1p64 } from "../../src/math/precise.ts";
import { hostLog1p } from "../../src/random/hostMath.ts";
import { TorchGenerator } from "../../src/random/index.ts";

/** Arguments where glibc misses the correctly rounded value. */
const NOT_NEAREST: [number, number][] = [
  [-0.549401951594837, -0.7971795820959842],
  [-0.11040802693577546, -0.11699237861080736],
  [-0.9755762378396411, -3.712198761544939],
  [-0.6222549792388756, -0.9735358592235763],
  [-0.38846009154621974, -0.4917750627730457],
  [-0.34489418551364215, -0.4229585075603587],
  [-0.5870718754186087, -0.8844817336570934],
  [-0.36635907502151716, -0.4562728493770548],
  [-0.3012645046311252, -0.3584830126976877],
  [-0.2194609374298982, -0.24777049214307567],
  [-0.32482749668524047, -0.39278706029331023],
  [-0.3748272505472886, -0.46972726831259815],
  [-0.37026237889529745, -0.4624520207831039],
  [-0.24904862531065883, -0.28641437673186176],
  [-0.5969024525919133, -0.9085766932037813],
  [-0.2863762442683906, -0.33739940828780013],
];

/** Arguments where one fused operation more or less changes the result. */
const FUSED: [number, number][] = [
  [-0.26856213555492514, -0.31274300478860767],
  [-0.8138086963958935, -1.6809806198264994],
  [-0.7966399203780435, -1.5927770800090257],
  [-0.2859580165459207, -0.3368135180153724],
  [-0.23240685420707696, -0.26449544428798655],
];

/** Arguments on each side of the algorithm's branches. */
const BRANCHES: [number, number][] = [
  [0, 0],
  [-0.5, -Math.LN2],
  [-0.25, -0.2876820724517809],
  [-0.75, -1.3862943611198906],
  [-0.9999999999999999, -36.7368005696771],
  [-3.725290298461914e-9, -3.725290305400808e-9],
  [-1.862645149230957e-9, -1.8626451509656805e-9],
  [-9.313225746154785e-10, -9.313225750491594e-10],
  [-5.551115123125783e-17, -5.551115123125783e-17],
  [-8.673617379884035e-19, -8.673617379884035e-19],
  [-0.2928932188134524, -0.3465735902799726],
  [-0.9999990463256836, -13.862943611198906],
  [-0.5000000009313226, -0.6931471824225904],
];

it("repeats the C library, also where it is not the nearest double", () => {
  for (const [x, want] of NOT_NEAREST) {
    expect(hostLog1p(x)).toBe(want);
    expect(log1p64(x)).not.toBe(want);
  }
  for (const [x, want] of [...FUSED, ...BRANCHES]) expect(hostLog1p(x)).toBe(want);
});

it("stays within 1 ulp of the logarithm", () => {
  for (const u of new TorchGenerator(3).rand(5000, "float64")) {
    const want = log1p64(-u);
    expect(Math.abs(hostLog1p(-u) - want)).toBeLessThanOrEqual(Math.abs(want) * 2 ** -52);
  }
});
