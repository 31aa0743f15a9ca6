// What each door of the packages shows, every name with its signature, as committed in `api/`, so that a review sees what users
// will see. `npm run api` writes the reports, `npm run check:api` fails where one differs. Both read the built declarations:
// `npm run build` comes first.
//
// `check:api` also compiles the doors as a user does who has neither Node's types nor the DOM's.

import { fileURLToPath } from "node:url";
import { Extractor, ExtractorConfig, ExtractorLogLevel } from "@microsoft/api-extractor";
import ts from "typescript";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Door {
  /** Of the report. */
  readonly name: string;
  /** Of the package. */
  readonly folder: string;
  readonly file: string;
  /** Whether to write down what is not exported but stands in a signature: the base of all methods, for one. */
  readonly whole: boolean;
}

const DOORS: readonly Door[] = [
  { name: "formats", folder: "packages/formats", file: "index", whole: false },
  { name: "tensor", folder: "packages/tensor", file: "index", whole: false },
  { name: "tensor-engine", folder: "packages/tensor", file: "engine", whole: false },
  { name: "networks", folder: "packages/networks", file: "index", whole: false },
  { name: "networks-onnx", folder: "packages/networks", file: "onnx", whole: false },
  { name: "plenoptic", folder: "packages/plenoptic", file: "index", whole: true },
  { name: "plenoptic-engine", folder: "packages/plenoptic", file: "engine", whole: false },
  { name: "runs", folder: "packages/runs", file: "index", whole: false },
  { name: "cli", folder: "packages/cli", file: "index", whole: false },
];

/** Whether the committed report says what the declarations say; with `write`, it does afterwards. */
function compare({ name, folder, file, whole }: Door, write: boolean): boolean {
  const silent = { default: { logLevel: ExtractorLogLevel.None } };
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT + folder,
      mainEntryPointFilePath: `<projectFolder>/dist/${file}.d.ts`,
      compiler: { tsconfigFilePath: "<projectFolder>/tsconfig.json" },
      apiReport: {
        enabled: true,
        reportFileName: `${name}.api.md`,
        reportFolder: `${ROOT}api`,
        reportTempFolder: "<projectFolder>/dist/api",
        includeForgottenExports: whole,
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: "lf",
      messages: { extractorMessageReporting: silent, tsdocMessageReporting: silent },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: `${ROOT}${folder}/package.json`,
  });
  const { apiReportChanged } = Extractor.invoke(config, {
    localBuild: write,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  return !apiReportChanged;
}

/** What a compiler says of all declarations behind the doors, where it knows nothing but the language. The command needs Node, and so do sweeps. */
function errorsWithoutPlatform(): readonly string[] {
  const files = DOORS.filter(({ name }) => name !== "cli" && name !== "runs").map(
    ({ folder, file }) => `${ROOT}${folder}/dist/${file}.d.ts`,
  );
  const program = ts.createProgram(files, {
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    types: [],
    target: ts.ScriptTarget.ES2022,
    lib: ["lib.es2022.d.ts"],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
  });
  return ts
    .getPreEmitDiagnostics(program)
    .map(({ file, messageText }) => `${file?.fileName ?? ""}: ${ts.flattenDiagnosticMessageText(messageText, " ")}`);
}

const write = process.argv.includes("--write");
for (const door of DOORS) {
  const same = compare(door, write);
  console.log(
    `api/${door.name}.api.md ${same ? "is right" : write ? "written" : "differs: npm run api, and look at it"}`,
  );
  if (!same && !write) process.exitCode = 1;
}
if (!write) {
  const errors = errorsWithoutPlatform();
  for (const error of errors) console.log(error);
  if (errors.length > 0) process.exitCode = 1;
}
