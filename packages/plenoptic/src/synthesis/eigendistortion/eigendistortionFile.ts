// Eigendistortions in a file: Python's attributes, and what is known of their accuracy in our part of the metadata.

import { type Tensor, tensor } from "@plenoptic-js/tensor";
import { FileError } from "../../files/errors.ts";
import { writePt } from "../../files/pt/index.ts";
import type { ModelFunction, ModelLike } from "../../models/model.ts";
import type { FloatDType } from "../../validate/error.ts";
import { EIGENDISTORTION, IMAGE_INPUT, type Values, writeValues } from "../saving/dictionary/layouts.ts";
import { type JsonObject, readMetadata, writeMetadata } from "../saving/dictionary/metadata.ts";
import { savedName } from "../saving/dictionary/names.ts";
import { checkCallables } from "../saving/loading/callables.ts";
import type { Opened } from "../saving/loading/openSaved.ts";
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
  readonly image: Tensor<FloatDType>;
  /** What the model gives for the image. */
  readonly output: Tensor;
  readonly model: ModelLike;
  readonly recipe: JsonObject | null;
}

/** The bytes of a file. */
export async function eigendistortionBytes(parts: Parts): Promise<Uint8Array> {
  const { image, output, jacobian, results, summary, model, recipe } = parts;
  const run = summary === null ? {} : { run: { eigendistortion: plain(summary) } };
  const { shape } = image;
  const values: Values<typeof EIGENDISTORTION> = {
    metadata: writeMetadata("plenoptic.Eigendistortion", { recipe, ...run }),
    loaded: false,
    imageShape: shape.length === 1 ? shape : shape.slice(1),
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

/**
 * What a file says, checked against the object that loads it. Nothing is changed.
 *
 * @throws LoadError or FileError
 */
export async function checkEigendistortion(
  { values, checks }: Opened<typeof EIGENDISTORTION>,
  own: { readonly image: Tensor<FloatDType>; readonly model: ModelLike; readonly forward: ModelFunction },
): Promise<EigendistortionState & { readonly image: Tensor<FloatDType> }> {
  const { image, model: saved, jacobian } = values;
  await checks.same("image", image, own.image, "that of the file");
  const output = (): Tensor => own.forward(image);
  await checkCallables([{ what: "model", saved, own: own.model, inputs: IMAGE_INPUT, output }], checks);
  const results = resultsOf(values, checks.file);
  const summary = results === null ? null : summaryOf(values, results.eigenvalues.size);
  return { image, jacobian: jacobian as Tensor<FloatDType> | null, results, summary };
}

/**
 * The results in decreasing order. Python's power method gives the smallest first among its smallest, and its absolute values of
 * rounding errors are in no order; the places are in order always.
 */
function resultsOf(
  { image, eigendistortions, eigenvalues, eigenindex }: Values<typeof EIGENDISTORTION>,
  file: string,
): EigendistortionResults | null {
  if (eigendistortions === null || eigenvalues === null || eigenindex === null) return null;
  const count = eigenindex.length;
  if (eigenvalues.size !== count || eigendistortions.size !== count * image.size) {
    throw new FileError(
      "damaged",
      file,
      `it has ${eigenvalues.size} eigenvalues, ${count} indices and ${eigendistortions.size} numbers of eigendistortions ` +
        `for an image of ${image.size} pixels`,
    );
  }
  const found = Array.from(eigenvalues.dataSync() as ArrayLike<number>);
  const order = found.map((_, i) => i).sort((a, b) => found[b] - found[a] || a - b);
  const vectors = eigendistortions.dataSync() as Float64Array;
  const sorted = new (vectors.constructor as Float64ArrayConstructor)(vectors.length);
  order.forEach((from, to) => {
    sorted.set(vectors.subarray(from * image.size, (from + 1) * image.size), to * image.size);
  });
  const { dtype } = image;
  return Object.freeze({
    eigendistortions: tensor(sorted, { shape: eigendistortions.shape, dtype }),
    eigenvalues: tensor(
      Float64Array.from(order, (i) => found[i]),
      { shape: [count], dtype },
    ),
    eigenindex: tensor(
      [...eigenindex].sort((a, b) => a - b),
      { shape: [count], dtype: "int32" },
    ),
  });
}

/** What our part of the metadata says; null where it says nothing that fits. */
function summaryOf({ metadata }: Values<typeof EIGENDISTORTION>, count: number): EigendistortionSummary | null {
  const saved = readMetadata(metadata)?.run?.eigendistortion as unknown as
    | (Omit<EigendistortionSummary, "eigenvalues" | "residuals"> & {
        readonly eigenvalues: readonly number[];
        readonly residuals: readonly number[];
      })
    | undefined;
  const isList = (list: unknown): boolean => Array.isArray(list) && list.length === count;
  if (!isList(saved?.eigenvalues) || !isList(saved?.residuals) || !isList(saved?.verdicts)) return null;
  const { eigenvalues, residuals, ...rest } = saved as NonNullable<typeof saved>;
  return Object.freeze({
    ...rest,
    eigenvalues: Float64Array.from(eigenvalues),
    residuals: Float64Array.from(residuals),
  });
}
