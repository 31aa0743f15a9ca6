// A plan as text: YAML 1.2, of which every part knows its line and column, so that errors can name them.

import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from "yaml";

/** A place in a plan, counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

export type PlanScalar = string | number | boolean | null;

export type PlanNode =
  | { readonly kind: "scalar"; readonly value: PlanScalar; readonly at: Place }
  | { readonly kind: "list"; readonly items: readonly PlanNode[]; readonly at: Place }
  | { readonly kind: "map"; readonly entries: readonly PlanEntry[]; readonly at: Place };

export interface PlanEntry {
  readonly name: string;
  readonly at: Place;
  readonly value: PlanNode;
}

/** A plan is wrong. The message begins with file, line and column, and ends with what to do. */
export class PlanError extends Error {
  override readonly name = "PlanError";
  readonly place: Place;

  constructor(file: string, place: Place, message: string) {
    super(`${file}:${place.line}:${place.column}: ${message}`);
    this.place = place;
  }
}

/** Parts of a plan. References may make few lines many. */
const MOST_NODES = 100_000;

/**
 * Reads a text as YAML.
 *
 * @throws PlanError for what is none, with the place
 */
export function readPlanText(text: string, file: string): PlanNode {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const [error] = document.errors;
  if (error !== undefined) throw new PlanError(file, placeAt(error.pos[0]), `this is no YAML: ${ownWords(error)}`);
  let count = 0;
  const read = (node: Node | null, fallback: Place): PlanNode => {
    const at = node?.range ? placeAt(node.range[0]) : fallback;
    if (++count > MOST_NODES) throw new PlanError(file, at, `a plan has at most ${MOST_NODES} parts; split it`);
    if (node === null) return { kind: "scalar", value: null, at };
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw new PlanError(file, at, `nothing is called &${node.source} before this`);
      return { ...read(target, at), at };
    }
    if (isSeq(node)) return { kind: "list", items: node.items.map((item) => read(item as Node | null, at)), at };
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }): PlanEntry => {
        const keyAt = (key as Node | null)?.range ? placeAt((key as Node).range![0]) : at;
        if (!isScalar(key)) throw new PlanError(file, keyAt, "a name was expected here, and a colon after it");
        return { name: String(key.value), at: keyAt, value: read(value as Node | null, keyAt) };
      });
      return { kind: "map", entries, at };
    }
    return { kind: "scalar", value: scalar(isScalar(node) ? node.value : null), at };
  };
  return read(document.contents, { line: 1, column: 1 });
}

function scalar(value: unknown): PlanScalar {
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return value === null || value === undefined ? null : String(value);
}

/** The library says "at line 3, column 5" at the end, which stands before the message here. */
function ownWords({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === "DUPLICATE_KEY") return "the same name stands twice; join the two, as a list";
  if (code === "TAB_AS_INDENT") return "tabs do not indent in YAML; use spaces";
  return message.replace(/ at line \d+, column \d+:?[\s\S]*$/, "");
}
