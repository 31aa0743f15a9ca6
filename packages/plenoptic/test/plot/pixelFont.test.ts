// Letters of whole pixels.

import { expect, test } from "vitest";
import { LETTER_HEIGHT, pixelsOf, pixelWidth } from "../../src/plot/pixelFont.ts";

/** A text as rows of # and spaces. */
function drawn(text: string): string[] {
  const pixels = new Set(pixelsOf(text).map(String));
  return Array.from({ length: LETTER_HEIGHT }, (_, y) =>
    Array.from({ length: pixelWidth(text) }, (_, x) => (pixels.has(`${x},${y}`) ? "#" : " ")).join(""),
  );
}

test("letters are drawn beside each other, small ones as capitals", () => {
  expect(drawn("e-1")).toEqual([
    "#####         #  ",
    "#            ##  ",
    "#             #  ",
    "####  #####   #  ",
    "#             #  ",
    "#             #  ",
    "#####        ### ",
  ]);
  expect(drawn("\u22121")).toEqual(drawn("-1"));
  expect(drawn("A_b")).toEqual(drawn("A B"));
});

test("no two letters look alike, and none leaves its place", () => {
  const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,:-+%()/ ");
  expect(new Set(letters.map((letter) => drawn(letter).join("\n"))).size).toBe(letters.length);
  for (const letter of letters) {
    for (const [x, y] of pixelsOf(letter)) expect([x >= 0 && x < 5, y >= 0 && y < LETTER_HEIGHT]).toEqual([true, true]);
  }
  expect(pixelsOf("é")).toEqual([]);
});
