// Random programs of values, locals, memory and control do what an interpreter does that computes every value at
// once, in program order: the meaning of sharing.test.ts, in combinations nobody thought of.

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Expr,
  type FunctionBuilder,
  i32Const,
  type Label,
  type Local,
  ModuleBuilder,
  type OpName,
} from "../../src/wasm/assembler/assembler.ts";
import { instantiate, localGroups } from "./instantiate.ts";

const WORDS = 8;
const BINARY = ["add", "sub", "xor", "mul"] as const;

type Source = { value: number } | { local: number } | { number: number };
type Statement =
  | { do: "op"; value: number; op: (typeof BINARY)[number]; a: Source; b: Source }
  | { do: "wide"; value: number; a: Source; b: Source }
  | { do: "select"; value: number; a: number; b: Source; condition: Source }
  | { do: "load"; value: number; address: Source }
  | { do: "let"; value: number; a: Source }
  | { do: "call"; value: number; a: Source }
  | { do: "add"; value: number; address: Source; a: Source }
  | { do: "local"; local: number; a: Source }
  | { do: "set"; local: number; a: Source }
  | { do: "store"; address: Source; a: Source }
  | { do: "copy"; from: number; to: number; words: number }
  | { do: "if"; condition: Source; then: Statement[]; otherwise: Statement[] | null }
  | { do: "for"; local: number; count: Source; body: Statement[] }
  | { do: "block"; body: Statement[] }
  | { do: "leave"; up: number; condition: Source };

/** Turns random numbers into a program in which every value and local is used only where it may be. */
function program(choices: readonly number[]): Statement[] {
  let at = 0;
  let nextValue = 0;
  let nextLocal = 2;
  const pick = (n: number): number => (choices[at++] ?? 0) % n;
  // Loop counters are read but never set, so that every program ends.
  const body = (values: number[], locals: number[], counters: number[], blocks: number, depth: number): Statement[] => {
    const inner = (moreCounters: number[], moreBlocks: number): Statement[] =>
      body([...values], [...locals], [...counters, ...moreCounters], blocks + moreBlocks, depth + 1);
    const source = (): Source => {
      const kind = pick(5);
      if (kind < 3 && values.length > 0) return { value: values[values.length - 1 - pick(values.length)] };
      if (kind < 4) return { local: [...locals, ...counters][pick(locals.length + counters.length)] };
      return { number: pick(100) - 50 };
    };
    const value = (): number => {
      values.push(nextValue);
      return nextValue++;
    };
    const statements: Statement[] = [];
    const length = 2 + pick(12);
    for (let i = 0; i < length && at < choices.length; i++) {
      const kind = pick(depth < 3 ? 18 : 14);
      const a = source();
      const b = source();
      if (kind < 3) statements.push({ do: "op", op: BINARY[pick(4)], a, b, value: value() });
      else if (kind === 3) statements.push({ do: "wide", a, b, value: value() });
      else if (kind === 4 && values.length > 0)
        statements.push({ do: "select", a: values[pick(values.length)], b: a, condition: b, value: value() });
      else if (kind === 5 || kind === 6) statements.push({ do: "load", address: a, value: value() });
      else if (kind === 7) statements.push({ do: "let", a, value: value() });
      else if (kind === 8) statements.push({ do: "call", a, value: value() });
      else if (kind === 9) statements.push({ do: "add", address: a, a: b, value: value() });
      else if (kind === 10) {
        locals.push(nextLocal);
        statements.push({ do: "local", local: nextLocal++, a });
      } else if (kind === 11) statements.push({ do: "set", local: locals[pick(locals.length)], a });
      else if (kind === 12 && blocks > 0) statements.push({ do: "leave", up: 1 + pick(blocks), condition: a });
      else if (kind === 14) {
        const then = inner([], 0);
        statements.push({ do: "if", condition: a, then, otherwise: pick(2) === 0 ? null : inner([], 0) });
      } else if (kind === 15 || kind === 16) {
        const local = nextLocal++;
        statements.push({ do: "for", local, count: a, body: inner([local], 0) });
      } else if (kind === 17) statements.push({ do: "block", body: inner([], 1) });
      else if (pick(4) === 0) statements.push({ do: "copy", from: pick(4), to: pick(4), words: pick(4) });
      else statements.push({ do: "store", address: a, a: b });
    }
    return statements;
  };
  return body([], [0, 1], [], 0, 0);
}

