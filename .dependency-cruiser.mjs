// The architecture checks: which way imports may point. docs/architecture.md says why.

/** Where the op set is assembled. */
const OP_SET = "^packages/tensor/src/graph/build\\.ts$";

/** The layers of a package, from the top down. A file may import its own layer and those below, never one above. */
const formatsLayers = [
  ["index", "index\\.ts$"],
  ["arrays, pt, images, protobuf", "(arrays|pt|images|protobuf)/"],
  ["tensors", "tensors/"],
  ["zip", "zip/"],
  ["json", "json/"],
  ["disk", "disk/"],
  ["bytes", "bytes/"],
  ["foundation", "(?!index\\.ts)[^/]+\\.ts$"],
];

const tensorLayers = [
  ["index, engine", "(index|engine)\\.ts$"],
  ["optim, linalg", "(optim|linalg)/"],
  ["tensor", "(?!(index|engine)\\.ts)[^/]+\\.ts$"],
  ["compile", "compile/"],
  ["wasm", "wasm/"],
  ["reference", "reference/"],
  ["stored", "stored/"],
  ["graph", "graph/"],
  ["ops", "ops/"],
  ["random", "random/"],
  ["math", "math/"],
  ["words", "words/"],
];

const networksLayers = [
  ["index, onnx", "(index|onnx)\\.ts$"],
  ["networks of files", "onnx/[^/]+\\.ts$"],
  ["operators", "onnx/operators/"],
  ["values", "onnx/values/"],
  ["files", "onnx/file/"],
  ["network", "(?!(index|onnx)\\.ts)[^/]+\\.ts$"],
];

const plenopticLayers = [
  ["index, engine", "(index|engine)\\.ts$"],
  ["replay, plot, presets", "(replay|plot|presets)/"],
  ["synthesis", "synthesis/"],
  ["data", "data/"],
  ["io", "io/"],
  ["stored", "stored/"],
  ["validate", "validate/"],
  ["science", "(models|metric|loss|regularize|process)/"],
  ["foundation", "(?!(index|engine)\\.ts)[^/]+\\.ts$"],
];

/** The source of the packages that are published; proof is private. */
const PUBLISHED = "^packages/(?!proof/)[^/]+/src/";

/**
 * The files of proof that prove what has no public name: scalar expressions, operations, kernels, the steps of L-BFGS, a window
 * of SSIM, the panels of a texture model.
 */
const PROOF_OF_INTERNALS = [
  "^packages/proof/src/(accuracy|fuzz|graphs|growth|kernels|hashes)/",
  "^packages/proof/src/files/makePng\\.ts$",
  "^packages/proof/src/conformance/optim/",
  "^packages/proof/src/conformance/(metrics|texture)\\.ts$",
];

function layerRules(packageName, layers) {
  const src = `^packages/${packageName}/src/`;
  const upward = layers.slice(1).map(([name, pattern], index) => ({
    name: `${packageName}: ${name} imports nothing above it`,
    severity: "error",
    from: { path: src + pattern },
    to: {
      path: layers.slice(0, index + 1).map(([, above]) => src + above),
      // Derivatives receive the op set as an argument; op files name its type (the next rule), and nothing else above.
      ...(name === "ops" && { pathNot: OP_SET }),
    },
  }));
  const homeless = {
    name: `${packageName}: every file belongs to a layer`,
    comment: "Move the file into a layer's folder, or give the new folder its place in .dependency-cruiser.mjs.",
    severity: "error",
    from: {},
    to: { path: src, pathNot: layers.map(([, pattern]) => src + pattern) },
  };
  return [...upward, homeless];
}

