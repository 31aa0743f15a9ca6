import { inputLeaf } from "./src/graph/build.ts";
import { makeNode } from "./src/graph/node.ts";
import { matmul } from "./src/ops/matmul.ts";
import { lowerMatmul } from "./src/wasm/matmul.ts";
import { ModuleBuilder, f64x2Const, f32x4Const } from "./src/wasm/assembler.ts";
import { layoutOf } from "./src/wasm/layout.ts";
import type { Node } from "./src/ops/definition.ts";

function peak(type: "f64" | "f32"): number {
  const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
  module.func("p", ["i32"], [], (f, n) => {
    const acc = Array.from({ length: 10 }, () => f.local("v128"));
    const x = f.local("v128"), y = f.local("v128");
    f.set(x, f.load("v128.load", 0)); f.set(y, f.load("v128.load", 16));
    for (const a of acc) f.set(a, x);
    const i = f.local("i32");
    f.forRange(i, 0, n, 1, () => {
      for (const a of acc) f.set(a, f.op(type === "f64" ? "f64x2.add" : "f32x4.add", y, f.op(type === "f64" ? "f64x2.mul" : "f32x4.mul", a, x)));
    });
    let k = 0;
    for (const a of acc) f.store("v128.store", 64 + 16 * k++, a);
  });
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1 });
  const inst = new WebAssembly.Instance(new WebAssembly.Module(module.emit() as BufferSource), { env: { memory } });
  const p = inst.exports.p as (n: number) => void;
  let best = Infinity;
  for (let r = 0; r < 30; r++) { const t = performance.now(); p(1e5); best = Math.min(best, performance.now() - t); }
  return (1e6 * (type === "f64" ? 2 : 4)) / best / 1e6; // G muladd/s
}

function time(node: Node): { ms: number; steps: number[] } {
  const l = lowerMatmul(node);
  let top = 4096;
  const place = (b: number) => { const at = top; top += Math.ceil(b / 128) * 128; return at; };
  const lay = node.inputs.map((x) => layoutOf(x.shape, x.dtype));
  const uniq = [...new Set(node.inputs)];
  const uniqAt = uniq.map((x) => place(layoutOf(x.shape, x.dtype).bytes));
  const inAt = node.inputs.map((x) => uniqAt[uniq.indexOf(x)]);
  const ol = layoutOf(node.shape, node.dtype); const oAt = place(ol.bytes);
  const tAt = l.temporaries.map(place), tabAt = l.tables.map((t) => place(t.byteLength));
  const sAt = place(Math.max(0, ...l.steps.map((s) => s.scratchBytes)));
  const pages = Math.ceil((top + 65536) / 65536);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const f64 = lay[0].elementBytes === 8;
  const v = f64 ? new Float64Array(memory.buffer) : new Float32Array(memory.buffer);
  for (let i = 0; i < v.length; i++) v[i] = ((i * 7919) % 1009) / 1009 - 0.5;
  l.tables.forEach((t, i) => new Uint8Array(memory.buffer).set(t, tabAt[i]));
  const module = new ModuleBuilder({ memory: { initialPages: pages, maximumPages: pages, shared: false } });
  const names = new Map<string, string>();
  for (const { kernel } of l.steps) { if (names.has(kernel.key)) continue; const n = `k${names.size}`; names.set(kernel.key, n); module.export(n, kernel.emit(module)); }
  const inst = new WebAssembly.Instance(new WebAssembly.Module(module.emit() as BufferSource), { env: { memory } });
  const calls = l.steps.map((s) => { const f = inst.exports[names.get(s.kernel.key)!] as any; const a = s.addresses.map((x: any) => { const o = x.offset ?? 0; return (x.of === "input" ? inAt[x.index] + (x.plane ?? 0) * lay[x.index].planeBytes : x.of === "output" ? oAt + (x.plane ?? 0) * ol.planeBytes : x.of === "temporary" ? tAt[x.index] : tabAt[x.index]) + o; }); return () => f(...a, sAt, 0, s.units); });
  const best = calls.map(() => Infinity); let total = Infinity;
  const t0 = performance.now();
  for (let r = 0; r < 400 && (performance.now() - t0 < 2500 || r < 5); r++) {
    const a = performance.now(); let prev = a;
    calls.forEach((c, i) => { c(); const n = performance.now(); best[i] = Math.min(best[i], n - prev); prev = n; });
    total = Math.min(total, prev - a);
  }
  return { ms: total, steps: best };
}
const P = { float64: peak("f64"), float32: peak("f32") } as Record<string, number>;
console.log("peak G mul-add/s f64", P.float64.toFixed(2), "f32", P.float32.toFixed(2));
const mm = (a: number[], b: number[], dt: any, tb: boolean, own = false) => { const x = inputLeaf(a, dt); return makeNode(matmul, [x, own ? x : inputLeaf(b, dt)], { transposeB: tb }); };
const cases: [string, Node, number][] = [];
for (const dt of ["float64", "float32"] as const) {
  cases.push([`256^3 ${dt}`, mm([256, 256], [256, 256], dt, false), 256 ** 3]);
  cases.push([`256^3 tB ${dt}`, mm([256, 256], [256, 256], dt, true), 256 ** 3]);
  cases.push([`16x65536 own ${dt}`, mm([16, 65536], [], dt, true, true), 16 * 17 / 2 * 65536]);
  cases.push([`16x65536 two ${dt}`, mm([16, 65536], [16, 65536], dt, true), 16 * 16 * 65536]);
  cases.push([`50x16384 own ${dt}`, mm([50, 16384], [], dt, true, true), 50 * 51 / 2 * 16384]);
  cases.push([`50x16384 two ${dt}`, mm([50, 16384], [50, 16384], dt, true), 50 * 50 * 16384]);
  cases.push([`16x16 * 16x65536 ${dt}`, mm([16, 16], [16, 65536], dt, false), 16 * 16 * 65536]);
  cases.push([`65536x8 * 8x16 ${dt}`, mm([65536, 8], [8, 16], dt, false), 16 * 8 * 65536]);
  cases.push([`8x65536 * 65536x16 ${dt}`, mm([8, 65536], [65536, 16], dt, false), 16 * 8 * 65536]);
  cases.push([`1024x1024 * vec ${dt}`, mm([1024, 1024], [1, 1024], dt, true), 1024 * 1024]);
}
for (const dt of ["complex128", "complex64"] as const) { cases.push([`cplx 128^3 ${dt}`, mm([128, 128], [128, 128], dt, false), 4 * 128 ** 3]); cases.push([`cplx 128^3 tB ${dt}`, mm([128, 128], [128, 128], dt, true), 4 * 128 ** 3]); }
P.complex128 = P.float64; P.complex64 = P.float32;
const only = process.argv[2];
for (const [n, node, flops] of cases) {
  if (only && !n.includes(only)) continue;
  const { ms, steps } = time(node);
  console.log(n.padEnd(30), ms.toFixed(3), "ms", `steps ${steps.map((s) => s.toFixed(3)).join(" ")}`, ((flops / ms / 1e6)).toFixed(2), "G/s", ((flops / ms / 1e6 / P[node.dtype]) * 100).toFixed(0) + "%");
}
