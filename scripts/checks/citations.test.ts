// What the check of citations must catch, and what it must leave alone.

import { describe, expect, test } from "vitest";
import { findProblems, Repository } from "./citations.ts";

const PAGE = `# Numerics

## 4. Reductions

## \`Half\` planes

\`\`\`md
## No heading
\`\`\`
`;

const repository = new Repository(
  [
    "README.md",
    "docs/numerics.md",
    "docs/science/process.md",
    "packages/tensor/src/math/summation.ts",
    "packages/tensor/src/ops/view.ts",
    "packages/plenoptic/src/models/model.ts",
  ],
  () => PAGE,
  ["dist"],
);

/** A page of working notes, which are no part of the repository. */
const note = (page: string): string => ["spec", page].join("/");

const inCode = (comment: string): string[] =>
  findProblems("packages/plenoptic/src/models/model.ts", `const a = "${note("x.md")}";\n${comment}\n`, repository).map(
    ({ message }) => message,
  );

const inPage = (text: string): string[] =>
  findProblems("docs/numerics.md", text, repository).map(({ message }) => message);

describe("comments", () => {
  test.each([
    ["a whole path", "// as in packages/tensor/src/ops/view.ts"],
    ["the ending of a path", "// the order of math/summation.ts."],
    ["a path from the file's folder", "// see ../models/model.ts"],
    ["a folder", "// the layers of packages/tensor/src/ops"],
    ["a heading", '// Sums (docs/numerics.md, "Reductions"; R. Author, "Some paper", 1999)'],
    ["a heading with code in it", '// docs/numerics.md, "Half planes"'],
    ["two headings", '// docs/numerics.md, "Reductions" and "Half planes"'],
    ["a section", "// docs/numerics.md, section 4"],
    ["an anchor", "// docs/numerics.md#4-reductions"],
    ["a heading on the next line", '// Sums (docs/numerics.md,\n// "Reductions")'],
    ["a heading in a doc comment", '/**\n * Sums (docs/numerics.md,\n * "Reductions").\n */'],
    ["a pattern", "// files named *.node.ts"],
    ["what is made", "// packages/tensor/dist/index.js"],
    ["an address", "// https://example.org/docs/none.md"],
    ["code", 'const b = "docs/none.md"; // and no comment'],
  ])("may name %s", (_, comment) => {
    expect(inCode(comment)).toEqual([]);
  });

  test.each([
    ["a file that is not there", "// docs/none.md", "there is no docs/none.md"],
    ["an ending that is none", "// math/none.ts", "there is no math/none.ts"],
    ["the end of a name", "// mation.ts", "there is no mation.ts"],
    ["a folder that is not there", "// packages/none/src", "there is no packages/none/src"],
    ["a heading that is not there", '// docs/numerics.md, "Sums"', 'docs/numerics.md has no heading "Sums"'],
    ["a second one", '// docs/numerics.md, "Reductions" and "Sums"', 'docs/numerics.md has no heading "Sums"'],
    ["a heading in code", '// docs/numerics.md, "No heading"', 'docs/numerics.md has no heading "No heading"'],
    ["a section that is not there", "// docs/numerics.md, section 5", "docs/numerics.md has no section 5"],
    ["an anchor that is not there", "// docs/numerics.md#sums", "docs/numerics.md has no heading #sums"],
  ])("may not name %s", (_, comment, message) => {
    expect(inCode(comment)).toEqual([message]);
  });

  test("say where", () => {
    const source = "const a = 1;\n\n// one\n// docs/none.md\nconst b = 2;\n";
    expect(findProblems("scripts/a.ts", source, repository)).toMatchObject([{ line: 4 }]);
  });

  test("of Python are read too", () => {
    expect(findProblems("scripts/a.py", "x = 1\n# docs/none.md\n", repository)).toMatchObject([{ line: 2 }]);
  });
});

describe("working notes", () => {
  const cited = `// Sums (${note("process.md")}, section 2).`;

  test("may not be cited", () => {
    expect(inCode(cited)).toHaveLength(1);
    expect(inPage(`See \`${note("process.md")}\`.`)).toHaveLength(1);
  });
});

describe("pages", () => {
  test.each([
    "[sums](#4-reductions)",
    "[process](science/process.md#half-planes)",
    "[view](../packages/tensor/src/ops/view.ts)",
    "[elsewhere](https://example.org/none.md)",
    "`math/summation.ts`, `ops/`, `packages/tensor/src`",
    "`Math.sin`, `photo.png`, `recipe.json`, `.pt`, `image/png`",
    "`packages/tensor/dist/index.js`",
    "```ts\n// docs/none.md\n```",
  ])("may say %s", (text) => {
    expect(inPage(PAGE + text)).toEqual([]);
  });

  test.each([
    ["[sums](#sums)", "docs/numerics.md has no heading #sums"],
    ["[none](none.md)", "the link none.md leads nowhere"],
    ["[process](science/process.md#sums)", "docs/science/process.md has no heading #sums"],
    ["`math/none.ts`", "there is no math/none.ts"],
    ["`linalg/`", "there is no linalg/"],
    ["`docs/none.png`", "there is no docs/none.png"],
  ])("may not say %s", (text, message) => {
    expect(inPage(PAGE + text)).toEqual([message]);
  });
});
