// Values of flags: what is taken as a number, and what is refused.

import { zeros } from "@plenoptic-js/tensor";
import { significant } from "plenoptic-js/engine";
import { describe, expect, it } from "vitest";
import { chooseRegistered } from "../src/modelRegistry.ts";
import { realNumber, stopCriterion, wholeNumber } from "../src/options.ts";
import { exportNote, fall } from "../src/wording.ts";

describe("wholeNumber", () => {
  const parse = wholeNumber(1, 600);

  it.each([
    ["1", 1],
    ["600", 600],
    ["+7", 7],
    ["007", 7],
    ["6e2", 600],
    ["1E+1", 10],
    ["0.5e1", 5],
    ["50e-1", 5],
    ["20.0", 20],
    ["3.", 3],
  ])("reads %s", (text, value) => {
    expect(parse(text)).toBe(value);
  });

  it.each([
    "",
    " ",
    "0",
    "601",
    "ten",
    "1.5",
    "1e3",
    "1e-3",
    "15e-1",
    "1e999",
    "1_0",
    "0x10",
    "5 ",
    "-1",
    "NaN",
    "Infinity",
  ])("refuses %j", (text) => {
    expect(() => parse(text)).toThrow("It must be a whole number from 1 to 600.");
  });

  it("has no negative zero, which JSON could not hold", () => {
    expect(wholeNumber(0, 1)("-0")).toBe(0);
  });
});

describe("realNumber", () => {
  it.each([
    ["3", 3],
    [".5", 0.5],
    ["5.", 5],
    ["1e-6", 1e-6],
    ["2.5E+3", 2500],
  ])("reads %s", (text, value) => {
    expect(realNumber(0, "above")(text)).toBe(value);
  });

  it.each(["", "x", "0", "-1", "1e999", "Infinity", "NaN", "0x1", "1,5", "."])("refuses %j", (text) => {
    expect(() => realNumber(0, "above")(text)).toThrow("It must be a number above 0.");
  });

  it("takes its lower end, if told so, and has no negative zero", () => {
    expect(realNumber(0, "from")("0")).toBe(0);
    expect(realNumber(0, "from")("-0.0")).toBe(0);
    expect(() => realNumber(0, "from")("-1e-9")).toThrow("It must be a number, 0 or more.");
  });
});

describe("stopCriterion", () => {
  it.each([
    ["off", 0],
    ["OFF", 0],
    ["0", 0],
    ["1e-4", 1e-4],
  ])("reads %s", (text, value) => {
    expect(stopCriterion(text)).toBe(value);
  });

  it.each(["on", "-1", ""])("refuses %j", (text) => {
    expect(() => stopCriterion(text)).toThrow(/"off" or a number/);
  });
});

describe("chooseRegistered", () => {
  it("fills in defaults", async () => {
    const choice = chooseRegistered("gaussian", { std: 2 });
    expect(choice.description).toBe("gaussian (kernel size 31, std 2)");
    expect(choice.flags).toEqual(["--model", "gaussian", "--kernel-size", "31", "--std", "2"]);
    expect((await choice.create([64, 64], "float32")).options).toMatchObject({ kernelSize: [31, 31], std: [2] });
    expect((await chooseRegistered("Linear", {}).create([64, 64], "float32")).options).toMatchObject({
      kernelSize: [3, 3],
    });
    expect(chooseRegistered("identity", {}).description).toBe("identity");
  });

  it.each([
    ["gaussian", 1],
    ["gaussian", 2],
    ["gaussian", 31],
    ["gaussian", 32],
    ["linear", 1],
    ["linear", 2],
    ["linear", 5],
    ["linear", 6],
  ])("knows the smallest image that %s of size %d can be used on", async (name, kernelSize) => {
    const { leastSide, create } = chooseRegistered(name, { kernelSize });
    const model = await create([64, 64], "float32");
    const use = (side: number): readonly number[] => model.forward(zeros([1, 1, side, side])).shape;
    expect(use(leastSide).slice(-2)).toEqual([leastSide, leastSide]);
    if (leastSide > 1) expect(() => use(leastSide - 1)).toThrow(/padding/);
  });

  it("refuses options that the model does not take", () => {
    expect(() => chooseRegistered("linear", { std: 2 })).toThrow(
      "the model linear has no option --std; it takes --kernel-size",
    );
    expect(() => chooseRegistered("identity", { kernelSize: 3 })).toThrow("it takes no options");
  });
});

describe("wording", () => {
  it.each([
    [0, "0"],
    [0.0212345, "0.0212"],
    [4.36912e-6, "4.37e-6"],
    [12345.6, "1.23e4"],
    [-0.5, "-0.5"],
  ])("%d: %s", (value, text) => {
    expect(significant(value)).toBe(text);
  });

  it("tells how far a loss fell", () => {
    expect(fall(0.1, 1e-5)).toBe("fell by 4.0 decades");
    expect(fall(0.1, 0.2)).toBe("rose by 0.3 decades");
    expect(fall(0.1, 0)).toBe("fell to 0");
    // Below a factor of 2 there are no decades to speak of.
    expect([fall(1, 0.76), fall(1, 0.74), fall(1, 1.3), fall(1, 0.5)]).toEqual([
      "fell by 24 %",
      "fell by 26 %",
      "rose by 30 %",
      "fell by 0.3 decades",
    ]);
    expect([fall(0.176, 0.169), fall(1, 1.2), fall(1, 1)]).toEqual(["fell by 4 %", "rose by 20 %", "fell by 0 %"]);
  });

  it("counts what was clipped", () => {
    const exports = (below: number, above: number) =>
      [8, 16].map((bits) => ({
        file: "",
        bits: bits as 8 | 16,
        clippedBelow: below,
        clippedAbove: above,
        maxRoundingError: 0.5 / (2 ** bits - 1),
      }));
    expect(exportNote(exports(2, 3), 9)).toBe(
      "2 of 9 values lay below 0 and 3 above 1, and were clipped; rounding changed the others by at most " +
        "0.00196 (8 bits) and 7.63e-6 (16 bits)",
    );
    expect(exportNote(exports(0, 0), 9)).toMatch(/^none of 9 values had to be clipped; /);
  });
});
