// Every public function called with what does not belong: nothing, an empty object, a number, a text, a promise without await.
// Each refuses in words of ours, and never with JavaScript's own. The last test holds the table against the report of the public
// interface (api/).

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { publicCalls } from "./publicCalls.ts";

type Call = (...values: unknown[]) => unknown;
/** What may stand for an argument beside the good one, of the values that are tried. */
type Fits = "none" | "number" | "text" | "object" | "null";
/**
 * A function, its good arguments, and what fits each of them. "skip": what is given there is not tried. Methods are called by the class
 * that has them.
 */
type Row = [name: string, call: Call, good: readonly unknown[], fits?: readonly (readonly Fits[] | Fits | "skip")[]];

const promise = Promise.resolve(1);
const tried: readonly (readonly [text: string, value: unknown, fits: Fits])[] = [
  ["null", null, "null"],
  ["{}", {}, "object"],
  ["3", 3, "number"],
  ["a text", "nothing-of-ours", "text"],
  ["a promise", promise, "none"],
];

const image = po.rand([1, 1, 32, 32]);
const photo = po.rand([1, 1, 40, 40]);
const model = new po.models.Gaussian(5);
const texture = new po.models.PortillaSimoncelli([32, 32], { nScales: 2, nOrientations: 2, spatialCorrWidth: 3 });
const network = po.models.sequential([["a", (x) => x.square()]]);
const features = new po.models.DeepNetFeatures(network, "a");
const pyramid = new po.process.SteerablePyramidFreq([32, 32], { height: 2, order: 2 });
const coefficients = pyramid.forward(image);
const laplacian = new po.process.LaplacianPyramid({ nScales: 2 });
const full = new po.process.SteerablePyramidFreq([32, 32], { height: 2, order: 2, downsample: false }).forward(image);
const [pyrTensor, pyrInfo] = po.process.convertPyrToTensor(full);
const complexImage = po.complex(image, image);
const complexBands = new po.process.SteerablePyramidFreq([32, 32], { height: 2, order: 2, isComplex: true }).forward(
  image,
);
const [energy, state] = po.process.rectangularToPolarDict(complexBands);
const [gain, direction] = po.process.localGainControl(image);
const [gains, directions] = po.process.localGainControlDict(coefficients);
const representation = texture.forward(image);
const metamer = new po.Metamer(image, model);
await metamer.synthesize({ maxIter: 2, stopCriterion: 0, storeProgress: true });
const ctf = new po.MetamerCTF(image, texture);
const mad = new po.MADCompetition(image, po.metric.oneMinusSsim, po.metric.mse, "max", { metricTradeoffLambda: 1 });
await mad.synthesize({ maxIter: 2, stopCriterion: 0 });
const four = await po.MADCompetition.all(image, po.metric.oneMinusSsim, po.metric.mse);
for (const one of Object.values(four)) await one.synthesize({ maxIter: 1 });
const eigendistortion = new po.Eigendistortion(po.rand([1, 1, 8, 8]), model);
await eigendistortion.synthesize({ k: 1 });
const film = await po.plot.animshow(po.rand([1, 1, 2, 4, 4]));
const newEigendistortion = () => new po.Eigendistortion(eigendistortion.image, model);
const eigenBytes = await eigendistortion.toBytes();
const [metamerWithModel, ctfWithModel, madWithModel] = await Promise.all(
  [metamer, ctf, mad].map((synthesis) => synthesis.toBytes({ withModel: true })),
);
const bytes = await metamer.toBytes();
const stored = await po.io.loadFile(bytes);

const method =
  (object: object, name: string): Call =>
  (...values) =>
    (object as Record<string, Call>)[name](...values);
/** A method by the class that has it. */
const ofObject = (object: object, name: string, good: Row[2], fits: Row[3] = []): Row => {
  let at: object = Object.getPrototypeOf(object);
  while (!Object.hasOwn(at, name)) at = Object.getPrototypeOf(at);
  return [`${at.constructor.name}.${name}`, method(object, name), good, fits];
};
const made =
  (space: object, name: string): Call =>
  (...values) =>
    Reflect.construct((space as Record<string, new (...args: unknown[]) => unknown>)[name], values);

