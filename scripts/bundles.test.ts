// What Node loads of the built packages: few files, with the names of the source's doors, whose mistakes are told by the source's lines.

import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as cli from "@plenoptic-js/cli";
import * as formats from "@plenoptic-js/formats";
import * as networks from "@plenoptic-js/networks";
import * as networksOnnx from "@plenoptic-js/networks/onnx";
import * as runs from "@plenoptic-js/runs";
import * as tensor from "@plenoptic-js/tensor";
import * as tensorEngine from "@plenoptic-js/tensor/engine";
import * as plenoptic from "plenoptic-js";
import * as plenopticEngine from "plenoptic-js/engine";
import { expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** What a module prints when Node runs it in this folder, with the packages as they are built. */
const printed = (code: string, ...flags: readonly string[]): string =>
  execFileSync(process.execPath, [...flags, "--input-type=module", "--eval", code], { cwd: ROOT, encoding: "utf8" });

const doors: readonly (readonly [string, object])[] = [
  ["@plenoptic-js/formats", formats],
  ["@plenoptic-js/tensor", tensor],
  ["@plenoptic-js/tensor/engine", tensorEngine],
  ["@plenoptic-js/networks", networks],
  ["@plenoptic-js/networks/onnx", networksOnnx],
  ["plenoptic-js", plenoptic],
  ["plenoptic-js/engine", plenopticEngine],
  ["@plenoptic-js/runs", runs],
  ["@plenoptic-js/cli", cli],
];

test.each(doors)("%s shows in Node what its source shows, and so does the file for bundlers", (name, source) => {
  const [, scope = "", folder = "", door = "index"] =
    /^(@plenoptic-js\/)?([\w-]+?)(?:-js)?(?:\/(\w+))?$/.exec(name) ?? [];
  const code = `
    const names = async (door) => Object.keys(await import(door)).sort();
    console.log(JSON.stringify([await names("${name}"), await names("./packages/${folder}/dist/${door}.js")]));`;
  const [node, bundlers] = JSON.parse(printed(code)) as [string[], string[]];
  const names = Object.keys(source).sort();
  expect([scope, node, bundlers]).toEqual([scope, names, names]);
});

test("the command loads few files of ours", () => {
  const hook = "export const load = (url, context, next) => (process._rawDebug(url), next(url, context));";
  const register = `import { register } from "node:module"; register(${JSON.stringify(`data:text/javascript,${hook}`)});`;
  const loader = `data:text/javascript,${encodeURIComponent(register)}`;
  const command = ["packages/cli/bin/plenoptic.js", "models"];
  const { stderr } = spawnSync(process.execPath, ["--import", loader, ...command], { cwd: ROOT, encoding: "utf8" });
  const ours = stderr.split("\n").filter((url) => /\/packages\/\w+\//.test(url));
  expect(ours.length).toBeGreaterThan(4);
  expect(ours.length).toBeLessThan(20);
});

test("a mistake is told by the line of the source, which the map holds", () => {
  const code = `
    import { tensor } from "@plenoptic-js/tensor";
    try { tensor([1, 2], { shape: [3] }); } catch ({ stack }) { console.log(stack); }`;
  const [, file, line] =
    /at tensor \(.*packages\/(tensor\/src\/create\.ts):(\d+)/.exec(printed(code, "--enable-source-maps")) ?? [];
  const lines = readFileSync(`${ROOT}packages/${file}`, "utf8").split("\n");
  expect(lines[Number(line) - 1]).toContain("throw");
});
