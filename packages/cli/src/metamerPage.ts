// The page a person opens after a synthesis: what was made, how well the model is fooled, and how to make it again.
// Everything on it is drawn by the public plotting functions.

import type { Tensor } from "@plenoptic-js/tensor";
import { heldValue } from "@plenoptic-js/tensor/engine";

import {
  type GroupNearness,
  MetamerCTF,
  type MetamerVerdict,
  type Model,
  type Nearness,
  plot,
  type validate,
} from "plenoptic-js";
import {
  areOneButForRounding,
  counted,
  fittingZoom,
  type Gap,
  gapOf,
  type RepresentationGroups,
  significant,
} from "plenoptic-js/engine";
import type { Pair } from "./metamerRows.ts";
import { lossesOf } from "./objective.ts";
import { layoutOf, recipeSections, verdictSection } from "./reportParts.ts";
import { describeRepresentation } from "./representation.ts";
import type { MadeMetamer } from "./runMetamer.ts";
import { exportNote, fall, writtenRows } from "./wording.ts";

/** The longest side of a picture where two stand in a row. */
const CLOSE_UP_SIDE = 400;

/** The page as HTML text. */
export async function metamerPage(made: MadeMetamer): Promise<string> {
  const { synthesis, choice, model, images, representations, drawn, gaps, recipe, exported, summary, verdict } = made;
  const low = await representations.target.min().item();
  const high = await representations.target.max().item();
  const { numIter: iterations } = summary;
  const losses = lossesOf(synthesis);
  const [firstLoss, finalLoss] = [losses[0], losses[iterations]];
  return plot.report({
    title: `${titleOf(verdict)} ${recipe.image.name}`,
    intro:
      `${verdict.text.split("\n")[0]}\n\n` +
      "Two images are metamers of a model of vision when they differ, but the model responds to both in the same " +
      "way. " +
      (verdict.imageGap?.same
        ? `Here they ${verdict.imageGap.same === "practically" ? "hardly differ" : "do not differ"}, and so show nothing of what the model cannot see.\n\n`
        : verdict.blind
          ? "Here the model saw no difference to begin with, and these two show no more than that.\n\n"
          : "Where they differ, they show what the model cannot see.\n\n") +
      `Here the model is ${choice.description}, which ${choice.summary}. The metamer began as noise, and its pixels ` +
      "were changed step by step to bring the model's response to it near the response to the target. The pixels of the " +
      `two now differ by up to ${significant(gaps.image.most)}, the model's responses by no more than ` +
      `${significant(gaps.representation.most)}.`,
    sections: [
      {
        heading: "Target, start and metamer",
        text: "All three on one scale, from 0 (black) to 1 (white).",
        figures: [drawn.images],
        table: [
          ["metamer and target", differ(gaps.image)],
          [
            "the model's responses to them",
            `${differ(gaps.representation)}; those to the target range from ${significant(low)} to ${significant(high)}`,
          ],
          [
            "loss",
            `${significant(firstLoss)} at first, ${significant(finalLoss)} at last: ${fall(firstLoss, finalLoss)} in ` +
              counted(iterations, "iteration"),
          ],
          [
            "objective, the weighted penalty included",
            `${significant(synthesis.losses[0])} at first, ${significant(synthesis.losses[iterations])} at last`,
          ],
        ],
      },
      ...(await closeUp(images)),
      verdictSection(
        verdict.text,
        [...verdict.groups.map(groupRow), ["photographs", made.photographs.join(", ")] as const],
        ON_GROUPS,
      ),
      ...(await representationSection(synthesis, model, choice.groups, representations, drawn.responses)),
      await differenceSection(images, representations, verdict.imageGap?.same ?? null),
      {
        heading: "How the synthesis went",
        text:
          "The loss, without the penalty on values outside 0 to 1; and the norms of the gradient, of the objective (loss and " +
          "penalty together), and of the change that each iteration made to the image.",
        figures: [await plot.synthesisLoss(synthesis), await plot.synthesisNorms(synthesis)],
        ...(synthesis instanceof MetamerCTF && { table: await scaleRows(synthesis, images, gaps) }),
      },
      {
        heading: "Values",
        text:
          `In the PNG files, ${exportNote(recipe.exports, exported.image.size)}. metamer.npy has the exact values. The table has what was ` +
          "written, decoded to the values that it stands for.",
        figures: [
          await histogramOf(images, "Pixel values"),
          await histogramOf(representations, "Values of the model's responses"),
        ],
        table: writtenRows(recipe.exports, {}),
      },
      ...recipeSections(recipe, "recipe.json and in both PNG files"),
    ],
  });
}

