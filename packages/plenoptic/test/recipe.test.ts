// Recipes: one text for one run, generators that go on where they were, and refusal of what is none.

import { NumpyRandomState, TorchGenerator } from "@plenoptic-js/tensor";
import { describe, expect, it } from "vitest";
import { buildRecipe, type RecipeParts, randomStates, recipeText } from "../src/recipe.ts";

const hash = "0123456789abcdef".repeat(4);

function parts(): RecipeParts {
  return {
    method: "Metamer",
    image: { name: "house", conversion: "gray as stored", dtype: "float64", shape: [1, 1, 2, 2], sha256: hash },
    model: { name: "Gaussian", options: { kernelSize: [31, 31], std: [3] }, fingerprint: hash },
    options: { penaltyLambda: 0.1 },
    random: { seed: 0, torch: "AA==", numpy: { key: "AA==", position: 624, cachedGaussian: null } },
    calls: [{ call: "setup", options: {} }],
    result: {
      dtype: "float64",
      shape: [1, 1, 2, 2],
      sha256: hash,
      iterations: 3,
      stopReason: "maxIter",
      firstLoss: 0.5,
      finalLoss: 0.25,
    },
    exports: [],
    command: "plenoptic metamer house",
    versions: { "plenoptic-js": "0.1.0" },
    environment: { platform: "linux" },
  };
}

describe("buildRecipe", () => {
  it("says which form it has and which numeric contract it was made under", () => {
    const recipe = buildRecipe(parts());
    expect(recipe).toEqual({ ...parts(), recipe: 1, numerics: 1 });
  });

  it("keeps its own copy", () => {
    const own = parts();
    const shape = [1, 1, 2, 2];
    const recipe = buildRecipe({ ...own, image: { ...own.image, shape } });
    shape[3] = 7;
    expect(recipe.image.shape).toEqual([1, 1, 2, 2]);
  });

  it("is one text, whatever the order in which it was put together", () => {
    const backwards = Object.fromEntries(Object.entries(parts()).reverse()) as unknown as RecipeParts;
    expect(recipeText(buildRecipe(backwards))).toBe(recipeText(buildRecipe(parts())));
    expect(JSON.parse(recipeText(buildRecipe(parts())))).toEqual(buildRecipe(parts()));
  });

  it.each<[string, Partial<RecipeParts>, RegExp]>([
    ["a seed out of range", { random: { ...parts().random, seed: 2 ** 32 } }, /random\.seed must be .* not 4294967296/],
    ["a hash that is none", { result: { ...parts().result, sha256: "abc" } }, /result\.sha256 .* not abc/],
    ["a fingerprint that is none", { model: { name: "Gaussian", options: {}, fingerprint: "" } }, /model\.fingerprint/],
    ["a broken shape", { image: { ...parts().image, shape: [1, -1] } }, /image\.shape .* not \[1, -1\]/],
    ["no calls", { calls: [] }, /calls must be at least one call/],
    [
      "a number JSON cannot hold",
      { options: { penaltyLambda: Number.POSITIVE_INFINITY } },
      /penaltyLambda is Infinity/,
    ],
  ])("refuses %s", (_, wrong, message) => {
    expect(() => buildRecipe({ ...parts(), ...wrong })).toThrow(message);
  });
});

describe("randomStates", () => {
  it("lets both generators continue from where they were", () => {
    const torch = new TorchGenerator(7);
    const numpy = new NumpyRandomState(7);
    torch.rand(3);
    numpy.randn(3); // an odd number, so that one normal waits
    const states = randomStates(torch, numpy);

    const otherTorch = new TorchGenerator(1).setState(bytesOf(states.torch));
    expect(otherTorch.rand(5)).toEqual(torch.rand(5));

    const words = new DataView(bytesOf(states.numpy.key).buffer);
    const key = Uint32Array.from({ length: words.byteLength / 4 }, (_, i) => words.getUint32(4 * i, true));
    const { position, cachedGaussian } = states.numpy;
    expect(cachedGaussian).not.toBeNull();
    const otherNumpy = new NumpyRandomState(1).setState({ key, position, cachedGaussian });
    expect(otherNumpy.randn(5)).toEqual(numpy.randn(5));
  });
});

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
}
