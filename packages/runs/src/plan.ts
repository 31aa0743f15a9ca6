// A plan: which stimuli there are to make. Lists of values make a grid, in the order in which they stand, the first one slowest; `zip`
// lets lists go side by side, `exclude` leaves combinations out. What a value may be, the command says (vocabulary.ts).

import { isAbsolute, join } from "node:path";
import { didYouMean } from "@plenoptic-js/tensor/engine";
import { imagesOf, type PlanImage } from "./planImages.ts";
import { type Place, type PlanEntry, PlanError, type PlanNode, readPlanText } from "./planText.ts";
import type { PlanGroup, PlanMethod, PlanOption, Vocabulary } from "./vocabulary.ts";

/** An option of the command and the text of its value; null: a flag that is set. */
export type Word = readonly [option: string, value: string | null];

/** One value of a list, or one of several that go together. */
interface Choice {
  readonly words: readonly Word[];
  /** What listings say of it, by columns. */
  readonly told: readonly Word[];
  readonly image?: PlanImage;
  readonly seed?: number;
  readonly replicate?: number;
  readonly at: Place;
}

/** What may vary. */
interface Axis {
  readonly name: string;
  readonly choices: readonly Choice[];
  readonly at: Place;
}

/** What a plan says of one stimulus. */
export interface Cell {
  readonly image: PlanImage;
  /** Options of the command. */
  readonly words: readonly Word[];
  /** The seed that the plan gives; null where it is to be derived. */
  readonly seed: number | null;
  /** The number among those that differ in nothing else, from 0 on. */
  readonly replicate: number;
  /** What listings say of it: a value for every name that the plan has given a value. */
  readonly parameters: ReadonlyMap<string, string>;
}

export interface Plan {
  /** How it is called in messages. */
  readonly file: string;
  readonly text: string;
  readonly method: PlanMethod;
  readonly cells: readonly Cell[];
  /** Names of what varies, in the order of the plan. */
  readonly varying: readonly string[];
  /** An error at the place where the first of some options is given that stands in the plan; else at the method. */
  refusal(message: string, options: readonly string[]): PlanError;
}

const OWN = ["method", "images", "image", "seed", "seeds", "replicates", "zip", "exclude"] as const;
const PER_JOB = "per-job";
/** More are a mistake more often than a wish. */
const MOST_JOBS = 100_000;

/**
 * Reads a plan.
 *
 * @param folder where its paths begin
 * @throws PlanError, which names line and column
 */
export async function readPlan(text: string, file: string, folder: string, vocabulary: Vocabulary): Promise<Plan> {
  return new Reader(text, file, folder, vocabulary).read();
}

class Reader {
  readonly #text: string;
  readonly #file: string;
  readonly #folder: string;
  readonly #vocabulary: Vocabulary;
  /** Where options stand. */
  readonly #places = new Map<string, Place>();

  constructor(text: string, file: string, folder: string, vocabulary: Vocabulary) {
    this.#text = text;
    this.#file = file;
    this.#folder = folder;
    this.#vocabulary = vocabulary;
  }

  #fail(at: Place, message: string): never {
    throw new PlanError(this.#file, at, message);
  }

