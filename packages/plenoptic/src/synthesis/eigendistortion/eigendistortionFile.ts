// Eigendistortions in a file: Python's attributes, and what is known of their accuracy in our part of the metadata.

import { FileError, type JsonObject, type PtDict, writePt } from "@plenoptic-js/formats";
import { type FloatDType, type Shape, type Tensor, tensor } from "@plenoptic-js/tensor";
import { settled, shapeText } from "@plenoptic-js/tensor/engine";
import type { ModelFunction, ModelLike } from "../../models/model.ts";
import { LoadWarning } from "../../warnings.ts";
import { EIGENDISTORTION, IMAGE_INPUT, type Values, writeValues } from "../saving/dictionary/layouts.ts";
import { readMetadata, writeMetadata } from "../saving/dictionary/metadata.ts";
import { savedName } from "../saving/dictionary/names.ts";
import { checkCallables } from "../saving/loading/callables.ts";
import type { Opened } from "../saving/loading/openSaved.ts";
import { outputsOf } from "./jacobian.ts";
import { type Linearized, linearize } from "./linearized.ts";
import type { EigendistortionSummary } from "./summary.ts";

/** What a synthesis found. */
export interface EigendistortionResults {
  /** [count, ...the image's shape without its first axis]. */
  readonly eigendistortions: Tensor<FloatDType>;
  /** [count], decreasing. */
  readonly eigenvalues: Tensor<FloatDType>;
  /** [count]: the place of each among all n, 0 for the largest. */
  readonly eigenindex: Tensor<"int32">;
}

/** What is known after a synthesis, and after loading one. */
export interface EigendistortionState {
  readonly jacobian: Tensor<FloatDType> | null;
  readonly results: EigendistortionResults | null;
  /** null where nobody knows: of files of Python's. */
  readonly summary: EigendistortionSummary | null;
}

interface Parts extends EigendistortionState {
  /** Whether it came from a file. */
  readonly loaded: boolean;
  readonly image: Tensor<FloatDType>;
  /** What the model gives for the image. */
  readonly output: Tensor;
  readonly model: ModelLike;
  readonly recipe: JsonObject | null;
  /** The model as data, where it is kept. */
  readonly stored: PtDict | null;
}

/** The shape of one eigendistortion: the image's without its first axis; of a vector, and of [height, width], all of it. */
export const shapeOfEach = (shape: Shape): Shape => (shape.length === 1 || shape[0] !== 1 ? shape : shape.slice(1));

/** The bytes of a file. */
export async function eigendistortionBytes(parts: Parts): Promise<Uint8Array<ArrayBuffer>> {
  const { loaded, image, jacobian, results, summary, model, recipe, stored } = parts;
  // A lazy reshape of it would be a computation of its own.
  const [output] = await settled([parts.output]);
  const run = summary === null ? {} : { run: { eigendistortion: plain(summary) } };
  const values: Values<typeof EIGENDISTORTION> = {
    metadata: writeMetadata("plenoptic.Eigendistortion", { recipe, ...run }, stored),
    loaded,
    imageShape: shapeOfEach(image.shape),
    imageFlat: image.reshape([-1, 1]),
    image,
    representationFlat: output.reshape([-1, 1]),
    jacobian,
    eigendistortions: results?.eigendistortions ?? null,
    eigenvalues: results?.eigenvalues ?? null,
    eigenindex: results === null ? null : Array.from(await results.eigenindex.data()),
    model: { name: savedName(model), inputs: IMAGE_INPUT, output },
  };
  return writePt(await writeValues(EIGENDISTORTION, values));
}

/** Numbers and words that JSON can hold. */
function plain(summary: EigendistortionSummary): JsonObject {
  const { eigenvalues, residuals, ...rest } = summary;
  return JSON.parse(
    JSON.stringify({ ...rest, eigenvalues: [...eigenvalues], residuals: [...residuals] }),
  ) as JsonObject;
}

interface Own {
  readonly image: Tensor<FloatDType>;
  readonly model: ModelLike;
  readonly forward: ModelFunction;
}

/**
 * What a file says, checked against the object that loads it. Nothing is changed.
 *
 * @throws LoadError or FileError
 */
export async function checkEigendistortion(
  { values, checks }: Opened<typeof EIGENDISTORTION>,
  own: Own,
): Promise<EigendistortionState & { readonly image: Tensor<FloatDType>; readonly at: Linearized }> {
  const { image, model: saved, representationFlat } = values;
  await checks.same("image", image, own.image, "that of the file");
  const at = linearize(own.forward, image);
  if (saved === null) {
    // Before 1.2 nothing else told of the model.
    const flat = at.output.reshape([-1, 1]);
    await checks.same("output of the model", representationFlat, flat, "that of this object");
  }
  const output = (): Tensor => at.output;
  await checkCallables([{ what: "model", saved, own: own.model, inputs: IMAGE_INPUT, output }], checks);
  const fits = !checks.warnings.some((warning) => warning instanceof LoadWarning);
  const jacobian = jacobianOf(values, outputsOf(at), fits, checks.file);
  const summary = summaryOf(values);
  return { image, at, jacobian, results: resultsOf(values, summary !== null, checks.file), summary };
}

