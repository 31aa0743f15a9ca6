// Runs what the assembler builds, over a memory of one page.

import { expect } from "vitest";
import { ModuleBuilder } from "../../src/wasm/assembler.ts";

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
  const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource), {
    env: { memory },
    host: options.imports ?? {},
  });
  return {
    bytes,
    buffer: memory.buffer,
    call: (name, ...operands) => (instance.exports[name] as (...args: (number | bigint)[]) => unknown)(...operands),
  };
}
