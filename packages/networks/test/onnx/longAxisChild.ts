// Reads damaged files that make an axis of half a million elements, cubic, and traces them.

import { damagedInput } from "@plenoptic-js/proof/fuzz/inputs";
import { readers } from "@plenoptic-js/proof/fuzz/readers/index";

const reader = readers.find(({ name }) => name === "onnx");
if (reader === undefined) throw new Error("there is no reader of ONNX files");
const files = reader.files();
for (const index of [88_691, 199_237]) await reader.read(damagedInput(reader, files, 20_261_130, index).bytes);
console.log("read");
