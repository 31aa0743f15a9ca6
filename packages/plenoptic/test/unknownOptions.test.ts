// Every public function that takes options refuses one that it does not have. The reports of the public interface (api/) say which
// functions those are: one that is new fails here until it is called below.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import * as po from "../src/index.ts";
import { Blocks } from "./synthesis/methods.ts";

/** Names of what takes `options`, by a report: functions, and methods as Class.method. */
function takers(report: string): string[] {
  const text = readFileSync(new URL(`../../../api/${report}.api.md`, import.meta.url), "utf8");
  const names = new Set<string>();
  let inside = "";
  for (const line of text.split("\n")) {
    const opened = /^(?:export )?(?:abstract )?(class|interface|namespace) (\w+)/.exec(line);
    if (opened) inside = opened[1] === "class" ? opened[2] : "";
    if (!/\boptions\??: /.test(line)) continue;
    // Reports tell functions of one name apart by a number.
    const free = /^(?:export )?(?:function|type) (\w+?)(?:_\d+)?\b/.exec(line);
    const member = /^ {4}(?:static )?(\w+)[<(]/.exec(line);
    if (free) names.add(free[1]);
    else if (member && inside !== "") names.add(`${inside}.${member[1]}`);
  }
  return [...names].sort();
}

// biome-ignore lint/suspicious/noExplicitAny: the option that is given is one that the types refuse
const unknown: any = { nothing: 1 };
const x = po.ones([2, 2]);
const z = x.cast("complex64");
const truth = x.gt(0);
const image = po.tensor(
  Float32Array.from({ length: 1024 }, (_, i) => ((i * 7919) % 251) / 250),
  { shape: [1, 1, 32, 32] },
);
const kernel = po.ones([1, 1, 3, 3]);
const taps = po.ones([3]);
const { models, process, plot, optim, validate } = po;

type Call = () => unknown;

const ofTensor: Readonly<Record<string, Call>> = {
  ...Object.fromEntries(
    Object.entries({ ...optim } as Readonly<Record<string, unknown>>)
      .filter(([, make]) => typeof make === "function")
      .map(([name, make]) => [name, () => (make as (options: object) => unknown)(unknown)]),
  ),
  arange: () => po.arange(0, 1, 1, unknown),
  avgPool2d: () => po.avgPool2d(image, 2, unknown),
  conv2d: () => po.conv2d(image, kernel, unknown),
  convTranspose2d: () => po.convTranspose2d(image, kernel, unknown),
  correlateSeparable: () => po.correlateSeparable(image, taps, taps, unknown),
  fft: () => po.fft(z, unknown),
  fft2: () => po.fft2(z, unknown),
  fftfreq: () => po.fftfreq(4, unknown),
  fftshift: () => po.fftshift(x, unknown),
  full: () => po.full([2], 1, unknown),
  gradient: () => po.gradient(x.sum(), x, unknown),
  ifft: () => po.ifft(z, unknown),
  ifft2: () => po.ifft2(z, unknown),
  ifftshift: () => po.ifftshift(x, unknown),
  irfft: () => po.irfft(z, unknown),
  irfft2: () => po.irfft2(z, unknown),
  linspace: () => po.linspace(0, 1, 2, unknown),
  maxPool2d: () => po.maxPool2d(image, 2, unknown),
  "NumpyRandomState.choice": () => new po.NumpyRandomState(0).choice(3, 1, unknown),
  ones: () => po.ones([2], unknown),
  rand: () => po.rand([2], unknown),
  randn: () => po.randn([2], unknown),
  rfft: () => po.rfft(x, unknown),
  rfft2: () => po.rfft2(x, unknown),
  rfftfreq: () => po.rfftfreq(4, unknown),
  "Tensor.all": () => truth.all([0], unknown),
  "Tensor.any": () => truth.any([0], unknown),
  "Tensor.matmul": () => x.matmul(x, unknown),
  "Tensor.max": () => x.max([0], unknown),
  "Tensor.mean": () => x.mean([0], unknown),
  "Tensor.min": () => x.min([0], unknown),
  "Tensor.norm": () => x.norm([0], unknown),
  "Tensor.sum": () => x.sum([0], unknown),
  "Tensor.variance": () => x.variance([0], unknown),
  tensor: () => po.tensor([1], unknown),
  "TorchGenerator.normal": () => new po.TorchGenerator(0).normal(2, 0, 1, "float32", unknown),
  "TorchGenerator.randn": () => new po.TorchGenerator(0).randn(2, "float32", unknown),
  zeros: () => po.zeros([2], unknown),
};

const flat = (t: po.Tensor): po.Tensor => t.square();
const pyramid = (): InstanceType<typeof process.SteerablePyramidFreq> =>
  new process.SteerablePyramidFreq([32, 32], { height: 2 });
const texture = (): InstanceType<typeof models.PortillaSimoncelli> =>
  new models.PortillaSimoncelli([32, 32], { nScales: 1 });
const metamer = (): po.Metamer => new po.Metamer(image, flat);
const mad = (options: object = { metricTradeoffLambda: 1 }): po.MADCompetition =>
  new po.MADCompetition(image, po.metric.mse, po.loss.l2Norm, "min", options);
const eigen = (): po.Eigendistortion => new po.Eigendistortion(image, flat);
const bands = (): ReadonlyMap<"a" | "b", po.Tensor> =>
  new Map([
    ["a", z],
    ["b", z],
  ]);

const ofPlenoptic: Readonly<Record<string, Call>> = {
  blurDownsample: () => process.blurDownsample(image, unknown),
  "CenterSurround.constructor": () => new models.CenterSurround(5, unknown),
  circularGaussian2d: () => process.circularGaussian2d(5, 1, unknown),
  convertPyrToTensor: () => process.convertPyrToTensor(pyramid().forward(image), unknown),
  correlateDownsample: () => process.correlateDownsample(image, po.ones([3, 3]), unknown),
  "DeepNetFeatures.constructor": () => new models.DeepNetFeatures(models.sequential([["a", flat]]), "a", unknown),
  normalize: () => models.normalize(unknown),
  readOnnx: () => models.readOnnx(new Uint8Array(8), unknown),
  disk: () => po.data.disk([8, 8], unknown),
  "Eigendistortion.computeJacobian": () => eigen().computeJacobian(unknown),
  "Eigendistortion.load": () => eigen().load(new Uint8Array(8), unknown),
  "Eigendistortion.save": () => eigen().save("photo.pt", unknown),
  "Eigendistortion.toBytes": () => eigen().toBytes(unknown),
  "Eigendistortion.synthesize": () => eigen().synthesize(unknown),
  "Eigendistortion.summary": () => eigen().summary(unknown),
  eigendistortionImshowAll: () => plot.eigendistortionImshowAll(eigen(), unknown),
  "Gaussian.constructor": () => new models.Gaussian(5, unknown),
  "Gaussian.forward": () => new models.Gaussian(5).forward(image, unknown),
  groupwiseRelativeL2NormFactory: () => po.loss.groupwiseRelativeL2NormFactory(texture(), image, unknown),
  histogram: () => plot.histogram(image, unknown),
  imshow: () => plot.imshow(image, unknown),
  "IterativeSynthesis.load": () => metamer().load(new Uint8Array(8), unknown),
  "IterativeSynthesis.save": () => metamer().save("photo.pt", unknown),
  "IterativeSynthesis.toBytes": () => metamer().toBytes(unknown),
  "MADCompetition.load": () => po.MADCompetition.load(new Uint8Array(8), unknown),
  "Metamer.load": () => po.Metamer.load(new Uint8Array(8), unknown),
  "MetamerCTF.load": () => po.MetamerCTF.load(new Uint8Array(8), unknown),
  kurtosis: () => process.kurtosis(image, unknown),
  "LaplacianPyramid.constructor": () => new process.LaplacianPyramid(unknown),
  "Linear.constructor": () => new models.Linear(unknown),
  "LinearNonlinear.constructor": () => new models.LinearNonlinear(5, unknown),
  encodeImage: () => po.encodeImage(image.cast("float32"), unknown),
  loadImages: () => po.loadImages("photo.png", unknown),
  saveImage: () => po.saveImage("photo.png", image.cast("float32"), unknown),
  localGainControl: () => process.localGainControl(image, unknown),
  localGainControlDict: () => process.localGainControlDict(bands(), unknown),
  localGainRelease: () => process.localGainRelease(image, image, unknown),
  localGainReleaseDict: () => process.localGainReleaseDict(bands(), bands(), unknown),
  "LuminanceContrastGainControl.constructor": () => new models.LuminanceContrastGainControl(5, unknown),
  "LuminanceGainControl.constructor": () => new models.LuminanceGainControl(5, unknown),
  "MADCompetition.all": () => po.MADCompetition.all(image, po.metric.mse, po.loss.l2Norm, unknown),
  "MADCompetition.constructor": () => mad(unknown),
  "MADCompetition.getProgress": () => mad().getProgress(null, unknown),
  "MADCompetition.setup": () => mad().setup(unknown),
  "MADCompetition.summary": () => mad().summary(unknown),
  "MADCompetition.summaryOfAll": () =>
    po.MADCompetition.summaryOfAll({ minA: mad(), maxA: mad(), minB: mad(), maxB: mad() }, unknown),
  "MADCompetition.synthesize": () => mad().synthesize(unknown),
  madImshowAll: () => plot.madImshowAll(mad(), mad(), mad(), mad(), unknown),
  madLossAll: () => plot.madLossAll(mad(), mad(), mad(), mad(), unknown),
  "Metamer.constructor": () => new po.Metamer(image, flat, unknown),
  "Metamer.synthesize": () => metamer().synthesize(unknown),
  "MetamerBase.getProgress": () => metamer().getProgress(null, unknown),
  "MetamerBase.summary": () => metamer().summary(unknown),
  "MetamerBase.setup": () => metamer().setup(unknown),
  "MetamerCTF.constructor": () => new po.MetamerCTF(image, new Blocks(), unknown),
  "MetamerCTF.synthesize": () => new po.MetamerCTF(image, new Blocks()).synthesize(unknown),
  modulatePhase: () => process.modulatePhase(z, unknown),
  msSsim: () => po.metric.msSsim(image, image, unknown),
  nlpd: () => po.metric.nlpd(image, image, unknown),
  oneMinusSsim: () => po.metric.oneMinusSsim(image, image, unknown),
  "OnOff.constructor": () => new models.OnOff(5, unknown),
  penalizeRange: () => po.regularize.penalizeRange(image, unknown),
  Photograph: () => po.data.house(unknown),
  plotRepresentation: () => plot.plotRepresentation(null, image, unknown),
  polarAngle: () => po.data.polarAngle([8, 8], unknown),
  polarRadius: () => po.data.polarRadius([8, 8], unknown),
  "PortillaSimoncelli.constructor": () => new models.PortillaSimoncelli([32, 32], unknown),
  "PortillaSimoncelli.forward": () => texture().forward(image, unknown),
  portillaSimoncelliLossFactory: () => po.loss.portillaSimoncelliLossFactory(texture(), image, unknown),
  pyrshow: () => plot.pyrshow(pyramid().forward(image), unknown),
  rectangularToPolarDict: () => process.rectangularToPolarDict(bands(), unknown),
  rescale: () => process.rescale(image, unknown),
  run: () => po.replay.run("recipe.json", unknown),
  samePadding: () => process.samePadding(image, [3, 3], unknown),
  skew: () => process.skew(image, unknown),
  ssim: () => po.metric.ssim(image, image, unknown),
  steerCoeffs: () => process.steerCoeffs(pyramid().forward(image), [0], unknown),
  "SteerablePyramidFreq.constructor": () => new process.SteerablePyramidFreq([32, 32], unknown),
  "SteerablePyramidFreq.convertPyrToTensor": () => pyramid().convertPyrToTensor(pyramid().forward(image), unknown),
  "SteerablePyramidFreq.steerCoeffs": () => pyramid().steerCoeffs(pyramid().forward(image), [0], unknown),
  "SteerablePyramidFreq.forward": () => pyramid().forward(image, unknown),
  "SteerablePyramidFreq.reconPyr": () => pyramid().reconPyr(pyramid().forward(image), unknown),
  stemPlot: () => plot.stemPlot(taps, unknown),
  animshow: () => plot.animshow(image, unknown),
  displayFilters: () => plot.displayFilters(new models.OnOff(5), unknown),
  metamerRepresentationError: () => plot.metamerRepresentationError(metamer(), unknown),
  synthesisAnimate: () => plot.synthesisAnimate(metamer(), unknown),
  synthesisHistogram: () => plot.synthesisHistogram(metamer(), unknown),
  synthesisImshow: () => plot.synthesisImshow(metamer(), unknown),
  synthesisLoss: () => plot.synthesisLoss(metamer(), unknown),
  synthesisStatus: () => plot.synthesisStatus(metamer(), unknown),
  texture: () => po.presets.texture(image, unknown),
  deepMetamer: () => po.presets.deepMetamer(image, models.sequential([["a", flat]]), "a", unknown),
  upsampleBlur: () => process.upsampleBlur(image, [0, 0], unknown),
  upsampleConvolve: () => process.upsampleConvolve(image, [0, 0], po.ones([3, 3]), unknown),
  validateCoarseToFine: () => validate.validateCoarseToFine(new Blocks(), unknown),
  validateConvertTensorDict: () => validate.validateConvertTensorDict(texture(), unknown),
  validateInput: () => validate.validateInput(image, unknown),
  validateMetric: () => validate.validateMetric(po.metric.mse, unknown),
  validateModel: () => validate.validateModel(flat, unknown),
  validatePenalty: () => validate.validatePenalty((t) => t.sum(), unknown),
  variance: () => process.variance(image, unknown),
  verify: () => po.replay.verify("recipe.json", unknown),
};

/** In the report, but not to be called by users: the log of a synthesis, and the making of errors. */
const NOT_FOR_USERS = ["RunLog.call", "MemoryError.constructor", "CannotReplay.constructor"];

test.each([
  ["tensor", ofTensor],
  ["plenoptic", ofPlenoptic],
] as const)("all that takes options is here: %s", (report, calls) => {
  const found = takers(report).filter((name) => !NOT_FOR_USERS.includes(name));
  expect(found.length).toBeGreaterThan(50);
  expect(Object.keys(calls).sort()).toEqual(found);
});

test.each([...Object.entries(ofTensor), ...Object.entries(ofPlenoptic)])("%s", async (_name, call) => {
  const outcome = (async () => call())();
  await expect(outcome).rejects.toThrow(TypeError);
  await expect(outcome).rejects.toThrow(/has no option "nothing"/);
});

test("the nearest name is told", () => {
  const options = { keepdim: true } as object;
  expect(() => x.mean([0], options)).toThrow(
    'mean() has no option "keepdim"; did you mean "keepdims"? Its options are keepdims',
  );
});
