// The page a person opens after eigendistortions were found: what they look like, how noticeable they are, and how well that is
// known. Everything on it is drawn by the public plotting functions.

import { type DistortionEffect, type EigendistortionMethod, plot } from "plenoptic-js";
import { significant } from "plenoptic-js/engine";
import { alphaWords } from "./alpha.ts";
import { layoutOf, recipeSections, verdictSection } from "./reportParts.ts";
import { type MadeEigendistortions, MEASURE_NAMES, residualWords } from "./runEigendistortion.ts";
import { exportNote, writtenRows } from "./wording.ts";

/** The page as HTML text. */
export async function eigendistortionPage(made: MadeEigendistortions): Promise<string> {
  const { target, choice, settings, verdict, found, recipe, fittingAlpha } = made;
  const { alpha } = settings;
  const count = target.height * target.width;
  const isTopOnly = hasTopOnly(settings.search.method);
  const isOne = found.length === 1;
  return plot.report({
    title: `What ${choice.description} sees most${isTopOnly ? "" : " and least"} in ${target.name}`,
    intro:
      `${verdict.text.split("\n")[0]}\n\n` +
      (isTopOnly
        ? "Eigendistortions are changes of an image, all of the same size: the first is the one to which the model's response changes " +
          "most. The method randomized_svd looks for such ones only" +
          (isOne ? ".\n\n" : ", so that the last one here is not the one that is seen least.\n\n")
        : "Eigendistortions are changes of an image, all of the same size: the first is the one to which the model's response changes " +
          "most, the last the one to which it changes least. Where people find the first as easy to see as the model says, and the last " +
          "as hard, the model sees as they do.\n\n") +
      `Here the model is ${choice.description}, which ${choice.summary}. The eigenvalue of a distortion is the squared change of the ` +
      "response to a small step along it. The sign of a distortion says nothing: its opposite is as visible.",
    sections: [
      {
        heading: isOne
          ? "The most noticeable"
          : isTopOnly
            ? "The first and the last that were found"
            : "The most and the least noticeable",
        text: isOne
          ? `First the distortion alone: red is more, blue is less, white is no change. Then the image with ${alpha} times the distortion, and without it, from 0 (black) to 1 (white).`
          : "First the distortions alone: red is more, blue is less, white is no change, each on a scale of its own. Then the image " +
            `with ${alpha} times each, and without them, from 0 (black) to 1 (white).`,
        figures: await mostAndLeast(made),
      },
      {
        heading: "Added at three strengths",
        text:
          `The image with ${strengthsOf(alpha)
            .map((x) => significant(x))
            .join(", ")} times ${isOne ? "the" : "a"} distortion, from 0 (black) to 1 (white). ` +
          (isOne
            ? "Look from left to right for the first picture in which you see the change: the less you need, the more you see as the model does."
            : "The changes of a column are equally large. Look from left to right for the first picture of each row in which you see the " +
              `change: the less you need of the first distortion${isTopOnly ? "" : ", and the more of the last"}, the more you see as the ` +
              "model does."),
        figures: await threeStrengths(made),
      },
      ...(await allSection(made)),
      verdictSection(verdict.text, verdict.effects.map(effectRow)),
      {
        heading: "Eigenvalues",
        text: `The ${residualWords(made)}.`,
        table: found.map(({ index, eigenvalue, residual, verdict }) => {
          const known =
            verdict === "unresolved" ? ", not resolved" : verdict === "zero" ? ", 0 as far as can be told" : "";
          return [
            `eigenvalue ${index}`,
            `${significant(eigenvalue)}, residual ${significant(residual)}${known}`,
          ] as const;
        }),
      },
      {
        heading: "Values",
        text:
          "What rounding and clipping did in the PNG files. The .npy files have the exact values; eigendistortions.npy has the " +
          `distortions alone.${fittingAlpha === null ? "" : ` Here ${alphaWords(fittingAlpha)}.`}`,
        table: found.flatMap(({ exported }) => [
          [`${exported.stem}, PNG`, exportNote(exported.records, count)] as const,
          ...writtenRows(exported.records, MEASURE_NAMES),
        ]),
      },
      ...recipeSections(recipe, "recipe.json and in the PNG files"),
    ],
  });
}

/** Whether a method looks for what is seen most only. */
const hasTopOnly = (method: EigendistortionMethod): boolean => method === "randomized_svd";

/** What adding one does. */
function effectRow({ index, mostPixel, leaving, response, predicted }: DistortionEffect): readonly [string, string] {
  return [
    `eigendistortion ${index}`,
    `pixels change by up to ${significant(mostPixel)}, ${significant(100 * leaving)} % of them leave 0 to 1; the response changes by ` +
      `${significant(response)}, by its eigenvalue ${significant(predicted)}`,
  ];
}

/** The first and the last distortion, and below each the image with it: pictures for themselves, so that they stack on a phone. */
async function mostAndLeast({ found, eig, settings: { alpha } }: MadeEigendistortions): Promise<plot.Figure[][]> {
  const { zoom } = layoutOf(eig.image);
  const alone: plot.Figure[] = [];
  const added: plot.Figure[] = [];
  for (const { distortion, index, eigenvalue } of found.length === 1 ? found : [found[0], found[found.length - 1]]) {
    const title = `Eigendistortion ${index}, eigenvalue ${significant(eigenvalue)}`;
    alone.push(await plot.imshow(distortion, { title, vrange: "indep0", zoom }));
    const sum = eig.image.add(distortion.mul(alpha));
    const sumTitle = `Image + ${significant(alpha)} × distortion ${index}`;
    added.push(await plot.imshow(sum, { title: sumTitle, vrange: [0, 1], zoom }));
  }
  return [alone, [...added, await plot.imshow(eig.image, { title: "Image", vrange: [0, 1], zoom })]];
}

/** Below, at and above what is asked for. */
const strengthsOf = (alpha: number): readonly number[] => [alpha / 4, alpha, 4 * alpha];

/** A row for the first distortion, and one for the last. */
async function threeStrengths({ found, eig, settings: { alpha } }: MadeEigendistortions): Promise<plot.Figure[][]> {
  const { zoom } = layoutOf(eig.image);
  const rows: plot.Figure[][] = [];
  for (const { distortion, index } of found.length === 1 ? found : [found[0], found[found.length - 1]]) {
    const row: plot.Figure[] = [];
    for (const strength of strengthsOf(alpha)) {
      const title = `Image + ${significant(strength)} × distortion ${index}`;
      row.push(await plot.imshow(eig.image.add(distortion.mul(strength)), { title, vrange: [0, 1], zoom }));
    }
    rows.push(row);
  }
  return rows;
}

/** All distortions, where there are more than the two above. */
async function allSection({ found, eig }: MadeEigendistortions): Promise<plot.ReportSection[]> {
  if (found.length <= 2) return [];
  const { zoom } = layoutOf(eig.image);
  const figures: plot.Figure[] = [];
  for (const { distortion, index, eigenvalue } of found) {
    const title = `Eigendistortion ${index}, eigenvalue ${significant(eigenvalue)}`;
    figures.push(await plot.imshow(distortion, { title, vrange: "indep0", zoom }));
  }
  return [{ heading: "All of them", text: "Each on a scale of its own.", figures }];
}
