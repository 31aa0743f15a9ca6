// Images as strangers met them: what is damaged is refused, what costs no pixel is read (test/data/cases).

import { readFileSync } from "node:fs";
import { zlibSync } from "fflate";
import { describe, expect, it } from "vitest";
import { FileError } from "../../src/errors.ts";
import { readImage } from "../../src/images/readImage.ts";
import { makeTiff } from "./makeTiff.ts";

const bytesOf = (file: string): Uint8Array => readFileSync(new URL(`../data/cases/${file}`, import.meta.url));
const read = async (file: string) => readImage(bytesOf(file), { name: file });

async function refusal(bytes: Uint8Array): Promise<FileError> {
  const error: unknown = await readImage(bytes, { name: "x" }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(FileError);
  return error as FileError;
}

describe("checksums behind deflated data", () => {
  it.each(["altered.png", "altered.tif"])("%s is refused as damaged", async (file) => {
    const error = await refusal(bytesOf(file));
    expect(error.code).toBe("damaged");
    expect(error.message).toMatch(/cannot be unpacked \(its checksum is wrong: it was altered or copied badly\)/);
  });

  it("the sound twins are read", async () => {
    expect((await read("good.png")).data[12]).toBe(36);
    expect((await read("good.tif")).data[13]).toBe(39);
  });
});

describe("bytes behind the last row", () => {
  it("of a PNG are let be", async () => {
    const { width, height, data } = await read("extra-data.png");
    expect([width, height]).toEqual([4, 4]);
    expect(data).toHaveLength(16);
  });

  it("of a strip of a TIFF are let be, with a right checksum", async () => {
    const samples = Uint8Array.of(1, 2, 3, 4, 5, 6);
    const packed = zlibSync(Uint8Array.of(...samples, 7, 8));
    const { data } = await readImage(makeTiff({ fields: { 259: 8 }, pieces: [packed] }), { name: "x" });
    expect(data).toEqual(samples);
    packed[packed.length - 1] ^= 1;
    expect((await refusal(makeTiff({ fields: { 259: 8 }, pieces: [packed] }))).message).toMatch(/checksum is wrong/);
  });
});

describe("JPEG files whose decoder warns of what costs no pixel", () => {
  it.each([
    ["sos_se0.jpg", "base.jpg"],
    ["stray_before_rst.jpg", "rst.jpg"],
  ])("%s has the pixels of %s", async (odd, sound) => {
    expect(await read(odd)).toEqual(await read(sound));
  });

  const restarts = bytesOf("rst.jpg");
  const markers = [...restarts.keys()].filter((at) => restarts[at] === 0xff && (restarts[at + 1] & 0xf8) === 0xd0);
  /** Stray bytes before each marker of restart. */
  const stray = markers.reduceRight(
    (bytes, at) => Uint8Array.from([...bytes.subarray(0, at), 1, 2, ...bytes.subarray(at)]),
    restarts,
  );

  it("also where there are many such warnings", async () => {
    expect(markers).toHaveLength(2);
    expect((await readImage(stray, { name: "x" })).data).toEqual((await read("rst.jpg")).data);
  });

  it("a marker of restart with a number far from its turn costs nothing", async () => {
    const changed = Uint8Array.from(restarts);
    changed[markers[0] + 1] = 0xd4;
    expect((await readImage(changed, { name: "x" })).data).toEqual((await read("rst.jpg")).data);
  });

  it("a harmless warning does not hide lost data behind it", async () => {
    const last = stray.length - 2;
    const lost = Uint8Array.from([...stray.subarray(0, last - 60), 0xff, 0xd9]);
    const error = await refusal(lost);
    expect(error.code).toBe("damaged");
    expect(error.message).toMatch(/premature end of data segment/);
  });

  it("a lost marker of restart loses an interval", async () => {
    const lost = Uint8Array.from([...restarts.subarray(0, markers[1]), ...restarts.subarray(markers[1] + 2)]);
    expect((await refusal(lost)).code).toBe("damaged");
  });
});
