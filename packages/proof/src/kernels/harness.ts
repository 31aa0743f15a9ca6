// Runs one lowered operation in a fresh WebAssembly memory, one thread, cutting every step's units at random.

import type { ArrayValue, DType, Shape } from "../../../tensor/src/ops/definition.ts";
import { ModuleBuilder } from "../../../tensor/src/wasm/assembler/assembler.ts";
import type { Address, GivenNumber, Lowered } from "../../../tensor/src/wasm/kernels/kernel.ts";
import { layoutOf } from "../../../tensor/src/wasm/layout.ts";
import { readArray, writeArray } from "../../../tensor/src/wasm/transfer.ts";

const align = (n: number): number => Math.ceil(n / 128) * 128;

export function runLowered(
  lowered: Lowered,
  inputs: readonly ArrayValue[],
  result: { shape: Shape; dtype: DType },
  options: { cut?: (units: number) => number[] } = {},
): ArrayValue {
  let top = 4096;
  const place = (bytes: number): number => {
    const at = top;
    top += align(bytes) + 256;
    return at;
  };
  const inputLayouts = inputs.map((v) => layoutOf(v.shape, v.dtype));
  const inputAt = inputLayouts.map((l) => place(l.bytes));
  const outputLayout = layoutOf(result.shape, result.dtype);
  const outputAt = place(outputLayout.bytes);
  const temporaryAt = lowered.temporaries.map(place);
  const tableAt = lowered.tables.map((t) => place(t.byteLength));
  const scratchAt = place(Math.max(0, ...lowered.steps.map((s) => s.scratchBytes)));
  const pages = Math.ceil((top + 65536) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  // Garbage everywhere: kernels may not rely on zeros they did not write.
  new Uint8Array(memory.buffer).fill(0xcd);
  inputs.forEach((v, i) => {
    writeArray(memory.buffer, inputAt[i], v, inputLayouts[i]);
  });
  lowered.tables.forEach((t, i) => {
    new Uint8Array(memory.buffer).set(t, tableAt[i]);
  });

  const module = new ModuleBuilder({ memory: { initialPages: pages, maximumPages: pages, shared: true } });
  const names = new Map<string, string>();
  for (const { kernel } of lowered.steps) {
    if (names.has(kernel.key)) continue;
    const name = `k${names.size}`;
    names.set(kernel.key, name);
    module.export(name, kernel.emit(module));
  }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.emit()), { env: { memory } });
  const addressOf = (a: Address | GivenNumber): number => {
    if (a.of === "number") return a.value;
    const offset = a.offset ?? 0;
    if (a.of === "input") return inputAt[a.index] + (a.plane ?? 0) * inputLayouts[a.index].planeBytes + offset;
    if (a.of === "output") return outputAt + (a.plane ?? 0) * outputLayout.planeBytes + offset;
    return (a.of === "temporary" ? temporaryAt[a.index] : tableAt[a.index]) + offset;
  };
  const cut = options.cut ?? ((units: number): number[] => [0, Math.floor(units / 3), units]);
  for (const step of lowered.steps) {
    const f = instance.exports[names.get(step.kernel.key) as string] as (...args: number[]) => void;
    const addresses = step.addresses.map(addressOf);
    const edges = cut(step.units);
    // Last pieces first: units may run in any order.
    for (let i = edges.length - 2; i >= 0; i--) {
      if (edges[i] < edges[i + 1]) f(...addresses, scratchAt, edges[i], edges[i + 1]);
    }
  }
  return readArray(memory.buffer, outputAt, outputLayout);
}

/** The bytes of an array with every NaN made the same, for comparisons bit for bit. */
export function bitsOf(value: ArrayValue): string {
  const parts: string[] = [];
  for (const plane of value.im ? [value.re, value.im] : [value.re]) {
    const copy = plane.slice();
    if (copy instanceof Float32Array || copy instanceof Float64Array) {
      for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
    }
    parts.push(Buffer.from(copy.buffer, copy.byteOffset, copy.byteLength).toString("hex"));
  }
  return parts.join("|");
}
