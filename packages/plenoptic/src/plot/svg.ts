/**
 * Writing SVG as text (SVG 2, XML 1.0): escaping, numbers, elements, and an estimate of how wide a text is.
 * Everything is a plain string, so the same code runs in Node, in a worker and in a page.
 */

import { INK, LABEL_SIZE } from "./style.ts";

/** Text made safe for XML and HTML, in content and in quoted attributes. Characters XML forbids become U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, (c) => (c === "\n" || c === "\t" ? c : "\uFFFD"))
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/>/g, "&gt;")
    .replace(/"/g, "&quot;")
    .replace(/'/g, "&#39;");
}

/** A coordinate with at most two decimals, so that a figure is the same text everywhere. */
export function coordinate(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a coordinate must be finite, got ${value}`);
  const text = value.toFixed(2).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
}

export type Attributes = Readonly<Record<string, string | number>>;

/** One element. Numbers are written as coordinates, texts are escaped; `content` is markup and is not. */
export function element(name: string, attributes: Attributes, content = ""): string {
  let open = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    open += ` ${key}="${typeof value === "number" ? coordinate(value) : escapeXml(value)}"`;
  }
  return content === "" ? `${open}/>` : `${open}>${content}</${name}>`;
}

/** One line of text with its baseline at y. */
export function textLine(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element("text", { x, y, "font-size": LABEL_SIZE, fill: INK, ...attributes }, escapeXml(text));
}

/** A group moved by whole or broken pixels. */
export function moved(x: number, y: number, content: string): string {
  return element("g", { transform: `translate(${coordinate(x)} ${coordinate(y)})` }, content);
}

/**
 * Width of a text in pixels, from character classes of a wide sans serif, as no font is at hand here.
 * It errs on the wide side: a box made with it is never too small.
 */
export function textWidth(text: string, size: number, bold = false): number {
  let em = 0;
  for (const c of text) {
    if (/[ijlI.,:;'|!()[\]/ ft·]/.test(c)) em += 0.4;
    else if (/[mwMW%@—]/.test(c)) em += 0.98;
    else if (/\p{Lu}/u.test(c)) em += 0.72;
    else if (c.codePointAt(0)! >= 0x2e80) em += 1;
    else em += 0.63;
  }
  return em * size * (bold ? 1.1 : 1);
}

/**
 * The text cut into lines that fit the width: at spaces, and after the underscores of words that are longer than a line.
 * What cannot be cut keeps a line of its own.
 */
export function wrapText(text: string, width: number, size: number, bold = false): string[] {
  const lines: string[] = [];
  const fits = (line: string): boolean => textWidth(line, size, bold) <= width;
  for (const word of text.split(/\s+/)) {
    if (word === "") continue;
    const parts = fits(word) ? [word] : word.split(/(?<=_)(?=[^_])/);
    parts.forEach((part, i) => {
      const last = lines.at(-1);
      const joined = i === 0 ? `${last} ${part}` : `${last}${part}`;
      if (last !== undefined && fits(joined)) lines[lines.length - 1] = joined;
      else lines.push(part);
    });
  }
  return lines;
}
