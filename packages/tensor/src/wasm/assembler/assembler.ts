// Builds a WebAssembly module: functions over one imported memory. The same calls give the same bytes.
// Follows the WebAssembly core specification 2.0, section 5.5 (modules), and the threads proposal (shared memory).
//
//   const module = new ModuleBuilder({ memory: { initialPages: 1, maximumPages: 1, shared: false } });
//   module.func("scale", ["i32", "i32", "f64"], [], (f, data, count, factor) => {
//     const i = f.local("i32");
//     f.forRange(i, 0, count, 1, () => {
//       const address = f.op("i32.add", data, f.op("i32.shl", i, 3));
//       f.store("f64.store", address, f.op("f64.mul", f.load("f64.load", address), factor));
//     });
//   });
//   const bytes = module.emit();

import type { Local } from "./expression.ts";
import { FunctionBuilder, type Signature } from "./functionBuilder.ts";
import { CODE, LOADS, OPS, TYPE_CODE, type ValType } from "./opcodes.ts";
import { ByteWriter } from "./writer.ts";

export {
  type Expr,
  f32Const,
  f32x4Const,
  f64Const,
  f64x2Const,
  i32Const,
  i32x4Const,
  i64Const,
  i64x2Const,
  type Local,
  v128Const,
} from "./expression.ts";
export type { FunctionBuilder, Label } from "./functionBuilder.ts";
export type { Operand } from "./nodeList.ts";
export type {
  AtomicName,
  LaneName,
  LoadLaneName,
  LoadName,
  OpName,
  StoreLaneName,
  StoreName,
  ValType,
} from "./opcodes.ts";

/** Pages of 64 KiB. The memory is imported as "env" "memory". */
export interface MemoryLimits {
  readonly initialPages: number;
  readonly maximumPages: number;
  readonly shared: boolean;
}

/** An address that is known when a function runs. */
export interface Pointer {
  readonly offset: number;
  /** The i32 at this address is added. */
  readonly cell?: number | undefined;
  /** The function's first parameter is added: its scratch. */
  readonly inScratch?: boolean;
  /** So many times its second parameter is added. */
  readonly stride?: number | undefined;
}

/** A function to be called, and what it is given first: numbers, and addresses that are known then. */
export interface Call {
  readonly target: number;
  readonly given: readonly (number | Pointer)[];
}

/** A call that is given the caller's own parameter besides, and two more numbers. */
export interface CallOfUnits {
  readonly call: Call;
  readonly begin: number;
  readonly end: number;
}

const MAX_PAGES = 65536;
const I32_LOAD = LOADS.get("i32.load")?.code as number;
const I32_ADD = OPS.get("i32.add")?.code as number;
const I32_MUL = OPS.get("i32.mul")?.code as number;

export class ModuleBuilder {
  readonly #memory: MemoryLimits;
  readonly #types: Signature[] = [];
  readonly #typeIndex = new Map<string, number>();
  readonly #imports: { module: string; name: string; type: number }[] = [];
  /** Type index of every function, imported ones first. */
  readonly #functions: number[] = [];
  readonly #exports = new Map<string, number>();
  readonly #code = new ByteWriter();
  readonly #passing = new ByteWriter();
  /** Types of functions that pass on what they are given, by the number of their parameters. */
  readonly #passingTypes: number[] = [];
  #building = false;

  constructor(options: { memory: MemoryLimits }) {
    const { initialPages, maximumPages } = options.memory;
    if (
      !Number.isInteger(initialPages) ||
      !Number.isInteger(maximumPages) ||
      initialPages < 0 ||
      maximumPages < initialPages ||
      maximumPages > MAX_PAGES
    )
      throw new RangeError(
        `memory of ${initialPages} to ${maximumPages} pages: expected whole numbers, 0 <= initial <= maximum <= ${MAX_PAGES}`,
      );
    this.#memory = options.memory;
  }

