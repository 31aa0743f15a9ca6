// @plenoptic-js/networks: networks of named layers, each of which can be computed. `onnx.ts` is the door to those in files.

export * as layers from "./layers.ts";
export type { Network, NetworkFacts, NetworkNode, OperatorFacts } from "./network.ts";
export { OnnxError, type OnnxErrorCode } from "./onnx/file/error.ts";
export { sequential } from "./sequential.ts";