export default {
  forbidden: [
    ...layerRules("formats", formatsLayers),
    ...layerRules("tensor", tensorLayers),
    ...layerRules("networks", networksLayers),
    ...layerRules("plenoptic", plenopticLayers),
    {
      name: "tensor: ops names the op set's type only",
      severity: "error",
      from: { path: "^packages/tensor/src/ops/" },
      to: { path: OP_SET, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "no circles",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "no circles of types either, except between graph/ and ops/",
      severity: "error",
      from: { pathNot: "^packages/tensor/src/(graph|ops)/" },
      to: { circular: true },
    },
    {
      name: "formats: the kinds of files know nothing of each other",
      severity: "error",
      from: { path: "^packages/formats/src/(arrays|pt|images|protobuf)/" },
      to: { path: "^packages/formats/src/(arrays|pt|images|protobuf)/", pathNot: "^packages/formats/src/$1/" },
    },
    {
      name: "formats and tensor know no other package of ours",
      severity: "error",
      from: { path: "^packages/(formats|tensor)/src/" },
      to: { path: "^packages/", pathNot: "^packages/$1/" },
    },
    {
      name: "networks knows formats and tensor, and nothing of vision",
      severity: "error",
      from: { path: "^packages/networks/src/" },
      to: { path: "^packages/", pathNot: "^packages/(formats|tensor|networks)/" },
    },
    {
      name: "plenoptic knows no package above it",
      severity: "error",
      from: { path: "^packages/plenoptic/src/" },
      to: { path: "^packages/", pathNot: "^packages/(formats|tensor|networks|plenoptic)/" },
    },
    {
      name: "runs knows no package above it",
      severity: "error",
      from: { path: "^packages/runs/src/" },
      to: { path: "^packages/", pathNot: "^packages/(formats|tensor|plenoptic|runs)/" },
    },
    {
      name: "packages use each other by their names, not by their files",
      severity: "error",
      from: { path: "^packages/(?!proof/)([^/]+)/src/" },
      to: { path: "^packages/", pathNot: "^packages/$1/", dependencyTypes: ["local"] },
    },
    {
      name: "the engines' doors are for code that builds on them; users' code, such as examples, takes the others",
      severity: "error",
      from: { pathNot: ["^packages/", "^scripts/", "^bench/", "^apps/studio/src/worker/"] },
      to: { path: "^packages/(tensor|plenoptic)/src/engine\\.ts$" },
    },
    {
      name: "an op family imports no other, only what all share",
      severity: "error",
      from: { path: "^packages/tensor/src/ops/([^/.]+)" },
      to: { path: "^packages/tensor/src/ops/", pathNot: "^packages/tensor/src/ops/((definition|rules)\\.ts|$1[./])" },
    },
    {
      name: "the engine draws no random numbers",
      severity: "error",
      from: { path: "^packages/tensor/src/(compile|wasm|reference|stored|graph|ops)/" },
      to: { path: "^packages/tensor/src/random/" },
    },
    {
      name: "node: only in *.node.ts files and in the packages runs and cli, or by a dynamic import",
      severity: "error",
      from: { path: PUBLISHED, pathNot: ["\\.node\\.ts$", "^packages/(runs|cli)/src/"] },
      to: { dependencyTypes: ["core"], dependencyTypesNot: ["type-only", "type-import"], dynamic: false },
    },
    {
      name: "platform-free files reach *.node.ts files only by a dynamic import",
      severity: "error",
      from: { path: PUBLISHED, pathNot: ["\\.node\\.ts$", "^packages/(runs|cli)/src/"] },
      to: { path: "\\.node\\.ts$", dynamic: false, dependencyTypesNot: ["type-only"] },
    },
    {
      name: "proof is for tests, scripts and bench: no source of a published package imports it",
      severity: "error",
      from: { path: PUBLISHED },
      to: { path: "^packages/proof/" },
    },
    {
      name: "proof: who shares it takes it by its name",
      severity: "error",
      from: { pathNot: "^packages/proof/" },
      to: { path: "^packages/proof/", dependencyTypes: ["local"], dependencyTypesNot: ["aliased-workspace"] },
    },
    {
      name: "proof: only the rooms that prove what has no public name reach into a package",
      severity: "error",
      from: { path: "^packages/proof/", pathNot: PROOF_OF_INTERNALS },
      to: { path: "^packages/(?!proof/)", dependencyTypes: ["local"], dependencyTypesNot: ["aliased-workspace"] },
    },
    {
      name: "proof imports no test, script, bench or example",
      severity: "error",
      from: { path: "^packages/proof/src/" },
      to: { path: "^(packages/[^/]+/test/|scripts/|bench/|examples/)" },
    },
    {
      name: "source imports only source and declared dependencies",
      severity: "error",
      from: { path: PUBLISHED },
      to: {
        path: "^(packages/[^/]+/test/|scripts/|bench/|examples/)|^node_modules/",
        dependencyTypesNot: ["npm", "npm-peer", "npm-optional"],
      },
    },
    {
      name: "examples use the packages by their names, not by their files",
      severity: "error",
      from: { path: "^examples/" },
      to: { path: "^packages/", dependencyTypes: ["local"], dependencyTypesNot: ["aliased-workspace"] },
    },
    {
      name: "studio: only its worker has the library; the page knows it by messages",
      severity: "error",
      from: { path: "^apps/studio/src/(?!worker/)" },
      to: { path: "^(packages/|apps/studio/src/worker/)" },
    },
    {
      name: "studio: what is chosen and said knows no part of the page",
      severity: "error",
      from: { path: "^apps/studio/src/(choice|protocol|worker)/" },
      to: { path: "^apps/studio/src/page/" },
    },
    {
      name: "every import can be found",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: ["node_modules", "(^|/)dist/"] },
    exclude: { path: "^(packages|examples|apps)/[^/]+/(dist|assets|test/data)/" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.check.json" },
    enhancedResolveOptions: {
      conditionNames: ["@plenoptic-js/source", "import", "types", "node", "default"],
      exportsFields: ["exports"],
    },
  },
};
