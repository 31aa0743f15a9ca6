// The built page makes the metamer that Node makes, wherever and however it is served.

import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { ISOLATED, launch } from "@plenoptic-js/proof/pages/chromium";
import { type Made, runCommand } from "@plenoptic-js/proof/pages/runCommand";
import { serve } from "@plenoptic-js/proof/pages/serve";
import type { Browser, Page } from "playwright";
import * as po from "plenoptic-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUILT, withAddress, withPage } from "./chromium.ts";

const ITERATIONS = 20;

const COMMANDS = {
  gaussian: `npx plenoptic metamer house --model gaussian --std 3 --seed 0 --iterations ${ITERATIONS}`,
  "on-off": `npx plenoptic metamer house --model on-off --seed 0 --iterations ${ITERATIONS}`,
};

let browser: Browser;
const made = new Map<string, Made>();

beforeAll(async () => {
  browser = await launch();
  for (const command of Object.values(COMMANDS)) made.set(command, await runCommand(command));
});

afterAll(() => browser.close());

/** What the page says. */
interface Said {
  readonly hash: string;
  readonly command: string;
  readonly threads: string;
  readonly isolated: string;
  readonly status: string;
}

async function whatItSays(page: Page): Promise<Said> {
  const text = async (id: string): Promise<string> => (await page.locator(id).textContent()) ?? "";
  return {
    hash: await text("#hash"),
    command: await text("#command"),
    threads: await text("#threads"),
    isolated: await text("#isolated"),
    status: await text("#status"),
  };
}

const hasHash = (page: Page): Promise<void> =>
  page
    .locator("#hash")
    .filter({ hasText: /^[0-9a-f]{64}$/ })
    .waitFor();

/** Runs to the end. */
async function makeMetamer(page: Page): Promise<Said> {
  await page.getByLabel("Iterations", { exact: true }).fill(String(ITERATIONS));
  await page.getByRole("button", { name: "Start" }).click();
  await hasHash(page);
  return whatItSays(page);
}

const csp = (workers: string): Record<string, string> => ({
  "content-security-policy":
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; " +
    `connect-src data:; worker-src ${workers}`,
});

const YES = "yes";
const NO = "no, so there is one thread";
const many = `${Math.min(availableParallelism(), 4)}, in a worker`;

const servings: [what: string, headers: Record<string, string>, threads: string, isolated: string][] = [
  ["from a plain server", {}, "1, in a worker", NO],
  ["cross-origin isolated", ISOLATED, many, YES],
  ["under a policy that allows what is needed", { ...ISOLATED, ...csp("'self' blob:") }, many, YES],
  ["under a policy without workers made from text", { ...ISOLATED, ...csp("'self'") }, "1, in a worker", YES],
  ["under a policy without workers", csp("'none'"), "1, in the page itself", NO],
];

