// What of a package takes arguments, by the report of its public interface (api/): functions and classes by their names, methods as
// Class.method, by the class of the report that declares them. What the report has only because others name it is left out.

import { readFileSync } from "node:fs";
import ts from "typescript";

type Declared = ts.FunctionDeclaration | ts.ClassDeclaration | ts.VariableDeclaration | ts.TypeAliasDeclaration;

/**
 * @param report such as "plenoptic"
 * @param door what the package exports: it tells which namespaces of the report are public
 */
export function publicCalls(report: string, door: object): Set<string> {
  const text = readFileSync(new URL(`../../../../api/${report}.api.md`, import.meta.url), "utf8");
  const code = /```ts\n([\s\S]*)```/.exec(text)?.[1] ?? "";
  const { statements } = ts.createSourceFile("report.d.ts", code, ts.ScriptTarget.Latest, true);
  const declared = new Map<string, Declared[]>();
  /** Public names, with those that they have in the report. */
  const doors = new Map<string, string>();
  for (const statement of statements) {
    if (ts.isModuleDeclaration(statement)) {
      // Reports tell things of one name apart by a number.
      const isPublic = statement.name.text.replace(/_\d+$/, "") in door;
      if (!isPublic || statement.body === undefined || !ts.isModuleBlock(statement.body)) continue;
      for (const [shown, local] of exportsOf(statement.body.statements)) doors.set(shown, local);
      continue;
    }
    const nodes = ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : [statement];
    for (const node of nodes) {
      if (!isDeclared(node) || node.name === undefined) continue;
      const name = node.name.getText();
      declared.set(name, [...(declared.get(name) ?? []), node]);
      if (has(statement, ts.SyntaxKind.ExportKeyword)) doors.set(name, name);
    }
  }
  const calls = new Set<string>();
  for (const [shown, local] of doors) {
    for (const node of declared.get(local) ?? []) {
      if (ts.isClassDeclaration(node)) {
        for (const call of callsOf(node, shown, declared)) calls.add(call);
      } else if (takesArguments(node, declared)) calls.add(shown);
    }
  }
  return calls;
}

const isDeclared = (node: ts.Node): node is Declared =>
  ts.isFunctionDeclaration(node) ||
  ts.isClassDeclaration(node) ||
  ts.isVariableDeclaration(node) ||
  ts.isTypeAliasDeclaration(node);

const has = (node: ts.Node, kind: ts.SyntaxKind): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === kind);

function* exportsOf(statements: readonly ts.Statement[]): Generator<[shown: string, local: string]> {
  for (const statement of statements) {
    if (!ts.isExportDeclaration(statement) || statement.exportClause === undefined) continue;
    if (!ts.isNamedExports(statement.exportClause)) continue;
    for (const { name, propertyName } of statement.exportClause.elements)
      yield [name.text, (propertyName ?? name).text];
  }
}

/** `(...args: never[])` takes none: it is there to say where something else is. */
const takesSome = (parameters: readonly ts.ParameterDeclaration[]): boolean =>
  parameters.some(({ type }) => type?.getText() !== "never[]");

function takesArguments(
  node: Exclude<Declared, ts.ClassDeclaration>,
  declared: ReadonlyMap<string, readonly Declared[]>,
): boolean {
  if (ts.isFunctionDeclaration(node)) return takesSome(node.parameters);
  const { type } = node;
  if (type === undefined) return false;
  if (ts.isFunctionTypeNode(type)) return ts.isVariableDeclaration(node) && takesSome(type.parameters);
  if (!ts.isVariableDeclaration(node) || !ts.isTypeReferenceNode(type)) return false;
  // A value of a type that is a function.
  return (declared.get(type.typeName.getText()) ?? []).some(
    (other) =>
      ts.isTypeAliasDeclaration(other) && ts.isFunctionTypeNode(other.type) && takesSome(other.type.parameters),
  );
}

function* callsOf(
  node: ts.ClassDeclaration,
  shown: string,
  declared: ReadonlyMap<string, readonly Declared[]>,
): Generator<string> {
  const isHidden = (member: ts.Node): boolean =>
    has(member, ts.SyntaxKind.ProtectedKeyword) || has(member, ts.SyntaxKind.AbstractKeyword);
  for (let at: ts.ClassDeclaration | undefined = node; at !== undefined; ) {
    for (const member of at.members) {
      if (isHidden(member)) continue;
      if (ts.isConstructorDeclaration(member)) {
        if (at === node && !has(node, ts.SyntaxKind.AbstractKeyword) && takesSome(member.parameters)) yield shown;
      } else if (ts.isMethodDeclaration(member) && ts.isIdentifier(member.name) && takesSome(member.parameters)) {
        yield `${at.name?.text}.${member.name.text}`;
      }
    }
    const parent: string | undefined = at.heritageClauses
      ?.find(({ token }) => token === ts.SyntaxKind.ExtendsKeyword)
      ?.types[0].expression.getText();
    at = (declared.get(parent ?? "") ?? []).find(ts.isClassDeclaration);
  }
}
