// What the text of an Eigendistortion says of its results.

import { significant } from "../../significant.ts";
import type { EigendistortionResults } from "./eigendistortionFile.ts";
import type { EigendistortionSummary } from "./summary.ts";

/** Numbers of a list that are written at each of its ends. */
const AT_EACH_END = 4;

/** Of an object's text: what was found, and what is known of it; `summary` is null for results that Python has saved. */
export function resultLines(results: EigendistortionResults | null, summary: EigendistortionSummary | null): string[] {
  if (results === null) return [];
  const values = Array.from(summary?.eigenvalues ?? results.eigenvalues.dataSync(), (x) => significant(x, 4));
  const left = values.length - 2 * AT_EACH_END;
  const some = left > 1 ? [...values.slice(0, AT_EACH_END), `(${left} more)`, ...values.slice(-AT_EACH_END)] : values;
  const lines = [`  eigenvalues: ${some.join(", ")}`];
  if (summary === null) return lines;
  const { method, converged, verdicts, groups } = summary;
  const open = verdicts.filter((verdict) => verdict === "unresolved").length;
  const blind = summary.eigenvalues.every((value) => value === 0);
  if (blind && open === 0) return [...lines, `  method: ${method}; the derivative of the model at this image is 0`];
  lines.push(`  method: ${method}, ${converged ? "converged" : `${open} of ${verdicts.length} not resolved`}`);
  const zeros = groups.find(({ verdict }) => verdict === "zero");
  const together = groups.filter(({ first, last }) => last > first).length;
  lines.push(
    `  groups: ${groups.length}${together === 0 ? "" : `, ${together} of several that cannot be told apart`}` +
      (zeros === undefined ? "" : `; zeros in at least ${zeros.dimension} dimensions`),
  );
  return lines;
}
