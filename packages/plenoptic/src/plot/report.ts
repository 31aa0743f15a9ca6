/**
 * `report`: one self-contained HTML page (HTML living standard) of figures, tables and text. It holds no script and
 * loads nothing; its policy header forbids both. Everything given to it is escaped.
 */

import { shown } from "@plenoptic-js/tensor/engine";
import type { Figure } from "./figure.ts";
import { escapeXml } from "./svg.ts";

export interface ReportSection {
  readonly heading: string;
  /** A paragraph under the heading; blank lines start a new one. */
  readonly text?: string;
  /** Side by side where there is room. A list within the list is a row of its own, whose figures become smaller where the page is narrow; it too stands one below the other on a phone. */
  readonly figures?: readonly (Figure | readonly Figure[])[];
  /** Texts that lead to other pages, by paths from where the page lies. */
  readonly links?: readonly (readonly [text: string, path: string])[];
  /** Rows of name and value. */
  readonly table?: readonly (readonly [string, string])[];
  /** Shown as it is, in a fixed-width font. */
  readonly code?: string;
}

export interface ReportContent {
  readonly title: string;
  /** Paragraphs under the title. */
  readonly intro?: string;
  readonly sections: readonly ReportSection[];
}

const STYLE = `
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #f5f6f7; color: #1b1f24; line-height: 1.5;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; }
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { margin: 0 0 8px; font-size: 28px; line-height: 1.2; letter-spacing: -0.01em; }
h2 { margin: 0 0 8px; font-size: 18px; line-height: 1.3; }
p { margin: 0 0 12px; max-width: 72ch; }
header p { color: #57606a; }
section { margin-top: 24px; padding: 20px 24px; background: #fff; border: 1px solid #dfe3e7; border-radius: 8px; }
.figures { display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: flex-start; margin: 0 -16px; }
figure { margin: 0; max-width: 100%; overflow-x: auto; }
figure svg { display: block; }
table { border-collapse: collapse; font-size: 14px; }
th, td { padding: 5px 24px 5px 0; text-align: left; vertical-align: top; border-bottom: 1px solid #e7eaed;
  overflow-wrap: anywhere; }
th { font-weight: 500; color: #57606a; white-space: nowrap; }
pre { margin: 8px 0 0; padding: 12px 16px; background: #f5f6f7; border-radius: 6px; font-size: 12.5px; line-height: 1.45;
  white-space: pre-wrap; overflow-wrap: anywhere;
  font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; }
* + table, * + .figures { margin-top: 8px; }
@media (max-width: 1080px) {
  .figures figure > svg { max-width: 100%; min-width: calc(0.66 * var(--width)); height: auto; }
}
@media (min-width: 721px) {
  .row > .figures { flex-wrap: nowrap; }
  .row figure { flex: 0 1 auto; min-width: 0; }
}
@media (max-width: 720px) {
  main { padding: 24px 12px 40px; }
  section { padding: 16px 14px; }
  .figures { margin: 0 -8px; }
  table, tbody, tr, th, td { display: block; }
  th { padding-bottom: 0; border-bottom: 0; white-space: normal; }
}
@media print {
  body { background: #fff; }
  main { max-width: none; padding: 0; }
  section { border: 0; padding: 0; break-inside: avoid; }
  .figures { margin-left: 0; margin-right: 0; }
  figure { overflow: visible; }
  figure svg { max-width: 100%; min-width: 0; height: auto; print-color-adjust: exact; }
}
`;

const POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

/** The whole page as text, to be written to a file in UTF-8. */
export function report(content: ReportContent): string {
  if (typeof content?.title !== "string" || !Array.isArray(content.sections)) {
    throw new TypeError(
      `report: the content is ${shown(content)}; it must be { title, sections } with a text and a list`,
    );
  }
  const { title, intro = "", sections } = content;
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="${escapeXml(POLICY)}"/>
<title>${escapeXml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<h1>${escapeXml(title)}</h1>
${paragraphs(intro)}</header>
${sections.map(section).join("")}</main>
</body>
</html>
`;
}

/** A path of names, from where the page lies: nothing that a browser would run, or fetch from elsewhere. */
const RELATIVE = /^[\w.-]+(\/[\w.-]+)*$/;

function linkTo([text, path]: readonly [string, string]): string {
  if (!RELATIVE.test(path)) {
    throw new RangeError(
      `report: a link leads to ${shown(path)}; it must be a path from the page, such as seed-0/report.html`,
    );
  }
  return `<a href="${escapeXml(path)}">${escapeXml(text)}</a>`;
}

function section({ heading, text = "", figures = [], links = [], table = [], code = "" }: ReportSection): string {
  let body = `<section>\n<h2>${escapeXml(heading)}</h2>\n${paragraphs(text)}`;
  for (const { row, stays } of rowsOf(figures)) {
    // Charts shrink where the page is narrow, but not so far that nobody can read them: then they are moved sideways.
    const drawn = row.map(({ svg, width }) => `<figure style="--width: ${width}px">${svg.trimEnd()}</figure>\n`);
    const beside = `<div class="figures">\n${drawn.join("")}</div>\n`;
    body += stays ? `<div class="row">\n${beside}</div>\n` : beside;
  }
  if (links.length > 0) body += `<p>${links.map(linkTo).join(", ")}</p>\n`;
  if (table.length > 0) {
    const rows = table.map(
      ([name, value]) => `<tr><th scope="row">${escapeXml(name)}</th><td>${escapeXml(value)}</td></tr>\n`,
    );
    body += `<table>\n<tbody>\n${rows.join("")}</tbody>\n</table>\n`;
  }
  if (code !== "") body += `<pre><code>${escapeXml(code)}</code></pre>\n`;
  return `${body}</section>\n`;
}

/** Room for a row where the page is wide, and the gap between two figures, in pixels. */
const WIDE = 1014;
const GAP = 24;

/**
 * Each row as a list; figures that stand alone are a row with their neighbours.
 *
 * @returns of each, whether it stays a row on a narrower page, where its figures become smaller: if it is a list of its own, and one on a wide page
 */
function rowsOf(
  figures: NonNullable<ReportSection["figures"]>,
): readonly { readonly row: readonly Figure[]; readonly stays: boolean }[] {
  const rows: { readonly row: Figure[]; readonly stays: boolean }[] = [];
  let alone: Figure[] | undefined;
  for (const one of figures) {
    if (!isRow(one)) {
      if (alone === undefined) {
        alone = [];
        rows.push({ row: alone, stays: false });
      }
      alone.push(one);
    } else if (one.length > 0) {
      rows.push({ row: [...one], stays: one.reduce((sum, { width }) => sum + width + GAP, -GAP) <= WIDE });
      alone = undefined;
    }
  }
  return rows;
}

/** `Array.isArray` knows nothing of lists that cannot be written to. */
const isRow = (one: Figure | readonly Figure[]): one is readonly Figure[] => Array.isArray(one);

function paragraphs(text: string): string {
  return text
    .split(/\n\s*\n/)
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map((part) => `<p>${escapeXml(part)}</p>\n`)
    .join("");
}
