// The JSON schema of plans, for editors: made of what the command says of its options.

import type { JsonObject, JsonValue } from "@plenoptic-js/formats";
import type { Accepts, PlanGroup, PlanMethod, PlanOption, Vocabulary } from "./vocabulary.ts";

const named = (entries: readonly (readonly [string, JsonValue])[]): JsonObject => Object.fromEntries(entries);

/** A value, or a list of values, which makes a grid. */
const orList = (one: JsonObject, description: string): JsonObject => ({
  description,
  anyOf: [one, { type: "array", minItems: 1, items: one }],
});

function schemaOf(accepts: Accepts): JsonObject {
  switch (accepts.kind) {
    case "choice":
      return { enum: [...accepts.choices] };
    case "flag":
      return { type: "boolean" };
    case "text":
      return { type: ["string", "number", "boolean"] };
    default: {
      const { kind, minimum, maximum, above } = accepts;
      return {
        type: kind,
        ...(minimum !== undefined && { minimum }),
        ...(maximum !== undefined && { maximum }),
        ...(above !== undefined && { exclusiveMinimum: above }),
      };
    }
  }
}

const ofOption = ({ name, help, accepts, isOfFiles }: PlanOption): readonly [string, JsonObject] => {
  const one = schemaOf(accepts);
  return [name, isOfFiles === true ? { description: help, ...one } : orList(one, help)];
};

function ofGroup({ name, help, options }: PlanGroup): readonly [string, JsonObject] {
  const members: JsonObject = {
    type: "object",
    required: ["name"],
    properties: { name: orList({ type: "string" }, help), ...named((options ?? []).map(ofOption)) },
    additionalProperties: options === null,
  };
  const one: JsonObject = { anyOf: [{ type: "string" }, members] };
  return [name, orList(one, help)];
}

function ofMethod({ name, help, groups, options }: PlanMethod, { pictures, largestSeed }: Vocabulary): JsonObject {
  const seed: JsonObject = {
    anyOf: [
      { type: "integer", minimum: 0, maximum: largestSeed },
      { type: "string", pattern: "^\\s*\\d+\\s*(-\\s*\\d+\\s*)?$" },
      { const: "per-job" },
    ],
  };
  const image: JsonObject = { type: "string", examples: [...pictures].sort() };
  const images = orList(image, "files, folders, patterns such as photos/*.png, and pictures that ship");
  const seeds = orList(
    seed,
    "per-job (the default) derives a seed from image, model, options and replicate, so that no two stimuli share a start; or seeds, or ranges such as 0-7",
  );
  return {
    description: help,
    type: "object",
    required: ["method"],
    oneOf: [{ required: ["images"] }, { required: ["image"] }],
    additionalProperties: false,
    properties: {
      method: { const: name },
      images,
      image: images,
      seed: seeds,
      seeds,
      replicates: { type: "integer", minimum: 1, description: "stimuli with the same settings, of other seeds" },
      zip: {
        description: "names whose lists go side by side, or a list of such lists",
        anyOf: [
          { type: "array", minItems: 2, items: { type: "string" } },
          { type: "array", items: { type: "array", minItems: 2, items: { type: "string" } } },
        ],
      },
      exclude: orList({ type: "object" }, "values of stimuli that are left out"),
      ...named(groups.map(ofGroup)),
      ...named(options.map(ofOption)),
    },
  };
}

/** The JSON schema of plans, draft 2020-12. */
export function planSchema(vocabulary: Vocabulary): JsonObject {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "plenoptic plan",
    description: "A sweep of stimuli: plenoptic sweep PLAN.yaml. A list of values makes a grid.",
    oneOf: vocabulary.methods.map((method) => ofMethod(method, vocabulary)),
  };
}
