// Who uses the packages, each as a project of its own: its dependencies, files and steps. `npm run test:consumers` makes them.

import { readFileSync } from "node:fs";
import { PAGE, PRINT, program, WORKER_PROGRAM } from "./program.ts";

export interface Consumer {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  /** More of its package.json. Default: a module. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Record<string, string>>;
  /** Commands, run in turn in its folder; a program of a dependency is found by its name. */
  readonly steps: readonly (readonly [command: string, ...args: string[]])[];
  /** The folder of the page it builds, to be opened in a browser. Without one, a step prints the result. */
  readonly page?: string;
  /** Whether the page is also opened as Vite's development server gives it. */
  readonly serves?: true;
  /** What it shows besides: no result is expected. */
  readonly typesOnly?: true;
}

const JS = { "main.js": PRINT, "program.js": program() };

const vite = (version: string): Consumer => ({
  name: `vite ${version.split(".")[0]}`,
  dependencies: { vite: version },
  files: { ...PAGE, "program.js": program(), "vite.config.js": 'export default { build: { target: "es2022" } };\n' },
  steps: [["vite", "build", "--logLevel", "warn"]],
  page: "dist",
});

/** The files that docs/browser.md shows: a page, its worker, and Vite's settings. */
function filesOfPage(): Record<string, string> {
  const text = readFileSync(new URL("../../docs/browser.md", import.meta.url), "utf8");
  const blocks = text.matchAll(/^```(?:ts|html)\n(?:\/\/|<!--) (\S+?)(?: -->)?\n([\s\S]*?)^```$/gm);
  return Object.fromEntries([...blocks].map(([, name, code]) => [name, code]));
}

/** Names what is shown when all is done, as the other pages do. */
const TITLE = `const status = document.querySelector("#status");
document.title = "working";
new MutationObserver(() => {
  if (/^(Starting|Iteration)/.test(status.textContent)) return;
  document.title = "result: " + status.textContent.replace(/ pixels, threads: \\d+$/, "");
}).observe(status, { childList: true, characterData: true, subtree: true });
`;

const workerPage = (version: string): Consumer => {
  const { "index.html": page, ...files } = filesOfPage();
  return {
    name: `worker, vite ${version.split(".")[0]}`,
    dependencies: { vite: version },
    files: {
      ...files,
      "index.html": page.replace("<script ", '<script type="module" src="./title.js"></script>\n<script '),
      "title.js": TITLE,
      "program.js": WORKER_PROGRAM,
    },
    steps: [["vite", "build", "--logLevel", "warn"]],
    page: "dist",
    serves: true,
  };
};

/** A user's program, which the compiler must take as it is. */
const TYPED = `import * as po from "plenoptic-js";

export async function main(): Promise<string> {
  const image = await po.data.house({ dtype: "float64" });
  const model: po.ModelFunction = (x) => x.square().mean([2, 3]);
  const metamer = new po.Metamer(image, model);
  await metamer.synthesize({ maxIter: 3, onProgress: ({ iteration, loss }) => void (iteration + loss) });
  const values: Float64Array = await image.data();
  const ssim: po.Tensor<"float64"> = po.metric.ssim(metamer.metamer as po.Tensor<"float64">, image);
  // @ts-expect-error the precision is known to the compiler
  const wrong: Float32Array = await image.data();
  return [values.length, (await ssim.data())[0], wrong.length].join();
}
`;

/** With the DOM library, values go where browsers take bytes. */
const TYPED_DOM = `import * as po from "plenoptic-js";

export async function send(image: po.Tensor<"float32">): Promise<[Blob, Response, ArrayBuffer]> {
  const values = await image.data();
  return [new Blob([values]), new Response(values), await crypto.subtle.digest("SHA-256", values)];
}
`;

