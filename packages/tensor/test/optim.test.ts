// Optimizers and schedulers: golden runs of torch.optim (a part of them; `npm run conformance` runs all), and what is refused.

import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { runOptimGolden } from "../../../scripts/conformance/optim.ts";
import { optim } from "../src/index.ts";

describe("golden runs of torch.optim", () => {
  const folder = fileURLToPath(new URL("data/optim", import.meta.url));
  const results = [...runOptimGolden(folder)];
  it("are all supported", () => {
    expect(results.length).toBeGreaterThan(150);
    expect(results.filter((r) => r.outcome === "not supported")).toEqual([]);
  });
  it.each(results)("$name", ({ outcome, detail }) => {
    expect(outcome, detail).toBe("passed");
  });
});

describe("what is refused", () => {
  it.each<[string, () => unknown, RegExp]>([
    ["an option that does not exist", () => optim.SGD({ learningRate: 1 } as object), /no option "learningRate".*lr/],
    ["a learning rate below 0", () => optim.AdamW({ lr: -1 }), /AdamW: lr is -1/],
    ["nesterov without momentum", () => optim.SGD({ nesterov: true }), /nesterov needs a momentum/],
    ["another line search", () => optim.LBFGS({ lineSearchFn: "armijo" as "strong_wolfe" }), /"strong_wolfe" or null/],
    ["a history of nothing", () => optim.LBFGS({ historySize: 0 }), /historySize is 0/],
    ["half an iteration", () => optim.LBFGS({ maxIter: 2.5 }), /maxIter is 2.5/],
    ["a factor that does not lessen", () => optim.ReduceLROnPlateau({ factor: 1 }), /factor is 1.*below 1/],
    ["a scheduler without its argument", () => optim.ExponentialLR({} as { gamma: number }), /gamma is undefined/],
    ["steps of nothing", () => optim.StepLR({ stepSize: 0 }), /stepSize is 0/],
  ])("%s", (_, make, message) => {
    expect(make).toThrow(message);
  });
});

describe("descriptions", () => {
  it("print their options", () => {
    expect(String(optim.StepLR({ stepSize: 5 }))).toBe("StepLR(stepSize: 5, gamma: 0.1)");
    expect(String(optim.LBFGS({ maxIter: 10 }))).toBe(
      "LBFGS(lr: 1, maxIter: 10, maxEval: 12, toleranceGrad: 1e-7, toleranceChange: 1e-9, historySize: 100, lineSearchFn: null)",
    );
    expect(String(optim.Adam())).toBe(
      "Adam(lr: 0.01, betas: [0.9, 0.999], eps: 1e-8, weightDecay: 0, amsgrad: false, maximize: false)",
    );
  });
});
