// Runs scalar expressions as a SIMD kernel over whole planes, in a fresh memory, for tests.

import type { Scalar, ScalarType } from "../../../tensor/src/math/scalar.ts";
import type { Plane } from "../../../tensor/src/ops/definition.ts";
import { type Expr, ModuleBuilder } from "../../../tensor/src/wasm/assembler/assembler.ts";
import {
  type Lanes,
  laneLoad,
  lanesFor,
  loadVector,
  splatLoad,
  storeVector,
  VectorEmitter,
} from "../../../tensor/src/wasm/kernels/loops/scalars.ts";

export type MemoryType = Exclude<ScalarType, "i64">;
export type Access = "vector" | "splat" | "lane";

const align = (n: number): number => Math.ceil(n / 128) * 128;
const bytesOf = (type: MemoryType): 4 | 8 => (type === "f64" ? 8 : 4);

function viewOf(
  type: MemoryType,
  buffer: ArrayBuffer,
  at: number,
  length: number,
): Float64Array | Float32Array | Int32Array {
  if (type === "f64") return new Float64Array(buffer, at, length);
  return type === "f32" ? new Float32Array(buffer, at, length) : new Int32Array(buffer, at, length);
}

export function fresh(type: MemoryType, length: number): Plane {
  if (type === "f64") return new Float64Array(length);
  if (type === "f32") return new Float32Array(length);
  return type === "i32" ? new Int32Array(length) : new Uint8Array(length);
}

/** Runs the expressions in a kernel of `lanes` lanes; argument i is a plane of type `types[i]`. */
export function runKernel(
  outputs: readonly Scalar[],
  types: readonly MemoryType[],
  args: readonly Plane[],
  length: number,
  lanes: Lanes = lanesFor(outputs),
  access: Access = "vector",
): Plane[] {
  let top = 128;
  const place = (type: MemoryType): number => {
    const at = top;
    top += align((length + 4) * bytesOf(type));
    return at;
  };
  const argAt = types.map(place);
  const outTypes = outputs.map((s) => s.type as MemoryType);
  const outAt = outTypes.map(place);
  const pages = Math.ceil(top / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  new Uint8Array(memory.buffer).fill(0xcd);
  args.forEach((plane, i) => {
    viewOf(types[i], memory.buffer, argAt[i], length).set(plane);
  });

  const module = new ModuleBuilder({ memory: { initialPages: pages, maximumPages: pages, shared: false } });
  module.func("run", [], [], (f) => {
    const i = f.local("i32");
    f.forRange(i, 0, length, lanes, () => {
      const emitter = new VectorEmitter(f, lanes);
      const leaf = (s: Scalar): Expr => {
        const type = types[s.value as number];
        const base = argAt[s.value as number];
        if (access === "splat") return splatLoad(f, type, lanes, base, 0);
        const address = f.op("i32.mul", i, bytesOf(type));
        if (access === "vector") return loadVector(f, type, lanes, address, base);
        // Every lane from its own address, counted from the end of the array.
        const addresses = Array.from({ length: lanes }, (_, k) =>
          f.op("i32.sub", base + (length - 1 - k) * bytesOf(type), address),
        );
        return laneLoad(f, type, lanes, addresses);
      };
      outputs.forEach((s, k) => {
        storeVector(f, outTypes[k], lanes, f.op("i32.mul", i, bytesOf(outTypes[k])), emitter.value(s, leaf), outAt[k]);
      });
    });
  });
  const compiled = new WebAssembly.Module(module.emit());
  (new WebAssembly.Instance(compiled, { env: { memory } }).exports.run as () => void)();
  return outTypes.map((type, k) => {
    const out = fresh(type, length);
    out.set(viewOf(type, memory.buffer, outAt[k], length));
    return out;
  });
}

/** The bytes of a plane, with every NaN made the same, for comparisons bit for bit. */
export function bitsOf(plane: Plane): string {
  const copy = plane.slice();
  for (let i = 0; i < copy.length; i++) if (Number.isNaN(copy[i])) copy[i] = Number.NaN;
  return Buffer.from(copy.buffer).toString("hex");
}
