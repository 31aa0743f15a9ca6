// Threads: the same bits at any number, no hang, no thread that outlives its use, and clear failures.

import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { bitsOf } from "@plenoptic-js/proof/kernels/harness";
import { describe, expect, it } from "vitest";
import { Execution } from "../../src/compile/execution.ts";
import { fourierOps } from "../../src/compile/fourierKernels.ts";
import { Program, type ProgramSpec } from "../../src/compile/program.ts";
import { cutSteps, joinPhases, type StepCost } from "../../src/compile/schedule.ts";
import { arrayLeaf, inputLeaf, ops } from "../../src/graph/build.ts";
import { gradient } from "../../src/graph/gradient.ts";
import { type ArrayValue, allocate, type Node, type Shape } from "../../src/ops/definition.ts";
import { ModuleBuilder } from "../../src/wasm/assembler/assembler.ts";
import { helpers } from "../../src/wasm/threads/pool.ts";
import type { Schedule } from "../../src/wasm/threads/schedule.ts";

/** Numbers in [0, 1). */
function numbers(dtype: "float32" | "float64", shape: Shape, seed: number): ArrayValue {
  const value = allocate(dtype, shape);
  for (let i = 0; i < value.re.length; i++) value.re[i] = ((i * 7919 + seed * 104729) % 1009) / 1009;
  return value;
}

/** Runs until helpers have taken part; by then they have had some seconds to start. */
async function runUntilHelped(program: Program, entry: string, runs: number): Promise<void> {
  for (let i = 0; i < 5000 && program.helped === 0; i++) {
    program.run(entry);
    runs--;
    if (program.helped === 0) await sleep(1);
  }
  expect(program.helped).toBeGreaterThan(0);
  for (; runs > 0; runs--) program.run(entry);
}

/** Some of everything at 256 x 256: a loss, its gradient, and a step along it. */
function workload(dtype: "float32" | "float64"): ProgramSpec {
  const n = 256;
  const x = inputLeaf([1, 1, n, n], dtype);
  const number = (value: number): Node => ops.literal(value, dtype);
  const taps = (size: number, seed: number): Node => arrayLeaf(numbers(dtype, [size], seed));
  const padded = ops.pad(x, [[4, 4]], "reflect");
  const blurs = [1, 2, 3].map((seed) => ops.correlate1d(padded, taps(9, seed), 3));
  const features = ops.conv2d(ops.concat(blurs, 1), arrayLeaf(numbers(dtype, [4, 3, 3, 3], 4)), { stride: [2, 2] });
  const half = fourierOps().rfft2h(ops.reshape(x, [n, n]));
  const power = ops.add(ops.square(ops.real(half)), ops.square(ops.imag(half)));
  const back = fourierOps().irfft2h(half, n);
  const spectrum = fourierOps().fft2(ops.complex(back, ops.permute(back, [1, 0])), false);
  const loss = ops.add(
    ops.add(ops.mean(ops.square(features)), ops.mul(number(1e-9), ops.sum(power))),
    ops.mul(number(1e-7), ops.mean(ops.abs(spectrum))),
  );
  const [slope] = gradient(ops, loss, [x]);
  return {
    buffers: { x },
    entries: {
      step: {
        outputs: {
          loss,
          columns: ops.sum(x, [2]),
          rows: ops.max(features, [3]),
          channels: ops.sum(features, [1]),
          spectrum,
          features,
        },
        updates: { x: ops.sub(x, ops.mul(number(1e-3), slope)) },
      },
    },
  };
}

describe("bits at 1, 2 and 4 threads", () => {
  for (const dtype of ["float64", "float32"] as const) {
    it(`are equal in ${dtype}`, async () => {
      const spec = workload(dtype);
      const names = ["x", ...Object.keys(spec.entries.step.outputs as object).map((name) => `step.${name}`)];
      const start = numbers(dtype, [1, 1, 256, 256], 5);
      const results: string[][] = [];
      for (const threads of [1, 2, 4]) {
        const program = new Program(spec, { threads });
        expect(program.threads).toBe(threads);
        if (threads > 1) await runUntilHelped(program, "step", 0);
        program.set("x", start);
        for (let i = 0; i < 5; i++) program.run("step");
        results.push(names.map((name) => bitsOf(program.get(name))));
      }
      expect(new Set(results[0]).size).toBe(names.length);
      names.forEach((name, i) => {
        for (const result of results) expect(result[i] === results[0][i], name).toBe(true);
      });
    });
  }
});