/** Runs a program on two parameters and memory, computing every value at once. */
function interpret(statements: Statement[], locals: number[], memory: Int32Array): void {
  const values: number[] = [];
  const get = (s: Source): number => ("value" in s ? values[s.value] : "local" in s ? locals[s.local] : s.number) | 0;
  const word = (s: Source): number => get(s) & (WORDS - 1);
  /** Gives how many blocks are still to be left. */
  const run = (list: Statement[]): number => {
    for (const s of list) {
      switch (s.do) {
        case "op": {
          const a = get(s.a);
          const b = get(s.b);
          const results = { add: a + b, sub: a - b, xor: a ^ b, mul: Math.imul(a, b) };
          values[s.value] = results[s.op] | 0;
          break;
        }
        case "wide":
          values[s.value] = Number(BigInt.asIntN(32, (BigInt(get(s.a)) * BigInt(get(s.b))) >> 7n));
          break;
        case "select":
          values[s.value] = get(s.condition) !== 0 ? values[s.a] : get(s.b);
          break;
        case "load":
          values[s.value] = memory[word(s.address)];
          break;
        case "let":
          values[s.value] = get(s.a);
          break;
        case "call":
          values[s.value] = memory[0];
          memory[0] = (memory[0] + get(s.a)) | 0;
          break;
        case "add":
          values[s.value] = memory[word(s.address)];
          memory[word(s.address)] += get(s.a);
          break;
        case "local":
        case "set":
          locals[s.local] = get(s.a);
          break;
        case "store":
          memory[word(s.address)] = get(s.a);
          break;
        case "copy":
          memory.copyWithin(s.to, s.from, s.from + s.words);
          break;
        case "if": {
          const left = run(get(s.condition) !== 0 ? s.then : (s.otherwise ?? []));
          if (left > 0) return left;
          break;
        }
        case "for": {
          const end = get(s.count) & 3;
          locals[s.local] = 0;
          while (locals[s.local] < end) {
            const left = run(s.body);
            if (left > 0) return left;
            locals[s.local]++;
          }
          break;
        }
        case "block": {
          const left = run(s.body);
          if (left > 1) return left - 1;
          break;
        }
        case "leave":
          if (get(s.condition) !== 0) return s.up;
      }
    }
    return 0;
  };
  run(statements);
  let digest = 0;
  for (const source of observed(statements)) digest = (Math.imul(digest, 31) + get(source)) | 0;
  memory[WORDS] = digest;
}

/** Some of the values and locals that are left at the end; the others stay unused unless the program uses them. */
function observed(statements: Statement[]): Source[] {
  const sources: Source[] = [{ local: 0 }, { local: 1 }];
  for (const s of statements) {
    if ("value" in s && s.value % 3 === 0) sources.push({ value: s.value });
    if (s.do === "local") sources.push({ local: s.local });
  }
  return sources;
}

