// Reads a pickle of protocol 2: a program for a small stack machine that builds values. Format: Python's pickletools.
//
// Closed: it knows the instructions that torch's own safe loader knows, can build only what values.ts lists, and runs
// nothing. It keeps its own stack, so that no file can overflow that of the engine.

import { FileError } from "../errors.ts";
import type { PtStorage } from "../tensors/storage.ts";
import type { PtTensor } from "../tensors/tensor.ts";
import { callGlobal, isPlaceholder, objectClass, resolveGlobal } from "./callables.ts";
import { ArgumentError, type CallContext } from "./calls.ts";
import { decodeLong } from "./integers.ts";
import { KeyError } from "./keys.ts";
import { isDeeper } from "./nesting.ts";
import { arrayOf, NumpyArray, setDtypeState } from "./numpyValues.ts";
import { PickleCursor } from "./pickleCursor.ts";
import { decodePythonString } from "./strings.ts";
import { PtGlobal, PtObject, PtOrderedDict, PtSet, PtTuple, type PtValue } from "./values.ts";

/** What a pickle needs from the file around it. */
export interface PickleContext extends CallContext {
  /** What to call the file in messages. */
  readonly name: string;
  /** The storage that a persistent id names. */
  readonly storage: (id: PtValue) => PtStorage;
  /** Gets the dotted names of unknown classes and functions. */
  readonly placeholders: Set<string>;
}

export interface Unpickled {
  readonly value: PtValue;
  /** Where the pickle ended. */
  readonly end: number;
}

/** What people may meet in other pickles, for messages. */
const otherInstructions: Readonly<Record<number, string>> = {
  48: "POP",
  49: "POP_MARK",
  50: "DUP",
  66: "BINBYTES",
  67: "SHORT_BINBYTES",
  73: "INT",
  76: "LONG",
  80: "PERSID",
  84: "BINSTRING",
  105: "INST",
  111: "OBJ",
  130: "EXT1",
  139: "LONG4",
  140: "SHORT_BINUNICODE",
  146: "NEWOBJ_EX",
  147: "STACK_GLOBAL",
  148: "MEMOIZE",
  149: "FRAME",
};

/** Small ints are made once and not for every place where they stand. */
const smallInts = Array.from({ length: 256 }, (_, value) => BigInt(value));

/**
 * Reads the pickle that begins at `start`.
 *
 * @throws FileError when it is damaged, holds what is not read here, or asks for too much
 */
export function readPickle(bytes: Uint8Array, start: number, context: PickleContext): Unpickled {
  return new Machine(new PickleCursor(bytes, start, context.name), context).run();
}

class Machine {
  readonly #source: PickleCursor;
  readonly #context: PickleContext;
  readonly #stack: PtValue[] = [];
  /** Heights of the stack where lists of arguments begin. */
  readonly #marks: number[] = [];
  readonly #memo = new Map<number, PtValue>();
  /** Arrays of NumPy that have no elements yet, and where they are stored. */
  readonly #unfinished = new Map<NumpyArray, number | undefined>();

  constructor(source: PickleCursor, context: PickleContext) {
    this.#source = source;
    this.#context = context;
  }

  #unsupported(problem: string): FileError {
    return new FileError("unsupported", this.#context.name, problem);
  }

