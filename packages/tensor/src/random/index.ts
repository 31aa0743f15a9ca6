// Random numbers with the streams of PyTorch and NumPy, bit for bit (docs/science/random-numbers.md).

export type { FloatArrays, NormalOptions, RandomArrays } from "./generator.ts";
export { TorchGenerator } from "./generator.ts";
export { defaultGenerator, globalNumpy, setSeed } from "./global.ts";
export type { ChoiceOptions, NumpyIntegerDtype, NumpyState } from "./numpy.ts";
export { NumpyRandomState } from "./numpy.ts";
