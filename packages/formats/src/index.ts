// @plenoptic-js/formats: files of arrays and images, in Node and browsers. Bytes in, plain data out, and back. Nothing
// that stands in a file is ever run, and no file can ask for more memory than it is allowed. See README.md.

// Arrays: NumPy's .npy and .npz, and .safetensors.
export type { ArrayData, ArrayDtype } from "./arrays/arrayData.ts";
export { readNpy, writeNpy } from "./arrays/npy.ts";
export { readNpyTensor, writeNpyTensor } from "./arrays/npyTensor.ts";
export { type NpzFile, type ReadNpzOptions, readNpz, writeNpz } from "./arrays/npz.ts";
export {
  type ReadSafetensorsOptions,
  readSafetensors,
  type SafetensorsFile,
  writeSafetensors,
} from "./arrays/safetensors.ts";
// Bytes: joining, hashing.
export { BytePieces } from "./bytes/bytePieces.ts";
export { concatBytes } from "./bytes/concatBytes.ts";
export { sha256Hex } from "./bytes/sha256.ts";
// The disk, the network, and what else has bytes.
export { checkWritable, clearUnfinished, writeFileAtomic } from "./disk/atomic.ts";
export { readBeside } from "./disk/beside.ts";
export { listFolder } from "./disk/folder.ts";
export { readSource, readSourcePieces, type Source, type SourceBytes, type SourcePieces } from "./disk/source.ts";
export { systemCode } from "./disk/systemCode.ts";
export { FileError, type FileErrorCode } from "./errors.ts";
export type { Global } from "./global.ts";
// Images: PNG, TIFF, JPEG, WebP, PBM, PGM, PPM; animations: APNG, GIF; and what their numbers mean.
export type { AnimationOptions, AnimationPixels } from "./images/animation/animation.ts";
export { writeApng } from "./images/animation/apng.ts";
export { writeGif } from "./images/animation/gif.ts";
export {
  type ChannelImage,
  type GrayImage,
  type IntegerImage,
  roundAndClip,
  toChannels,
  toGray,
} from "./images/convert.ts";
export type { IntegerPixels, Pixels, ReadImageOptions } from "./images/pixels.ts";
export { readPng, writePng } from "./images/png/png.ts";
export { readImage } from "./images/readImage.ts";
// JSON: one text for one value.
export { canonicalJson, type JsonObject, type JsonValue } from "./json/canonicalJson.ts";
export { describeOtherKind } from "./otherKinds.ts";
// Protocol buffers: messages, read field by field.
export { ProtobufReader, type ProtobufRow } from "./protobuf/protobuf.ts";
export type { PtLimits } from "./pt/limits.ts";
export { type PtFile, type ReadPtOptions, readPt } from "./pt/readPt.ts";
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
} from "./pt/values.ts";
export { type WritePtOptions, writePt, writePtParts } from "./pt/writePt.ts";
// What torch.save writes: .pt files.
export type { PtElementType } from "./tensors/dtypes.ts";
export type { PtArray } from "./tensors/elements.ts";
export { PtStorage } from "./tensors/storage.ts";
export { PtTensor, type PtTensorParts } from "./tensors/tensor.ts";
