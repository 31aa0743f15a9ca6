// The JSON schema of recipes. It is published as recipe.schema.json, which a test holds equal to this.

const sha256 = { type: "string", pattern: "^[0-9a-f]{64}$" } as const;
const count = { type: "integer", minimum: 0, maximum: Number.MAX_SAFE_INTEGER } as const;
const text = { type: "string", maxLength: 100_000 } as const;

/** An array by its type and content. */
const array = {
  type: "object",
  required: ["dtype", "shape", "sha256"],
  properties: {
    dtype: { enum: ["float32", "float64"], description: "precision of the values" },
    shape: { type: "array", maxItems: 8, items: count },
    sha256: { ...sha256, description: "SHA-256 over dtype, shape and little-endian values with canonical NaN" },
  },
} as const;

const torch = { type: "string", maxLength: 8192, description: "torch's generator: its 5056 bytes, in base64" } as const;

const ofGenerator = { type: "object", required: ["torch"], properties: { torch } } as const;

/** A function by its name in the library, if it has one there, and the hash of its graph. */
const callable = {
  type: "object",
  required: ["fingerprint"],
  properties: { name: { type: ["string", "null"], maxLength: 1000 }, fingerprint: sha256 },
} as const;

/** The loss of a job may be known by its name alone: its graph depends on the image. */
const namedCallable = {
  anyOf: [callable, { type: "object", required: ["name"], properties: { name: { type: "string", maxLength: 1000 } } }],
} as const;

const named = { type: "object", required: ["name"], properties: { name: text } } as const;

const drawn = {
  type: "object",
  description: "how the library drew it",
  required: ["kind", "random"],
  properties: {
    kind: { enum: ["texture", "noise"] },
    initialNoise: { type: "number", exclusiveMinimum: 0 },
    random: ofGenerator,
  },
} as const;

const start = { ...array, properties: { ...array.properties, drawn } } as const;

/** The start of a job: the library is to draw it, when the object has drawn what it draws. */
const toDraw = {
  type: "object",
  required: ["drawn"],
  properties: {
    drawn: { type: "object", required: ["kind"], properties: { kind: { const: "texture" } } },
    sha256: false,
  },
} as const;

const call = {
  type: "object",
  required: ["call", "options"],
  properties: {
    call: { enum: ["setup", "synthesize", "to"] },
    options: {
      type: "object",
      description: "the options of the call, defaults included",
      properties: {
        optimizer: { anyOf: [named, { type: "null" }] },
        scheduler: { anyOf: [named, { type: "null" }] },
        initialImage: { anyOf: [start, toDraw, { type: "null" }] },
        initialNoise: { type: "number", exclusiveMinimum: 0 },
        random: { ...ofGenerator, description: "torch's generator, where others had drawn from it before the call" },
        maxIter: { ...count, description: "of an iterative method: the steps that were made; of a job: at most" },
        failed: { const: "nonFinite", description: "one more step was tried, whose numbers were not finite" },
        storeProgress: count,
        stopCriterion: { type: ["number", "string", "null"] },
        stopRtol: { type: ["number", "string"] },
        stopItersToCheck: count,
        changeScaleCriterion: { type: ["number", "null"] },
        ctfItersToCheck: count,
        dtype: { enum: ["float32", "float64"] },
        method: { enum: ["krylov", "exact", "power", "randomized_svd"] },
        k: { type: ["integer", "null"], minimum: 1 },
        p: count,
        q: count,
      },
    },
    numerics: { ...count, description: "the numeric contract of this call, if it is not that of the recipe" },
  },
} as const;

