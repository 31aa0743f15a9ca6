// `plenoptic models`: which models there are and what they take.

import { Command } from "@commander-js/extra-typings";
import { flagOf, modelRegistry } from "./modelRegistry.ts";
import type { Terminal } from "./terminal.ts";

export function modelsCommand(terminal: Terminal): Command {
  const command = new Command("models").description("list the models and their options").action(() => {
    terminal.out.write(modelList());
  });
  return command;
}

function modelList(): string {
  const width = [...modelRegistry.keys()].reduce((most, name) => Math.max(most, name.length), 0);
  let text = "";
  for (const [name, card] of modelRegistry) {
    const options = Object.values(card.options).map((option) => `${flagOf(option)} ${option.default}`);
    text += `${name.padEnd(width)}  ${card.summary}\n`;
    text += `${" ".repeat(width)}  options: ${options.length === 0 ? "none" : options.join(" ")}\n`;
  }
  return `${text}\nUse one with: plenoptic metamer IMAGE --model NAME\nOne of your own: plenoptic metamer IMAGE --model ./mine.mjs\n`;
}
