// Eigendistortions in files: what the tests of them share.

import { type PtValue, readPt, writePt } from "@plenoptic-js/formats";
import { hashTensor } from "@plenoptic-js/tensor";
import { afterAll, beforeEach } from "vitest";
import * as po from "../../src/index.ts";

/** What was warned of in a test, since it began to load. */
export const warned: po.warnings.AnyWarning[] = [];
afterAll(po.warnings.on((warning) => warned.push(warning)));
beforeEach(() => {
  po.setSeed(0);
  warned.length = 0;
});

export type Float = "float32" | "float64";
export type Dict = Map<PtValue, PtValue>;

export const SIDE = 8;
export const N = SIDE * SIDE;

export function picture(salt = 0, dtype: Float = "float64", channels = 1): po.Tensor<Float> {
  const values = Float64Array.from({ length: channels * N }, (_, i) => (((i + salt) * 7919) % 251) / 250);
  return po.tensor(values, { shape: [1, channels, SIDE, SIDE], dtype });
}

export const blur = new po.models.Gaussian(3, { std: 1 });
/** Eigenvalues far apart. */
export const ramp = (n: number, dtype: Float = "float64"): po.Model => {
  const weights = po.tensor(
    Float64Array.from({ length: n }, (_, i) => 1 + i / 4),
    { dtype },
  );
  return po.model("ramp", (x) => x.reshape([-1]).mul(weights));
};

export const make = (dtype: Float = "float64"): po.Eigendistortion => new po.Eigendistortion(picture(0, dtype), blur);

export async function found(options: po.EigendistortionOptions = {}, eig = make()): Promise<po.Eigendistortion> {
  await eig.synthesize(options);
  warned.length = 0;
  return eig;
}

export async function loaded(
  bytes: Uint8Array,
  into = make(),
  options: po.LoadOptions = {},
): Promise<po.Eigendistortion> {
  await into.load(bytes, options);
  return into;
}

export const dictOf = (bytes: Uint8Array): Dict => readPt(bytes).value as Dict;

export async function changed(change: (dict: Dict) => void, eig?: po.Eigendistortion): Promise<Uint8Array> {
  const dict = dictOf(await (eig ?? (await found())).toBytes());
  change(dict);
  return writePt(dict);
}

/** All of it. */
export async function record(eig: po.Eigendistortion): Promise<object> {
  const hash = async (x: po.Tensor | null) => x && (await hashTensor(x));
  return {
    text: String(eig),
    image: await hash(eig.image),
    output: await hash(eig.representationFlat),
    jacobian: await hash(eig.jacobian),
    eigendistortions: await hash(eig.eigendistortions),
    eigenvalues: await hash(eig.eigenvalues),
    eigenindex: await hash(eig.eigenindex),
    summary: eig.search,
  };
}

export const KEYS = [
  "save_metadata",
  "_loaded",
  "_image_shape",
  "_image_flat",
  "_image",
  "_representation_flat",
  "_jacobian",
  "_eigendistortions",
  "_eigenvalues",
  "_eigenindex",
  "_model",
];