  /** Declares a function that the embedder gives; before any function is built. Returns its index. */
  importFunc(module: string, name: string, params: readonly ValType[], results: readonly ValType[]): number {
    if (this.#functions.length > this.#imports.length || this.#building)
      throw new Error(`import of ${module}.${name} after a function was built: imports come first`);
    const type = this.#type(params, results);
    this.#imports.push({ module, name, type });
    this.#functions.push(type);
    return this.#functions.length - 1;
  }

  /** Builds a function, exported if it has a name, and returns its index. */
  func(
    name: string | null,
    params: readonly ValType[],
    results: readonly ValType[],
    build: (f: FunctionBuilder, ...params: Local[]) => void,
  ): number {
    if (this.#building) throw new Error(`function ${name} is built inside another: build one after the other`);
    if (name !== null) this.#checkName(name);
    this.#building = true;
    try {
      const f = new FunctionBuilder({ params, results }, (index) => this.#signature(index));
      build(f, ...f.params);
      f.finish(this.#code);
    } finally {
      this.#building = false;
    }
    const index = this.#functions.push(this.#type(params, results)) - 1;
    if (name !== null) this.#exports.set(name, index);
    return index;
  }

  /**
   * Builds an exported function that calls another, of i32 parameters and no result: first with what the call says, then with its own
   * `passed` parameters. Written at once, since programs have many.
   */
  forward(name: string, call: Call, passed: number): void {
    const body = this.#startPassing(name);
    this.#give(name, call, passed);
    for (let i = 0; i < passed; i++) {
      body.byte(CODE.localGet);
      body.u32(i);
    }
    body.byte(CODE.call);
    body.u32(call.target);
    this.#endPassing(name, passed);
  }

  /**
   * Builds an exported function of so many parameters that makes several calls, one after the other: each with what it says, then with
   * its first parameter, then with two more numbers. Returns its index.
   */
  sequence(name: string, calls: readonly CallOfUnits[], params = 1): number {
    const body = this.#startPassing(name);
    for (const { call, begin, end } of calls) {
      this.#give(name, call, 3);
      body.byte(CODE.localGet);
      body.u32(0);
      body.byte(CODE.i32Const);
      body.i32(begin);
      body.byte(CODE.i32Const);
      body.i32(end);
      body.byte(CODE.call);
      body.u32(call.target);
    }
    return this.#endPassing(name, params);
  }

  #startPassing(name: string): ByteWriter {
    this.#checkName(name);
    const body = this.#passing;
    body.clear();
    body.byte(0);
    return body;
  }

  #give(name: string, { target, given }: Call, others: number): void {
    const { params, results } = this.#signature(target);
    if (params.length !== given.length + others || results.length > 0 || params.some((type) => type !== "i32"))
      throw new TypeError(`${name}: function ${target} does not take ${given.length + others} addresses`);
    const body = this.#passing;
    for (let i = 0; i < given.length; i++) {
      const one = given[i];
      if (typeof one === "number") {
        body.byte(CODE.i32Const);
        body.i32(one);
        continue;
      }
      const { cell, inScratch, offset, stride } = one;
      let terms = 0;
      const add = (): void => {
        if (++terms > 1) body.byte(I32_ADD);
      };
      if (cell !== undefined) {
        body.byte(CODE.i32Const);
        body.i32(cell);
        body.byte(I32_LOAD);
        body.u32(2);
        body.u32(0);
        add();
      }
      if (inScratch) {
        body.byte(CODE.localGet);
        body.u32(0);
        add();
      }
      if (stride !== undefined) {
        body.byte(CODE.localGet);
        body.u32(1);
        body.byte(CODE.i32Const);
        body.i32(stride);
        body.byte(I32_MUL);
        add();
      }
      if (terms > 0 && offset === 0) continue;
      body.byte(CODE.i32Const);
      body.i32(offset);
      add();
    }
  }

  #endPassing(name: string, params: number): number {
    this.#passing.byte(CODE.end);
    this.#code.sized(this.#passing);
    this.#passingTypes[params] ??= this.#type(new Array<ValType>(params).fill("i32"), []);
    const index = this.#functions.push(this.#passingTypes[params]) - 1;
    this.#exports.set(name, index);
    return index;
  }

  /** Exports a function by its index; a function may have several names. */
  export(name: string, index: number): void {
    this.#checkName(name);
    this.#signature(index);
    this.#exports.set(name, index);
  }

  /** The module's bytes. */
  emit(): Uint8Array<ArrayBuffer> {
    const out = new ByteWriter();
    const section = new ByteWriter();
    const finish = (id: number): void => {
      out.byte(id);
      out.sized(section);
      section.clear();
    };
    out.raw(Uint8Array.of(0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00));

    section.u32(this.#types.length);
    for (const { params, results } of this.#types) {
      section.byte(0x60);
      for (const list of [params, results]) {
        section.u32(list.length);
        for (const type of list) section.byte(TYPE_CODE[type]);
      }
    }
    finish(1);

    section.u32(this.#imports.length + 1);
    section.name("env");
    section.name("memory");
    section.byte(0x02);
    section.byte(this.#memory.shared ? 0x03 : 0x01);
    section.u32(this.#memory.initialPages);
    section.u32(this.#memory.maximumPages);
    for (const { module, name, type } of this.#imports) {
      section.name(module);
      section.name(name);
      section.byte(0x00);
      section.u32(type);
    }
    finish(2);

    const built = this.#functions.slice(this.#imports.length);
    section.u32(built.length);
    for (const type of built) section.u32(type);
    finish(3);

    section.u32(this.#exports.size);
    for (const [name, index] of this.#exports) {
      section.name(name);
      section.byte(0x00);
      section.u32(index);
    }
    finish(7);

    section.u32(built.length);
    section.raw(this.#code.view());
    finish(10);
    return out.view().slice();
  }

  #checkName(name: string): void {
    if (this.#exports.has(name)) throw new Error(`function name ${name} is taken: names are unique`);
  }

  #signature(index: number): Signature {
    const type = this.#functions[index];
    if (type === undefined)
      throw new RangeError(`no function ${index}: expected an index below ${this.#functions.length}`);
    return this.#types[type];
  }

  #type(params: readonly ValType[], results: readonly ValType[]): number {
    const key = `${params.join()}>${results.join()}`;
    let index = this.#typeIndex.get(key);
    if (index === undefined) {
      index = this.#types.push({ params: [...params], results: [...results] }) - 1;
      this.#typeIndex.set(key, index);
    }
    return index;
  }
}
