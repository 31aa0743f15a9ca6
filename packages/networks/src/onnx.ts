// @plenoptic-js/networks/onnx: networks from ONNX files. Apart from the other door, so that a page loads the reader when it wants it.

export { OnnxError, type OnnxErrorCode } from "./onnx/file/error.ts";
export { type ReadOnnxOptions, readOnnx } from "./onnx/readOnnx.ts";
