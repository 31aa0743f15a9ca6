// A disk that is full, and one that can only be read: reported, and the file that was there is intact. Real ones, where this process may
// mount file systems, as the administrator of a CI machine may. Elsewhere those tests are skipped, and say so; what Node reports of such
// disks is tried everywhere (packages/formats/test/disk/atomic.test.ts).

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import * as po from "../../src/index.ts";
import { picture } from "../synthesis/methods.ts";

const system = (command: string, ...args: string[]): boolean => spawnSync(command, args).status === 0;
/** 256 KiB. */
const mount = (folder: string): boolean => system("mount", "-t", "tmpfs", "-o", "size=256k", "plenoptic", folder);

const trial = mkdtempSync(join(tmpdir(), "mount-"));
const mounts = process.platform === "linux" && mount(trial);
if (mounts) system("umount", trial);
rmSync(trial, { recursive: true });

let folder: string;
let path: string;
let warned: string[];
let quiet: () => void;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "disk-"));
  path = join(folder, "m.pt");
  warned = [];
  quiet = po.warnings.on((warning) => warned.push(warning.message));
  if (mounts) expect(mount(folder)).toBe(true);
});
afterEach(() => {
  quiet();
  if (mounts) system("umount", folder);
  rmSync(folder, { recursive: true });
});

const gaussian = (): po.Metamer => {
  po.setSeed(0);
  return new po.Metamer(picture(), new po.models.Gaussian(5, { std: 1.5 }));
};
const fill = (leave: number): void => {
  const file = join(folder, "full");
  // As much as goes, and then some of it back.
  for (let size = 256 * 1024; ; size -= 4096) {
    try {
      writeFileSync(file, new Uint8Array(Math.max(size, 0)));
      writeFileSync(file, new Uint8Array(Math.max(size - leave, 0)));
      return;
    } catch {
      if (size <= 0) return;
    }
  }
};

describe.skipIf(!mounts)("where file systems can be mounted", () => {
  test("a disk that becomes full: the run goes on, and says so; the file before is intact, and is gone on from", async () => {
    const news: po.CheckpointNews[] = [];
    const checkpoint = { path, every: 3, onCheckpoint: (one: po.CheckpointNews) => void news.push(one) };
    let before: Uint8Array | undefined;
    const onProgress = ({ iteration }: po.Progress): void => {
      if (iteration !== 4) return;
      before = readFileSync(path);
      fill(8192);
    };
    const metamer = gaussian();
    await expect(metamer.synthesize({ maxIter: 10, checkpoint, onProgress })).rejects.toThrow(/the disk is full/);
    // The last one must be there, and is not; all that was computed is.
    expect(metamer.numIter).toBe(10);
    expect(news.map(({ kind, iteration }) => `${kind} ${iteration}`)).toEqual([
      "written 3",
      "failed 6",
      "failed 9",
      "failed 10",
    ]);
    expect(warned[0]).toMatch(/no checkpoint could be written: .*the disk is full; that of 3 iterations is intact/);
    expect(Buffer.compare(readFileSync(path), before as Uint8Array)).toBe(0);
    rmSync(join(folder, "full"));
    const again = gaussian();
    await again.synthesize({ maxIter: 10, checkpoint: { path, resume: true } });
    expect(again.losses).toEqual(metamer.losses);
  });

  test("a disk that is full at the start is refused there", async () => {
    fill(0);
    const metamer = gaussian();
    await expect(metamer.synthesize({ checkpoint: { path } })).rejects.toThrow(/m\.pt: the disk is full/);
    expect(metamer.isSetUp).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  test("a folder that can only be read is refused at the start, and on the way the file before is intact", async () => {
    const checkpoint = { path, every: 3 };
    let before: Uint8Array | undefined;
    const onProgress = ({ iteration }: po.Progress): void => {
      if (iteration !== 4) return;
      before = readFileSync(path);
      expect(system("mount", "-o", "remount,ro", folder)).toBe(true);
    };
    const words = /you are not allowed to write in/;
    await expect(gaussian().synthesize({ maxIter: 10, checkpoint, onProgress })).rejects.toThrow(words);
    expect(warned[0]).toMatch(/that of 3 iterations is intact/);
    expect(Buffer.compare(readFileSync(path), before as Uint8Array)).toBe(0);
    await expect(gaussian().synthesize({ checkpoint: { path, resume: true } })).rejects.toThrow(words);
    await expect(gaussian().save(path)).rejects.toThrow(words);
  });
});

/** Whether the system lets this process mount (CAP_SYS_ADMIN): then the tests above must have run. */
const mayMount =
  process.platform === "linux" &&
  ((BigInt(`0x${/^CapEff:\s*(\w+)/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0}`) >> 21n) & 1n) === 1n;

test.runIf(mayMount)("a process that may mount file systems has done it", () => {
  expect(mounts).toBe(true);
});

if (!mounts) console.log("full disks and such that can only be read: skipped, as this process may not mount any");
