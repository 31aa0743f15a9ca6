// `npm run codecs`: writes the JPEG and WebP decoders of jSquash into the package, as modules of text, with their
// licences. Text works wherever modules do: in Node, behind every bundler, from a CDN. Files of WebAssembly do not.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";

const ROOT = new URL("../", import.meta.url);

const codecs = [
  { file: "mozjpeg", name: "@jsquash/jpeg", wasm: "codec/dec/mozjpeg_dec.wasm" },
  { file: "libwebp", name: "@jsquash/webp", wasm: "codec/dec/webp_dec.wasm" },
] as const;

const read = (name: string, file: string): Buffer => readFileSync(new URL(`node_modules/${name}/${file}`, ROOT));
const readText = (name: string, file: string): string => read(name, file).toString("utf8").trim();

function codecModule({ name, wasm }: (typeof codecs)[number]): string {
  const { version } = JSON.parse(readText(name, "package.json"));
  const text = deflateSync(read(name, wasm), { level: 9 }).toString("base64");
  return `// Written by scripts/codecs.ts from ${name} ${version}: ${wasm}, packed with zlib, in base64.
// The licences are in assets/codecs/NOTICES.md.

export const wasm: string =
  "${text}";
`;
}

function notices(): string {
  const [jpeg, webp] = codecs;
  return `# The decoders that come with @plenoptic-js/formats

The package holds the JPEG and WebP decoders of jSquash (npm \`${jpeg.name}\` and \`${webp.name}\`), unchanged.
jSquash is Squoosh, repackaged, under the Apache License 2.0. The JPEG decoder is MozJPEG, which is built on
libjpeg-turbo and under its licenses; the WebP decoder is libwebp, under a BSD license.

This software is based in part on the work of the Independent JPEG Group.

## MozJPEG and libjpeg-turbo

${readText(jpeg.name, "codec/LICENSE.codec.md").replace(/^(.+)\n[=-]{3,}$/gm, "### $1")}

## libwebp

${readText(webp.name, "codec/LICENSE.codec.md")}

## jSquash and Squoosh

\`\`\`text
${readText(jpeg.name, "LICENSE")}
\`\`\`
`;
}

/** What the script writes, by path from the project's root. */
export function codecFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const codec of codecs) files.set(`packages/formats/src/images/codecs/${codec.file}.ts`, codecModule(codec));
  return files.set("packages/formats/assets/codecs/NOTICES.md", notices());
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of codecFiles()) {
    const url = new URL(path, ROOT);
    mkdirSync(dirname(fileURLToPath(url)), { recursive: true });
    writeFileSync(url, text);
    console.log(path);
  }
}
