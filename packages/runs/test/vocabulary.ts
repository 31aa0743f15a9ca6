// What plans may say in these tests: a command of two models and a few options.

import type { PlanOption, Vocabulary } from "../src/index.ts";

const number = (name: string): PlanOption => ({
  name,
  help: `${name}, a number`,
  accepts: { kind: "number", above: 0 },
  check: (text) => {
    if (!(Number(text) > 0)) throw new Error("It must be a number above 0.");
  },
});

const choice: PlanOption = {
  name: "dtype",
  help: "precision",
  accepts: { kind: "choice", choices: ["float64", "float32"] },
  check: (text) => {
    if (!text.startsWith("float")) throw new Error("It must be one of float64, float32.");
  },
};

export const vocabulary: Vocabulary = {
  methods: [
    {
      name: "metamer",
      help: "make a metamer",
      groups: [
        { name: "model", help: "the model", options: [number("std"), number("kernel-size")], assigns: null },
        { name: "optimizer", help: "the optimizer", options: null, assigns: "optimizer-option" },
      ],
      options: [
        number("iterations"),
        number("penalty-lambda"),
        choice,
        { name: "crop", help: "crop it", accepts: { kind: "flag" }, check: () => {} },
      ],
      refused: new Map([["threads", "each job has one"]]),
    },
  ],
  pictures: ["house", "gravel"],
  largestSeed: 4294967295,
  isFile: (text) => text.includes("/"),
};
