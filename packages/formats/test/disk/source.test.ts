// Bytes from paths, URLs, Blobs and memory, never more than the limit.

import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { writeFileAtomic } from "../../src/disk/atomic.ts";
import { readSource, type Source } from "../../src/disk/source.ts";
import { FileError, type FileErrorCode } from "../../src/errors.ts";

const folder = mkdtempSync(join(tmpdir(), "plenoptic-files-"));
const file = join(folder, "picture one.bin");
const content = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251);
let server: Server;
let origin: string;

beforeAll(async () => {
  writeFileSync(file, content);
  writeFileSync(join(folder, "empty"), "");
  server = createServer((request, response) => {
    if (request.url === "/missing") response.writeHead(404);
    if (request.url === "/broken") response.writeHead(500);
    if (request.url !== "/endless") response.end(content);
    else {
      const timer = setInterval(() => response.write(Buffer.alloc(65536)), 1);
      response.on("close", () => clearInterval(timer));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

async function refusal(promise: Promise<unknown>): Promise<{ code: FileErrorCode; message: string }> {
  const error = await promise.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(FileError);
  return error;
}

describe("readSource", () => {
  it("reads a path, a URL, a Blob and memory", async () => {
    const cases: [Source, string][] = [
      [file, file],
      [pathToFileURL(file), file],
      [pathToFileURL(file).href, file],
      [`${origin}/there`, `${origin}/there`],
      [new URL(`${origin}/there`), `${origin}/there`],
      [`data:application/octet-stream;base64,${Buffer.from(content).toString("base64")}`, "data URL"],
      [new File([content], "chosen.png"), "chosen.png"],
      [new Blob([content]), "blob"],
      [content, "bytes in memory"],
      [content.buffer, "bytes in memory"],
      [Buffer.from(content), "bytes in memory"],
    ];
    for (const [source, name] of cases) {
      const read = await readSource(source);
      expect(read.name).toBe(name);
      expect(Buffer.compare(read.bytes, content)).toBe(0);
    }
    expect((await readSource(content)).bytes).toBe(content);
    expect((await readSource(join(folder, "empty"))).bytes.length).toBe(0);
  });

  it.runIf(process.platform === "linux")("reads files that do not tell their size, up to the limit", async () => {
    expect((await readSource("/proc/self/status")).bytes.length).toBeGreaterThan(100);
    expect((await refusal(readSource("/dev/zero", { maxBytes: 1_000_000 }))).code).toBe("too-big");
  });

  it.each<[string, () => Source, FileErrorCode, RegExp]>([
    ["a missing file", () => join(folder, "nothing.png"), "not-found", /nothing\.png: there is no such file$/],
    ["a missing file by URL", () => pathToFileURL(join(folder, "nothing.png")), "not-found", /there is no such file$/],
    ["a file inside a file", () => join(file, "x.png"), "not-found", /no such file/],
    ["an empty path", () => "", "not-found", /^"": the path is empty$/],
    ["a folder", () => folder, "not-a-file", /this is a folder/],
    ["a path with a zero", () => "a\0b", "unreadable", /could not be read/],
    ["a file URL of another machine", () => new URL("file://elsewhere/x.png"), "not-found", /on this machine/],
    ["a missing address", () => `${origin}/missing`, "not-found", /the server answered 404/],
    ["a server in trouble", () => `${origin}/broken`, "unreadable", /the server answered 500/],
    ["a server that is not there", () => "http://127.0.0.1:1/x", "unreadable", /could not be fetched/],
  ])("refuses %s", async (_, source, code, message) => {
    const error = await refusal(readSource(source()));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  it("refuses a circle of links", async () => {
    const link = join(folder, "circle");
    symlinkSync(link, link);
    expect((await refusal(readSource(link))).code).toBe("unreadable");
    rmSync(link);
  });

  it("stops at the limit, wherever the bytes come from", async () => {
    const limited = { maxBytes: content.length - 1 };
    const sources = [file, `${origin}/there`, new Blob([content]), content, content.buffer];
    for (const source of sources) {
      const error = await refusal(readSource(source, limited));
      expect(error.code).toBe("too-big");
      expect(error.message).toMatch(/at most 99999 bytes/);
      expect((await readSource(source, { maxBytes: content.length })).bytes.length).toBe(content.length);
    }
    expect((await refusal(readSource(`${origin}/endless`, { maxBytes: 1_000_000 }))).code).toBe("too-big");
  });

  it("refuses what is no source", async () => {
    const wrongs: unknown[] = [5, null, undefined, {}, [1, 2]];
    for (const wrong of wrongs) {
      await expect(readSource(wrong as Source)).rejects.toThrow(/must be a path, URL, Blob/);
    }
  });
});

describe("writeFileAtomic", () => {
  it("writes and replaces, and leaves nothing else", async () => {
    const target = join(folder, "out");
    await mkdir(target);
    const path = join(target, "a.bin");
    await writeFileAtomic(path, content);
    expect(Buffer.compare(readFileSync(path), content)).toBe(0);
    await writeFileAtomic(path, Uint8Array.of(1, 2));
    expect([...readFileSync(path)]).toEqual([1, 2]);
    expect(readdirSync(target)).toEqual(["a.bin"]);
  });

  it("lets parallel writers win one at a time, each whole", async () => {
    const path = join(folder, "race.bin");
    await Promise.all([1, 2, 3, 4].map((value) => writeFileAtomic(path, new Uint8Array(50_000).fill(value))));
    const written = readFileSync(path);
    expect(written.length).toBe(50_000);
    expect(new Set(written).size).toBe(1);
  });

  it("refuses a missing folder, a file as folder and a folder as file, and leaves nothing behind", async () => {
    const before = readdirSync(folder);
    const missing = await refusal(writeFileAtomic(join(folder, "no", "a.bin"), content));
    expect(missing.message).toMatch(/a\.bin: the folder .*no does not exist$/);
    const inFile = await refusal(writeFileAtomic(join(file, "a.bin"), content));
    expect(inFile.message).toMatch(/is not a folder$/);
    await mkdir(join(folder, "taken"));
    const taken = await refusal(writeFileAtomic(join(folder, "taken"), content));
    expect(taken.message).toMatch(/a folder of this name is in the way$/);
    for (const error of [missing, inFile, taken]) expect(error.code).toBe("not-written");
    expect(new Set(readdirSync(folder))).toEqual(new Set([...before, "taken"]));
  });
});
