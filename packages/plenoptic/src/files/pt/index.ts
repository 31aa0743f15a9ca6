// .pt files, the container of torch and of Python plenoptic: read as plain data, and written.

export type { PtElementType } from "./dtypes.ts";
export type { PtArray } from "./elements.ts";
export { readPt } from "./readPt.ts";
export { PtStorage } from "./storage.ts";
export { PtTensor, type PtTensorParts } from "./tensor.ts";
export {
  PtByteArray,
  PtComplex,
  PtCounter,
  PtDevice,
  type PtDict,
  PtDtype,
  PtFloat,
  PtGlobal,
  PtObject,
  PtOrderedDict,
  PtSet,
  PtSize,
  PtTuple,
  type PtValue,
} from "./values.ts";
export { writePt } from "./writePt.ts";