  async read(): Promise<Plan> {
    const root = readPlanText(this.#text, this.#file);
    if (root.kind !== "map" || root.entries.length === 0) {
      this.#fail(root.at, "a plan begins with names and values, such as method: metamer");
    }
    const method = this.#method(root.entries);
    const axes: Axis[] = [];
    for (const entry of root.entries) axes.push(...(await this.#axes(entry, method)));
    const { at } = root.entries.find(({ name }) => name === "method")!;
    this.#refuseTwo(root.entries, ["image", "images"], "say the same");
    this.#refuseTwo(root.entries, ["seed", "seeds"], "say the same");
    if (axes.some(({ name }) => name === "seed")) {
      this.#refuseTwo(
        root.entries,
        ["seed", "replicates"],
        "go against each other: of given seeds each makes one stimulus",
      );
      this.#refuseTwo(
        root.entries,
        ["seeds", "replicates"],
        "go against each other: of given seeds each makes one stimulus",
      );
    }
    if (!axes.some(({ name }) => name === "image"))
      this.#fail(at, "a plan needs images: images: [house, photos/*.png]");
    const sides = this.#zipped(axes, this.#entry(root.entries, "zip"));
    const excluded = this.#excluded(axes, this.#entry(root.entries, "exclude"));
    const size = sides.reduce((product, { choices }) => product * choices.length, 1);
    if (size > MOST_JOBS) this.#fail(at, `these are ${size} stimuli, and a plan has at most ${MOST_JOBS}; split it`);
    const cells = gridOf(sides).flatMap((choices) => {
      const parts = choices.flat();
      return excluded.some((rule) => rule.fits(parts)) ? [] : [cellOf(parts)];
    });
    const idle = excluded.find((rule) => rule.count === 0);
    if (idle !== undefined)
      this.#fail(idle.at, "this leaves out nothing, as no stimulus has these values; put it right, or leave it out");
    if (cells.length === 0) this.#fail(at, "exclude leaves out all stimuli");
    const places = this.#places;
    const file = this.#file;
    return {
      file,
      text: this.#text,
      method,
      cells,
      varying: varyingOf(cells, axes),
      refusal: (message, options) => {
        const given = options.find((option) => places.has(option));
        return new PlanError(file, given === undefined ? at : places.get(given)!, message);
      },
    };
  }

  #refuseTwo(entries: readonly PlanEntry[], names: readonly string[], why: string): void {
    const found = entries.filter(({ name }) => names.includes(name));
    if (found.length > 1) this.#fail(found[1].at, `${found[0].name} and ${found[1].name} ${why}; leave one out`);
  }