/** Of a file made of the result. */
export const exported = {
  type: "object",
  description: "an image file made of the result",
  required: ["file", "bits", "clippedBelow", "clippedAbove", "maxRoundingError"],
  properties: {
    file: text,
    bits: { enum: [8, 16] },
    encoding: {
      enum: ["linear", "srgb"],
      description: "values times 2^bits - 1, or the same after the transfer function of sRGB; rounded, halves up",
    },
    colourChunk: { type: "boolean", description: "the file tells its encoding to programs that manage colours" },
    pixelsPerDegree: { type: "number", exclusiveMinimum: 0, description: "pixels to a degree of the visual field" },
    pixels: { ...sha256, description: "SHA-256 of the pixels: dtype and shape, then little-endian values" },
    clippedBelow: count,
    clippedAbove: count,
    maxRoundingError: { type: "number", minimum: 0 },
    distance: {
      type: "object",
      description: "of what was written, decoded, from the values",
      required: ["most", "rms"],
      properties: { most: { type: "number", minimum: 0 }, rms: { type: "number", minimum: 0 } },
    },
    measures: {
      type: "object",
      description: "what an image does, such as its loss: of the values, and of what was written",
      additionalProperties: {
        type: "object",
        required: ["exact", "written"],
        properties: { exact: { type: ["number", "null"] }, written: { type: ["number", "null"] } },
      },
    },
  },
} as const;

export const recipeSchema = {
  $schema: "https://json-schema.org/draft/2020-12/schema",
  title: "plenoptic recipe",
  description:
    "Everything that decides the bits of a result, and what is known of it. Without a result it is a job: what there is to make.",
  type: "object",
  required: ["recipe", "numerics", "method", "image", "model", "options", "random", "calls"],
  properties: {
    recipe: { const: 1, description: "the version of this form" },
    numerics: { ...count, description: "NUMERICS_VERSION: which bits are promised" },
    method: { enum: ["Metamer", "MetamerCTF", "MADCompetition", "Eigendistortion"] },
    image: {
      ...array,
      description: "the target as the model saw it",
      properties: { ...array.properties, name: text, conversion: text },
    },
    model: {
      description: "null for methods without a model",
      anyOf: [
        { type: "null" },
        {
          ...callable,
          properties: {
            ...callable.properties,
            options: { type: ["object", "null"] },
            file: { type: "object", properties: { name: text, sha256 } },
          },
        },
      ],
    },
    options: {
      type: "object",
      description: "what the synthesis object was made with, besides image and model",
      properties: {
        lossFunction: namedCallable,
        penaltyFunction: callable,
        penaltyLambda: { type: "number", minimum: 0 },
        coarseToFine: { enum: ["together", "separate"] },
        optimizedMetric: callable,
        referenceMetric: callable,
        minmax: { enum: ["min", "max"] },
        constrained: { const: true },
        allowedRange: {
          anyOf: [{ type: "null" }, { type: "array", minItems: 2, maxItems: 2, items: { type: "number" } }],
        },
        metricTradeoffLambda: { type: "number", minimum: 0 },
      },
    },
    random: {
      type: "object",
      description: "both generators before the first draw; of a job the seed alone will do",
      anyOf: [
        { required: ["torch", "numpy"] },
        { required: ["seed"], properties: { seed: { type: "integer" }, torch: false, numpy: false } },
      ],
      properties: {
        seed: { type: ["integer", "null"], minimum: 0, maximum: 4294967295 },
        torch,
        guessedWeight: { const: true },
        numpy: {
          type: "object",
          required: ["key", "position", "cachedGaussian"],
          properties: {
            key: { type: "string", maxLength: 4096 },
            position: count,
            cachedGaussian: { type: ["number", "null"] },
          },
        },
      },
    },
    calls: { type: "array", maxItems: 100_000, items: call },
    marks: {
      type: "array",
      description: "the image after steps 1, 2, 4, 8 and so on: the step, and the first 16 digits of its hash",
      maxItems: 64,
      items: {
        type: "array",
        minItems: 2,
        maxItems: 2,
        prefixItems: [
          { type: "integer", minimum: 1 },
          { type: "string", pattern: "^[0-9a-f]{16}$" },
        ],
      },
    },
    result: { ...array, properties: { ...array.properties, iterations: count } },
    exports: { type: "array", maxItems: 100_000, items: exported },
    command: { ...text, description: "the command that makes it again, for people" },
    versions: { type: "object", description: "versions of the packages, by name" },
    environment: { type: "object", description: "where it was computed; the result does not depend on it" },
  },
} as const;