describe("the page makes the metamer that Node makes", () => {
  for (const [what, headers, threads, isolated] of servings) {
    it(what, () =>
      withPage(browser, headers, async (page) => {
        const command = COMMANDS.gaussian;
        const hash = made.get(command)!.hashes[0];
        expect(await makeMetamer(page)).toEqual({
          hash,
          command,
          threads,
          isolated,
          status: "Done.",
        });
      }),
    );
  }

  it("opened from a disk", () =>
    withAddress(browser, pathToFileURL(join(BUILT, "index.html")).href, async (page) => {
      const { hash, threads } = await makeMetamer(page);
      expect(hash).toBe(made.get(COMMANDS.gaussian)?.hashes[0]);
      expect(threads).toBe("1, in the page itself");
    }));

  for (const [what, headers] of servings.slice(0, 2)) {
    it(`of the on-off model, ${what}`, () =>
      withPage(browser, headers, async (page) => {
        await page.getByRole("combobox", { name: "Model" }).selectOption("on-off");
        const { hash, command } = await makeMetamer(page);
        expect(command).toBe(COMMANDS["on-off"]);
        expect(hash).toBe(made.get(command)?.hashes[0]);
      }));
  }

  it("of a file of one's own", async () => {
    const folder = await mkdtemp(join(tmpdir(), "plenoptic-page-"));
    const data = "../../../packages/formats/test/data/codecs";
    await cp(fileURLToPath(new URL(`${data}/jpeg-420.jpg`, import.meta.url)), join(folder, "mine.jpg"));
    try {
      await withPage(browser, {}, async (page) => {
        await page.getByLabel("a file of yours").setInputFiles(join(folder, "mine.jpg"));
        const { hash, command } = await makeMetamer(page);
        expect(command).toContain(" mine.jpg ");
        expect(hash).toBe((await runCommand(command, folder)).hashes[0]);
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

it("what is stopped is what its command makes, and can be made again", () =>
  withPage(browser, ISOLATED, async (page) => {
    await page.getByLabel("Iterations", { exact: true }).fill("100000");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText(/^[1-9]\d* of 100000$/).waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await hasHash(page);
    const { hash, command, status } = await whatItSays(page);
    expect(status).toBe("Stopped.");
    expect(hash).toBe((await runCommand(command)).hashes[0]);
    expect((await makeMetamer(page)).hash).toBe(made.get(COMMANDS.gaussian)?.hashes[0]);
  }));

it("says the loss that its chart shows", () =>
  withPage(browser, {}, async (page) => {
    await makeMetamer(page);
    const charted = /iteration 20: ([\d.]+(?:e-?\d+)?)/.exec(
      (await page.locator("#curve svg").textContent()) ?? "",
    )?.[1];
    expect(Number(charted)).toBeGreaterThan(0);
    expect(Number(await page.locator("#loss").textContent()).toPrecision(3)).toBe(Number(charted).toPrecision(3));
  }));

it("saves the pixels that the command saves", () =>
  withPage(browser, {}, async (page) => {
    await makeMetamer(page);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Save as PNG" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("metamer-house-gaussian.png");
    const saved = await po.loadImages(await readFile(await download.path()));
    const expected = await po.loadImages(made.get(COMMANDS.gaussian)!.files.get("metamer.png")!);
    expect(await po.hashTensor(saved)).toBe(await po.hashTensor(expected));
  }));

it("says what is wrong with a file that is no image", () =>
  withPage(browser, {}, async (page) => {
    const buffer = Buffer.from("Dear diary");
    await page.getByLabel("a file of yours").setInputFiles({ name: "diary.png", mimeType: "image/png", buffer });
    await page.getByRole("alert").filter({ hasText: "diary.png" }).waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("It did not work.").waitFor();
    expect(await makeAgainWith(page, "boats")).toMatch(/^[0-9a-f]{64}$/);
  }));

/** A gray picture as a file. */
function pgm(width: number, height: number): { name: string; mimeType: string; buffer: Buffer } {
  const pixels = Buffer.from(Uint8Array.from({ length: width * height }, (_, i) => (i * 37) % 256));
  const buffer = Buffer.concat([Buffer.from(`P5\n${width} ${height}\n255\n`), pixels]);
  return { name: `${width}x${height}.pgm`, mimeType: "image/x-portable-graymap", buffer };
}

it("says that a picture is too small, in a visitor's words, and leaves nothing of the former run", () =>
  withPage(browser, {}, async (page) => {
    await makeMetamer(page);
    expect(await page.locator("#curve svg").count()).toBe(1);
    await page.getByLabel("a file of yours").setInputFiles(pgm(15, 40));
    const alert = page.getByRole("alert");
    await alert.filter({ hasText: "too small: 15 x 40 pixels" }).waitFor();
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("It did not work.").waitFor();
    const said = (await alert.textContent()) ?? "";
    expect(said).toMatch(/at least 16\. Please choose a larger picture\.$/);
    expect(said).not.toMatch(/padding|axis|float64|\(\)/);
    expect(await whatItSays(page)).toMatchObject({ hash: "–", command: "–", threads: "–" });
    expect(await page.locator("#curve svg").count()).toBe(0);
    expect(await page.getByRole("button", { name: "Save as PNG" }).isDisabled()).toBe(true);
    const painted = await page.locator("#metamer, #seen-target, #seen-metamer").evaluateAll((canvases) =>
      canvases.map((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        return (canvas as HTMLCanvasElement)
          .getContext("2d")
          ?.getImageData(0, 0, width, height)
          .data.some((v) => v > 0);
      }),
    );
    expect(painted).toEqual([false, false, false]);
    await page.getByLabel("a file of yours").setInputFiles(pgm(16, 16));
    expect((await makeMetamer(page)).status).toBe("Done.");
  }));

describe("pictures are shown in whole pixels of the screen", () => {
  for (const scale of [1, 1.5, 2]) {
    for (const width of [420, 801, 1200]) {
      it(`at ${scale} pixels of the screen for each of the page's, in a window of ${width}`, async () => {
        const context = await browser.newContext({ deviceScaleFactor: scale, viewport: { width, height: 900 } });
        const served = await serve(BUILT, {});
        try {
          const page = await context.newPage();
          await page.goto(served.address);
          await page.getByRole("button", { name: "Start" }).and(page.locator(":enabled")).waitFor();
          for (const file of [undefined, pgm(40, 30), pgm(1001, 64)]) {
            if (file !== undefined) {
              await page.getByLabel("a file of yours").setInputFiles(file);
              const columns = file.name.split("x")[0];
              await page.getByRole("img", { name: `The target image, ${columns} x `, exact: false }).waitFor();
            }
            const boxes = await page.locator("canvas").evaluateAll((canvases) =>
              canvases.map((one) => {
                const canvas = one as HTMLCanvasElement;
                const { left, top, width } = canvas.getBoundingClientRect();
                const on = (at: number): number => at * devicePixelRatio;
                const within = width <= (canvas.parentElement?.clientWidth ?? 0) + 1;
                return { zoom: on(width) / canvas.width, left: on(left + scrollX), top: on(top + scrollY), within };
              }),
            );
            for (const box of boxes) {
              const { zoom, left, top, within } = box;
              for (const value of [zoom, left, top])
                expect(Math.abs(value - Math.round(value)), JSON.stringify(box)).toBeLessThan(0.1);
              expect(within, JSON.stringify(box)).toBe(true);
            }
          }
        } finally {
          await context.close();
          await served.close();
        }
      });
    }
  }
});

async function makeAgainWith(page: Page, picture: string): Promise<string> {
  await page.getByRole("combobox", { name: "Picture" }).selectOption(picture);
  return (await makeMetamer(page)).hash;
}

it("every control has a name", () =>
  withPage(browser, {}, async (page) => {
    const controls = [
      ["combobox", "Picture"],
      ["button", "or a file of yours"],
      ["combobox", "Model"],
      ["slider", "Width of the blur: 3 pixels"],
      ["spinbutton", "Iterations"],
      ["spinbutton", "Seed"],
      ["button", "Start"],
      ["button", "Stop"],
      ["button", "Save as PNG"],
    ] as const;
    for (const [role, name] of controls) {
      await page.getByRole(role, { name, exact: true }).waitFor({ timeout: 2000 });
    }
    expect(await page.locator("form :is(input, select, button)").count()).toBe(controls.length);
  }));

it("works with the keyboard alone", () =>
  withPage(browser, {}, async (page) => {
    await page.getByLabel("Iterations", { exact: true }).focus();
    await page.keyboard.press("ControlOrMeta+a");
    await page.keyboard.type("100000");
    await page.keyboard.press("Enter");
    await page.getByText(/^[1-9]\d* of 100000$/).waitFor();
    // The focus is on Stop, then back on Start. Save comes next, because Stop is disabled.
    await page.keyboard.press("Enter");
    await hasHash(page);
    await page.keyboard.press("Tab");
    const download = page.waitForEvent("download");
    await page.keyboard.press("Enter");
    expect((await download).suggestedFilename()).toBe("metamer-house-gaussian.png");
  }));