const frontEnds = ["LinearNonlinear", "LuminanceGainControl", "LuminanceContrastGainControl", "OnOff"];
const madFigures = ["madImshowAll", "madLossAll"];

const rows: readonly Row[] = [
  // ---- models ----
  ["Gaussian", made(po.models, "Gaussian"), [5, {}], ["number", "object"]],
  ["CenterSurround", made(po.models, "CenterSurround"), [5, {}], ["number", "object"]],
  ...frontEnds.map((name): Row => [name, made(po.models, name), [5, {}], ["number", "object"]]),
  ["Linear", made(po.models, "Linear"), [{}], ["object"]],
  ["PortillaSimoncelli", made(po.models, "PortillaSimoncelli"), [[32, 32], { nScales: 2 }], ["none", "object"]],
  ...[
    model,
    new po.models.CenterSurround(5),
    new po.models.OnOff(5),
    new po.models.Identity(),
    new po.models.Linear(),
  ].map((made): Row => ofObject(made, "forward", [image])),
  ofObject(model, "filt", ["float64"]),
  ofObject(new po.models.CenterSurround(5), "filt", ["float64"]),
  ofObject(new po.models.CenterSurround(5), "correlate", [image]),
  ofObject(new po.models.Linear(), "filt", ["float64"]),
  ofObject(new po.models.LinearNonlinear(5), "forward", [image]),
  ofObject(texture, "forward", [image, {}], ["none", "object"]),
  ofObject(texture, "removeScales", [representation, [0]]),
  ofObject(texture, "convertToDict", [representation]),
  ofObject(texture, "convertToTensor", [texture.convertToDict(representation)]),
  ofObject(texture, "representationPanels", [representation, 0]),
  ["DeepNetFeatures", made(po.models, "DeepNetFeatures"), [network, "a", {}], ["none", "text", "object"]],
  ofObject(features, "forward", [image]),
  ofObject(features, "convertToTensor", [new Map([["a", image]])]),
  ofObject(features, "convertToDict", [features.forward(image)]),
  ofObject(features, "representationPanels", [features.forward(image), 0]),
  ["normalize", po.models.normalize as Call, [{ mean: [0], std: [1] }]],
  ["readOnnx", po.models.readOnnx as Call, [undefined, {}], ["none", "object"]],
  ofObject(texture, "panelAxis", ["magnitude_std"]),
  ["model", po.model as Call, ["mine", (x: unknown) => x], ["text"]],
  // ---- metrics ----
  ...["mse", "ssim", "oneMinusSsim", "nlpd"].map((name): Row => [name, method(po.metric, name), [photo, photo]]),
  [
    "msSsim",
    po.metric.msSsim as Call,
    [po.rand([1, 1, 176, 176]), po.rand([1, 1, 176, 176]), {}],
    ["none", "none", "object"],
  ],
  ["modelMetricFactory", po.metric.modelMetricFactory as Call, [model]],
  ["modelMetricFactory", po.metric.modelMetricFactory(model) as Call, [image, image]],
  // ---- losses, penalties ----
  ...["mse", "l2Norm", "relativeSse"].map((name): Row => [name, method(po.loss, name), [image, image]]),
  [
    "groupwiseRelativeL2NormFactory",
    po.loss.groupwiseRelativeL2NormFactory as Call,
    [texture, image, {}],
    ["none", "none", "object"],
  ],
  [
    "portillaSimoncelliLossFactory",
    po.loss.portillaSimoncelliLossFactory as Call,
    [texture, image, {}],
    ["none", "none", "object"],
  ],
  ["penalizeRange", po.regularize.penalizeRange as Call, [image, {}], ["none", "object"]],
  // ---- process ----
  ["addNoise", po.process.addNoise as Call, [image, 0.1], ["none", "number"]],
  ["autocorrelation", po.process.autocorrelation as Call, [image]],
  ["blurDownsample", po.process.blurDownsample as Call, [image, {}], ["none", "object"]],
  ["upsampleBlur", po.process.upsampleBlur as Call, [image, [0, 0], {}], ["none", "none", "object"]],
  ["centerCrop", po.process.centerCrop as Call, [image, 8], ["none", "number"]],
  ["expand", po.process.expand as Call, [image, 2], ["none", "number"]],
  ["shrink", po.process.shrink as Call, [image, 2], ["none", "number"]],
  ["circularGaussian2d", po.process.circularGaussian2d as Call, [5, 1, {}], ["number", "number", "object"]],
  ["LaplacianPyramid", made(po.process, "LaplacianPyramid"), [{}], ["object"]],
  ofObject(laplacian, "forward", [image]),
  ofObject(laplacian, "reconPyr", [laplacian.forward(image)]),
  ["localGainControl", po.process.localGainControl as Call, [image, {}], ["none", "object"]],
  ["localGainRelease", po.process.localGainRelease as Call, [gain, direction, {}], ["none", "none", "object"]],
  ["localGainControlDict", po.process.localGainControlDict as Call, [coefficients, {}], ["none", "object"]],
  [
    "localGainReleaseDict",
    po.process.localGainReleaseDict as Call,
    [gains, directions, {}],
    ["none", "none", "object"],
  ],
  ...["kurtosis", "skew", "variance"].map(
    (name): Row => [name, method(po.process, name), [image, {}], ["none", "object"]],
  ),
  ["normalizedLaplacianPyramid", po.process.normalizedLaplacianPyramid as Call, [photo]],
  ["samePadding", po.process.samePadding as Call, [image, [3, 3], {}], ["none", "none", "object"]],
  ["modulatePhase", po.process.modulatePhase as Call, [complexImage, {}], ["none", "object"]],
  ["polarToRectangular", po.process.polarToRectangular as Call, [image, image]],
  ["polarToRectangularDict", po.process.polarToRectangularDict as Call, [energy, state]],
  ["rectangularToPolar", po.process.rectangularToPolar as Call, [complexImage]],
  ["rectangularToPolarDict", po.process.rectangularToPolarDict as Call, [complexBands, {}], ["none", "object"]],
  ["convertPyrToTensor", po.process.convertPyrToTensor as Call, [full, {}], ["none", "object"]],
  ["convertTensorToPyr", po.process.convertTensorToPyr as Call, [pyrTensor, pyrInfo]],
  [
    "correlateDownsample",
    po.process.correlateDownsample as Call,
    [image, po.ones([3, 3]), {}],
    ["none", "none", "object"],
  ],
  [
    "upsampleConvolve",
    po.process.upsampleConvolve as Call,
    [image, [0, 0], po.ones([3, 3]), {}],
    ["none", "none", "none", "object"],
  ],
  ["resize", po.process.resize as Call, [image, [16, 16]]],
  ["rescale", po.process.rescale as Call, [image, {}], ["none", "object"]],
  ["ssimMap", po.process.ssimMap as Call, [image, image]],
  ["SteerablePyramidFreq", made(po.process, "SteerablePyramidFreq"), [[32, 32], {}], ["none", "object"]],
  ofObject(pyramid, "forward", [image, {}], ["none", "object"]),
  ofObject(pyramid, "reconPyr", [coefficients, {}], ["none", "object"]),
  ofObject(pyramid, "steerCoeffs", [coefficients, [0, 1, 2], {}], ["none", "none", "object"]),
  ofObject(pyramid, "convertPyrToTensor", [full, {}], ["none", "object"]),
  ofObject(pyramid, "convertTensorToPyr", [pyrTensor, pyrInfo]),
  ofObject(pyramid, "weights", ["forward", "residual_highpass"]),
  [
    "steerCoeffs",
    po.process.SteerablePyramidFreq.steerCoeffs as Call,
    [coefficients, [0, 1, 2], {}],
    ["none", "none", "object"],
  ],
  // ---- data ----
  ["disk", po.data.disk as Call, [8, {}], ["number", "object"]],
  ["polarAngle", po.data.polarAngle as Call, [8, {}], ["number", "object"]],
  ["polarRadius", po.data.polarRadius as Call, [8, {}], ["number", "object"]],
  ...["acanthus", "boats", "brick", "grass", "gravel", "house", "sheep"].map(
    (name): Row => [name, method(po.data, name), [{}], ["object"]],
  ),
  // ---- files ----
  ["loadImages", po.loadImages as Call, [await po.encodeImage(image).then((x) => x.bytes), {}], ["none", "object"]],
  ["encodeImage", po.encodeImage as Call, [image, {}], ["none", "object"]],
  ["saveImage", po.saveImage as Call, ["never.png", image, {}], ["skip", "none", "object"]],
  ["saveImage", (path) => po.saveImage(path as string, image), [undefined], ["text"]],
  ["convertFloatToInt", po.convertFloatToInt as Call, [Float32Array.of(0.5), "uint8"]],
  ["loadArray", po.io.loadArray as Call, [await po.io.encodeArrays(".npy", image)]],
  ["loadArrays", po.io.loadArrays as Call, [await po.io.encodeArrays(".npz", new Map([["a", image]]))]],
  ["encodeArrays", po.io.encodeArrays as Call, [".npy", image]],
  ["saveArrays", po.io.saveArrays as Call, ["never.npy", image], ["skip"]],
  ["saveArrays", (path) => po.io.saveArrays(path as string, image), [undefined]],
  ["examineSavedSynthesis", po.io.examineSavedSynthesis as Call, [bytes]],
  ["loadFile", po.io.loadFile as Call, [bytes]],
  ["saveFile", po.io.saveFile as Call, ["never", new Map()], ["skip"]],
  ["saveFile", (path) => po.io.saveFile(path as string, stored), [undefined], ["text"]],
  ["fromTensor", po.io.fromTensor as Call, [image, false]],
  ["SavedFile.from", po.io.SavedFile.from as Call, [stored]],
  ["toTensor", po.io.toTensor as Call, [await po.io.fromTensor(image)]],
  // ---- checks ----
  ["validateInput", po.validate.validateInput as Call, [image, {}], ["none", "object"]],
  ["validateModel", po.validate.validateModel as Call, [model, {}], ["none", "object"]],
  ["validateMetric", po.validate.validateMetric as Call, [po.metric.mse, {}], ["none", "object"]],
  ["validatePenalty", po.validate.validatePenalty as Call, [po.regularize.penalizeRange, {}], ["none", "object"]],
  [
    "validateLoss",
    po.validate.validateLoss as Call,
    [po.loss.mse, { shape: [2], dtype: "float32" }, { shape: [2], dtype: "float32" }, "float32"],
  ],
  [
    "validateCoarseToFine",
    po.validate.validateCoarseToFine as Call,
    [texture, { imageShape: [1, 1, 32, 32] }],
    ["none", "object"],
  ],
  [
    "validateConvertTensorDict",
    po.validate.validateConvertTensorDict as Call,
    [texture, { imageShape: [1, 1, 32, 32] }],
    ["none", "object"],
  ],
  // ---- synthesis ----
  ["several", po.several as Call, [[1], () => new po.Metamer(image, model)]],
  ["Metamer", made(po, "Metamer"), [image, model, {}], ["none", "none", "object"]],
  ["MetamerCTF", made(po, "MetamerCTF"), [image, texture, {}], ["none", "none", "object"]],
  [
    "MADCompetition",
    made(po, "MADCompetition"),
    [image, po.metric.oneMinusSsim, po.metric.mse, "min", {}],
    ["none", "none", "none", "none", "object"],
  ],
  ["Eigendistortion", made(po, "Eigendistortion"), [image, model]],
  [
    "MADCompetition.all",
    po.MADCompetition.all as Call,
    [image, po.metric.oneMinusSsim, po.metric.mse, {}],
    ["none", "none", "none", "skip"],
  ],
  [
    "MADCompetition.all",
    (options) => po.MADCompetition.all(image, po.metric.mse, po.metric.oneMinusSsim, options as object),
    [{}],
    ["object"],
  ],
  ...[metamer, ctf, mad].flatMap((synthesis): Row[] => [
    ofObject(synthesis, "synthesize", [{ maxIter: 1 }], ["object"]),
    ofObject(synthesis, "to", ["float32"]),
    ["IterativeSynthesis.save", (path) => synthesis.save(path as string), [undefined], ["text"]],
    ["IterativeSynthesis.toBytes", (options) => synthesis.toBytes(options as object), [{}], ["object"]],
  ]),
  ...[metamer, mad].flatMap((synthesis): Row[] => [
    ofObject(synthesis, "getProgress", [0, {}], [["number", "null"], "object"]),
    ofObject(synthesis, "objectiveFunction", [image]),
  ]),
  ofObject(metamer, "summary", [{}], ["object"]),
  ofObject(mad, "summary", [{}], ["object"]),
  ofObject(eigendistortion, "summary", [{}], ["object"]),
  ["MADCompetition.summaryOfAll", po.MADCompetition.summaryOfAll as Call, [four, {}], ["none", "object"]],
  ["MetamerBase.setup", (options) => new po.Metamer(image, model).setup(options as object), [{}], ["object"]],
  [
    "MADCompetition.setup",
    (options) => new po.MADCompetition(image, po.metric.oneMinusSsim, po.metric.mse, "min").setup(options as object),
    [{}],
    ["object"],
  ],
  ["IterativeSynthesis.load", (source) => new po.Metamer(image, model).load(source as string), [bytes]],
  [
    "IterativeSynthesis.load",
    (options) => new po.Metamer(image, model).load(bytes, options as object),
    [{}],
    ["object"],
  ],
  ["Metamer.load", po.Metamer.load as Call, [metamerWithModel, {}], ["none", "object"]],
  ["MetamerCTF.load", po.MetamerCTF.load as Call, [ctfWithModel, {}], ["none", "object"]],
  ["MADCompetition.load", po.MADCompetition.load as Call, [madWithModel, {}], ["none", "object"]],
  ofObject(eigendistortion, "positionOf", [0]),
  ofObject(eigendistortion, "synthesize", [{}], ["object"]),
  ofObject(eigendistortion, "to", ["float32"]),
  ofObject(eigendistortion, "computeJacobian", [{}], ["object"]),
  ["Eigendistortion.save", (path) => eigendistortion.save(path as string), [undefined], ["text"]],
  ["Eigendistortion.toBytes", (options) => eigendistortion.toBytes(options as object), [{}], ["object"]],
  ["Eigendistortion.load", (source) => newEigendistortion().load(source as string), [eigenBytes]],
  ["Eigendistortion.load", (options) => newEigendistortion().load(eigenBytes, options as object), [{}], ["object"]],
  ["texture", po.presets.texture as Call, [po.rand([1, 1, 112, 112]), {}], ["none", "object"]],
  ["textureStart", po.presets.textureStart as Call, [image]],
  // ---- recipes ----
  ["CannotReplay", (reason) => new po.replay.CannotReplay(reason as "time", "a message"), ["time"], ["skip"]],
  ["read", po.replay.read as Call, [bytes]],
  ["compare", po.replay.compare as Call, [bytes, bytes]],
  ["run", po.replay.run as Call, [bytes, {}], ["none", "object"]],
  ["verify", po.replay.verify as Call, [bytes, {}], ["none", "object"]],
  // ---- figures ----
  ["imshow", po.plot.imshow as Call, [image, {}], ["none", "object"]],
  ["histogram", po.plot.histogram as Call, [image, {}], ["none", "object"]],
  ["stemPlot", po.plot.stemPlot as Call, [po.rand([1, 1, 8]), {}], ["none", "object"]],
  ["pyrshow", po.plot.pyrshow as Call, [coefficients, {}], ["none", "object"]],
  ["plotRepresentation", po.plot.plotRepresentation as Call, [model, image, {}], ["null", "none", "object"]],
  ["synthesisImshow", po.plot.synthesisImshow as Call, [metamer, {}], ["none", "object"]],
  ["synthesisLoss", po.plot.synthesisLoss as Call, [metamer, {}], ["none", "object"]],
  ["synthesisHistogram", po.plot.synthesisHistogram as Call, [metamer, {}], ["none", "object"]],
  ["animshow", po.plot.animshow as Call, [po.rand([1, 1, 2, 4, 4]), {}], ["none", "object"]],
  ["displayFilters", po.plot.displayFilters as Call, [new po.models.OnOff(5), {}], ["none", "object"]],
  ["metamerRepresentationError", po.plot.metamerRepresentationError as Call, [metamer, {}], ["none", "object"]],
  ["synthesisAnimate", po.plot.synthesisAnimate as Call, [metamer, {}], ["none", "object"]],
  ["AnimatedFigure.frame", (index) => film.frame(index as number), [0]],
  ["AnimatedFigure.toBytes", (kind) => film.toBytes(kind as "gif"), ["gif"]],
  ["AnimatedFigure.save", (path) => film.save(path as string), [undefined], ["text"]],
  ["synthesisNorms", po.plot.synthesisNorms as Call, [metamer]],
  ["synthesisStatus", po.plot.synthesisStatus as Call, [metamer, {}], ["none", "object"]],
  ["eigendistortionImshowAll", po.plot.eigendistortionImshowAll as Call, [eigendistortion, {}], ["none", "object"]],
  ...madFigures.map(
    (name): Row => [
      name,
      method(po.plot, name),
      [four.minA, four.minB, four.maxA, four.maxB, {}],
      ["none", "none", "none", "none", "object"],
    ],
  ),
  ["report", po.plot.report as Call, [{ title: "t", sections: [] }]],
  [
    "Figure.save",
    (path) => po.plot.synthesisNorms(metamer).then((figure) => figure.save(path as string)),
    [undefined],
    ["text"],
  ],
  // ---- warnings ----
  ["on", po.warnings.on as Call, [() => {}]],
  ["warn", po.warnings.warn as Call, [new po.warnings.UserWarning("a-code", "a message")]],
];

