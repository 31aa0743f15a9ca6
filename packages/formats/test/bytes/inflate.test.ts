// Unpacking against zlib's own packer, and what is refused.

import { constants, deflateRawSync, deflateSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InflateLimitError, inflateRaw, inflateZlib } from "../../src/bytes/inflate.ts";

/** Data that packs well, with repeats near and far, and noise. */
const someData = fc
  .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.nat(2000)), { minLength: 1, maxLength: 12 })
  .map((parts) => Uint8Array.from(parts.flatMap(([piece, times]) => Array(times).fill([...piece])).flat()));
const someOptions = fc.record({
  level: fc.nat(9),
  strategy: fc.constantFrom(constants.Z_DEFAULT_STRATEGY, constants.Z_FIXED, constants.Z_RLE, constants.Z_HUFFMAN_ONLY),
  memLevel: fc.integer({ min: 1, max: 9 }),
});

describe("inflate", () => {
  it("gives back what zlib packed, in every manner", () => {
    fc.assert(
      fc.property(someData, someOptions, (data, options) => {
        expect(Buffer.compare(inflateZlib(deflateSync(data, options), data.length), data)).toBe(0);
        expect(Buffer.compare(inflateRaw(deflateRawSync(data, options), data.length), data)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  const data = Uint8Array.from({ length: 5000 }, (_, i) => (i * i) >> 3);
  const packed = deflateSync(data);

  it("leaves what follows alone, and drops a surplus only when told to", () => {
    expect(inflateZlib(Buffer.concat([packed, Buffer.from("more")]), 5000)).toEqual(data);
    expect(inflateZlib(packed, 4000, { surplus: 1000 })).toEqual(data.subarray(0, 4000));
    expect(() => inflateZlib(packed, 4000, { surplus: 999 })).toThrow(InflateLimitError);
    expect(() => inflateZlib(packed, 4999)).toThrow(InflateLimitError);
  });

  it("refuses every cut", () => {
    for (let length = 0; length < packed.length; length++) {
      expect(() => inflateZlib(packed.subarray(0, length), 5000)).toThrow();
    }
  });

  it("lets no change of a bit pass that changes the data", () => {
    let refused = 0;
    for (let bit = 16; bit < 8 * packed.length; bit++) {
      const changed = Uint8Array.from(packed);
      changed[bit >> 3] ^= 1 << (bit & 7);
      try {
        expect(Buffer.compare(inflateZlib(changed, 5000), data)).toBe(0);
      } catch {
        refused++;
      }
    }
    // A few bits mean nothing: those between the data and its checksum.
    expect(refused).toBeGreaterThan(8 * (packed.length - 2) - 8);
  });
});
