// Our time divided by that of plenoptic on PyTorch, same machine and number of threads: what it must not exceed.

import type { Float } from "./programs.ts";

type Targets = Readonly<Record<Float, readonly [oneThread: number, twoThreads: number]>>;

const same = (target: number): Targets => ({ float64: [target, target], float32: [target, target] });

const TARGETS: Readonly<Record<string, Targets>> = {
  "PortillaSimoncelli with its loss": same(0.15),
  "PS metamer, Adam, whole iteration": same(0.15),
  "PS metamer, L-BFGS (history 100), per evaluation": same(0.2),
  "SSIM against a fixed reference": { float64: [0.01, 0.01], float32: [0.015, 0.015] },
  "MS-SSIM against a fixed reference": { float64: [0.02, 0.02], float32: [0.03, 0.03] },
  "NLPD against a fixed reference": same(0.15),
  "OnOff 31x31": { float64: [0.008, 0.008], float32: [0.04, 0.04] },
  "Gaussian 31x31": { float64: [0.006, 0.006], float32: [0.04, 0.04] },
  "steerable pyramid, forward": same(0.4),
  "10-operation elementwise chain": same(0.25),
  "FFT 256x256 real, forward": { float64: [0.9, 0.9], float32: [0.6, 0.6] },
};

/** null where nothing is aimed at. */
export function target(workload: string, dtype: Float, threads: number): number | null {
  return TARGETS[workload]?.[dtype][threads - 1] ?? null;
}
