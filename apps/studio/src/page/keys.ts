// Every key of the page. Help lists them.

import { begin, go, pause, scrubTo } from "./actions.ts";
import * as state from "./state.ts";

export const KEYS: readonly (readonly [key: string, what: string])[] = [
  ["Enter", "make it, from the beginning"],
  ["Space", "pause, or go on"],
  [".", "one step"],
  ["[ ]", "look at an earlier or a later moment"],
  ["a", "alternate at one place, or side by side"],
  ["+ −", "more or fewer pixels of the screen for each pixel"],
  ["0", "as large as fits"],
  ["1", "one pixel of the screen for each pixel"],
  ["arrows", "move in a picture that is larger than its place"],
  ["?", "this list"],
];

/** Steps of the place, in parts of a picture. */
const MOVE = 0.1;

/** Acts on a key, unless it is meant for a field. */
export function onKey(event: KeyboardEvent, toggleHelp: () => void): void {
  const at = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (at instanceof HTMLInputElement || at instanceof HTMLSelectElement || at instanceof HTMLTextAreaElement) return;
  const onButton =
    at instanceof HTMLButtonElement ||
    at instanceof HTMLAnchorElement ||
    (at instanceof Element && at.tagName === "SUMMARY");
  if (onButton && (event.key === " " || event.key === "Enter")) return;
  const act = actions(toggleHelp)[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function actions(toggleHelp: () => void): Readonly<Record<string, () => void>> {
  const { phase, begun, scrubbed, frame, view, zoom, centre } = state;
  const move = (x: number, y: number) => (): void => {
    const inside = (at: number): number => Math.min(1, Math.max(0, at));
    centre.value = { x: inside(centre.value.x + x), y: inside(centre.value.y + y) };
  };
  const scrub = (direction: number) => (): void => {
    const every = begun.value?.every ?? 0;
    if (every === 0 || phase.value === "running") return;
    const last = frame.value?.step ?? 0;
    const at = (scrubbed.value?.step ?? last) + direction * every;
    void scrubTo(at >= last ? null : Math.max(0, at));
  };
  return {
    "?": toggleHelp,
    Enter: () => {
      if (!state.isBusy.value) void begin();
    },
    " ": () => {
      if (phase.value === "running") void pause();
      else if (phase.value === "paused" && begun.value !== null) void go(null);
    },
    ".": () => {
      if (phase.value === "paused" && begun.value !== null) void go(1);
    },
    "[": scrub(-1),
    "]": scrub(1),
    a: () => {
      view.value = view.value === "alternating" ? "side-by-side" : "alternating";
    },
    "+": () => zoomBy(1),
    "=": () => zoomBy(1),
    "-": () => zoomBy(-1),
    "0": () => {
      zoom.value = null;
    },
    "1": () => {
      zoom.value = 1;
    },
    ArrowLeft: move(-MOVE, 0),
    ArrowRight: move(MOVE, 0),
    ArrowUp: move(0, -MOVE),
    ArrowDown: move(0, MOVE),
  };
}

/** The whole numbers that there are, and what is below one. */
const ZOOMS = [1 / 8, 1 / 4, 1 / 3, 1 / 2, 1, 2, 3, 4, 6, 8, 12, 16];

export function zoomBy(direction: 1 | -1): void {
  const now = state.zoom.value ?? state.fitted.value;
  const next = direction > 0 ? ZOOMS.find((one) => one > now) : ZOOMS.filter((one) => one < now).at(-1);
  if (next !== undefined) state.zoom.value = next;
}