/** A small program: a counter of runs, and a chain of steps that all threads can share. */
function counter(): ProgramSpec {
  const count = inputLeaf([], "float64");
  const x = inputLeaf([24, 20], "float64");
  const next = ops.add(count, ops.literal(1, "float64"));
  const turned = ops.concat([ops.slice(x, [1, 0], [23, 20], [1, 1]), ops.slice(x, [0, 0], [1, 20], [1, 1])], 0);
  return {
    buffers: { count, x },
    entries: { step: { outputs: { total: ops.sum(turned) }, updates: { count: next, x: turned } } },
  };
}

const rows = (shift: number): number[] => Array.from({ length: 480 }, (_, i) => (Math.floor(i / 20) + shift) % 24);
const firstRows: ArrayValue = { dtype: "float64", shape: [24, 20], re: Float64Array.from(rows(0)) };

describe("many runs", () => {
  it("of a small program, with helpers awake, asleep and on their way to sleep", async () => {
    for (const threads of [2, 4]) {
      const program = new Program(counter(), { threads, grain: 0 });
      await runUntilHelped(program, "step", 0);
      program.set("x", firstRows);
      program.setNumber("count", 0);
      for (let i = 0; i < 1000; i++) {
        program.run("step");
        if (i % 50 === 0) await sleep(i % 100 === 0 ? 5 : 0);
      }
      expect(program.getNumber("count")).toBe(1000);
      expect(program.getNumber("step.total")).toBe(20 * 276);
      expect(Array.from(program.get("x").re)).toEqual(rows(1000));
    }
  });

  it("wake helpers that sleep", async () => {
    const program = new Program(counter(), { threads: 2, grain: 0 });
    await runUntilHelped(program, "step", 0);
    for (let round = 0; round < 3; round++) {
      await sleep(30);
      const before = program.helped;
      for (let i = 0; i < 100_000 && program.helped === before; i++) program.run("step");
      expect(program.helped).toBeGreaterThan(before);
    }
  });

  it("of two programs in turn", async () => {
    const programs = [2, 4].map((threads) => new Program(counter(), { threads, grain: 0 }));
    for (const program of programs) {
      await runUntilHelped(program, "step", 0);
      program.set("x", firstRows);
      program.setNumber("count", 0);
    }
    for (let i = 0; i < 500; i++) {
      programs[0].run("step");
      programs[1].run("step");
      if (i % 3 === 0) programs[0].run("step");
    }
    expect(programs.map((program) => program.getNumber("count"))).toEqual([667, 500]);
    expect(Array.from(programs[0].get("x").re)).toEqual(rows(667));
    expect(Array.from(programs[1].get("x").re)).toEqual(rows(500));
  });
});

