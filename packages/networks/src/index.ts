// @plenoptic-js/networks: networks of named layers, each of which can be computed. `onnx.ts` is the door to those in files.

export { Network, type NetworkBody, type NetworkNode } from "./network.ts";
