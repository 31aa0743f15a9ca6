// The page a person opens after a MAD competition: the images, what each metric says of them, and how they came about.
// Everything on it is drawn by the public plotting functions.

import { plot, type Tensor } from "plenoptic-js";
import { significant } from "plenoptic-js/engine";
import { layoutOf, recipeSections, verdictSection } from "./reportParts.ts";
import type { MadeImage, MadeMad } from "./runMad.ts";
import { exportNote } from "./wording.ts";

/** The page as HTML text. */
export async function madPage(made: MadeMad): Promise<string> {
  const { metrics, target, images } = made;
  // A column for each metric, as the pictures above have it.
  const shown = [0, 2, 1, 3].flatMap((i) => images[i] ?? []);
  const [a, b] = metrics;
  const count = images[0].exported.image.size;
  const files = images.length === 1 ? `${images[0].stem}.recipe.json` : "the files that end in .recipe.json";
  const { weight } = made.settings;
  const held =
    weight === null
      ? "stays as it is"
      : `is kept near its first value, as strongly as the weight ${significant(weight)} says: how far it went stands in the table`;
  return plot.report({
    title: `${target.name}: ${a.text} against ${b.text}`,
    intro:
      `${made.verdict.text.split("\n")[0]}\n\n` +
      "In a MAD competition two metrics of the difference between images are set against each other: one is made as small or as " +
      `large as can be, while the other ${held}. Where people see a large difference between two images that a metric calls ` +
      "equally good, the metric is wrong; where they see none between two that it calls very different, too.\n\n" +
      `Here the metrics are ${a.text} and ${b.text}. Both call two images alike when they are small. All images began as one: ` +
      `${target.name} with noise.`,
    sections: [
      {
        heading: "The images",
        text: "All on one scale, from 0 (black) to 1 (white).",
        figures: await pictures(made),
        table: valueRows(made),
      },
      ...verdictSections(made),
      {
        heading: "What sets them apart",
        text: "Each image minus the reference image, on one scale. Red is more, blue is less, white is no difference.",
        figures: [
          await plot.imshow(
            shown.map(({ mad }) => mad.madImage.sub(made.image)),
            { title: shown.map(titleOf(made)), vrange: "auto0", zoom: layoutOf(made.image).zoom, colWrap: 2 },
          ),
        ],
      },
      await courseSection(made),
      {
        heading: "Values",
        text: "The .npy files have the exact values; initial.npy is the image they began with.",
        figures: [
          await plot.histogram([made.image, ...images.map(({ mad }) => mad.madImage)], {
            labels: ["Reference", ...images.map(({ stem }) => stem)],
            title: "Pixel values",
            xlabel: "Value",
          }),
        ],
        table: images.map(({ stem, recipe }) => [`${stem}, PNG`, exportNote(recipe.exports, count)] as const),
      },
      ...recipeSections(
        images[0].recipe,
        `${files} and in the PNG files${images.length === 1 ? "" : `; here is that of ${images[0].stem}`}`,
        images.slice(1).map(({ stem, recipe }) => [`${stem} SHA-256`, recipe.result.sha256] as const),
      ),
    ],
  });
}

/** Of all together, and of each. */
function verdictSections({ verdict, images }: MadeMad): plot.ReportSection[] {
  if (images.length === 1) return [verdictSection(verdict.text)];
  const rows = images.map(({ stem, verdict: { text } }) => {
    return [
      stem,
      text
        .split("\n")
        .filter((line) => !line.startsWith("What that means"))
        .join(" "),
    ] as const;
  });
  return [verdictSection(verdict.text, rows)];
}

/** A title for an image, by what it makes small or large. */
function titleOf({ metrics }: MadeMad): (image: Pick<MadeImage, "optimized" | "minmax">) => string {
  return ({ optimized, minmax }) => `${minmax === "min" ? "Minimize" : "Maximize"} ${metrics[optimized].text}`;
}

/** The images, each a picture for itself, so that they stack on a phone: how they began, and below, a column for each metric. */
async function pictures(made: MadeMad): Promise<plot.Figure[][]> {
  const { image, initialImage, images } = made;
  const { zoom } = layoutOf(image);
  const picture = (shown: Tensor, title: string): Promise<plot.Figure> =>
    plot.imshow(shown, { title, vrange: [0, 1], zoom });
  const of = (one: MadeImage): Promise<plot.Figure> => picture(one.mad.madImage, titleOf(made)(one));
  const began = [await picture(image, "Reference image"), await picture(initialImage, "Initial (noisy) image")];
  if (images.length < 4) return [[...began, await of(images[0])]];
  const [minA, maxA, minB, maxB] = images;
  return [began, [await of(minA), await of(minB)], [await of(maxA), await of(maxB)]];
}

async function courseSection({ images, metrics, settings }: MadeMad): Promise<plot.ReportSection> {
  const [minA, maxA, minB, maxB] = images.map(({ mad }) => mad);
  const held =
    settings.weight === null
      ? "The metric that is not optimized is held at its first value."
      : `The squared change of the metric that is not optimized has the weight ${settings.weight}.`;
  const heading = "How the synthesis went";
  if (images.length === 4) {
    const names = { metric1Name: metrics[0].text, metric2Name: metrics[1].text };
    return {
      heading,
      text: `Both metrics, over the iterations of all four. ${held}`,
      figures: [await plot.madLossAll(minA, minB, maxA, maxB, names)],
    };
  }
  const norms = minA.numIter === 0 ? [] : [await plot.synthesisNorms(minA)];
  return {
    heading,
    text: `Both metrics, over the iterations. ${held}`,
    figures: [await plot.synthesisLoss(minA), ...norms],
  };
}

function valueRows(made: MadeMad): (readonly [string, string])[] {
  const both = ([first, second]: readonly [number, number]): string =>
    `${made.metrics[0].text} ${significant(first)}, ${made.metrics[1].text} ${significant(second)}`;
  return [
    ["initial image", both(made.initial)],
    ...made.images.map(({ stem, values, ended }) => [stem, `${both(values)}; ${ended}`] as const),
  ];
}
