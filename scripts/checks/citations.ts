// The check of citations: a file, a folder or a heading that a comment or a page of the documentation names must exist.
//
// In comments every path that ends in .ts, .mjs or .md counts, and every path that begins with a folder of the root. A path
// may be short (`math/summation.ts`) if some file of the repository ends in it. After a page its heading may follow:
// docs/numerics.md, "Reductions"; docs/numerics.md, section 4; docs/numerics.md#4-reductions. In Markdown links count, and
// what stands in backticks and looks like a file or, with a slash at its end, a folder. What git ignores is made, not kept: no
// citation.

import { readdirSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export interface Problem {
  readonly line: number;
  readonly message: string;
}

/** Text in which citations are looked for, and the line on which each of its parts began. */
interface Passage {
  readonly text: string;
  readonly lineAt: (offset: number) => number;
}

const ROOTS = ["packages", "scripts", "bench", "docs", "examples", ".ci"];
const IN_ROOT = new RegExp(`^(?:${ROOTS.map((root) => root.replace(".", "\\.")).join("|")})/`);
const PATH = /(?<![\w/.@-])(?:[\w@.-]+\/)*[\w@.*-]+(?:\/|(?![\w/]))/g;

/** What is there to be cited. */
export class Repository {
  readonly #files: ReadonlySet<string>;
  readonly #folders: ReadonlySet<string>;
  /** Names of files and folders by all their endings. */
  readonly #endings = new Set<string>();
  readonly #ignored: readonly string[];
  readonly #read: (path: string) => string;

  /** @param ignored names of folders that are made and not kept */
  constructor(files: Iterable<string>, read: (path: string) => string, ignored: readonly string[] = []) {
    this.#files = new Set(files);
    const folders = new Set<string>();
    for (const file of this.#files) {
      for (let at = file.indexOf("/"); at >= 0; at = file.indexOf("/", at + 1)) folders.add(file.slice(0, at));
    }
    this.#folders = folders;
    for (const path of [...this.#files, ...folders]) {
      const parts = path.split("/");
      for (let i = 0; i < parts.length; i++) this.#endings.add(parts.slice(i).join("/"));
    }
    this.#ignored = ignored;
    this.#read = read;
  }

  /** The path that a citation in a file means; undefined if there is none. An ending without a page is enough. */
  resolve(cited: string, from: string): string | undefined {
    const path = cited.replace(/\/$/, "");
    const exists = (one: string): boolean => this.#files.has(one) || this.#folders.has(one);
    for (const one of [posix.normalize(path), posix.join(posix.dirname(from), path)]) if (exists(one)) return one;
    if (path.startsWith(".")) return undefined;
    return this.#endings.has(path) ? path : undefined;
  }

  isIgnored(path: string): boolean {
    return path.split("/").some((part) => this.#ignored.includes(part));
  }

  isPage(path: string): boolean {
    return path.endsWith(".md") && this.#files.has(path);
  }

  /** The headings of a page, as they are written, without marks. */
  headings(page: string): readonly string[] {
    const lines = withoutCode(this.#read(page)).split("\n");
    return lines.flatMap((line) => /^#{1,6} +(.*?) *$/.exec(line)?.[1].replace(/[`*]/g, "") ?? []);
  }
}

/** Fenced code is no prose; its lines stay, empty. */
function withoutCode(markdown: string): string {
  return markdown.replace(/^( *)```[\s\S]*?^\1```/gm, (block) => block.replace(/[^\n]/g, ""));
}

/** The anchor that GitHub gives to a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- _]/gu, "")
    .replaceAll(" ", "-");
}

/**
 * What is wrong with the citations of one file, by its path from the project's root.
 */
export function findProblems(path: string, source: string, repository: Repository): Problem[] {
  return path.endsWith(".md") ? inMarkdown(path, source, repository) : inComments(path, source, repository);
}

function inMarkdown(path: string, source: string, repository: Repository): Problem[] {
  const text = withoutCode(source);
  const problems: Problem[] = [];
  const report = (at: number, message: string): void => {
    problems.push({ line: text.slice(0, at).split("\n").length, message });
  };
  for (const { 1: target, index } of text.matchAll(/\]\(([^)\s]+)\)/g)) {
    if (/^[a-z]+:/.test(target)) continue;
    const [file, anchor] = target.split("#");
    const page = file === "" ? path : posix.join(posix.dirname(path), file);
    if (file !== "" && !repository.isIgnored(page) && repository.resolve(page, "") !== page) {
      report(index, `the link ${target} leads nowhere`);
    } else if (anchor !== undefined && repository.isPage(page)) {
      const anchors = repository.headings(page).map(anchorOf);
      if (!anchors.includes(anchor)) report(index, `${page} has no heading #${anchor}`);
    }
  }
  for (const { 1: code, index } of text.matchAll(/`([^`\n]+)`/g)) {
    if (!/^[\w@./-]+$/.test(code) || repository.isIgnored(code)) continue;
    const isFolder = /^[\w@.-]+(\/[\w@.-]+)*\/$/.test(code);
    const isFile = IN_ROOT.test(code) || /\.(ts|mjs)$/.test(code) || (code.includes("/") && code.endsWith(".md"));
    if (code.startsWith("spec/")) report(index, notes(code));
    else if ((isFile || isFolder) && !/^\.\w+$/.test(code) && repository.resolve(code, path) === undefined) {
      report(index, `there is no ${code}`);
    }
  }
  return problems;
}

const notes = (cited: string): string => `${cited} is not in the repository; cite a page of docs/science, or the paper`;

function inComments(path: string, source: string, repository: Repository): Problem[] {
  const problems: Problem[] = [];
  for (const { text, lineAt } of path.endsWith(".py") ? hashComments(source) : commentsOf(source)) {
    for (const { 0: found, index } of text.matchAll(PATH)) {
      const report = (message: string): void => {
        problems.push({ line: lineAt(index), message });
      };
      const cited = found.replace(/\.+$/, "");
      if (cited.startsWith("spec/")) {
        report(notes(cited));
        continue;
      }
      const counts = IN_ROOT.test(cited) || /[\w*]\.(ts|mjs|md)$/.test(cited);
      if (!counts || cited.includes("*") || repository.isIgnored(cited)) continue;
      const page = repository.resolve(cited, path);
      if (page === undefined) report(`there is no ${cited}`);
      else if (repository.isPage(page)) {
        const problem = headingProblem(page, text.slice(index + found.length), repository);
        if (problem !== null) report(problem);
      }
    }
  }
  return problems;
}

/** What is wrong with the heading named right after a page; null where none is named, or it is there. */
function headingProblem(page: string, after: string, repository: Repository): string | null {
  const quoted = /^,? "([^"]+)"(?: and "([^"]+)")?/.exec(after);
  if (quoted !== null) {
    const headings = repository.headings(page).map((heading) => heading.replace(/^[\d.]+ /, ""));
    const missing = quoted.slice(1).find((name) => name !== undefined && !headings.includes(name));
    return missing === undefined ? null : `${page} has no heading "${missing}"`;
  }
  const number = /^, sections? (\d+(?:\.\d+)*)/.exec(after)?.[1];
  if (number !== undefined) {
    const isThere = repository.headings(page).some((heading) => /^(\d+(?:\.\d+)*)\.? /.exec(heading)?.[1] === number);
    return isThere ? null : `${page} has no section ${number}`;
  }
  const anchor = /^#([\w-]+)/.exec(after)?.[1];
  if (anchor === undefined || repository.headings(page).map(anchorOf).includes(anchor)) return null;
  return `${page} has no heading #${anchor}`;
}

/** The comments of a TypeScript or JavaScript file. Lines that follow each other are one. */
function commentsOf(source: string): Passage[] {
  const file = ts.createSourceFile("file.ts", source, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  const ranges = new Map<number, ts.CommentRange>();
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(file);
    if (children.length > 0) {
      children.forEach(visit);
      return;
    }
    const around = [ts.getLeadingCommentRanges(source, node.pos), ts.getTrailingCommentRanges(source, node.end)];
    for (const range of around.flatMap((list) => list ?? [])) ranges.set(range.pos, range);
  };
  visit(file);
  const passages: Passage[] = [];
  let lines: Line[] = [];
  let end = 0;
  const finish = (): void => {
    if (lines.length > 0) passages.push(joined(lines));
    lines = [];
  };
  for (const { pos, end: next, kind } of [...ranges.values()].sort((a, b) => a.pos - b.pos)) {
    const isLine = kind === ts.SyntaxKind.SingleLineCommentTrivia;
    if (!isLine || !/^\s*$/.test(source.slice(end, pos))) finish();
    const first = file.getLineAndCharacterOfPosition(pos).line + 1;
    for (const [i, text] of source.slice(pos, next).split("\n").entries()) {
      lines.push({ text: text.replace(/^\s*(\/\/|\/?\*+\/?)/, "").replace(/\*\/$/, ""), line: first + i });
    }
    end = next;
    if (!isLine) finish();
  }
  finish();
  return passages;
}

interface Line {
  readonly text: string;
  readonly line: number;
}

function hashComments(source: string): Passage[] {
  return source.split("\n").flatMap((text, i) => {
    const comment = /^\s*#+(.*)/.exec(text)?.[1];
    return comment === undefined ? [] : [joined([{ text: comment, line: i + 1 }])];
  });
}

/** Lines as one text: what a line's end has torn apart is read together. */
function joined(lines: readonly Line[]): Passage {
  let text = "";
  const starts = lines.map((line) => {
    text += `${text === "" ? "" : " "}${line.text.trim()}`;
    return { until: text.length, line: line.line };
  });
  return { text, lineAt: (offset) => (starts.find(({ until }) => offset < until) ?? starts[starts.length - 1]).line };
}

function main(): void {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const ignored = [...readFileSync(`${root}/.gitignore`, "utf8").matchAll(/^\/?([\w.-]+)\/$/gm)].map(
    ([, name]) => name,
  );
  const files: string[] = [];
  const walk = (folder: string): void => {
    for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.name === ".git" || ignored.includes(entry.name)) continue;
      if (entry.isDirectory()) walk(path);
      else files.push(path);
    }
  };
  walk("");
  const read = (path: string): string => readFileSync(`${root}/${path}`, "utf8");
  const repository = new Repository(files, read, ignored);
  const checked = files
    .filter((path) => /\.(ts|mjs|md|py)$/.test(path) && !/\/(assets|test\/data)\//.test(path))
    .sort();
  let count = 0;
  for (const path of checked) {
    for (const { line, message } of findProblems(path, read(path), repository)) {
      console.error(`${path}:${line} ${message}`);
      count++;
    }
  }
  console.log(`Citations: ${checked.length} files, ${count} problems.`);
  if (count > 0) process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
