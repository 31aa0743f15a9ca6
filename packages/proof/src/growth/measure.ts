// How large what is compiled for the standard workloads is. The committed table (table.json) holds the numbers, and none may grow
// unseen: npm run growth. They are counts, not times, so they are the same on every machine.

import { gradient, setSeed, setThreads, Tensor, tensor } from "@plenoptic-js/tensor";
import { inputLeaf, type Node, Program } from "@plenoptic-js/tensor/engine";
import * as po from "plenoptic-js";
import { type Compiled, watchCompilations } from "../../../tensor/src/compile/counts.ts";
import { layoutOf } from "../../../tensor/src/wasm/layout.ts";

type Float = "float32" | "float64";

/** What a workload compiles until it has done one step. */
export interface Growth {
  /** Programs planned and compiled. */
  readonly compilations: number;
  /** Calls of kernels in all of their entries, constants included. */
  readonly steps: number;
  readonly kernels: number;
  /** Passes of Fourier transforms along one axis. */
  readonly transforms: number;
  /** Bytes of the arrays that steps read and write. */
  readonly bytesMoved: number;
  readonly moduleBytes: number;
  readonly memoryBytes: number;
}

export type GrowthTable = Readonly<Record<string, Growth>>;

const bytesOf = (nodes: readonly Node[]): number =>
  nodes.reduce((sum, { shape, dtype }) => sum + layoutOf(shape, dtype).bytes, 0);

function growthOf({ plans, moduleBytes, memoryBytes }: Compiled): Growth {
  const steps = plans.flatMap((plan) => plan.steps);
  return {
    compilations: 1,
    steps: steps.length,
    kernels: new Set(steps.map((step) => step.kernel.key)).size,
    transforms: steps.filter((step) => step.kernel.key.startsWith("fft")).length,
    bytesMoved: steps.reduce((bytes, { reads, writes }) => bytes + bytesOf(reads) + bytesOf(writes), 0),
    moduleBytes,
    memoryBytes,
  };
}

const NOTHING: Growth = {
  compilations: 0,
  steps: 0,
  kernels: 0,
  transforms: 0,
  bytesMoved: 0,
  moduleBytes: 0,
  memoryBytes: 0,
};
const KEYS = Object.keys(NOTHING) as readonly (keyof Growth)[];

const sumOf = (a: Growth, b: Growth): Growth =>
  Object.fromEntries(KEYS.map((key) => [key, a[key] + b[key]])) as unknown as Growth;

const SIDE = 256;
const SHAPE = [1, 1, SIDE, SIDE];

function pattern(dtype: Float, factor = 7919, side = SIDE): Tensor {
  const values = Float64Array.from({ length: side * side }, (_, i) => ((i * factor) % 10007) / 10007);
  return tensor(values, { shape: [1, 1, side, side], dtype });
}

function compile(dtype: Float, build: (x: Tensor) => Readonly<Record<string, Node>>): void {
  const leaf = inputLeaf(SHAPE, dtype);
  new Program({ buffers: { x: leaf }, entries: { run: { outputs: build(new Tensor(leaf)) } } });
}

/** A value and its gradient. */
const descended = (dtype: Float, f: (x: Tensor) => Tensor): void =>
  compile(dtype, (x) => {
    const value = f(x);
    return { value: value.node, gradient: gradient(value, x).node };
  });

function texture(dtype: Float): void {
  const model = new po.models.PortillaSimoncelli([SIDE, SIDE]);
  const reference = pattern(dtype, 6421);
  const loss = po.loss.portillaSimoncelliLossFactory(model, reference);
  const target = model.forward(reference);
  descended(dtype, (x) => loss(model.forward(x), target));
}

const workloads: Readonly<Record<string, () => unknown>> = {
  "texture model and loss, float64": () => texture("float64"),
  "texture model and loss, float32": () => texture("float32"),
  "SSIM against a fixed reference": () =>
    descended("float64", (x) => po.metric.ssim(pattern("float64", 6421), x).sum()),
  "OnOff 31x31": () =>
    descended("float64", (x) => new po.models.OnOff(31, { pretrained: true }).forward(x).square().sum()),
  "steerable pyramid": () => {
    const pyramid = new po.process.SteerablePyramidFreq([SIDE, SIDE]);
    compile("float64", (x) =>
      Object.fromEntries([...pyramid.forward(x)].map(([key, band]) => [String(key), band.node])),
    );
  },
  "MAD step": async () => {
    const image = pattern("float64");
    const mad = new po.MADCompetition(image, (a, b) => po.metric.ssim(a, b).neg().add(1).sum(), po.metric.mse, "min", {
      metricTradeoffLambda: 1,
    });
    await mad.setup();
    await mad.synthesize({ maxIter: 1, stopCriterion: -1 });
  },
  "eigendistortion step": async () => {
    const model = new po.models.OnOff(31, { pretrained: true });
    const eigendistortion = new po.Eigendistortion(pattern("float64"), model);
    await eigendistortion.synthesize({ method: "power", k: 1, maxIter: 1 });
  },
};

/** The growth of all workloads, one after the other, on one thread. */
export async function measureGrowth(): Promise<GrowthTable> {
  setThreads(1);
  // One step finds nothing, and says so.
  const quiet = po.warnings.on(() => {});
  const table: Record<string, Growth> = {};
  for (const [name, work] of Object.entries(workloads)) {
    setSeed(0);
    let growth = NOTHING;
    watchCompilations((compiled) => {
      growth = sumOf(growth, growthOf(compiled));
    });
    try {
      await work();
    } finally {
      watchCompilations();
    }
    table[name] = growth;
  }
  quiet();
  return table;
}

/** One line for every number that is not the table's, and whether one of them is larger. */
export function compareGrowth(known: GrowthTable, found: GrowthTable): { lines: readonly string[]; hasGrown: boolean } {
  const lines: string[] = [];
  let hasGrown = false;
  for (const name of new Set([...Object.keys(known), ...Object.keys(found)])) {
    const [before, after] = [known[name], found[name]];
    if (before === undefined || after === undefined) {
      lines.push(`${name}: ${before === undefined ? "not in the table" : "in the table, but not measured"}`);
      hasGrown = true;
      continue;
    }
    for (const key of KEYS) {
      if (before[key] === after[key]) continue;
      const percent = ((after[key] / before[key] - 1) * 100).toFixed(1);
      lines.push(`${name}, ${key}: ${before[key]} -> ${after[key]} (${percent} %)`);
      hasGrown ||= after[key] > before[key];
    }
  }
  return { lines, hasGrown };
}