/** Runs code in a Node process of its own, and waits until that ends by itself. */
async function runInChild(code: string): Promise<{ output: string; ended: unknown }> {
  const source = new URL("../../src/", import.meta.url).href;
  const whole = `
    import { Program } from "${source}compile/program.ts";
    import { inputLeaf, ops } from "${source}graph/build.ts";
    async function runUntilHelped(program) {
      for (let i = 0; i < 5000 && program.helped === 0; i++) {
        program.run("main");
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    ${code}`;
  const child = spawn(process.execPath, ["--import", "tsx", "--expose-gc", "--input-type=module", "-e", whole], {
    cwd: fileURLToPath(new URL("../../../../", import.meta.url)),
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 60_000,
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.on("data", (text) => {
      output += text;
    });
  }
  const ended = await new Promise((resolve) => child.on("close", (status, signal) => resolve({ status, signal })));
  return { output, ended };
}

describe("what is not used any more", () => {
  it("costs no time: helpers with nothing to do sleep", async () => {
    const program = new Program(counter(), { threads: 4, grain: 0 });
    await runUntilHelped(program, "step", 10);
    await sleep(50);
    const before = process.cpuUsage();
    await sleep(500);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1000).toBeLessThan(250);
  });

  it("costs no memory: helpers forget programs that are collected", async () => {
    const x = inputLeaf([2048, 2048], "float64");
    const spec: ProgramSpec = { buffers: { x }, entries: { main: { outputs: { y: ops.flip(x, [0]) } } } };
    let helped = 0;
    for (let i = 0; i < 40; i++) {
      // Two arrays of 32 MiB each time, 2.5 GiB in all.
      const program = new Program(spec, { threads: 2 });
      for (let k = 0; k < 3; k++) program.run("main");
      helped += program.helped;
      await sleep(1);
    }
    expect(helped).toBeGreaterThan(0);
    expect(process.memoryUsage().rss).toBeLessThan(1280 * 1024 * 1024);
  });

  it("costs no memory: a helper that sleeps lets a large program go", async () => {
    const { output } = await runInChild(
      `
      const x = inputLeaf([4096, 2048], "float64");
      const entries = { main: { outputs: { y: ops.sqrt(ops.flip(x, [0])) } } };
      let program = new Program({ buffers: { x }, entries }, { threads: 2 });
      await runUntilHelped(program);
      const before = process.memoryUsage().rss;
      program = undefined;
      let freed = 0;
      for (let i = 0; i < 500 && freed < 48 * 1024 * 1024; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        gc();
        freed = before - process.memoryUsage().rss;
      }
      console.log(freed >= 48 * 1024 * 1024);`,
    );
    expect(output.trim()).toBe("true");
  });

  it("costs no memory: helpers that know a large one are ended, and others help those who go on", async () => {
    const { output } = await runInChild(
      `
      const small = inputLeaf([64, 64], "float64");
      const large = inputLeaf([4096, 2048], "float64");
      const make = (x, grain) =>
        new Program({ buffers: { x }, entries: { main: { outputs: { y: ops.sqrt(ops.flip(x, [0])) } } } }, { threads: 2, grain });
      const kept = make(small, 0);
      kept.set("x", { dtype: "float64", shape: [64, 64], re: new Float64Array(4096).fill(9) });
      let gone = make(large, 20_000);
      await runUntilHelped(kept);
      await runUntilHelped(gone);
      const before = process.memoryUsage().rss;
      gone = undefined;
      let freed = 0;
      for (let i = 0; i < 500 && freed < 48 * 1024 * 1024; i++) {
        await new Promise((resolve) => setTimeout(resolve, 10));
        gc();
        freed = before - process.memoryUsage().rss;
      }
      const helped = kept.helped;
      for (let i = 0; i < 5000 && kept.helped === helped; i++) {
        kept.run("main");
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
      console.log(freed >= 48 * 1024 * 1024, kept.helped > helped, kept.getNumber("main.y"));`,
    );
    expect(output.trim()).toBe("true true 3");
  });

  it("keeps no process alive", async () => {
    const { output, ended } = await runInChild(
      `
      const x = inputLeaf([64, 64], "float64");
      const entries = { main: { outputs: { y: ops.sqrt(ops.flip(x, [0])) } } };
      const program = new Program({ buffers: { x }, entries }, { threads: 4, grain: 0 });
      await runUntilHelped(program);
      console.log(program.threads, program.helped > 0);`,
    );
    expect(output.trim()).toBe("4 true");
    expect(ended).toEqual({ status: 0, signal: null });
  });
});

describe("where threads are not to be had", () => {
  it("everything runs on the calling one", async () => {
    const { output } = await runInChild(
      `
      process.getBuiltinModule = undefined;
      const x = inputLeaf([64, 64], "float64");
      const entries = { main: { outputs: { y: ops.cos(ops.flip(x, [0])) } } };
      const program = new Program({ buffers: { x }, entries }, { threads: 4, grain: 0 });
      program.run("main");
      console.log(program.threads, program.helped, program.getNumber("main.y"));`,
    );
    expect(output.trim()).toBe("1 0 1");
  });
});

