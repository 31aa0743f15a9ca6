// What must hold for the card of every model: that it says of the class what the class does.

import { describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import type { ModelCard, OptionValues } from "../../src/models/card.ts";
import type { GroupedModel, Model } from "../../src/models/model.ts";
import { savedName } from "../../src/synthesis/saving/dictionary/names.ts";
import type { ScaledModel } from "../../src/validate/scales.ts";

export function defaultsOf({ options }: ModelCard): OptionValues {
  return Object.fromEntries(Object.entries(options).map(([option, about]) => [option, about.default]));
}

/** Not flat anywhere, and the same every time. */
function picture(side: number): po.Tensor {
  return po.tensor(new po.TorchGenerator(side).rand(side * side, "float64"), { shape: [1, 1, side, side] });
}

/** What the model makes of an image of a side. */
function seen(card: ModelCard, options: OptionValues, side: number): po.Tensor {
  return card.create(options, [side, side]).forward(picture(side));
}

function allFinite(values: ArrayLike<number>): boolean {
  return Array.from(values).every((value) => Number.isFinite(value));
}

export function checkModelCard(card: ModelCard): void {
  const defaults = defaultsOf(card);
  const least = card.leastSide(defaults);
  const step = card.sideStep?.(defaults) ?? 1;
  const make = (): Model => card.create(defaults, [least, least]);

  describe(`the card of ${card.className}`, () => {
    test("makes an object of its class, which files and recipes call what it says", () => {
      const model = make();
      expect(model).toBeInstanceOf(card.class);
      expect(model.name).toBe(card.className);
      expect(savedName(model)).toBe(card.pythonName ?? `__main__.${card.className}`);
      expect(savedName(model).split(".").at(-1)).toBe(card.className);
    });

    test.each(Object.entries(card.options))("makes it with the %s that it is given", (option, { kind }) => {
      const other = defaults[option] + (kind === "integer" ? 1 : 0.5);
      const chosen = { ...defaults, [option]: other };
      const side = card.leastSide(chosen);
      const { options = {} } = card.create(chosen, [side, side]);
      expect([options[option]].flat()).toContain(other);
    });

    test.each(Object.entries(card.options))("%s has a default within its range, and none beyond", (option, about) => {
      const [low, high] = about.range;
      const isInteger = about.kind === "integer";
      expect(about.default).toBeGreaterThanOrEqual(isInteger ? low : low + Number.MIN_VALUE);
      expect(about.default).toBeLessThanOrEqual(isInteger ? high : Number.MAX_VALUE);
      const using = (value: number) => () => seen(card, { ...defaults, [option]: value }, least);
      const said = new RegExp(`${card.className}.*${option}`);
      expect(using(isInteger ? low - 1 : low)).toThrow(said);
      expect(using(isInteger ? high + 1 : high)).toThrow(said);
      expect(using(Number.NaN)).toThrow(said);
      if (isInteger) expect(using(low + 0.5)).toThrow(said);
    });

    test("knows the smallest image", () => {
      expect(allFinite(seen(card, defaults, least).dataSync())).toBe(true);
      if (least > step) expect(() => seen(card, defaults, least - step)).toThrow();
      expect(least % step).toBe(0);
      if (step > 1) expect(() => seen(card, defaults, least + 1)).toThrow();
    });

    test.each(Object.entries(card.options))("knows whether %s decides on the smallest image", (option, about) => {
      const sides = [about.range[0] + 1, about.default * 3].map((value) =>
        card.leastSide({ ...defaults, [option]: value }),
      );
      expect(sides[1] > sides[0]).toBe(about.forSmallImages !== undefined);
    });

    test("has a gradient where an image is flat", () => {
      const flat = po.zeros([1, 1, least, least], { dtype: "float64" });
      const slope = po.gradient(make().forward(flat).sum(), flat).dataSync();
      expect(allFinite(slope)).toBe(true);
    });

    test("knows whether the model has scales, and groups", () => {
      const model = make();
      expect("scales" in model).toBe(card.hasScales === true);
      expect("convertToDict" in model).toBe(card.groups !== undefined);
      if (!card.hasScales) return;
      const imageShape = [1, 1, least, least];
      expect(() => po.validate.validateCoarseToFine(model as Model & ScaledModel, { imageShape })).not.toThrow();
    });

    const { loss, preset } = card;

    test.runIf(loss)("has a loss that is 0 for the target", () => {
      const model = make();
      const image = picture(least);
      const target = model.forward(image);
      for (const one of [loss!.create(model, image), loss!.ofParts.compute]) {
        expect(one(target, target).itemSync()).toBe(0);
        expect(one(target.mul(1.5), target).itemSync()).toBeGreaterThan(0);
      }
      expect(po.loss).toHaveProperty(loss!.name);
      expect(po.loss).toHaveProperty(loss!.ofParts.name, loss!.ofParts.compute);
    });

    test.runIf(preset)("has a preset that can begin", () => {
      const image = picture(least);
      expect(po.presets).toHaveProperty(preset!.name);
      expect(preset!.initialImage(image).shape).toEqual(image.shape);
      expect(preset!.optimizer().name).toMatch(/\w/);
      expect(Number.isInteger(preset!.iterations) && preset!.iterations > 0).toBe(true);
    });

    test.runIf(card.groups)("says what every index of every group means", () => {
      const smallest = Object.fromEntries(
        Object.entries(card.options).map(([option, { range }]) => [option, range[0]]),
      );
      for (const options of [defaults, smallest]) {
        const side = card.leastSide(options);
        const model = card.create(options, [side, side]) as Model & GroupedModel;
        const groups = model.convertToDict(model.forward(picture(side)));
        const { columns, axes } = card.groups!(options);
        expect(Object.keys(axes)).toEqual([...groups.keys()]);
        const used = new Set<string>();
        for (const [name, group] of groups) {
          const lengths = axes[name].map((meaning) => Object.values(meaning).map((words) => words?.length));
          expect(lengths.map(([length]) => length)).toEqual(group.shape.slice(2));
          for (const same of lengths) expect(new Set(same).size).toBe(1);
          // Together the words of an index are those of no other.
          for (const meaning of axes[name]) {
            const words = Object.values(meaning).filter((some) => some !== undefined);
            const places = words[0].map((_, at) => JSON.stringify(words.map((some) => some[at])));
            expect(new Set(places).size).toBe(places.length);
          }
          const said = axes[name].flatMap((meaning) => Object.keys(meaning));
          expect(new Set(said).size).toBe(said.length);
          for (const column of said) used.add(column);
        }
        expect(used).toEqual(new Set(columns));
      }
    });
  });
}
