// Makes a metamer and tells how it comes along. Runs in a worker (worker.ts), or in the page where workers are not to be
// had (maker.ts): the same code, the same bits. Everything that shapes the result is what `plenoptic metamer` does.

import * as po from "plenoptic-js";

/** A gray image of 8 bits a pixel, rows from the top. */
export interface Picture {
  readonly height: number;
  readonly width: number;
  readonly gray: Uint8Array<ArrayBuffer>;
}

/** The image to imitate: values in [0, 1], rows from the top. */
export interface Target {
  readonly height: number;
  readonly width: number;
  readonly values: Float64Array;
}

/** The models of this page, by the names that the command `plenoptic` has for them. */
export type ModelName = "gaussian" | "on-off";

export interface Settings {
  readonly target: Target;
  readonly model: ModelName;
  /** Standard deviation of the Gaussian's blur, in pixels. */
  readonly std: number;
  readonly iterations: number;
  readonly seed: number;
}

/** How far it is. */
export interface Report {
  readonly iteration: number;
  readonly loss: number;
  readonly metamer: Picture;
  /** Both images as the model sees them. */
  readonly seenTarget: Picture;
  readonly seenMetamer: Picture;
  /** The loss so far, as SVG. */
  readonly curve: string;
  readonly threads: number;
}

export interface Result extends Report {
  /** SHA-256 of the metamer's values. */
  readonly hash: string;
}

const MILLISECONDS_BETWEEN_REPORTS = 250;
/** More threads do not make a small image faster. */
const MOST_THREADS = 4;

export async function targetOf(image: po.Tensor<"float64">): Promise<Target> {
  const [, , height, width] = image.shape;
  return { height, width, values: await image.data() };
}

/** Reads an image, and makes it gray. */
export async function loadTarget(source: po.Source): Promise<Target> {
  return targetOf(await po.loadImages(source, { dtype: "float64" }));
}

function modelOf({ model, std }: Settings): po.ModelLike {
  return model === "gaussian"
    ? new po.models.Gaussian(31, { std })
    : new po.models.OnOff([31, 31], { pretrained: true });
}

/** Rounds to 8 bits, halves up. What lies outside of [0, 1] is clipped. */
export function pictureOf({ height, width, values }: Target): Picture {
  const gray = new Uint8Array(height * width);
  for (let i = 0; i < gray.length; i++) gray[i] = Math.floor(Math.min(Math.max(values[i], 0), 1) * 255 + 0.5);
  return { height, width, gray };
}

/** What a model sees, as one value a pixel: its answer, or the difference of its two answers. */
async function answerOf(representation: po.Tensor): Promise<Target> {
  const [, channels, height, width] = representation.shape;
  const all = (await representation.data()) as Float64Array;
  const size = height * width;
  const values = channels === 1 ? all : Float64Array.from({ length: size }, (_, i) => all[i] - all[size + i]);
  return { height, width, values };
}

/** Makes pictures of answers. Differences are scaled to those of the target, with gray for none. */
function painter(model: ModelName, target: Target): (answer: Target) => Picture {
  if (model === "gaussian") return pictureOf;
  const largest = target.values.reduce((most, value) => Math.max(most, Math.abs(value)), Number.MIN_VALUE);
  return ({ values, ...size }) => pictureOf({ ...size, values: values.map((value) => 0.5 + value / (2 * largest)) });
}

/** Lets everything else that waits have its turn. */
const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** Runs to the last iteration, or until `signal` aborts. Reports a few times a second. */
export async function makeMetamer(
  settings: Settings,
  signal: AbortSignal,
  onReport: (report: Report) => void,
): Promise<Result> {
  const { target, iterations, seed } = settings;
  const { height, width } = target;
  const threads = (): number => Math.min(po.availableThreads(), MOST_THREADS);
  po.setThreads(threads());
  po.setSeed(seed);
  const image = po.tensor(target.values, { shape: [1, 1, height, width], dtype: "float64" });
  const model = modelOf(settings);
  const metamer = new po.Metamer(image, model);
  await metamer.setup();
  const targetAnswer = await answerOf(metamer.targetRepresentation);
  const paint = painter(settings.model, targetAnswer);
  const seenTarget = paint(targetAnswer);
  const forward = typeof model === "function" ? model : (x: po.Tensor) => model.forward(x);

  // In pieces, so that a page that runs this itself stays smooth.
  const report = async (): Promise<Report> => {
    const now = metamer.metamer;
    const iteration = metamer.numIter;
    // What is recorded is the objective; the chart below shows the loss, and so does this.
    const loss = metamer.losses[iteration] - metamer.penaltyLambda * metamer.penalties[iteration];
    const { svg } = await po.plot.synthesisLoss(metamer);
    await turn();
    const seenMetamer = paint(await answerOf(forward(now)));
    await turn();
    const picture = pictureOf({ height, width, values: (await now.data()) as Float64Array });
    // Asked for anew: a page's policy may refuse threads late.
    return { iteration, loss, metamer: picture, seenTarget, seenMetamer, curve: svg, threads: threads() };
  };

  let last = performance.now();
  let reporting: Promise<void> | undefined;
  try {
    await metamer.synthesize({
      maxIter: iterations,
      stopCriterion: 0,
      signal,
      onProgress: () => {
        if (reporting !== undefined || performance.now() - last < MILLISECONDS_BETWEEN_REPORTS) return;
        reporting = report().then((made) => {
          onReport(made);
          last = performance.now();
          reporting = undefined;
        });
      },
    });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  await reporting;
  return { ...(await report()), hash: await po.hashTensor(metamer.metamer) };
}
