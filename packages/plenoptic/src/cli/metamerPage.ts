// The page a person opens after a synthesis: what was made, how well the model is fooled, and how to make it again.
// Everything on it is drawn by the public plotting functions.

import type { Tensor } from "@plenoptic-js/tensor";
import type { Model } from "../models/model.ts";
import {
  type Figure,
  histogram,
  imshow,
  plotRepresentation,
  type ReportSection,
  report,
  synthesisLoss,
  synthesisNorms,
} from "../plot/index.ts";
import { fittingZoom } from "../plot/planes.ts";
import { MetamerCTF } from "../synthesis/index.ts";
import { layoutOf, recipeSections } from "./reportParts.ts";
import type { Gap, MadeMetamer, Triple } from "./runMetamer.ts";
import { exportNote, fall, significant } from "./wording.ts";

/** The longest side of a picture where two stand in a row. */
const CLOSE_UP_SIDE = 450;

/** The page as HTML text. */
export async function metamerPage(made: MadeMetamer): Promise<string> {
  const { synthesis, choice, model, images, representations, gaps, recipe, exported, summary, lacking } = made;
  const low = await representations.target.min().item();
  const high = await representations.target.max().item();
  const firstLoss = synthesis.losses[0];
  const { loss: finalLoss, numIter: iterations } = summary;
  return report({
    title: lacking === null ? `A metamer of ${recipe.image.name}` : `Not a metamer of ${recipe.image.name}`,
    intro:
      (lacking === null ? "" : `This image is not what was looked for: ${lacking}.\n\n`) +
      "Two images are metamers of a model of vision when they differ, but the model responds to both in the same " +
      "way. Where they differ, they show what the model cannot see.\n\n" +
      `Here the model is ${choice.description}, which ${choice.summary}. The metamer began as noise, and its pixels ` +
      "were changed step by step to bring the model's response to it near the response to the target. The pixels of the " +
      `two now differ by up to ${significant(gaps.image.most)}, the model's responses by no more than ` +
      `${significant(gaps.representation.most)}.`,
    sections: [
      {
        heading: "Target, start and metamer",
        text: "All three on one scale, from 0 (black) to 1 (white).",
        figures: [await row(images)],
        table: [
          ["metamer and target", differ(gaps.image)],
          [
            "the model's responses to them",
            `${differ(gaps.representation)}; those to the target range from ${significant(low)} to ${significant(high)}`,
          ],
          [
            "loss",
            `${significant(firstLoss)} at first, ${significant(finalLoss)} at last: ${fall(firstLoss, finalLoss)} in ` +
              `${iterations} iterations`,
          ],
        ],
      },
      ...(await closeUp(images)),
      ...(await representationSection(model, representations)),
      await differenceSection(images, representations),
      {
        heading: "How the synthesis went",
        text:
          "The loss, without the penalty on values outside 0 to 1; and the norms of the gradient, of loss and penalty " +
          "together, and of the change that each iteration made to the image.",
        figures: [await synthesisLoss(synthesis), await synthesisNorms(synthesis)],
        ...(synthesis instanceof MetamerCTF && { table: scaleRows(synthesis) }),
      },
      {
        heading: "Values",
        text: `In the PNG files, ${exportNote(recipe.exports, exported.values.length)}. metamer.npy has the exact values.`,
        figures: [
          await histogramOf(images, "Pixel values"),
          await histogramOf(representations, "Values of the model's responses"),
        ],
      },
      ...recipeSections(recipe, "recipe.json and in both PNG files"),
    ],
  });
}

/** Target, start and metamer in a row: images on the scale from 0 to 1, or one channel of representations on their own. */
async function row({ target, start, metamer }: Triple, channel?: number): Promise<Figure> {
  const which = channel !== undefined && target.shape[1] > 1 ? `, channel ${channel}` : "";
  return imshow([target, start, metamer], {
    title: ["Target", "Start", "Metamer"].map((name) => name + which),
    vrange: channel === undefined ? [0, 1] : "auto1",
    channelIdx: channel ?? null,
    ...layoutOf(target),
  });
}

/** The middle of target and metamer, enlarged, where the images are large enough for that to show more. */
async function closeUp({ target, metamer }: Triple): Promise<ReportSection[]> {
  const side = 64;
  const [, , height, width] = target.shape;
  if (height < 2 * side || width < 2 * side) return [];
  const top = (height - side) >> 1;
  const left = (width - side) >> 1;
  const cut = (image: Tensor): Tensor => image.slice(2, top, top + side).slice(3, left, left + side);
  const figure = await imshow([cut(target), cut(metamer)], {
    title: ["Target", "Metamer"],
    vrange: [0, 1],
    zoom: fittingZoom(side, side, CLOSE_UP_SIDE),
  });
  const text = `The middle ${side} x ${side} pixels.`;
  return [{ heading: "Looked at closely", text, figures: [figure] }];
}

/** The representations: as pictures, a row for each channel, or as charts. */
async function representationSection(model: Model, { target, start, metamer }: Triple): Promise<ReportSection[]> {
  const heading = "What the model sees";
  const figures: Figure[] = [];
  if (target.ndim !== 4) {
    figures.push(
      await plotRepresentation(model, target, { title: "Target:" }),
      await plotRepresentation(model, metamer.sub(target), { title: "Difference:" }),
    );
    const text = "The model's responses to the target; then those to the metamer, minus those to the target.";
    return [{ heading, text, figures }];
  }
  const { shape } = target;
  for (let channel = 0; channel < shape[1]; channel++) figures.push(await row({ target, start, metamer }, channel));
  return [{ heading, text: "The model's responses to the three images, on one scale.", figures }];
}

async function differenceSection(images: Triple, representations: Triple): Promise<ReportSection> {
  const before = images.metamer.sub(images.target);
  const after = representations.metamer.sub(representations.target);
  // Responses stand beside the images where they are pictures of the same size.
  const isPicture = after.ndim === 4 && after.shape[2] === before.shape[2] && after.shape[3] === before.shape[3];
  const channels = isPicture ? after.shape[1] : 0;
  const responses = Array.from({ length: channels }, (_, channel) => {
    return channels > 1 ? `Responses, channel ${channel}` : "Responses";
  });
  const figure = await imshow(isPicture ? [before, after] : [before], {
    title: ["Images", ...responses],
    vrange: "auto0",
    ...layoutOf(before),
  });
  const what = isPicture ? "of the images, and of the model's responses, on one scale" : "of the images";
  return {
    heading: "What sets them apart",
    text: `The metamer minus the target: ${what}. Red is more, blue is less, white is no difference.`,
    figures: [figure],
  };
}

async function histogramOf({ target, metamer }: Triple, title: string): Promise<Figure> {
  return histogram([target, metamer], { labels: ["Target", "Metamer"], title, xlabel: "Value" });
}

/** Which iterations each scale took, coarse to fine. */
function scaleRows({ scalesTiming }: MetamerCTF): (readonly [string, string])[] {
  return [...scalesTiming].map(([label, [first, last]]) => {
    const when =
      first === undefined ? "not reached" : `from iteration ${first} ${last === undefined ? "on" : `to ${last}`}`;
    return [`scale ${label}`, when] as const;
  });
}

function differ({ most, rms }: Gap): string {
  return `differ by at most ${significant(most)}, root mean square ${significant(rms)}`;
}
