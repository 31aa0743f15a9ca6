// The page of several metamers of one image: are there many such images, and where do they differ? What they have in common the model
// sees; what differs between them it does not.

import { concat, type Tensor } from "@plenoptic-js/tensor";
import { type MetamerVerdict, type Nearness, plot } from "plenoptic-js";
import { counted, gapOf, median, significant } from "plenoptic-js/engine";
import { channelNames, layoutOf, picture } from "./reportParts.ts";

/** What the page says of one. */
export interface MemberOfSeveral {
  readonly seed: number;
  /** [1, channels, height, width] */
  readonly metamer: Tensor;
  readonly iterations: number;
  readonly firstLoss: number;
  readonly loss: number;
  readonly verdict: Pick<MetamerVerdict, "verdict" | "groups" | "settling" | "imageGap" | "blind">;
  readonly sha256: string;
}

interface Several {
  readonly title: string;
  readonly target: Tensor;
  readonly members: readonly MemberOfSeveral[];
  /** What is said of seeds that gave none. */
  readonly failed: readonly string[];
}

/** More pictures than this make the page long. */
const MOST_PICTURES = 64;

/** The page as HTML text. */
export async function severalPage({ title, target, members, failed }: Several): Promise<string> {
  const { zoom } = layoutOf(target);
  const shown = members.slice(0, MOST_PICTURES);
  const pictures = [await picture(target, "Target", zoom)];
  for (const { seed, metamer } of shown) pictures.push(await picture(metamer, `Seed ${seed}`, zoom));
  return plot.report({
    title,
    intro:
      `${verdictCounts(members)}. ` +
      (members.length === 1
        ? "It began as noise."
        : "All began as other noise, each from its own seed. As far as they are matched, the model takes each for the target: what they " +
          "have in common, it sees; where they differ, it is blind."),
    sections: [
      {
        heading: "The images",
        text:
          "On one scale, from 0 (black) to 1 (white). Each stands with its own report and files in the folder named after its seed." +
          (shown.length < members.length ? ` Here are the first ${shown.length}.` : ""),
        figures: pictures,
        links: members.map(({ seed }) => [`Report of seed ${seed}`, `seed-${seed}/report.html`] as const),
        table: [
          ...members.map(({ seed, iterations, firstLoss, loss, verdict, sha256 }) => {
            const [worst] = verdict.groups;
            const group = verdict.groups.length > 1 ? ` (worst: ${worst.name.replaceAll("_", " ")})` : "";
            const went = `loss ${significant(firstLoss)} to ${significant(loss)} in ${counted(iterations, "iteration")}`;
            return [
              `seed ${seed}`,
              `${kindOf(verdict)}${group}; ${settled(verdict)}; ${went}; SHA-256 ${sha256.slice(0, 12)}...`,
            ] as const;
          }),
          ...failed.map((words) => ["left out", words] as const),
        ],
      },
      ...(members.length < 2 ? [] : [await spreadSection(target, members)]),
    ],
  });
}

const settled = ({ settling }: MemberOfSeveral["verdict"]): string =>
  settling.state === "settled" ? "settled" : `not settled (${settling.state})`;

const TARGET = "the target itself";
const PRACTICALLY = "practically the target";
const BLIND = "without anything to match";

type Kind = Nearness | typeof TARGET | typeof PRACTICALLY | typeof BLIND;

const kindOf = ({ verdict, imageGap, blind }: MemberOfSeveral["verdict"]): Kind => {
  if (imageGap?.same === "practically") return PRACTICALLY;
  if ((imageGap?.same ?? null) !== null) return TARGET;
  return blind && verdict === "matched" ? BLIND : verdict;
};

/** `6 of 8 results are matched, 2 near` */
function verdictCounts(members: readonly MemberOfSeveral[]): string {
  const kinds = ["matched", "near", "not matched", TARGET, PRACTICALLY, BLIND] as const;
  const counts = kinds.map((kind) => [members.filter(({ verdict }) => kindOf(verdict) === kind).length, kind] as const);
  const [[first, kind], ...others] = counts.filter(([count]) => count > 0);
  const rest = others.map(([count, other]) => `, ${count} ${other}`).join("");
  return `${first} of ${counted(members.length, "result")} ${first === 1 ? "is" : "are"} ${kind}${rest}`;
}

/** Where they differ: pixel by pixel, and each from each. */
async function spreadSection(target: Tensor, members: readonly MemberOfSeveral[]): Promise<plot.ReportSection> {
  const all = concat(
    members.map(({ metamer }) => metamer),
    0,
  );
  const mean = all.mean(0, { keepdims: true });
  const deviation = all.sub(mean).square().mean(0, { keepdims: true }).sqrt();
  const { zoom } = layoutOf(target);
  const between: number[] = [];
  for (const [i, { metamer }] of members.entries()) {
    for (const other of members.slice(i + 1)) between.push(gapOf(metamer, other.metamer).rms);
  }
  const fromTarget = members.map(({ metamer }) => gapOf(metamer, target).rms);
  return {
    heading: "Where they differ",
    text:
      "The mean of all, and at each pixel the root mean square of their distances from it: bright where they differ. Distances below are " +
      "root mean squares over pixels.",
    figures: [
      await picture(mean, "Mean", zoom),
      await plot.imshow(deviation, {
        title: channelNames(deviation).map((name) => `Standard deviation${name}`),
        vrange: [0, await deviation.max().item()],
        zoom,
      }),
    ],
    table: [
      ["from each other", rangeText(between)],
      ["from the target", rangeText(fromTarget)],
    ],
  };
}

function rangeText(values: readonly number[]): string {
  const [low, middle, high] = [Math.min(...values), median(values), Math.max(...values)].map((x) => significant(x));
  return `${low} at least, ${middle} the median, ${high} at most`;
}