/** What the engine of JavaScript says by itself. */
const INTERNAL =
  /Cannot |is not a function|not iterable|undefined \(|is not defined|Invalid |is not an object|\[object /;

async function thrown(call: Call, values: readonly unknown[]): Promise<unknown> {
  try {
    const result = await call(...values);
    return `no error, but ${String(result)}`;
  } catch (error) {
    return error;
  }
}

const cases = rows.flatMap(([name, call, good, fits = []]) =>
  good.flatMap((_, i) => {
    const own = [fits[i] ?? "none"].flat();
    if (own.includes("skip")) return [];
    return tried
      .filter(([, , fit]) => fit === "none" || !own.includes(fit))
      .map(([text, value]) => {
        const values = good.map((right, k) => (k === i ? value : right));
        return [`${name}(argument ${i}: ${text})`, call, values, value] as const;
      });
  }),
);

describe("arguments that do not belong", () => {
  po.warnings.on(() => {});

  test.each(rows.filter(([, , good]) => good[0] !== undefined && !String(good[0]).startsWith("never")))(
    "%s takes what it should",
    async (_, call, good) => {
      await call(...good);
    },
  );

  test.each(cases)("%s", async (_, call, values, value) => {
    const error = await thrown(call, values);
    expect(error).toBeInstanceOf(Error);
    const { message } = error as Error;
    expect(message).not.toMatch(INTERNAL);
    if (value === promise) expect(message).toMatch(/forget `await`/);
  });

  test("the table has every function, class and method", () => {
    // Figures are made by the functions that plot. A SavedFile is a Map, whose keys may be anything.
    const elsewhere = [
      "Figure",
      "AnimatedFigure",
      ...["delete", "get", "has", "set"].map((name) => `SavedFile.${name}`),
    ];
    const named = new Set([...rows.map(([name]) => name), ...elsewhere]);
    const known = publicCalls("plenoptic", po);
    expect([...known].filter((name) => !named.has(name)).sort()).toEqual([]);
    expect([...named].filter((name) => !known.has(name)).sort()).toEqual([]);
  });
});
