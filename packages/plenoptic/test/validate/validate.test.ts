// The checks of images, models, penalties and losses: each with the smallest thing that must be refused.

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";

const { validateInput, validateModel, validatePenalty, ValidationError } = po.validate;

let codes: string[] = [];
let off = (): void => {};
beforeEach(() => {
  codes = [];
  off = po.warnings.on((warning) => codes.push(`${warning.name} ${warning.code}`));
});
afterEach(() => off());

const full = (shape: number[], value = 0.5, dtype: po.DType = "float32"): po.Tensor => po.full(shape, value, { dtype });

describe("validateInput", () => {
  test("accepts a batch of images without a word", () => {
    validateInput(full([2, 3, 4, 4]));
    validateInput(full([2, 3, 4, 4], 1, "float64"));
    expect(codes).toEqual([]);
  });

  test("refuses other dtypes and other things", () => {
    for (const dtype of ["int32", "complex64"] as const) {
      expect(() => validateInput(full([1, 1, 2, 2], 1, dtype))).toThrow(new RegExp(`the image is ${dtype}.*float32`));
    }
    for (const [wrong, words] of [
      [null, "null"],
      [[1], "[1]"],
      [3, "3"],
    ] as const) {
      expect(() => validateInput(wrong as never)).toThrow(`the image is ${words}; it must be a Tensor`);
    }
  });

  test("warns of other ranks and of values outside [0, 1]", () => {
    validateInput(full([4, 4]));
    expect(codes).toEqual(["UserWarning image-rank"]);
    codes = [];
    validateInput(full([1, 1, 2, 2], 1.5));
    validateInput(full([1, 1, 2, 2], -0.5));
    expect(codes).toEqual(["UserWarning image-range", "UserWarning image-range"]);
  });

  test("refuses batches where it is asked to, what is not finite, and nothing at all", () => {
    expect(() => validateInput(full([2, 1, 4, 4]), { noBatch: true })).toThrow(/first axis must have size 1/);
    validateInput(full([1, 2, 4, 4]), { noBatch: true });
    validateInput(full([4]), { noBatch: true });
    codes = [];
    for (const wrong of [Number.NaN, Infinity, -Infinity]) {
      const holed = po.tensor([0, 1, wrong, 1], { shape: [1, 1, 2, 2], dtype: "float64" });
      expect(() => validateInput(holed)).toThrow(
        `value 2 of the image is ${wrong}; every pixel must be a finite number`,
      );
      expect(() => new po.Metamer(holed, (x) => x.square())).toThrow(`value 2 of the image is ${wrong}`);
    }
    expect(codes).toEqual([]);
    expect(() => validateInput(full([1, 1, 0, 4]))).toThrow(/it has no values/);
  });
});

describe("validateModel", () => {
  test("draws one image of the given shape and dtype", () => {
    for (const imageDtype of ["float32", "float64"] as const) {
      po.setSeed(5);
      validateModel((x) => x.mul(2), { imageShape: [1, 1, 3, 7], imageDtype });
      const generator = new po.TorchGenerator(5);
      generator.rand(21, imageDtype);
      expect(po.defaultGenerator().getState()).toEqual(generator.getState());
    }
  });

  test.each<[string, po.ModelLike, RegExp]>([
    ["nothing", undefined as never, /the model is undefined; it must be a function/],
    ["no forward", {} as never, /the model is an empty object; it must be a function/],
    [
      "a number",
      (() => 3) as never,
      /the model cannot be used on float32 \[1, 1, 16, 16\]: the function returned the number/,
    ],
    ["a promise", (async (x: po.Tensor) => x) as never, /returned a Promise; .*remove `async` and `await`/],
    [
      "a promise of a failure",
      (async () => {
        throw new Error("late");
      }) as never,
      /returned a Promise/,
    ],
    ["nothing", (() => {}) as never, /returned nothing; .*did you forget `return`\?/],
    [
      "an array",
      ((x: po.Tensor) => [x, x]) as never,
      /returned \[a Tensor, a Tensor\]; it must return one Tensor: concat\(\)/,
    ],
    ["a constant", () => po.ones([3]), /no gradient can flow through the model/],
    ["detached", (x) => x.detach().mul(2), /no gradient can flow through the model/],
    ["rounded", (x) => x.mul(255).floor(), /no gradient can flow through the model/],
    ["a comparison", (x) => x.gt(0.5), /no gradient can flow through the model/],
    [
      "another precision",
      (x) => x.cast("float64"),
      /float32 image into float64 \[1, 1, 16, 16\]; its output must be float32/,
    ],
    ["reads values", (x) => x.mul(x.sum().itemSync()), /has no data yet.*pure function/],
    ["draws", (x) => x.add(po.randLike(x as po.Tensor<"float32">)), /drew random numbers while a function is traced/],
    ["too small an image", new po.models.Gaussian(63), /the model cannot be used on .*reflect/],
  ])("refuses a model that gives %s", (_, model, message) => {
    expect(() => validateModel(model)).toThrow(message);
  });

  test("refuses a model that is not a pure function", () => {
    let calls = 0;
    expect(() => validateModel((x) => x.mul(++calls))).toThrow(/not a pure function/);
  });

  test("keeps what the model threw as the cause", () => {
    const cause = new Error("my own");
    const failing = (): never => {
      throw cause;
    };
    try {
      validateModel(failing);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(ValidationError);
      expect((error as Error).cause).toBe(cause);
      expect((error as Error).message).toContain("my own");
    }
  });

  test("accepts complex representations of the image's precision, and warns of training mode", () => {
    validateModel((x) => po.complex(x as po.Tensor<"float32">, x.mul(2) as po.Tensor<"float32">));
    expect(codes).toEqual([]);
    const model = { training: true, forward: (x: po.Tensor) => x };
    validateModel(model);
    expect(codes).toEqual(["UserWarning model-training"]);
  });
});