describe("a failure", () => {
  const PAGES = { initialPages: 1, maximumPages: 65536, shared: true };
  const PLAN = { pages: 1, stateEnd: 1024, stacks: [], shared: true };
  const SCRATCH = [1024, 2048];
  const OWNER = {};

  /** A function that spins for a while, and traps in the thread with this scratch, from a unit on. */
  function execution(trapping: number, from: number): Execution {
    const builder = new ModuleBuilder({ memory: PAGES });
    builder.func("work", ["i32", "i32", "i32"], [], (f, scratch, begin, end) => {
      const i = f.local("i32");
      f.forRange(i, 0, f.op("i32.mul", f.op("i32.sub", end, begin), 5000), 1, () => {
        f.store("i32.store", scratch, i);
      });
      f.if(f.op("i32.and", f.op("i32.eq", scratch, trapping), f.op("i32.ge_s", begin, from)), () => {
        // The last bytes of 4 GiB.
        f.store("i32.store", -4, 0);
      });
    });
    const pieces = Int32Array.from({ length: 300 }, (_, i) =>
      i % 3 === 0 ? 0 : i % 3 === 1 ? (i - 1) / 3 : (i + 1) / 3,
    );
    const schedule: Schedule = {
      functions: ["work"],
      pieces,
      entries: [[{ first: 0, count: 100, shared: true, wakes: true }]],
    };
    const module = new WebAssembly.Module(builder.emit());
    return new Execution(module, PLAN, schedule, SCRATCH);
  }

  async function failureOf(failing: Execution): Promise<unknown> {
    for (let i = 0; i < 5000; i++) {
      try {
        failing.run(0, OWNER);
      } catch (error) {
        return error;
      }
      await sleep(1);
    }
    return undefined;
  }

  it("in a helper is thrown by run, and the program runs no more", async () => {
    const broken = execution(SCRATCH[1], 0);
    const error = await failureOf(broken);
    expect(error).toBeInstanceOf(Error);
    expect((error as Error).message).toMatch(/a helper thread failed: RuntimeError: memory access out of bounds/);
    expect(() => broken.run(0, OWNER)).toThrow(/an earlier run failed.*make a new program/);
    expect(() => broken.run(0, OWNER)).toThrow(expect.objectContaining({ cause: error }));
  });

  it("in the calling thread too, and helpers stay useful", async () => {
    const broken = execution(SCRATCH[0], 3);
    const error = await failureOf(broken);
    expect(error).toBeInstanceOf(WebAssembly.RuntimeError);
    expect(() => broken.run(0, OWNER)).toThrow(/an earlier run failed/);
    const sound = execution(-1, 0);
    for (let i = 0; i < 5000 && sound.helped === 0; i++) {
      sound.run(0, OWNER);
      await sleep(1);
    }
    expect(sound.helped).toBeGreaterThan(0);
  });

  it("to open a program in a helper is thrown by run", async () => {
    const builder = new ModuleBuilder({ memory: PAGES });
    builder.func("work", ["i32", "i32", "i32"], [], () => {});
    const schedule: Schedule = {
      functions: ["work"],
      pieces: Int32Array.of(0, 0, 1, 0, 1, 2),
      entries: [[{ first: 0, count: 2, shared: true, wakes: true }]],
    };
    const module = new WebAssembly.Module(builder.emit());
    // A memory that is right here and wrong there: a helper that is sent another one.
    const wrong = new WebAssembly.Memory({ initial: 0, maximum: 0, shared: true });
    const [helper] = helpers(1);
    const confused = {
      door: helper.door,
      send: (message: object) => helper.send({ ...message, memory: wrong }),
      ring: () => helper.ring(),
    } as unknown as typeof helper;
    const error = await failureOf(new Execution(module, PLAN, schedule, SCRATCH, { crew: () => [confused] }));
    expect((error as Error).message).toMatch(/a helper thread failed: LinkError/);
  });
});

