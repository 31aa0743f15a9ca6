/**
 * The look of every figure: one font stack, a few sizes, a restrained palette on white.
 * Series colours differ in lightness as well as in hue, so that they stay apart in grey print and for
 * colour-blind readers; each has a contrast of at least 3 : 1 with white (WCAG 2.2, 1.4.11).
 */

export const FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

export const HEADING_SIZE = 15;
export const TITLE_SIZE = 13;
export const LABEL_SIZE = 11;

/** Height of one line of text at these sizes. */
export const HEADING_LINE = 21;
export const TITLE_LINE = 18;
export const LABEL_LINE = 16;

export const INK = "#1b1f24";
export const MUTED = "#57606a";
export const GRID = "#e7eaed";
export const AXIS = "#9aa3ad";
export const PAPER = "#ffffff";

/** The dot that marks the iteration a figure is about. */
export const ACCENT = "#c9252d";

/** Series in the order they are drawn; a figure with more series starts again. */
export const SERIES: readonly string[] = ["#0b5394", "#d2691e", "#2e8b6f", "#8e4a9e", "#6b6b6b"];

/** Pixels that are NaN or infinite: a colour no grey image and no colour map contains. */
export const NOT_FINITE: readonly [number, number, number] = [214, 0, 147];
