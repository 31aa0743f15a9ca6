// A choice as the command that makes the same in Node, to the same SHA-256.

import type { Catalog } from "../protocol/catalog.ts";
import type { Choice } from "./choice.ts";

/** An argument as POSIX shells take it. */
const word = (text: string): string =>
  /^[\w.][\w./:@%+,=-]*$/.test(text) ? text : `'./${text.replaceAll("'", "'\\''")}'`;

export function commandOf(choice: Choice, catalog: Catalog, steps: number): string {
  const { method, image, model, options, seed, dtype, iterations } = choice;
  const card = catalog.models.find(({ name }) => name === model);
  const given = Object.entries(options).map(([option, value]) => {
    const words = card?.options.find(({ name }) => name === option)?.words ?? option;
    return `--${words.replaceAll(" ", "-")} ${value}`;
  });
  const modelFlags = [`--model ${model}`, ...given];
  const optimizer = [
    ...(choice.optimizer === "Adam" ? [] : [`--optimizer ${choice.optimizer}`]),
    ...(choice.learningRate === null ? [] : [`--learning-rate ${choice.learningRate}`]),
  ];
  const penalty = `--penalty-lambda ${choice.penalty}`;
  const made = Math.min(steps, iterations);
  const own: Readonly<Record<Choice["method"], readonly string[]>> = {
    metamer: [...modelFlags, ...optimizer, penalty, `--iterations ${made}`],
    "coarse-to-fine": [...modelFlags, "--coarse-to-fine together", ...optimizer, penalty, `--iterations ${made}`],
    texture: ["--preset texture", ...given, penalty, `--iterations ${made}`],
    mad: [
      `--optimized ${choice.optimized}`,
      `--reference ${choice.reference}`,
      `--noise ${choice.noise}`,
      `--iterations ${iterations}`,
    ],
    eigendistortion: [...modelFlags, `--k ${choice.k}`, `--iterations ${iterations}`],
  };
  const verb = method === "mad" || method === "eigendistortion" ? method : "metamer";
  const rest = [...(choice.crop && method !== "mad" ? ["--crop"] : []), `--seed ${seed}`, `--dtype ${dtype}`];
  return ["npx plenoptic", verb, word(image.name), ...own[method], ...rest].join(" ");
}
