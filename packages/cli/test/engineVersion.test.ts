// The engine that a recipe names.

import { expect, test } from "vitest";
import { engineVersion } from "../src/engineVersion.ts";

const process = { versions: { node: "24.2.0" } };

test("Deno and Bun, which say that they are Node too, are named as what they are", () => {
  expect(engineVersion({ process })).toEqual({ node: "24.2.0" });
  expect(engineVersion({ process, Deno: { version: { deno: "2.9.6" } } })).toEqual({ deno: "2.9.6" });
  expect(engineVersion({ process, Bun: { version: "1.4.5" } })).toEqual({ bun: "1.4.5" });
});

test("the engine that runs this is Node", () => {
  expect(engineVersion()).toEqual({ node: globalThis.process.versions.node });
});