  #entry(entries: readonly PlanEntry[], name: string): PlanEntry | undefined {
    return entries.find((entry) => entry.name === name);
  }

  #method(entries: readonly PlanEntry[]): PlanMethod {
    const names = this.#vocabulary.methods.map(({ name }) => name);
    const entry = this.#entry(entries, "method");
    if (entry === undefined) {
      const [first] = entries;
      const near = didYouMean(first.name, ["method"]);
      this.#fail(first.at, `a plan needs a method (${names.join(", ")}), such as method: metamer${near}`);
    }
    const { value } = entry;
    const found = this.#vocabulary.methods.find(({ name }) => value.kind === "scalar" && name === value.value);
    if (found !== undefined) return found;
    if (value.kind !== "scalar")
      this.#fail(value.at, `a plan has one method (${names.join(", ")}); make a plan for each`);
    this.#fail(
      value.at,
      `there is no method "${value.value}"${didYouMean(String(value.value), names)} (${names.join(", ")})`,
    );
  }

  /** What an entry of the plan lets vary. */
  async #axes(entry: PlanEntry, method: PlanMethod): Promise<readonly Axis[]> {
    const { name, at, value } = entry;
    this.#places.set(name, value.at);
    if (name === "images" || name === "image") return [await this.#images(entry)];
    if (name === "seed" || name === "seeds") return this.#seeds(entry);
    if (name === "replicates") return [this.#replicates(entry)];
    if ((OWN as readonly string[]).includes(name)) return [];
    const group = method.groups.find((one) => one.name === name);
    if (group !== undefined) return this.#group(entry, group);
    const option = method.options.find((one) => one.name === name);
    if (option !== undefined) return [this.#option(name, option, entry)];
    const refused = method.refused.get(name);
    if (refused !== undefined) this.#fail(at, `${name} has no place in a plan: ${refused}`);
    const home = method.groups.find((one) => one.options?.some((own) => own.name === name) ?? false);
    if (home !== undefined) {
      this.#fail(at, `${name} is an option of the ${home.name}: write ${home.name}: { name: ..., ${name}: ... }`);
    }
    const names = [...OWN, ...method.groups.map((one) => one.name), ...method.options.map((one) => one.name)];
    const dashed = name.replaceAll(/_|(?=[A-Z])/g, "-").toLowerCase();
    const near = names.includes(dashed) ? `; did you mean "${dashed}"?` : didYouMean(name, names);
    this.#fail(at, `a plan of ${method.name} has no "${name}"${near} (${names.join(", ")})`);
  }

  async #images({ value, at }: PlanEntry): Promise<Axis> {
    const choices: Choice[] = [];
    const seen = new Set<string>();
    for (const item of itemsOf(value)) {
      if (item.kind !== "scalar" || typeof item.value !== "string") {
        this.#fail(item.at, "an image is a file, a folder, a pattern such as photos/*.png, or a picture that ships");
      }
      const found = await imagesOf(item.value, item.at, this.#folder, this.#vocabulary.pictures);
      if (typeof found === "string") this.#fail(item.at, found);
      for (const image of found) {
        if (seen.has(image.source)) continue;
        seen.add(image.source);
        choices.push({ words: [], told: [["image", image.label]], image, at: item.at });
      }
    }
    if (choices.length === 0) this.#fail(value.at, "a plan needs at least one image");
    return { name: "image", choices, at };
  }

  #seeds({ value, at, name }: PlanEntry): readonly Axis[] {
    if (value.kind === "scalar" && value.value === PER_JOB) return [];
    const seeds = new Map<number, Place>();
    for (const item of itemsOf(value)) {
      const text = item.kind === "scalar" ? String(item.value) : "";
      const [, first, last = first] = /^\s*(\d+)\s*(?:-\s*(\d+)\s*)?$/.exec(text) ?? [];
      const [low, high] = [Number(first), Number(last)];
      if (first === undefined || high > this.#vocabulary.largestSeed || high < low || high - low >= MOST_JOBS) {
        this.#fail(
          item.at,
          `${name} is ${PER_JOB}, a whole number from 0 to ${this.#vocabulary.largestSeed}, a range such as 0-7, or a list of these`,
        );
      }
      for (let seed = low; seed <= high; seed++) {
        if (seeds.has(seed)) this.#fail(item.at, `seed ${seed} is there twice`);
        seeds.set(seed, item.at);
      }
    }
    if (seeds.size === 0) this.#fail(value.at, `give seeds, or ${PER_JOB}`);
    const choices = Array.from(
      seeds,
      ([seed, at]): Choice => ({ words: [], told: [["seed", String(seed)]], seed, at }),
    );
    return [{ name: "seed", choices, at }];
  }

  #replicates({ value, at }: PlanEntry): Axis {
    const count = value.kind === "scalar" ? value.value : null;
    if (!(typeof count === "number" && Number.isInteger(count) && count >= 1 && count <= MOST_JOBS)) {
      this.#fail(value.at, "replicates is how many stimuli there are with the same settings: a whole number from 1 on");
    }
    const choices = Array.from({ length: count }, (_, replicate): Choice => {
      return { words: [], told: [["replicate", String(replicate)]], replicate, at };
    });
    return { name: "replicate", choices, at };
  }

  #option(name: string, option: PlanOption, { value, at }: PlanEntry): Axis {
    this.#places.set(name, value.at);
    const choices = itemsOf(value).map((item): Choice => {
      const text = this.#textOf(item, name);
      if (option.accepts.kind === "flag") {
        if (text !== "true" && text !== "false") this.#fail(item.at, `${name} is true or false, not ${text}`);
        return { words: text === "true" ? [[name, null]] : [], told: [[name, text]], at: item.at };
      }
      try {
        option.check(text);
      } catch (error) {
        this.#fail(item.at, `${name} is ${text}. ${(error as Error).message}`);
      }
      const word = option.mayBeFile === true ? this.#named(text) : text;
      return { words: [[name, word]], told: [[name, text]], at: item.at };
    });
    if (choices.length === 0) this.#fail(value.at, `${name} needs a value`);
    if (option.isOfFiles === true && choices.length > 1) {
      const why = "it decides how the files are made, and not what is found";
      this.#fail(value.at, `${name} has one value in a plan, as ${why}; for another one make another plan`);
    }
    return { name, choices, at };
  }

  /** A list among the values of a list is one value, with commas. */
  #textOf(item: PlanNode, name: string): string {
    if (item.kind === "list") return item.items.map((part) => this.#textOf(part, name)).join(",");
    if (item.kind === "map") this.#fail(item.at, `${name} is a value or a list of values, with nothing inside of it`);
    if (item.value === null) this.#fail(item.at, `${name} needs a value`);
    return String(item.value);
  }

  /** A single thing lets its options vary for themselves; of a list of things, each comes with its own. */
  #group({ name, value, at }: PlanEntry, group: PlanGroup): readonly Axis[] {
    if (value.kind === "map") return this.#members(value, group);
    const choices = itemsOf(value).flatMap((item): Choice[] => {
      if (item.kind === "map") {
        const members = this.#members(item, group);
        return gridOf(members).map((parts) => ({ ...joined(parts), at: item.at }));
      }
      const text = this.#textOf(item, name);
      return [{ words: [[name, this.#named(text)]], told: [[name, text]], at: item.at }];
    });
    if (choices.length === 0) this.#fail(value.at, `${name} needs a value`);
    return [{ name, choices, at }];
  }

  #members({ entries, at }: Extract<PlanNode, { kind: "map" }>, group: PlanGroup): Axis[] {
    const kind = group.name;
    const named = this.#entry(entries, "name");
    if (named === undefined) this.#fail(at, `a ${kind} needs its name: ${kind}: { name: ... }`);
    return entries.map((entry): Axis => {
      const { name, value } = entry;
      if (name === "name") {
        this.#places.set(kind, value.at);
        const choices = itemsOf(value).map((item): Choice => {
          const text = this.#textOf(item, `the name of the ${kind}`);
          return { words: [[kind, this.#named(text)]], told: [[kind, text]], at: item.at };
        });
        return { name: kind, choices, at: entry.at };
      }
      if (group.options === null) {
        const assigns = group.assigns ?? "";
        this.#places.set(name, value.at);
        this.#places.set(assigns, value.at);
        const choices = itemsOf(value).map((item): Choice => {
          const text = this.#textOf(item, name);
          return { words: [[assigns, `${name}=${text}`]], told: [[name, text]], at: item.at };
        });
        return { name, choices, at: entry.at };
      }
      const option = group.options.find((one) => one.name === name);
      if (option === undefined) {
        const names = group.options.map((one) => one.name);
        this.#fail(entry.at, `no ${kind} has an option "${name}"${didYouMean(name, names)} (${names.join(", ")})`);
      }
      return this.#option(name, option, entry);
    });
  }

  /** A file is named as seen from the plan. */
  #named(text: string): string {
    return this.#vocabulary.isFile(text) && !isAbsolute(text) ? join(this.#folder, text) : text;
  }

  /** Axes, of which some go side by side. */
  #zipped(
    axes: readonly Axis[],
    entry: PlanEntry | undefined,
  ): readonly { readonly choices: readonly (readonly Choice[])[] }[] {
    const groups = entry === undefined ? [] : this.#zips(entry.value);
    const homeOf = new Map<Axis, readonly Axis[]>();
    for (const { items, at } of groups) {
      const members = items.map((item) => {
        const axis = axes.find(({ name }) => name === singular(item.name));
        if (axis === undefined) {
          const names = axes.filter(({ choices }) => choices.length > 1).map(({ name }) => name);
          this.#fail(
            item.at,
            `nothing here is called "${item.name}"${didYouMean(item.name, names)} (${names.join(", ")})`,
          );
        }
        if (homeOf.has(axis)) this.#fail(item.at, `${item.name} is zipped twice`);
        return axis;
      });
      const [first] = members;
      const other = members.find(({ choices }) => choices.length !== first.choices.length);
      if (other !== undefined) {
        this.#fail(
          at,
          `zip takes lists of one length, and ${first.name} has ${first.choices.length} values, ${other.name} ${other.choices.length}`,
        );
      }
      for (const axis of members) homeOf.set(axis, members);
    }
    const done = new Set<Axis>();
    return axes.flatMap((axis) => {
      if (done.has(axis)) return [];
      const members = homeOf.get(axis) ?? [axis];
      for (const member of members) done.add(member);
      return [{ choices: axis.choices.map((_, i) => members.map(({ choices }) => choices[i])) }];
    });
  }

  #zips(
    value: PlanNode,
  ): readonly { readonly items: readonly { readonly name: string; readonly at: Place }[]; readonly at: Place }[] {
    const lists = value.kind === "list" && value.items.every(({ kind }) => kind === "list") ? value.items : [value];
    return lists.map((list) => {
      const items = itemsOf(list).map((item) => {
        if (item.kind !== "scalar") this.#fail(item.at, "zip takes names of what varies: zip: [std, iterations]");
        return { name: String(item.value), at: item.at };
      });
      if (items.length < 2) this.#fail(list.at, "zip takes two names or more: zip: [std, iterations]");
      return { items, at: list.at };
    });
  }

  #excluded(axes: readonly Axis[], entry: PlanEntry | undefined): readonly Rule[] {
    if (entry === undefined) return [];
    const known = [
      ...new Set(axes.flatMap(({ choices }) => choices.flatMap(({ told }) => told.map(([name]) => name)))),
    ];
    return itemsOf(entry.value).map((item) => {
      if (item.kind !== "map")
        this.#fail(item.at, "exclude takes names and values: exclude: [{ image: house, std: 2 }]");
      const wanted = item.entries.map(({ name, at, value }) => {
        const own = singular(name);
        if (!known.includes(own)) {
          this.#fail(at, `nothing here is called "${name}"${didYouMean(name, known)} (${known.join(", ")})`);
        }
        return [own, new Set(itemsOf(value).map((one) => this.#textOf(one, name)))] as const;
      });
      return new Rule(wanted, item.at);
    });
  }
}

/** A combination that is left out. */
class Rule {
  readonly at: Place;
  /** How many it has left out. */
  count = 0;
  readonly #wanted: readonly (readonly [name: string, values: ReadonlySet<string>])[];

  constructor(wanted: readonly (readonly [string, ReadonlySet<string>])[], at: Place) {
    this.#wanted = wanted;
    this.at = at;
  }

  fits(parts: readonly Choice[]): boolean {
    const told = new Map(parts.flatMap((part) => part.told.map(([name, value]) => [name, value ?? ""] as const)));
    const all = this.#wanted.every(([name, values]) => values.has(told.get(name) ?? ""));
    if (all) this.count++;
    return all;
  }
}

const singular = (name: string): string =>
  name === "images" ? "image" : name === "seeds" ? "seed" : name === "replicates" ? "replicate" : name;

const itemsOf = (node: PlanNode): readonly PlanNode[] => (node.kind === "list" ? node.items : [node]);

/** All combinations, the first part slowest. */
function gridOf<T>(parts: readonly { readonly choices: readonly T[] }[]): T[][] {
  let all: T[][] = [[]];
  for (const { choices } of parts) all = all.flatMap((before) => choices.map((choice) => [...before, choice]));
  return all;
}

function joined(parts: readonly Choice[]): Pick<Choice, "words" | "told"> {
  return { words: parts.flatMap(({ words }) => words), told: parts.flatMap(({ told }) => told) };
}

function cellOf(parts: readonly Choice[]): Cell {
  const { words, told } = joined(parts);
  const image = parts.find((part) => part.image !== undefined)!.image!;
  return {
    image,
    words,
    seed: parts.find(({ seed }) => seed !== undefined)?.seed ?? null,
    replicate: parts.find(({ replicate }) => replicate !== undefined)?.replicate ?? 0,
    parameters: new Map(told.map(([name, value]) => [name, value ?? "true"])),
  };
}

/** Names that have more than one value among the cells. */
function varyingOf(cells: readonly Cell[], axes: readonly Axis[]): string[] {
  const names = [...new Set(axes.flatMap(({ choices }) => choices.flatMap(({ told }) => told.map(([name]) => name))))];
  return names.filter((name) => {
    const first = cells[0].parameters.get(name);
    return cells.some(({ parameters }) => parameters.get(name) !== first);
  });
}