function titleOf({ verdict, imageGap, blind }: MetamerVerdict): string {
  if (verdict !== "matched") return TITLES[verdict];
  if (imageGap === null || imageGap.same === null) return blind ? "Nothing to match in" : TITLES[verdict];
  return SAME_TITLES[imageGap.same];
}

/** And where the image is the target. */
const SAME_TITLES: Readonly<Record<"exact" | "rounding" | "practically", string>> = {
  exact: "No metamer: the target itself,",
  rounding: "No metamer: the target but for rounding,",
  practically: "No metamer: practically the target,",
};

/** What a page is called, before the name of the image. */
const TITLES: Readonly<Record<Nearness, string>> = {
  matched: "A metamer of",
  near: "Not matched, but nearer than photographs:",
  "not matched": "Not a metamer of",
};

const ON_GROUPS =
  "By group of the model's response, the worst first: how far the responses to target and metamer are apart, where 1 is the median " +
  "distance between different photographs, or, where these do not differ, the target's own size.";

function groupRow(group: GroupNearness): readonly [string, string] {
  const { name, numbers, distance, relative, pairs, minimum, median, measuredBy, share, unweighted, nearness } = group;
  const parts = [
    `${significant(share)}, ${nearness}`,
    `distance ${significant(distance)}${relative === null ? "" : `, ${significant(100 * relative)} % of the target's size`}`,
    measuredBy === "photographs"
      ? `of photographs ${significant(minimum)} at least, ${significant(median)} in the middle, ${counted(pairs, "pair")}`
      : "photographs do not differ here, so its measure is the target's own size",
    counted(numbers, "number") + (unweighted === 0 ? "" : `, ${unweighted} of which the loss does not look at`),
  ];
  return [name === "all" ? "all of it" : name.replaceAll("_", " "), parts.join("; ")];
}

/** The middle of target and metamer, enlarged, where the images are large enough for that to show more. */
async function closeUp({ target, metamer }: Pair): Promise<plot.ReportSection[]> {
  const side = 64;
  const [, , height, width] = target.shape;
  if (height < 2 * side || width < 2 * side) return [];
  const top = (height - side) >> 1;
  const left = (width - side) >> 1;
  const cut = (image: Tensor): Tensor => image.slice(2, top, top + side).slice(3, left, left + side);
  const zoom = fittingZoom(side, side, CLOSE_UP_SIDE);
  const shown = (image: Tensor, title: string): Promise<plot.Figure> =>
    plot.imshow(cut(image), { title, vrange: [0, 1], zoom });
  const figures = [await shown(target, "Target"), await shown(metamer, "Metamer")];
  const text = `The middle ${side} x ${side} pixels.`;
  return [{ heading: "Looked at closely", text, figures }];
}

/** The representations: as pictures, a row for each channel, or as charts. */
async function representationSection(
  synthesis: MadeMetamer["synthesis"],
  model: Model,
  groups: RepresentationGroups | undefined,
  { target, metamer }: Pair,
  pictures: readonly (readonly plot.Figure[])[],
): Promise<plot.ReportSection[]> {
  const heading = "What the model sees";
  const figures: plot.Figure[] = [];
  if (target.ndim !== 4) {
    const difference = metamer.sub(target);
    const hasGroups = groups !== undefined || "representationPanels" in model || "plotRepresentation" in model;
    const most = await difference.abs().max().item();
    // Where there are groups, the figure itself says so of each.
    const wanted = heldValue(target);
    const isRounding = !hasGroups && areOneButForRounding(heldValue(metamer), wanted, wanted);
    if (isRounding) {
      figures.push(
        ...(target.size <= MOST_STEMS
          ? [await plot.plotRepresentation(model, target.reshape([-1]), { title: "Target" })]
          : []),
      );
    } else if (hasGroups || target.size <= MOST_STEMS) {
      const [first, second] = hasGroups ? ["Target:", "Difference:"] : ["Target", "Difference"];
      const inGroups = "convertToDict" in model;
      // Without groups, all numbers in a row: their axes are the model's own, and the first of them no batch.
      const drawn = (x: Tensor): Tensor => (hasGroups ? x : x.reshape([-1]));
      figures.push(
        await plot.plotRepresentation(model, drawn(target), { title: first }),
        inGroups
          ? await plot.metamerRepresentationError(synthesis)
          : await plot.plotRepresentation(model, drawn(difference), { title: second }),
      );
    } else {
      // As bars side by side they would be one dark field.
      const labels = ["Metamer minus target"];
      figures.push(
        await plot.histogram([difference], {
          ...ALL,
          labels,
          title: "Differences of the responses",
          xlabel: "Difference",
        }),
      );
    }
    const text = hasGroups
      ? "The model's responses to the target, by groups. Then how far the groups are off as a whole, and every number: the responses to the " +
        "metamer minus those to the target. The names are those of docs/models.md. Where a group is a table of correlations, a point is the norm (the root " +
        "of the sum of squares) of one of them, and in the second set that of its difference."
      : isRounding
        ? `The model's responses to the target. Those to the metamer are equal to them up to rounding: they differ by at most ${significant(most)}.`
        : "The model's responses to the target, and how far those to the metamer are from them.";
    return [{ heading, text, figures, table: await groupRows(model, groups, target, metamer) }];
  }
  return [{ heading, text: "The model's responses to the three images, on one scale.", figures: pictures }];
}

