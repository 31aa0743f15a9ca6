// Saved files as data; the namespace `po.io`.

export type { PtArray, PtElementType, PtTensorParts, PtValue } from "@plenoptic-js/formats";
export {
  PtByteArray,
  PtComplex,
  PtCounter,
  PtDevice,
  PtDtype,
  PtFloat,
  PtGlobal,
  PtObject,
  PtOrderedDict,
  PtSet,
  PtSize,
  PtStorage,
  PtTensor,
  PtTuple,
} from "@plenoptic-js/formats";
export { type ArrayFileKind, type Arrays, encodeArrays, loadArray, loadArrays, saveArrays } from "./arrays.ts";
export { examineSavedSynthesis } from "./examineSavedSynthesis.ts";
export { loadFile } from "./loadFile.ts";
export { SavedFile } from "./savedFile.ts";
export { saveFile } from "./saveFile.ts";
export { fromTensor, toTensor } from "./tensors.ts";
