// A constant's values: in a memory, or in JavaScript, where there is one copy at most.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { ArrayValue } from "../../src/ops/definition.ts";
import { layoutOf, rowBytes } from "../../src/wasm/layout.ts";
import { Constant, Constants, identityOf } from "../../src/wasm/memory/constants.ts";

setFlagsFromString("--expose-gc");
const gc: () => void = runInNewContext("gc");

const SHAPE = [100, 100_000];
const layout = layoutOf(SHAPE, "float32");
const PAGES = Math.ceil(layout.bytes / 65536);
const used = (): number => process.memoryUsage().arrayBuffers;

/** Whether so many bytes came since: others' garbage may go meanwhile, a small part of the array, and nothing else comes. */
function came(bytes: number, before: number): void {
  const more = used() - before;
  expect(more).toBeLessThanOrEqual(bytes);
  expect(more).toBeGreaterThan(bytes - layout.bytes / 10);
}

function value(): ArrayValue {
  return { dtype: "float32", shape: SHAPE, re: new Float32Array(10_000_000).fill(3) };
}

describe("a constant that is set aside", () => {
  it("is the array that it was made of while that is held, and a copy where it is not", async () => {
    const held = { value: value() as ArrayValue | undefined };
    const constant = new Constant({ layout, key: "a", value: held.value, cell: 0 });
    const home = { shelf: {}, memory: new WebAssembly.Memory({ initial: PAGES + 1 }), address: 65536 };
    constant.put(home);
    let before = used();
    constant.setAside();
    came(0, before);
    expect(constant.home).toBe(undefined);
    constant.put(home);
    const plane = new WeakRef(held.value?.re as object);
    held.value = undefined;
    const start = used();
    for (let i = 0; i < 100 && (plane.deref() !== undefined || start - used() < 39e6); i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      gc();
    }
    expect(plane.deref()).toBe(undefined);
    expect(start - used()).toBeGreaterThan(39e6);
    before = used();
    constant.setAside();
    came(layout.bytes, before);
    new Uint8Array(home.memory.buffer).fill(0);
    constant.put({ ...home, address: 0 });
    const row = new Float32Array(home.memory.buffer, 99 * rowBytes(layout), 100_000);
    expect(row.every((x) => x === 3)).toBe(true);
  });

  it("is nothing where nobody has computed it yet", () => {
    const constant = new Constant({ layout, key: "b", value: undefined, cell: 0 });
    const memory = new WebAssembly.Memory({ initial: PAGES });
    constant.put({ shelf: {}, memory, address: 0 });
    const before = used();
    constant.setAside();
    came(0, before);
    expect(constant.isKnown).toBe(false);
  });
});

describe("constants", () => {
  it("are the same by their key, and their key by the array", () => {
    const [a, b] = [value(), value()];
    expect(identityOf(a)).toBe(identityOf({ ...a, shape: [10_000_000] }));
    expect(identityOf(a)).not.toBe(identityOf(b));
    expect(identityOf({ ...a, im: b.re })).not.toBe(identityOf(a));
    const known = new Constants(() => {});
    const [first, again, other] = [a, a, b].map((one) =>
      known.of({ layout, key: identityOf(one), value: one, cell: 0 }),
    );
    expect([again === first, other === first]).toEqual([true, false]);
  });
});
