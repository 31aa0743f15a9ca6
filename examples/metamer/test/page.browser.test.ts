// The built page makes the metamer that Node makes, wherever and however it is served.

import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { Browser, Page } from "playwright";
import * as po from "plenoptic-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BUILT, ISOLATED, launch, withAddress, withPage } from "./chromium.ts";
import { type Made, runCommand } from "./command.ts";

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
        const { hash } = made.get(command)!;
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
      expect(hash).toBe(made.get(COMMANDS.gaussian)?.hash);
      expect(threads).toBe("1, in the page itself");
    }));

  for (const [what, headers] of servings.slice(0, 2)) {
    it(`of the on-off model, ${what}`, () =>
      withPage(browser, headers, async (page) => {
        await page.getByRole("combobox", { name: "Model" }).selectOption("on-off");
        const { hash, command } = await makeMetamer(page);
        expect(command).toBe(COMMANDS["on-off"]);
        expect(hash).toBe(made.get(command)?.hash);
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
        expect(hash).toBe((await runCommand(command, folder)).hash);
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
    expect(hash).toBe((await runCommand(command)).hash);
    expect((await makeMetamer(page)).hash).toBe(made.get(COMMANDS.gaussian)?.hash);
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
    const expected = await po.loadImages(made.get(COMMANDS.gaussian)!.png);
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