describe("the schedule", () => {
  const steps = (count: number, seed: number): StepCost[] =>
    Array.from({ length: count }, (_, i) => ({
      name: `s${i}`,
      units: 1 + ((i * 31 + seed * 17) % 7) ** 5,
      unitCost: 1 + ((i * 13 + seed * 7) % 11) ** 4,
      group: Math.floor(i / (1 + (seed % 3))),
    }));

  it("does every unit of every step once, in the order of the steps", () => {
    for (let seed = 0; seed < 12; seed++) {
      for (const threads of [1, 2, 8]) {
        for (const grain of [0, 1000, 20_000]) {
          const entries = [steps(1 + 3 * seed, seed), [], steps(3, seed + 1)];
          const phases = cutSteps(entries, threads, grain);
          const wanted = entries.flat();
          let step = 0;
          let unit = 0;
          for (const { pieces, shared } of phases.flat()) {
            expect([pieces.length > 0, pieces.length <= 0x7fff]).toEqual([true, true]);
            if (shared) expect([threads > 1, pieces.length > 1]).toEqual([true, true]);
            else expect(pieces.length).toBe(1);
            const inPhase = new Set<number>();
            for (const call of pieces.flat()) {
              expect([call.step, call.begin, call.end > call.begin]).toEqual([wanted[step].name, unit, true]);
              unit = call.end;
              if (shared) inPhase.add(wanted[step].group);
              if (unit === wanted[step].units) [step, unit] = [step + 1, 0];
            }
            // What runs side by side is of one group.
            expect(inPhase.size).toBeLessThanOrEqual(1);
          }
          expect(step).toBe(wanted.length);
        }
      }
    }
  });

  it("joins what one thread does in turn, and leaves what is shared as it is", () => {
    for (const threads of [1, 2]) {
      const entries = [steps(7, 1), [], steps(5, 2)];
      const cut = cutSteps(entries, threads, 20_000);
      const { schedule, sequences } = joinPhases(cut);
      const done = schedule.entries.map((phases) =>
        phases.flatMap(({ first, count, shared }) =>
          Array.from({ length: count }, (_, i) => {
            const [f, begin, end] = schedule.pieces.subarray(3 * (first + i), 3 * (first + i) + 3);
            const name = schedule.functions[f];
            return shared ? [{ step: name, begin, end }] : (sequences.get(name) ?? []);
          }).flat(),
        ),
      );
      const wanted = cut.map((phases) => phases.flatMap(({ pieces }) => pieces.flat()));
      expect(done).toEqual(wanted);
      expect(schedule.entries.flat().filter(({ shared, count }) => !shared && count !== 1)).toEqual([]);
      if (threads === 1) expect(schedule.functions).toEqual([...sequences.keys()]);
    }
  });

  it("shares large steps in pieces of a grain or less, and leaves small ones to one thread without a barrier", () => {
    const large = { name: "large", units: 1000, unitCost: 1000, group: 0 };
    const small = { name: "small", units: 10, unitCost: 100 };
    const entry = [large, { ...small, group: 1 }, { ...small, group: 2 }, { ...large, group: 3 }];
    const cut = (...steps: StepCost[]) =>
      cutSteps([steps], 2, 20_000)[0].map(({ pieces, ...how }) => ({
        ...how,
        calls: pieces.map((calls) => calls.length),
      }));
    const ones = (count: number): number[] => new Array<number>(count).fill(1);
    expect(cut(...entry)).toEqual([
      { calls: ones(50), shared: true, wakes: true },
      { calls: [2], shared: false, wakes: false },
      { calls: ones(50), shared: true, wakes: true },
    ]);
    // Four pieces for every thread, if they stay worth it.
    expect(cut({ ...large, units: 100 })[0].calls).toEqual(ones(9));
    expect(cut({ ...large, units: 20 })[0]).toMatchObject({ calls: ones(4), wakes: false });
    expect(cut({ ...large, units: 5 })[0]).toMatchObject({ calls: [1], shared: false });
  });

  it("cuts a chain of more parts than a call takes arguments, as one over a large weight has", () => {
    const parts = 300_000;
    const step: StepCost = { name: "turn", units: parts, unitCost: 1, group: 0, parts };
    const [[{ pieces }]] = cutSteps([[step, { ...step, name: "scale" }]], 1, 20_000);
    expect(pieces.map((calls) => calls.length)).toEqual([2 * parts]);
  });
});
