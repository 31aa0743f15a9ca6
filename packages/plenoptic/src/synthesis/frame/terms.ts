// The terms of an objective as outputs of a program's entry, and read back as numbers.

import type { Node, Program } from "@plenoptic-js/tensor/engine";
import type { TermNumbers, Terms } from "./descent.ts";

const RECORDED = "recorded.";

export function termOutputs({ loss, penalty, recorded = {} }: Terms): Record<string, Node> {
  const outputs: Record<string, Node> = { loss: loss.node, penalty: penalty.node };
  for (const [name, term] of Object.entries(recorded)) outputs[RECORDED + name] = term.node;
  return outputs;
}

/** The terms after `entry` has run. */
export function readTerms(program: Program, entry: string, recorded: readonly string[]): TermNumbers {
  const read = (name: string): number => program.getNumber(`${entry}.${name}`);
  return {
    loss: read("loss"),
    penalty: read("penalty"),
    recorded: Object.fromEntries(recorded.map((name) => [name, read(RECORDED + name)])),
  };
}
