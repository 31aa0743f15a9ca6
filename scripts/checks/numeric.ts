// The numeric lint: source that computes results may use only what gives the same bits in every engine.
// The rules are those of docs/numerics.md; this file finds what breaks them by reading the syntax tree.

import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import ts from "typescript";

/** Exact in every engine: IEEE operations, integer operations, choices, and one constant. */
const ALLOWED_MATH = new Set(["abs", "sqrt", "fround", "imul", "floor", "ceil", "trunc", "min", "max", "clz32", "PI"]);

const RELAXED_SIMD = /relaxed_?(swizzle|trunc|n?madd|laneselect|min|max|q15mulr|dot)/i;

const CLOCKS = new Set(["Date", "performance", "hrtime"]);

export interface Problem {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface Rules {
  /** Only the allowed members of Math, and no `**`. */
  readonly exactArithmetic: boolean;
  /** No clock of any kind: nothing may be tuned by time. */
  readonly noClocks: boolean;
}

/** The rules for a file, by its path from the project's root. */
export function rulesFor(path: string): Rules {
  return {
    exactArithmetic: !/^packages\/(plenoptic\/src\/plot\/|cli\/src\/wording\.ts$)/.test(path),
    noClocks: path.startsWith("packages/tensor/src/"),
  };
}

/** What breaks the rules in one file. Math.random and relaxed SIMD are never allowed. */
export function findProblems(source: string, rules: Rules): Problem[] {
  const file = ts.createSourceFile("file.ts", source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const problems: Problem[] = [];
  const report = (node: ts.Node, message: string): void => {
    const { line, character } = file.getLineAndCharacterOfPosition(node.getStart(file));
    problems.push({ line: line + 1, column: character + 1, message });
  };

  const checkMath = (math: ts.Node): void => {
    // `Math` itself, or `globalThis.Math`: the member is read from this whole expression.
    const whole = ts.isPropertyAccessExpression(math.parent) && math.parent.name === math ? math.parent : math;
    const access = skipWrappers(whole).parent;
    if (!ts.isPropertyAccessExpression(access)) {
      report(math, "use Math only as Math.name, so that what is used can be seen: no aliases, no Math[...]");
    } else if (access.name.text === "random") {
      report(access, "Math.random cannot be repeated; draw from a seeded generator");
    } else if (rules.exactArithmetic && !ALLOWED_MATH.has(access.name.text)) {
      report(access, `Math.${access.name.text} differs between engines; use the function of packages/tensor/src/math`);
    }
  };

  const visit = (node: ts.Node): void => {
    if (ts.isIdentifier(node)) {
      if (node.text === "Math" && !isOwnName(node)) checkMath(node);
      if (rules.noClocks && CLOCKS.has(node.text) && !isOwnName(node)) {
        report(node, `${node.text} reads a clock; nothing here may depend on time`);
      }
    }
    if (rules.exactArithmetic && ts.isBinaryExpression(node) && isPower(node.operatorToken.kind)) {
      report(node.operatorToken, "** differs between engines; multiply, or use the pow of packages/tensor/src/math");
    }
    if (isNameOrText(node) && RELAXED_SIMD.test(node.text)) {
      report(node, `"${node.text}": relaxed SIMD differs between machines`);
    }
    if (ts.isStringLiteralLike(node) && node.text === "Math" && ts.isElementAccessExpression(node.parent)) {
      report(node, "use Math only as Math.name, so that what is used can be seen");
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return problems;
}

/** `(x)`, `x!` and `x as T` around an expression change nothing about it. */
function skipWrappers(node: ts.Node): ts.Node {
  const parent = node.parent;
  const wraps = ts.isParenthesizedExpression(parent) || ts.isNonNullExpression(parent) || ts.isAsExpression(parent);
  return wraps ? skipWrappers(parent) : node;
}

/** Whether an identifier only names a member of something of our own (`{ performance: 1 }`, `report.performance`). */
function isOwnName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) {
    const owner = parent.expression;
    return !(ts.isIdentifier(owner) && ["globalThis", "window", "self", "process"].includes(owner.text));
  }
  return (
    (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent)) &&
    parent.name === node
  );
}

function isPower(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.AsteriskAsteriskToken || kind === ts.SyntaxKind.AsteriskAsteriskEqualsToken;
}

function isNameOrText(node: ts.Node): node is ts.Identifier | ts.StringLiteralLike | ts.TemplateLiteralLikeNode {
  return (
    ts.isIdentifier(node) ||
    ts.isStringLiteralLike(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node)
  );
}

function main(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const paths = ["formats", "tensor", "networks", "plenoptic", "cli"]
    .map((name) => `packages/${name}/src`)
    .flatMap((folder) =>
      readdirSync(`${root}/${folder}`, { recursive: true, encoding: "utf8" })
        .filter((name) => name.endsWith(".ts"))
        .map((name) => `${folder}/${name.replaceAll("\\", "/")}`),
    );
  let count = 0;
  for (const path of paths.sort((a, b) => (a < b ? -1 : 1))) {
    for (const { line, column, message } of findProblems(readFileSync(`${root}/${path}`, "utf8"), rulesFor(path))) {
      console.error(`${path}:${line}:${column} ${message}`);
      count++;
    }
  }
  console.log(`Numeric lint: ${paths.length} files, ${count} problems.`);
  if (count > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