describe("validatePenalty", () => {
  test("draws nothing", () => {
    po.setSeed(5);
    const before = po.defaultGenerator().getState();
    validatePenalty(po.regularize.penalizeRange, { imageDtype: "float64" });
    expect(po.defaultGenerator().getState()).toEqual(before);
  });

  test.each<[string, po.validate.PenaltyFunction, RegExp]>([
    ["nothing", undefined as never, /the penalty is undefined; it must be a function/],
    ["no tensor", (() => 0) as never, /the function returned the number 0; .*tensor\(0\)/],
    ["several numbers", (x) => x.square(), /gives float32 \[1, 1, 16, 16\]; it must give one number/],
    ["a constant", () => po.zeros([]), /no gradient can flow through the penalty: it does not depend on the image/],
    ["a detached one", (x) => x.sum().detach(), /no gradient can flow through the penalty/],
    ["another precision", (x) => x.sum().cast("float64"), /gives float64 \[\]; it must be float32, like the image/],
    [
      "a complex one",
      (x) => po.complex(x.sum() as never, x.sum() as never),
      /gives complex64 \[\]; it must be float32/,
    ],
  ])("refuses a penalty that gives %s", (_, penalty, message) => {
    expect(() => validatePenalty(penalty)).toThrow(message);
  });

  test("accepts one element of any rank", () => {
    validatePenalty((x) => x.mean(undefined, { keepdims: true }));
  });
});

describe("the loss of a Metamer", () => {
  test.each<[string, po.validate.LossFunction, RegExp]>([
    ["nothing", 3 as never, /the loss is 3; it must be a function/],
    ["several numbers", (x, y) => x.sub(y), /the loss gives float32 \[1, 1, 6, 6\]; it must give one number/],
    ["only the target's", (_, y) => y.sum(), /no gradient can flow through the loss: it does not depend on its first/],
    ["another precision", (x) => x.sum().cast("float64"), /the loss gives float64 \[\]; it must be float32/],
  ])("is refused when it gives %s", (_, lossFunction, message) => {
    expect(() => new po.Metamer(full([1, 1, 6, 6]), new po.models.Identity(), { lossFunction })).toThrow(message);
  });
});

describe("warnings", () => {
  test("go to the console once each while nobody listens", async () => {
    off();
    const { warn } = console;
    const lines: unknown[] = [];
    console.warn = (line: unknown) => lines.push(line);
    try {
      validateInput(full([3, 5]));
      validateInput(full([3, 5]));
      validateInput(full([3, 6]));
    } finally {
      console.warn = warn;
    }
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatch(/^UserWarning: validateInput: the image is float32 \[3, 5\]/);
  });

  test("go to every listener every time, until it is taken away", () => {
    const other: string[] = [];
    const stop = po.warnings.on(({ message }) => other.push(message));
    validateInput(full([3]));
    validateInput(full([3]));
    stop();
    validateInput(full([3]));
    expect(other).toHaveLength(2);
    expect(codes).toHaveLength(3);
  });
});