function typescript(name: string, version: string, compilerOptions: Record<string, unknown>): Consumer {
  const dom = (compilerOptions.lib as string[]).includes("DOM");
  const options = { strict: true, noEmit: true, skipLibCheck: false, target: "ES2022", types: [], ...compilerOptions };
  return {
    name: `typescript ${version} ${name}`,
    dependencies: { typescript: version },
    files: {
      "main.ts": TYPED,
      ...(dom && { "dom.ts": TYPED_DOM }),
      "tsconfig.json": JSON.stringify({ compilerOptions: options }),
    },
    steps: [["tsc", "-p", "."]],
    typesOnly: true,
  };
}

/** For bundlers that know nothing of pages: the page beside the script. */
const COPY = 'import { copyFileSync } from "node:fs";\ncopyFileSync("index.html", "dist/index.html");\n';

/** An image that is no file. */
const DISK = 'po.data.disk([64, 64]).cast("float64").reshape([1, 1, 64, 64])';

const WEBPACK = `export default {
  mode: "production",
  entry: "./main.js",
  output: { path: new URL("./dist", import.meta.url).pathname },
  performance: { hints: false },
};
`;

export const consumers: readonly Consumer[] = [
  { name: "node", files: JS, steps: [["node", "main.js"]] },
  {
    name: "node require",
    manifest: { type: "commonjs" },
    files: {
      "program.js": program("require"),
      "main.js": 'require("./program.js").result().then((text) => console.log("result: " + text));\n',
    },
    steps: [["node", "main.js"]],
  },
  { name: "deno", dependencies: { deno: "2.9.6" }, files: JS, steps: [["deno", "run", "--allow-all", "main.js"]] },
  { name: "bun", dependencies: { bun: "1.4.5" }, files: JS, steps: [["bun", "main.js"]] },
  typescript("without the DOM", "5.7.3", { lib: ["ES2022"], module: "NodeNext" }),
  typescript("with the DOM", "5.7.3", { lib: ["ES2022", "DOM"], module: "NodeNext" }),
  typescript("for bundlers", "5.7.3", { lib: ["ES2022", "DOM"], module: "ESNext", moduleResolution: "bundler" }),
  typescript("with the old resolver", "5.7.3", {
    lib: ["ES2022", "DOM"],
    module: "ESNext",
    moduleResolution: "node10",
  }),
  typescript("newest", "6.0.3", { lib: ["ES2022", "DOM"], module: "NodeNext" }),
  vite("5.4.9"),
  vite("6.4.6"),
  vite("7.3.8"),
  vite("8.3.8"),
  workerPage("5.4.9"),
  workerPage("6.4.6"),
  workerPage("7.3.8"),
  workerPage("8.3.8"),
  {
    name: "import on a server (vite --ssr)",
    dependencies: { vite: "8.3.8" },
    files: JS,
    steps: [
      ["vite", "build", "--ssr", "main.js", "--logLevel", "warn"],
      ["node", "dist/main.js"],
    ],
  },
  {
    name: "webpack",
    dependencies: { webpack: "5.113.0", "webpack-cli": "6.0.1" },
    files: { ...PAGE, "program.js": program(), "webpack.config.js": WEBPACK, "copy.js": COPY },
    steps: [["webpack"], ["node", "copy.js"]],
    page: "dist",
  },
  {
    name: "esbuild",
    dependencies: { esbuild: "0.28.2" },
    files: { ...PAGE, "program.js": program("import", DISK), "copy.js": COPY },
    steps: [
      ["esbuild", "main.js", "--bundle", "--minify", "--splitting", "--format=esm", "--outdir=dist"],
      ["node", "copy.js"],
    ],
    page: "dist",
  },
  {
    name: "jest",
    dependencies: { jest: "30.5.2" },
    manifest: { jest: { testEnvironment: "node" } },
    files: {
      "program.js": program(),
      "main.test.js": `import { result } from "./program.js";
test("a metamer", async () => {
  process.stdout.write("result: " + (await result()) + "\\n");
}, 60000);
`,
    },
    steps: [["node", "--experimental-vm-modules", "node_modules/jest/bin/jest.js", "--silent"]],
  },
];