/** The same program for the assembler. `bump` adds to word 0 and gives what was there. */
function assemble(f: FunctionBuilder, params: Local[], statements: Statement[], bump: number): void {
  const values: Expr[] = [];
  const locals: Local[] = [...params];
  const labels: Label[] = [];
  const get = (s: Source): Expr =>
    "value" in s ? values[s.value] : "local" in s ? locals[s.local] : i32Const(s.number);
  const byte = (s: Source): Expr => f.op("i32.shl", f.op("i32.and", get(s), WORDS - 1), 2);
  const run = (list: Statement[]): void => {
    for (const s of list) {
      switch (s.do) {
        case "op":
          values[s.value] = f.op(`i32.${s.op}` satisfies OpName, get(s.a), get(s.b));
          break;
        case "wide": {
          const a = f.op("i64.extend_i32_s", get(s.a));
          const product = f.op("i64.mul", a, f.op("i64.extend_i32_s", get(s.b)));
          values[s.value] = f.op("i32.wrap_i64", f.op("i64.shr_s", product, 7n));
          break;
        }
        case "select":
          values[s.value] = f.select(values[s.a], get(s.b), get(s.condition));
          break;
        case "load":
          values[s.value] = f.load("i32.load", byte(s.address));
          break;
        case "let":
          values[s.value] = f.let(get(s.a));
          break;
        case "call":
          values[s.value] = f.call(bump, get(s.a))[0];
          break;
        case "add":
          values[s.value] = f.atomic("i32.atomic.rmw.add", [byte(s.address), get(s.a)]);
          break;
        case "local":
          locals[s.local] = f.local("i32");
          f.set(locals[s.local], get(s.a));
          break;
        case "set":
          f.set(locals[s.local], get(s.a));
          break;
        case "store":
          f.store("i32.store", byte(s.address), get(s.a));
          break;
        case "copy":
          f.memoryCopy(4 * s.to, 4 * s.from, 4 * s.words);
          break;
        case "if": {
          const { otherwise } = s;
          f.if(get(s.condition), () => run(s.then), otherwise === null ? undefined : () => run(otherwise));
          break;
        }
        case "for": {
          const local = f.local("i32");
          locals[s.local] = local;
          f.forRange(local, 0, f.op("i32.and", get(s.count), 3), 1, () => run(s.body));
          break;
        }
        case "block":
          f.block((end) => {
            labels.push(end);
            run(s.body);
            labels.pop();
          });
          break;
        case "leave":
          f.brIf(labels[labels.length - s.up], get(s.condition));
      }
    }
  };
  run(statements);
  let digest: Expr = i32Const(0);
  for (const source of observed(statements)) digest = f.op("i32.add", f.op("i32.mul", digest, 31), get(source));
  f.store("i32.store", 4 * WORDS, digest);
}

describe("random programs", () => {
  it("do what an interpreter does that computes every value at once", () => {
    const kinds = new Set<string>();
    fc.assert(
      fc.property(
        fc.array(fc.nat(9999), { minLength: 20, maxLength: 400, size: "max" }),
        fc.array(fc.integer(), { minLength: WORDS + 2, maxLength: WORDS + 2 }),
        (choices, data) => {
          const statements = program(choices);
          for (const s of statements) kinds.add(s.do);
          const { call, buffer, bytes } = instantiate((m) => buildProgram(m, statements));
          const memory = new Int32Array(buffer, 0, WORDS + 1);
          memory.set(data.slice(0, WORDS));
          const expected = memory.slice();
          call("f", data[WORDS], data[WORDS + 1]);
          interpret(statements, data.slice(WORDS), expected);
          expect([...memory]).toEqual([...expected]);
          expect(localGroups(bytes, 1).length).toBeLessThanOrEqual(2);
          const again = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
          buildProgram(again, statements);
          expect(again.emit()).toEqual(bytes);
        },
      ),
      { numRuns: 500, seed: 1 },
    );
    expect(kinds.size).toBe(14);
  });
});

function buildProgram(module: ModuleBuilder, statements: Statement[]): void {
  const bump = module.func(null, ["i32"], ["i32"], (f, by) => {
    const old = f.load("i32.load", 0);
    f.store("i32.store", 0, f.op("i32.add", old, by));
    f.return(old);
  });
  module.func("f", ["i32", "i32"], [], (f, ...params) => assemble(f, params, statements, bump));
}
