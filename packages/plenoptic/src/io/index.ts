// Saved files as data; the namespace `po.io`.

export type { PtArray, PtElementType, PtTensorParts, PtValue } from "../files/pt/index.ts";
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
} from "../files/pt/index.ts";
export { examineSavedSynthesis } from "./examineSavedSynthesis.ts";
export { loadFile } from "./loadFile.ts";
export { SavedFile } from "./savedFile.ts";
export { saveFile } from "./saveFile.ts";
