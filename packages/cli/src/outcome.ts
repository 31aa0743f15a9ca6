// Whether what `plenoptic metamer` made deserves the name. It does not where the loss did not fall or not far, where the optimizer could not
// move, or where the scales were not all reached.

import { type Metamer, MetamerCTF, type SynthesisSummary } from "plenoptic-js";
import { significant } from "plenoptic-js/engine";
import { lossesOf } from "./objective.ts";

// Both are parts of the first loss where losses are squares. A norm is compared by its square, so that the verdict is that of the
// differences and not of the formula.
/** A loss that is this small a part has nowhere to go. */
const DONE = 1e-12;
/** A loss that is a larger part than this is not near. */
const NEAR = 0.1;

interface Finished {
  readonly synthesis: Metamer | MetamerCTF;
  readonly summary: SynthesisSummary;
  readonly measure: "squares" | "norm";
}

/** Why a result is no metamer, in a sentence; null where nothing speaks against it. */
export function shortfall({ synthesis, summary, measure }: Finished): string | null {
  const left = scalesLeft(synthesis);
  if (left.length > 0) {
    const [present, ...others] = left;
    const unreached = others.length === 0 ? "" : ` (scale ${present} was at work, ${others.join(", ")} not begun)`;
    return (
      `the scales were not all matched${unreached}: the end came before all of them together were; give more --iterations, fewer ` +
      "--scale-iterations, or a larger --change-scale-criterion"
    );
  }
  const { numIter } = summary;
  const losses = lossesOf(synthesis);
  const [first, loss] = [losses[0], losses[numIter]];
  if (!(loss < first) && loss > 0) {
    return `the loss did not fall: ${significant(first)} at first, ${significant(loss)} at last; try a smaller --learning-rate`;
  }
  const part = measure === "norm" ? (loss / first) * (loss / first) : loss / first;
  if (numIter > 0 && synthesis.pixelChangeNorm[numIter - 1] === 0 && part > DONE) {
    return (
      "the optimizer got stuck: its last step changed no pixel, as where a line search fails; try another --optimizer or " +
      "--learning-rate, or another --seed"
    );
  }
  if (part > NEAR) {
    return (
      `it did not come near: the loss is ${significant(loss)}, and was ${significant(first)} at first; give more --iterations, or try ` +
      "another --optimizer or --learning-rate"
    );
  }
  return null;
}

/** The scales that are not done, before the last stage, in which all are matched; none where that is reached. */
function scalesLeft(synthesis: Finished["synthesis"]): readonly string[] {
  if (!(synthesis instanceof MetamerCTF) || synthesis.scales.length === 1) return [];
  return synthesis.scales.slice(0, -1).map(String);
}
