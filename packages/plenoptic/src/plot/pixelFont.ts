// Letters made of whole pixels, for animations: there is no font at hand where pixels are made, and nothing may depend on one. All letters
// are capitals, 5 pixels wide and 7 high.

/** The letters of each line above their pixels, with a column between two. */
const SHEETS: readonly (readonly [letters: string, rows: readonly string[]])[] = [
  [
    "ABCDEFGHIJKLM",
    [
      ".###. ####. .#### ####. ##### ##### .#### #...# .###. ..### #...# #.... #...#",
      "#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#. #..#. #.... ##.##",
      "#...# #...# #.... #...# #.... #.... #.... #...# ..#.. ...#. #.#.. #.... #.#.#",
      "##### ####. #.... #...# ####. ####. #..## ##### ..#.. ...#. ##... #.... #.#.#",
      "#...# #...# #.... #...# #.... #.... #...# #...# ..#.. ...#. #.#.. #.... #...#",
      "#...# #...# #.... #...# #.... #.... #...# #...# ..#.. #..#. #..#. #.... #...#",
      "#...# ####. .#### ####. ##### #.... .#### #...# .###. .##.. #...# ##### #...#",
    ],
  ],
  [
    "NOPQRSTUVWXYZ",
    [
      "#...# .###. ####. .###. ####. .#### ##### #...# #...# #...# #...# #...# #####",
      "##..# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# #...# #...# ....#",
      "##..# #...# #...# #...# #...# #.... ..#.. #...# #...# #...# .#.#. .#.#. ...#.",
      "#.#.# #...# ####. #...# ####. .###. ..#.. #...# #...# #.#.# ..#.. ..#.. ..#..",
      "#..## #...# #.... #.#.# #.#.. ....# ..#.. #...# .#.#. #.#.# .#.#. ..#.. .#...",
      "#..## #...# #.... #..#. #..#. ....# ..#.. #...# .#.#. ##.## #...# ..#.. #....",
      "#...# .###. #.... .##.# #...# ####. ..#.. .###. ..#.. #...# #...# ..#.. #####",
    ],
  ],
  [
    "0123456789",
    [
      ".###. ..#.. .###. ####. ...#. ##### .###. ##### .###. .###.",
      "#...# .##.. #...# ....# ..##. #.... #.... ....# #...# #...#",
      "#..## ..#.. ....# ....# .#.#. ####. #.... ...#. #...# #...#",
      "#.#.# ..#.. ...#. .###. #..#. ....# ####. ..#.. .###. .####",
      "##..# ..#.. ..#.. ....# ##### ....# #...# ..#.. #...# ....#",
      "#...# ..#.. .#... ....# ...#. #...# #...# ..#.. #...# ....#",
      ".###. .###. ##### ####. ...#. .###. .###. ..#.. .###. .###.",
    ],
  ],
  [
    ".,:-+%()/",
    [
      "..... ..... ..... ..... ..... ##..# ...#. .#... ....#",
      "..... ..... ..#.. ..... ..#.. ##..# ..#.. ..#.. ....#",
      "..... ..... ..#.. ..... ..#.. ...#. .#... ...#. ...#.",
      "..... ..... ..... ##### ##### ..#.. .#... ...#. ..#..",
      "..... ..#.. ..... ..... ..#.. .#... .#... ...#. .#...",
      ".##.. ..#.. ..#.. ..... ..#.. #..## ..#.. ..#.. #....",
      ".##.. .#... ..#.. ..... ..... #..## ...#. .#... #....",
    ],
  ],
];

export const LETTER_HEIGHT = 7;
/** From a letter to the next. */
const LETTER_STEP = 6;

/** The pixels of each letter, [x, y]. */
const PIXELS: ReadonlyMap<string, readonly (readonly [x: number, y: number])[]> = new Map(
  SHEETS.flatMap(([letters, rows]) =>
    Array.from(letters, (letter, i) => {
      const own = rows.flatMap((row, y) =>
        Array.from(row.slice(i * LETTER_STEP, i * LETTER_STEP + LETTER_STEP - 1)).flatMap((pixel, x) =>
          pixel === "#" ? [[x, y] as const] : [],
        ),
      );
      return [letter, own] as const;
    }),
  ),
);

/** Width of a text, in pixels. */
export const pixelWidth = (text: string): number => Math.max(0, LETTER_STEP * text.length - 1);

/** The pixels of a text whose top left corner is at (0, 0). What has no letter here is a space, and a long minus a short one. */
export function pixelsOf(text: string): (readonly [x: number, y: number])[] {
  return Array.from(text.toUpperCase().replaceAll("\u2212", "-").replaceAll("_", " ")).flatMap((letter, i) =>
    (PIXELS.get(letter) ?? []).map(([x, y]) => [x + i * LETTER_STEP, y] as const),
  );
}
