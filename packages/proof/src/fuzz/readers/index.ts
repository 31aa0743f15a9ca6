// The readers that are fuzzed. A reader is one file of this folder, and one line here.

import type { FuzzReader } from "../reader.ts";
import { graph } from "./graph.ts";
import { jpeg, mozjpeg } from "./jpeg.ts";
import { npy, npz } from "./npy.ts";
import { onnx } from "./onnx.ts";
import { pickle } from "./pickle.ts";
import { png } from "./png.ts";
import { pnm } from "./pnm.ts";
import { recipe } from "./recipe.ts";
import { safetensors } from "./safetensors.ts";
import { storedModel } from "./storedModel.ts";
import { tiff } from "./tiff.ts";
import { libwebp, webp } from "./webp.ts";
import { zip } from "./zip.ts";

export const readers: readonly FuzzReader[] = [
  zip,
  pickle,
  png,
  tiff,
  pnm,
  jpeg,
  webp,
  npy,
  npz,
  safetensors,
  graph,
  storedModel,
  onnx,
  recipe,
  mozjpeg,
  libwebp,
];
