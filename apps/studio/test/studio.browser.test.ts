// The studio makes what the command makes, to the same bits; a link makes it again; nothing is lost over a reload.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { runCommand } from "@plenoptic-js/proof/pages/runCommand";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finished, makeButton, openStudio, saved } from "./studio.ts";

const IMAGES = fileURLToPath(new URL("../../../packages/plenoptic/assets/images/", import.meta.url));

let studio: Awaited<ReturnType<typeof openStudio>>;

beforeAll(async () => {
  studio = await openStudio();
});

afterAll(() => studio.close());

describe("every method", () => {
  it.each([
    "#method=metamer&image=house&model=gaussian&option.std=2&iterations=40&seed=3",
    "#method=metamer&image=boats&model=on-off&optimizer=NAdam&learning-rate=0.02&iterations=10&seed=1&dtype=float32",
    "#method=texture&image=brick&iterations=3&seed=5",
    "#method=coarse-to-fine&image=grass&model=portilla-simoncelli&iterations=6&seed=0",
    "#method=mad&image=sheep&optimized=ssim&reference=mse&iterations=4&seed=2",
    "#method=eigendistortion&image=house&model=luminance-gain-control&k=1&iterations=30&seed=0",
  ])("makes what the command makes: %s", async (hash) => {
    const page = await studio.open(hash);
    await makeButton(page).click();
    const hashes = await finished(page);
    await page.getByText("The same in Node").click();
    const command = await page.locator("code.command").textContent();
    const made = await runCommand(command!);
    expect([...hashes].sort()).toEqual([...made.hashes].sort());
    await page.context().close();
    expect(studio.errors).toEqual([]);
  });
});

it("begins with one click, pauses, makes one step, goes on, and comes to the bits of an unbroken run", async () => {
  const page = await studio.open("#method=metamer&image=house&model=gaussian&iterations=3000&seed=0");
  await makeButton(page).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator(".phase", { hasText: "Paused." }).waitFor();
  const steps = async (): Promise<number> => Number(await page.locator("progress").getAttribute("value"));
  const before = await steps();
  await page.getByRole("button", { name: "One step" }).click();
  await page.locator(`progress[value="${before + 1}"]`).waitFor();
  expect(before).toBeLessThan(3000);
  await page.context().close();
  const other = await studio.open("#method=metamer&image=house&model=gaussian&iterations=120&seed=0");
  await makeButton(other).click();
  const whole = await finished(other);
  const link = other.url();
  await other.context().close();
  const again = await studio.open(link.slice(studio.address.length));
  await makeButton(again).click();
  expect(await finished(again)).toEqual(whole);
  await again.getByText("The same SHA-256 as the link says.").waitFor();
  await again.context().close();
});

it("saves the files that the command writes", async () => {
  const page = await studio.open("#method=metamer&image=house&model=gaussian&iterations=20&seed=0");
  await makeButton(page).click();
  await finished(page);
  const { files } = await runCommand(
    "npx plenoptic metamer house --model gaussian --penalty-lambda 0.1 --iterations 20 --seed 0",
  );
  const npy = await saved(page, ".npy");
  expect(npy.name).toBe("metamer.npy");
  expect(Buffer.from(npy.bytes).equals(files.get("metamer.npy")!)).toBe(true);
  // Brought back, it is made again.
  const png = await saved(page, "PNG, 16 bit");
  await drop(page, png);
  await page.getByRole("button", { name: "Make it again and compare" }).click();
  await page.locator(".verdict.identical").waitFor();
  await page.context().close();
  expect(studio.errors).toEqual([]);
});

it("takes an image that is dropped, and knows it again by its values", async () => {
  const page = await studio.open();
  const bytes = await readFile(`${IMAGES}boats.pgm`);
  await drop(page, { name: "mine.pgm", bytes });
  await page
    .getByLabel("Image", { exact: true })
    .locator("option", { hasText: "mine.pgm" })
    .waitFor({ state: "attached" });
  await page.getByLabel("Steps").fill("10");
  await makeButton(page).click();
  const hashes = await finished(page);
  const link = page.url().slice(studio.address.length);
  expect(link).toContain("image-sha256=");
  await page.context().close();

  const other = await studio.open(link);
  await other.getByRole("alert").filter({ hasText: "mine.pgm" }).waitFor();
  await drop(other, { name: "wrong.pgm", bytes: await readFile(`${IMAGES}house.pgm`) });
  await other.getByRole("alert").filter({ hasText: "another image" }).waitFor();
  await drop(other, { name: "other-name.pgm", bytes });
  await makeButton(other).click();
  expect(await finished(other)).toEqual(hashes);
  await other.context().close();
});

it("goes on after a reload in the middle", async () => {
  const page = await studio.open("#method=metamer&image=house&model=gaussian&iterations=400&seed=0");
  await makeButton(page).click();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.locator(".phase", { hasText: "Paused." }).waitFor();
  const step = Number(await page.locator("progress").getAttribute("value"));
  await page.locator(".hashes code").first().waitFor();
  await page.goto(studio.address);
  await page.getByText(`kept at step ${step}`).waitFor();
  await page.getByRole("button", { name: "Go on from there" }).click();
  const hashes = await finished(page);
  const { hashes: expected } = await runCommand(
    "npx plenoptic metamer house --model gaussian --penalty-lambda 0.1 --iterations 400 --seed 0",
  );
  expect(hashes).toEqual(expected);
  await page.context().close();
});

it.each([
  ["#method=nothing", /method is "nothing"/],
  ["#method=metamer&seed=-1", /seed is "-1"/],
  ["#method=metamer&run=alert(1)", /does not know/],
  ["#method=metamer&image=nowhere", /no picture "nowhere"/],
  ["#method=metamer&image=house&numerics=0", /numeric contract 0/],
])("says what is wrong with the link %s", async (hash, words) => {
  const page = await studio.open(hash);
  await page.getByRole("alert").filter({ hasText: words }).waitFor();
  await page.context().close();
});

/** Drops a file on the page. */
async function drop(
  page: import("playwright").Page,
  file: { readonly name: string; readonly bytes: Uint8Array },
): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name, text }) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], name));
      return data;
    },
    { name: file.name, text: Buffer.from(file.bytes).toString("base64") },
  );
  await page.dispatchEvent("body", "drop", { dataTransfer: transfer });
}
