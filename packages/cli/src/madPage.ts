// The page a person opens after a MAD competition: the images, what each metric says of them, and how they came about.
// Everything on it is drawn by the public plotting functions.

import { plot, type Tensor } from "plenoptic-js";
import { MAD_SUMMARY_DEFAULTS, significant } from "plenoptic-js/engine";
import { layoutOf, recipeSections, verdictSection } from "./reportParts.ts";
import { type MadeImage, type MadeMad, measureNames } from "./runMad.ts";
import { exportNote, writtenRows } from "./wording.ts";

/** The page as HTML text. */
export async function madPage(made: MadeMad): Promise<string> {
  const { metrics, target, images } = made;
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
        heading: "What it began with",
        text: "All images on one scale, from 0 (black) to 1 (white).",
        figures: [await began(made)],
      },
      await madeSection(made),
      ...verdictSections(made),
      {
        heading: images.length === 1 ? "What sets it apart" : "What sets them apart",
        text: `${images.length === 1 ? "The image minus the reference image." : "Each image minus the reference image, on one scale."} Red is more, blue is less, white is no difference.`,
        figures: [
          await plot.imshow(
            images.map(({ mad }) => mad.madImage.sub(made.image)),
            { title: images.map(titleOf(made)), vrange: "auto0", zoom: layoutOf(made.image).zoom, colWrap: 2 },
          ),
        ],
      },
      await courseSection(made),
      {
        heading: "Values",
        text:
          "The .npy files have the exact values; initial.npy is the image they began with. What was written to the PNG files is compared with the exact " +
          "values after decoding it to the values that it stands for.",
        figures: [
          await plot.histogram([made.image, ...images.map(({ mad }) => mad.madImage)], {
            labels: ["Reference", ...images.map(({ stem }) => stem)],
            title: "Pixel values",
            xlabel: "Value",
          }),
        ],
        table: images.flatMap((one) => [
          [`${one.stem}, PNG`, exportNote(one.recipe.exports, count)] as const,
          ...writtenRows(one.recipe.exports, measureNames(metrics, one)),
        ]),
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
  return ({ optimized, minmax }) => `${minmax === "min" ? "Least" : "Most"} ${metrics[optimized].text}`;
}

/** A picture for itself, so that pictures stack on a phone. */
const picture = ({ image }: MadeMad, shown: Tensor, title: string): Promise<plot.Figure> =>
  plot.imshow(shown, { title, vrange: [0, 1], zoom: layoutOf(image).zoom });

async function began(made: MadeMad): Promise<plot.Figure[]> {
  const { image, initialImage } = made;
  return [await picture(made, image, "Reference image"), await picture(made, initialImage, "Initial (noisy) image")];
}

/** The images that were made: all four in a square, so that those of a row are equal for one metric and differ for the other. */
async function madeSection(made: MadeMad): Promise<plot.ReportSection> {
  const { metrics, images, verdict } = made;
  const pictures: plot.Figure[] = [];
  for (const one of images) {
    const { optimized, values, mad } = one;
    pictures.push(await picture(made, mad.madImage, `${titleOf(made)(one)}: ${significant(values[optimized])}`));
  }
  const table = valueRows(made);
  const [a, b] = metrics.map(({ text }) => text);
  if (images.length < 4) {
    return {
      heading: "The image",
      text: "Compare it with the initial image.",
      figures: [pictures],
      table,
    };
  }
  return {
    heading: "The four images",
    text:
      verdict.verdict === "not held"
        ? "Each row has the least and the most of a metric. The other metric was to stay, but did not for all of them: the verdict below " +
          "says which row can be compared."
        : `Compare the two images of each row. In the upper one, ${b} says that both are equally far from the reference image${limitWords(images)}, and ${a} ` +
          "that the left one is near and the right one far. In the lower one it is the other way round. Whichever you agree with sees " +
          "as you do in this row.",
    figures: [pictures.slice(0, 2), pictures.slice(2)],
    table,
  };
}

/** The limit that takes two values for equal, where it is not the usual one. */
function limitWords(images: MadeMad["images"]): string {
  const { heldWithin } = images[0].verdict.limits;
  const isWide = images.some(({ verdict }) => verdict.drift > MAD_SUMMARY_DEFAULTS.heldWithin);
  return isWide ? `, up to the limit of ${significant(100 * heldWithin)} %` : "";
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