/** Kept where the file fits, so that it is that of this object's model; else it is computed when it is needed. */
function jacobianOf(
  { image, jacobian }: Values<typeof EIGENDISTORTION>,
  outputs: number,
  fits: boolean,
  file: string,
): Tensor<FloatDType> | null {
  if (jacobian === null || !fits) return null;
  const { shape } = jacobian;
  if (shape.length === 2 && shape[0] === outputs && shape[1] === image.size) return jacobian;
  throw new FileError(
    "damaged",
    file,
    `its Jacobian is ${shapeText(shape)}; that of ${outputs} outputs and ${image.size} pixels is [${outputs}, ${image.size}]`,
  );
}

/**
 * The results in decreasing order. Python's power method gives the smallest first among its smallest, and its absolute values of
 * rounding errors are in no order; the places are in order always.
 */
function resultsOf(
  { image, eigendistortions, eigenvalues, eigenindex }: Values<typeof EIGENDISTORTION>,
  inOrder: boolean,
  file: string,
): EigendistortionResults | null {
  const n = image.size;
  const there = [eigendistortions, eigenvalues, eigenindex].filter((part) => part !== null).length;
  if (there === 0) return null;
  const count = eigenindex?.length ?? 0;
  if (eigenvalues?.size !== count || eigendistortions?.size !== count * n || there < 3) {
    const problem =
      `it has ${eigenvalues?.size ?? "no"} eigenvalues, ${eigenindex?.length ?? "no"} indices and ` +
      `${eigendistortions?.size ?? "no"} numbers of eigendistortions for an image of ${n} pixels`;
    throw new FileError("damaged", file, problem);
  }
  const places = [...(eigenindex ?? [])].sort((a, b) => a - b);
  if ((places.at(-1) ?? 0) >= n) {
    throw new FileError("damaged", file, `it has the eigenindex ${places.at(-1)}, and its image ${n} pixels`);
  }
  const found = eigenvalues.dataSync();
  // NaN, which Python gives for a model that sees nothing, comes last.
  const size = (i: number): number => (Number.isNaN(found[i]) ? Number.NEGATIVE_INFINITY : found[i]);
  const order = Array.from(found, (_, i) => i);
  if (!inOrder) order.sort((a, b) => size(b) - size(a) || a - b);
  const vectors = eigendistortions.dataSync();
  const sorted = new Float64Array(vectors.length);
  order.forEach((from, to) => {
    sorted.set(vectors.subarray(from * n, (from + 1) * n), to * n);
  });
  const { dtype, shape } = image;
  return Object.freeze({
    eigendistortions: tensor(sorted, { shape: [count, ...shapeOfEach(shape)], dtype }),
    eigenvalues: tensor(
      Float64Array.from(order, (i) => found[i]),
      { shape: [count], dtype },
    ),
    eigenindex: tensor(places, { shape: [count], dtype: "int32" }),
  });
}

/** A summary as JSON has it. */
type Saved = Omit<EigendistortionSummary, "eigenvalues" | "residuals"> & {
  readonly eigenvalues: readonly number[];
  readonly residuals: readonly number[];
};

/** What our part of the metadata says; null where it says nothing that fits the results. */
function summaryOf({ metadata, eigenvalues }: Values<typeof EIGENDISTORTION>): EigendistortionSummary | null {
  const saved = readMetadata(metadata)?.run?.eigendistortion as unknown as Saved | null | undefined;
  if (saved === null || saved === undefined || eigenvalues === null) return null;
  const stored = eigenvalues.dataSync();
  const isList = (list: unknown, type: "number" | "string"): boolean =>
    Array.isArray(list) && list.length === stored.length && list.every((one) => typeof one === type);
  const isWhole =
    isList(saved.eigenvalues, "number") &&
    isList(saved.residuals, "number") &&
    isList(saved.verdicts, "string") &&
    Array.isArray(saved.groups) &&
    typeof saved.words === "string";
  // Other programs may have put other results in.
  if (!isWhole || saved.eigenvalues.some((x, i) => x !== stored[i] && Math.fround(x) !== stored[i])) return null;
  const { eigenvalues: values, residuals, ...rest } = saved;
  return Object.freeze({
    ...rest,
    eigenvalues: Float64Array.from(values),
    residuals: Float64Array.from(residuals),
  });
}