  run(): Unpickled {
    const { limits } = this.#context.budget;
    for (let count = 0; ; count++) {
      if (count === limits.maxInstructions) {
        const problem = `its pickle has more than ${limits.maxInstructions} instructions`;
        throw new FileError("too-big", this.#context.name, `${problem}; raise maxInstructions if you trust it`);
      }
      const code = this.#source.uint8();
      if (code === 0x2e) break; // STOP
      try {
        this.#execute(code);
      } catch (error) {
        if (error instanceof ArgumentError || error instanceof RangeError || error instanceof KeyError) {
          throw this.#source.damaged(error.message, error);
        }
        throw error;
      }
    }
    if (this.#marks.length > 0 || this.#stack.length !== 1)
      throw this.#source.damaged("it does not end with one value");
    if (this.#unfinished.size > 0) throw this.#source.damaged("an array of NumPy has no elements");
    const value = this.#stack[0];
    if (isDeeper(value, limits.maxNesting)) {
      const problem = `its values lie in each other more than ${limits.maxNesting} deep`;
      throw new FileError("too-big", this.#context.name, problem);
    }
    return { value, end: this.#source.at };
  }

  #push(value: PtValue): void {
    this.#stack.push(value);
  }

  #pop(): PtValue {
    const floor = this.#marks.length === 0 ? 0 : this.#marks[this.#marks.length - 1];
    if (this.#stack.length <= floor) throw this.#source.damaged("its stack is empty");
    return this.#stack.pop() as PtValue;
  }

  /** The value on top, which stays there. */
  #top(): PtValue {
    const value = this.#pop();
    this.#push(value);
    return value;
  }

  /** The values since the last mark. */
  #popMarked(): PtValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.#source.damaged("a mark is missing");
    return this.#stack.splice(mark);
  }

  #spend(bytes: number): void {
    this.#context.budget.spend(bytes);
  }

  #execute(code: number): void {
    switch (code) {
      case 0x80: // PROTO
        this.#protocol(this.#source.uint8());
        break;
      case 0x28: // MARK
        this.#mark();
        break;
      case 0x7d: // EMPTY_DICT
        this.#spend(300);
        this.#push(new Map());
        break;
      case 0x5d: // EMPTY_LIST
        this.#spend(60);
        this.#push([]);
        break;
      case 0x8f: // EMPTY_SET
        this.#spend(60);
        this.#push(new PtSet([]));
        break;
      case 0x29: // EMPTY_TUPLE
        this.#pushTuple([]);
        break;
      case 0x4e: // NONE
        this.#push(null);
        break;
      case 0x88: // NEWTRUE
        this.#push(true);
        break;
      case 0x89: // NEWFALSE
        this.#push(false);
        break;
      case 0x4b: // BININT1
        this.#push(smallInts[this.#source.uint8()]);
        break;
      case 0x4d: // BININT2
        this.#pushInt(this.#source.uint8() | (this.#source.uint8() << 8));
        break;
      case 0x4a: // BININT
        this.#pushInt(this.#source.uint32() | 0);
        break;
      case 0x8a: // LONG1
        this.#spend(300);
        this.#push(decodeLong(this.#source.take(this.#source.uint8())));
        break;
      case 0x47: // BINFLOAT
        this.#push(this.#float());
        break;
      case 0x58: // BINUNICODE
        this.#pushString(this.#source.uint32());
        break;
      case 0x55: // SHORT_BINSTRING
        this.#pushString(this.#source.uint8());
        break;
      case 0x85: // TUPLE1
        this.#pushTuple([this.#pop()]);
        break;
      case 0x86: // TUPLE2
        this.#pushTuple([this.#pop(), this.#pop()].reverse());
        break;
      case 0x87: // TUPLE3
        this.#pushTuple([this.#pop(), this.#pop(), this.#pop()].reverse());
        break;
      case 0x74: // TUPLE
        this.#pushTuple(this.#popMarked());
        break;
      case 0x61: // APPEND
        this.#append([this.#pop()]);
        break;
      case 0x65: // APPENDS
        this.#append(this.#popMarked());
        break;
      case 0x73: // SETITEM
        this.#setItems([this.#pop(), this.#pop()].reverse());
        break;
      case 0x75: // SETITEMS
        this.#setItems(this.#popMarked());
        break;
      case 0x71: // BINPUT
        this.#put(this.#source.uint8());
        break;
      case 0x72: // LONG_BINPUT
        this.#put(this.#source.uint32());
        break;
      case 0x68: // BINGET
        this.#get(this.#source.uint8());
        break;
      case 0x6a: // LONG_BINGET
        this.#get(this.#source.uint32());
        break;
      case 0x63: // GLOBAL
        this.#global(this.#source.line(), this.#source.line());
        break;
      case 0x52: // REDUCE
        this.#reduce();
        break;
      case 0x81: // NEWOBJ
        this.#newObject();
        break;
      case 0x62: // BUILD
        this.#build();
        break;
      case 0x51: // BINPERSID
        this.#push(this.#context.storage(this.#pop()));
        break;
      default: {
        const name = otherInstructions[code] ?? "of no known meaning";
        const instruction = `the instruction 0x${code.toString(16).padStart(2, "0")} (${name})`;
        throw this.#unsupported(
          `its pickle has ${instruction} at byte ${this.#source.at - 1}, which torch.save does not write and torch.load ` +
            "does not read either; save it again with torch.save and its default pickle protocol",
        );
      }
    }
  }

  #protocol(version: number): void {
    if (version === 2) return;
    throw this.#unsupported(
      `its pickle has protocol ${version}, and only protocol 2 is read; save it again with torch.save's default`,
    );
  }

  #mark(): void {
    if (this.#marks.length === this.#context.budget.limits.maxNesting) {
      throw new FileError("too-big", this.#context.name, `its pickle has more than ${this.#marks.length} open marks`);
    }
    this.#marks.push(this.#stack.length);
  }

  #pushTuple(items: PtValue[]): void {
    this.#spend(60 + 8 * items.length);
    this.#push(new PtTuple(items));
  }

  #pushInt(value: number): void {
    this.#spend(24);
    this.#push(BigInt(value));
  }

  #float(): number {
    this.#spend(16);
    return this.#source.float64();
  }

  #pushString(length: number): void {
    const bytes = this.#source.take(length);
    this.#spend(24 + 2 * length);
    const text = decodePythonString(bytes);
    if (text === undefined) throw this.#source.damaged("a string is not UTF-8");
    this.#push(text);
  }

  #append(values: readonly PtValue[]): void {
    const list = this.#top();
    if (!Array.isArray(list)) throw this.#source.damaged("it appends to something that is no list");
    this.#spend(16 * values.length);
    for (const value of values) list.push(value);
  }

  #setItems(values: readonly PtValue[]): void {
    const dict = this.#top();
    if (!(dict instanceof Map)) throw this.#source.damaged("it sets an item of something that is no dict");
    if (values.length % 2 !== 0) throw this.#source.damaged("a key has no value");
    this.#spend(50 * values.length);
    for (let i = 0; i < values.length; i += 2) this.#context.keys.set(dict, values[i], values[i + 1]);
  }

  #put(index: number): void {
    const value = this.#top();
    if (value instanceof NumpyArray) this.#unfinished.set(value, index);
    if (!this.#memo.has(index)) this.#spend(40);
    this.#memo.set(index, value);
  }

  #get(index: number): void {
    const value = this.#memo.get(index);
    if (value === undefined) throw this.#source.damaged(`it recalls value ${index}, which it never stored`);
    this.#push(value);
  }

  #global(module: string, name: string): void {
    const value = resolveGlobal(module, name) ?? (this.#makesObject() ? objectClass(module, name) : undefined);
    if (value === undefined) {
      throw this.#unsupported(
        `it refers to ${JSON.stringify(`${module}.${name}`)}, which is not read: files are data here, and this names ` +
          "a function or class that is not on the short list of what tensors and plain values need. Nothing was run",
      );
    }
    this.#spend(60);
    if (value instanceof PtGlobal && (isPlaceholder(value.name) || resolveGlobal(module, name) === undefined)) {
      this.#context.placeholders.add(value.name);
    }
    this.#push(value);
  }

  /**
   * Whether the name that was just read is a class of which an object is made next, without arguments, as Python's pickler
   * writes it. Any other use of an unknown name is refused.
   */
  #makesObject(): boolean {
    const first = this.#source.ahead(0);
    let at = 0;
    if (first === 0x71)
      at = 2; // BINPUT
    else if (first === 0x72) at = 5; // LONG_BINPUT
    return this.#source.ahead(at) === 0x29 && this.#source.ahead(at + 1) === 0x81; // EMPTY_TUPLE, NEWOBJ
  }

  #reduce(): void {
    const args = this.#pop();
    const callee = this.#pop();
    if (!(callee instanceof PtGlobal)) throw this.#source.damaged("it calls something that is no function");
    if (!(args instanceof PtTuple)) throw new ArgumentError(callee.name);
    this.#spend(100);
    const made = callGlobal(callee, args, this.#context);
    if (made instanceof NumpyArray) this.#unfinished.set(made, undefined);
    this.#push(made);
  }

  /** Puts the tensor in the place of the array that it was made of. */
  #finishArray(array: NumpyArray, made: PtTensor | PtObject): void {
    if (!this.#unfinished.has(array)) throw this.#source.damaged("it sets the elements of an array twice");
    const index = this.#unfinished.get(array);
    this.#unfinished.delete(array);
    if (made instanceof PtObject) this.#context.placeholders.add(made.className);
    this.#pop();
    this.#push(made);
    if (index !== undefined) this.#memo.set(index, made);
  }

  /** An object of an unknown class: its name, and later its state. The class is not looked for. */
  #newObject(): void {
    const args = this.#pop();
    const made = this.#pop();
    if (!(made instanceof PtGlobal) || !this.#context.placeholders.has(made.name))
      throw this.#source.damaged("it makes an object of no class");
    if (!(args instanceof PtTuple) || args.length > 0) throw new ArgumentError(made.name);
    this.#spend(100);
    this.#push(new PtObject(made.name));
  }

  /** Attributes of an object. */
  #build(): void {
    const state = this.#pop();
    const built = this.#top();
    if (built instanceof NumpyArray) {
      this.#finishArray(built, arrayOf(state, this.#context));
    } else if (setDtypeState(built, state)) {
      return;
    } else if (built instanceof PtObject && built.state === null) {
      built.state = state;
    } else if (built instanceof PtOrderedDict && state instanceof Map) {
      built.attributes = state;
    } else {
      throw this.#source.damaged("it sets attributes of something that has none");
    }
  }
}
