// What every plotting function returns, and how it is saved.

import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Figure } from "../../src/plot/figure.ts";

const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="2"><title>é</title></svg>\n';
const figure = new Figure(svg, 4, 2);

describe("Figure", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "figure-"));
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it("saves its text as UTF-8", async () => {
    await figure.save(join(folder, "a.SVG"));
    expect(await readFile(join(folder, "a.SVG"), "utf8")).toBe(svg);
    expect(Buffer.from(figure.toBytes()).toString("utf8")).toBe(svg);
  });

  it("refuses other kinds of file and writes nothing", async () => {
    const before = await readdir(folder);
    await expect(figure.save(join(folder, "b.png"))).rejects.toThrow(/must end in "\.svg"; got ".*b\.png"/);
    await expect(figure.save(join(folder, "svg"))).rejects.toThrow(/must end in "\.svg"/);
    expect(await readdir(folder)).toEqual(before);
  });

  it("says what to do where there is no page", () => {
    expect(() => figure.element()).toThrow(/needs a web page.*svg text or save/);
  });

  it("prints something short", () => {
    const bytes = Buffer.byteLength(svg);
    expect(inspect(figure)).toBe(`Figure(4 x 2 px, ${bytes} bytes of SVG)`);
    expect(`${figure}`).toBe(inspect(figure));
  });
});
