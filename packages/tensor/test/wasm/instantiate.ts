// Runs what the assembler builds, over a memory of one page, and reads its bytes.

import { expect } from "vitest";
import { ModuleBuilder } from "../../src/wasm/assembler/assembler.ts";

export interface Running {
  readonly bytes: Uint8Array;
  readonly buffer: ArrayBufferLike;
  /** Calls an exported function. */
  call(name: string, ...operands: (number | bigint)[]): unknown;
}

export function instantiate(
  build: (module: ModuleBuilder) => void,
  options: { shared?: boolean; imports?: Record<string, (...args: number[]) => unknown> } = {},
): Running {
  const shared = options.shared ?? false;
  const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared } });
  build(module);
  const bytes = module.emit();
  expect(WebAssembly.validate(bytes as BufferSource)).toBe(true);
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared });
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), {
    env: { memory },
    host: options.imports ?? {},
  });
  return {
    bytes,
    buffer: memory.buffer,
    call: (name, ...operands) => (instance.exports[name] as (...args: (number | bigint)[]) => unknown)(...operands),
  };
}

/** The local groups declared by a module's function: [count, type byte] each. */
export function localGroups(bytes: Uint8Array, index = 0): [number, number][] {
  let at = 8;
  const u32 = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  for (;;) {
    const id = bytes[at++];
    const size = u32();
    if (id === 10) break;
    at += size;
  }
  expect(u32()).toBeGreaterThan(index);
  for (let i = 0; i < index; i++) {
    const size = u32();
    at += size;
  }
  u32();
  return Array.from({ length: u32() }, () => [u32(), bytes[at++]]);
}