/** More bars than this cannot be told apart. */
const MOST_STEMS = 200;

/** How far the groups of a representation are apart, where a model has groups. */
async function groupRows(
  model: Model,
  known: RepresentationGroups | undefined,
  target: Tensor,
  metamer: Tensor,
): Promise<(readonly [string, string])[]> {
  if (known === undefined) return [];
  const { groups } = await describeRepresentation(model, target, known);
  const made = (await describeRepresentation(model, metamer, known)).groups;
  return groups.map(({ name, values }, i) => {
    const present = Array.from(values).flatMap((value, j) => (Number.isNaN(value) ? [] : [[value, made[i].values[j]]]));
    const most = present.reduce((most, [a, b]) => Math.max(most, Math.abs(a - b)), 0);
    const low = present.reduce((low, [a]) => Math.min(low, a), Number.POSITIVE_INFINITY);
    const high = present.reduce((high, [a]) => Math.max(high, a), Number.NEGATIVE_INFINITY);
    const count = counted(present.length, "number");
    const range = `from ${significant(low)} to ${significant(high)}`;
    return [name.replaceAll("_", " "), `${count} ${range}; differ by at most ${significant(most)}`] as const;
  });
}

async function differenceSection(
  images: Pair,
  representations: Pair,
  same: NonNullable<MetamerVerdict["imageGap"]>["same"],
): Promise<plot.ReportSection> {
  const heading = "What sets them apart";
  if (same !== null) {
    // On a scale of its own, rounding would look like a picture.
    const text =
      same === "exact"
        ? "Nothing: the metamer is the target itself, pixel for pixel. There is no difference to be drawn."
        : same === "rounding"
          ? "Nothing but rounding: a picture of that would show the rounding only."
          : "Nothing that a picture of 16 bits could hold: no pixel differs by half of its step.";
    return { heading, text };
  }
  const before = images.metamer.sub(images.target);
  const after = representations.metamer.sub(representations.target);
  // Responses stand beside the images where they are pictures of the same size.
  const isPicture = after.ndim === 4 && after.shape[2] === before.shape[2] && after.shape[3] === before.shape[3];
  const channels = isPicture ? after.shape[1] : 0;
  const responses = Array.from({ length: channels }, (_, channel) => {
    return channels > 1 ? `Responses, channel ${channel}` : "Responses";
  });
  const figure = await plot.imshow(isPicture ? [before, after] : [before], {
    title: ["Images", ...responses],
    vrange: "auto0",
    ...layoutOf(before),
  });
  const what = isPicture ? "of the images, and of the model's responses, on one scale" : "of the images";
  return {
    heading,
    text: `The metamer minus the target: ${what}. Red is more, blue is less, white is no difference.`,
    figures: [figure],
  };
}

/** There is one image; the axes of what a model makes of it are its own. */
const ALL = { batchIdx: null } as const;

async function histogramOf({ target, metamer }: Pair, title: string): Promise<plot.Figure> {
  return plot.histogram([target, metamer], { ...ALL, labels: ["Target", "Metamer"], title, xlabel: "Value" });
}

/** Which iterations each scale took, coarse to fine, and how far the responses of that scale alone are apart now. */
async function scaleRows(
  { scalesTiming, model }: MetamerCTF,
  { target, metamer }: Pair,
  gaps: MadeMetamer["gaps"],
): Promise<(readonly [string, string])[]> {
  const rows: (readonly [string, string])[] = [];
  for (const [label, [first, last]] of scalesTiming) {
    const when =
      first === undefined ? "not reached" : `from iteration ${first} ${last === undefined ? "on" : `to ${last}`}`;
    const isAll = label === "all";
    const { forward } = model as validate.ScaledModel;
    const respond = (image: Tensor): Tensor => forward.call(model, image, { scales: [label] });
    const { most } = isAll ? gaps.representation : gapOf(respond(metamer), respond(target));
    rows.push([
      isAll ? "all scales together" : `scale ${label}`,
      `${when}; responses now differ by at most ${significant(most)}`,
    ]);
  }
  return rows;
}

function differ({ most, rms }: Gap): string {
  return `differ by at most ${significant(most)}, root mean square ${significant(rms)}`;
}
