// Writes values as a pickle of protocol 2, with the instructions that torch's safe loader knows and no others. Format:
// Python's pickletools. What a Python object becomes is decided as Python's own pickler does.

import { ByteSink } from "../bytes/byteSink.ts";
import { dtypeFacts } from "../tensors/dtypes.ts";
import { PtStorage } from "../tensors/storage.ts";
import { PtTensor } from "../tensors/tensor.ts";
import { whatIs } from "../whatIs.ts";
import { encodeLong } from "./integers.ts";
import { KeyError, KeyTable } from "./keys.ts";
import { encodePythonString } from "./strings.ts";
import {
  PtByteArray,
  PtComplex,
  PtCounter,
  PtDevice,
  type PtDict,
  PtDtype,
  PtFloat,
  PtGlobal,
  PtObject,
  PtOrderedDict,
  PtSet,
  PtSize,
  PtTuple,
  type PtValue,
} from "./values.ts";

/** As deep as is read again. */
const maxNesting = 1000;

/** Python fills lists and dicts in steps of this many items. */
const batch = 1000;

const op = {
  proto: 0x80,
  stop: 0x2e,
  mark: 0x28,
  none: 0x4e,
  true: 0x88,
  false: 0x89,
  emptyDict: 0x7d,
  emptyList: 0x5d,
  emptyTuple: 0x29,
  tuple: 0x74,
  tuple1: 0x85,
  append: 0x61,
  appends: 0x65,
  setItem: 0x73,
  setItems: 0x75,
  int8: 0x4b,
  int16: 0x4d,
  int32: 0x4a,
  long: 0x8a,
  float: 0x47,
  string: 0x58,
  put8: 0x71,
  put32: 0x72,
  get8: 0x68,
  get32: 0x6a,
  global: 0x63,
  reduce: 0x52,
  build: 0x62,
  persistentId: 0x51,
} as const;

export interface Pickled {
  readonly bytes: Uint8Array;
  /** The storages it names; the key of each is its index. */
  readonly storages: readonly PtStorage[];
}

/** @throws TypeError, RangeError naming the place of what cannot be written */
export function writePickle(value: PtValue): Pickled {
  return new Pickler().write(value);
}

class Pickler {
  readonly #out = new ByteSink(1024);
  /** Where a value is recalled from that was written before: objects by identity, strings and names by value. */
  readonly #memo = new Map<object | string, number>();
  readonly #storages = new Map<PtStorage, number>();
  /** Values that cannot be recalled before they are complete, and are not yet. */
  readonly #open = new Set<object>();
  readonly #keys = new KeyTable();
  /** The way to the value that is being written: indices of lists, keys of dicts. */
  readonly #path: (number | string)[] = [];

  write(value: PtValue): Pickled {
    this.#out.uint8(op.proto);
    this.#out.uint8(2);
    this.#save(value);
    this.#out.uint8(op.stop);
    return { bytes: this.#out.toBytes(), storages: [...this.#storages.keys()] };
  }

  #place(): string {
    return `the value${this.#path.map((step) => (typeof step === "number" ? `[${step}]` : step)).join("")}`;
  }

  #saveAt(step: number | string, value: PtValue): void {
    if (this.#path.length === maxNesting) {
      throw new RangeError(`writePt: values lie in each other more than ${maxNesting} deep`);
    }
    this.#path.push(step);
    this.#save(value);
    this.#path.pop();
  }

  #save(value: PtValue): void {
    if (value === null) this.#out.uint8(op.none);
    else if (typeof value === "boolean") this.#out.uint8(value ? op.true : op.false);
    else if (typeof value === "number") this.#float(value);
    else if (typeof value === "bigint") this.#int(value);
    else if (typeof value === "string") this.#string(value);
    else if (!this.#recall(value)) this.#object(value);
  }

  // ---- plain values ----

  #float(value: number): void {
    this.#out.uint8(op.float);
    this.#out.float64BigEndian(value);
  }

  #int(value: bigint): void {
    if (value >= 0n && value < 0x100n) {
      this.#out.uint8(op.int8);
      this.#out.uint8(Number(value));
    } else if (value >= 0n && value < 0x10000n) {
      this.#out.uint8(op.int16);
      this.#out.uint16(Number(value));
    } else if (value === BigInt.asIntN(32, value)) {
      this.#out.uint8(op.int32);
      this.#out.uint32(Number(value) >>> 0);
    } else {
      const bytes = encodeLong(value);
      if (bytes.length > 255) throw new RangeError(`writePt: ${this.#place()} is an int of more than 255 bytes`);
      this.#out.uint8(op.long);
      this.#out.uint8(bytes.length);
      this.#out.append(bytes);
    }
  }

  #string(text: string): void {
    const memoKey = `s${text}`;
    if (this.#recall(memoKey)) return;
    const bytes = encodePythonString(text);
    this.#out.uint8(op.string);
    this.#out.uint32(bytes.length);
    this.#out.append(bytes);
    this.#remember(memoKey);
  }

  // ---- the memo ----

  #recall(key: object | string): boolean {
    const index = this.#memo.get(key);
    if (index === undefined) return false;
    this.#indexed(op.get8, op.get32, index);
    return true;
  }

  #remember(key: object | string): void {
    this.#indexed(op.put8, op.put32, this.#memo.size);
    this.#memo.set(key, this.#memo.size);
  }

  #indexed(short: number, long: number, index: number): void {
    this.#out.uint8(index < 256 ? short : long);
    if (index < 256) this.#out.uint8(index);
    else this.#out.uint32(index);
  }

  // ---- objects ----

  #object(value: Exclude<PtValue, null | boolean | number | bigint | string>): void {
    if (Array.isArray(value)) this.#list(value);
    else if (value instanceof PtOrderedDict) this.#orderedDict(value);
    else if (value instanceof PtCounter) this.#call(value, "collections.Counter", new Map(value));
    else if (value instanceof Map) this.#dict(value);
    else if (value instanceof PtDtype) this.#global(`torch.${value.name}`);
    else if (value instanceof PtStorage) this.#storage(value);
    else if (value instanceof PtFloat) this.#float(value.value);
    else this.#whole(value);
  }

  /** What must be complete before it can be recalled, so that it cannot lie in itself. */
  #whole(value: PtTuple | PtSet | PtSize | PtTensor | PtValue): void {
    const object = value as object;
    if (this.#open.has(object)) {
      throw new RangeError(`writePt: ${this.#place()} holds itself in a way that .pt files cannot say`);
    }
    this.#open.add(object);
    if (value instanceof PtTuple) this.#tuple(value);
    else if (value instanceof PtTensor) this.#tensor(value);
    else if (value instanceof PtSize) {
      this.#call(value, "torch.Size", new PtTuple(value.sizes.map(BigInt)));
    } else if (value instanceof Uint8Array) {
      let text = "";
      for (const byte of value) text += String.fromCharCode(byte);
      this.#call(value, "_codecs.encode", text, "latin1");
    } else if (value instanceof PtByteArray) this.#call(value, "builtins.bytearray", value.bytes);
    else if (value instanceof PtComplex) this.#call(value, "builtins.complex", value.re, value.im);
    else if (value instanceof PtSet) this.#call(value, "builtins.set", [...value.items]);
    else if (value instanceof PtDevice) {
      const index = value.index === null ? [] : [BigInt(value.index)];
      this.#call(value, "torch.device", value.type, ...index);
    } else throw this.#unknown(value);
    this.#open.delete(object);
  }

  #unknown(value: unknown): TypeError {
    const place = `writePt: ${this.#place()}`;
    if (value instanceof PtObject || value instanceof PtGlobal) {
      const name = value instanceof PtObject ? value.className : value.name;
      return new TypeError(`${place} is the Python object or function ${name}, which torch.load would refuse; drop it`);
    }
    const advice =
      "use a Map for a dict, an Array for a list, a bigint for an int, PtTensor.of() for an array of numbers";
    return new TypeError(`${place} is ${whatIs(value)}, which .pt files do not have; ${advice}`);
  }

  #list(list: readonly PtValue[]): void {
    this.#out.uint8(op.emptyList);
    this.#remember(list);
    this.#batches(list.length, op.append, op.appends, (i) => this.#saveAt(i, list[i]));
  }

  #dict(dict: PtDict): void {
    this.#out.uint8(op.emptyDict);
    this.#remember(dict);
    this.#items(dict);
  }

  #orderedDict(dict: PtOrderedDict): void {
    this.#global("collections.OrderedDict");
    this.#out.uint8(op.emptyTuple);
    this.#out.uint8(op.reduce);
    this.#remember(dict);
    this.#items(dict);
    if (dict.attributes !== null) {
      this.#saveAt(".attributes", dict.attributes);
      this.#out.uint8(op.build);
    }
  }

  #items(dict: PtDict): void {
    const items = [...dict];
    const texts = new Set<string>();
    this.#batches(items.length, op.setItem, op.setItems, (i) => {
      const [key, value] = items[i];
      const step = typeof key === "string" ? `[${JSON.stringify(key)}]` : `[key ${i}]`;
      this.#saveAt(step, this.#checkedKey(key, texts));
      this.#saveAt(step, value);
    });
  }

  /** A key as the value that is written, refused where Python would have none such, or would take two for one. */
  #checkedKey(key: PtValue, texts: Set<string>): PtValue {
    const asInt = typeof key === "number" && Number.isSafeInteger(key) ? BigInt(key) : key;
    if (typeof key === "string") return key;
    try {
      const text = this.#keys.textOf(asInt instanceof PtFloat ? asInt.value : asInt);
      if (texts.has(text)) throw new KeyError("two keys of a dict are equal in Python, such as 1 and true");
      texts.add(text);
    } catch (error) {
      if (error instanceof KeyError) throw new RangeError(`writePt: ${this.#place()}: ${error.message}`);
      throw error;
    }
    return asInt;
  }

  #batches(count: number, one: number, many: number, write: (i: number) => void): void {
    if (count === 1) {
      write(0);
      this.#out.uint8(one);
      return;
    }
    for (let start = 0; start < count; start += batch) {
      this.#out.uint8(op.mark);
      for (let i = start; i < Math.min(start + batch, count); i++) write(i);
      this.#out.uint8(many);
    }
  }

  #tuple(tuple: PtTuple): void {
    const { items } = tuple;
    if (items.length === 0) {
      this.#out.uint8(op.emptyTuple);
      return;
    }
    this.#tupleOf(items);
    this.#remember(tuple);
  }

  /** A tuple that nothing else refers to. */
  #tupleOf(items: readonly PtValue[]): void {
    const short = items.length > 0 && items.length <= 3;
    if (items.length === 0) {
      this.#out.uint8(op.emptyTuple);
      return;
    }
    if (!short) this.#out.uint8(op.mark);
    for (const [i, item] of items.entries()) this.#saveAt(i, item);
    this.#out.uint8(short ? op.tuple1 + items.length - 1 : op.tuple);
  }

  #global(name: string): void {
    if (this.#recall(`g${name}`)) return;
    const dot = name.lastIndexOf(".");
    const module = name.slice(0, dot) === "builtins" ? "__builtin__" : name.slice(0, dot);
    this.#out.uint8(op.global);
    this.#out.append(encodePythonString(`${module}\n${name.slice(dot + 1)}\n`));
    this.#remember(`g${name}`);
  }

  /** An object that is made by a call. */
  #call(object: object, name: string, ...args: readonly PtValue[]): void {
    this.#global(name);
    this.#tupleOf(args);
    this.#out.uint8(op.reduce);
    this.#remember(object);
  }

  // ---- tensors ----

  #storage(storage: PtStorage): void {
    const known = this.#storages.get(storage);
    const index = known ?? this.#storages.size;
    if (known === undefined) this.#storages.set(storage, index);
    const type = storage.dtype === null ? "storage.UntypedStorage" : dtypeFacts(storage.dtype).storageClass;
    this.#out.uint8(op.mark);
    this.#string("storage");
    this.#global(`torch.${type}`);
    this.#string(String(index));
    this.#string(storage.location);
    this.#int(BigInt(storage.size));
    this.#out.uint8(op.tuple);
    this.#out.uint8(op.persistentId);
  }

  #tensor(tensor: PtTensor): void {
    const { attributes } = tensor;
    const function_ = `torch._utils.${tensor.storage.dtype === null ? "_rebuild_tensor_v3" : "_rebuild_tensor_v2"}`;
    if (tensor.isParameter) {
      this.#global(`torch._utils.${attributes === undefined ? "_rebuild_parameter" : "_rebuild_parameter_with_state"}`);
      this.#out.uint8(op.mark);
      this.#global(function_);
      this.#tensorArguments(tensor, false);
      this.#out.uint8(op.reduce);
      this.#save(tensor.requiresGrad);
      this.#hooks();
      if (attributes !== undefined) this.#saveAt(".attributes", attributes as PtValue);
      this.#out.uint8(op.tuple);
    } else if (attributes !== undefined) {
      this.#global("torch._tensor._rebuild_from_type_v2");
      this.#out.uint8(op.mark);
      this.#global(function_);
      this.#global("torch.Tensor");
      this.#tensorArguments(tensor, tensor.requiresGrad);
      this.#saveAt(".attributes", attributes as PtValue);
      this.#out.uint8(op.tuple);
    } else {
      this.#global(function_);
      this.#tensorArguments(tensor, tensor.requiresGrad);
    }
    this.#out.uint8(op.reduce);
    this.#remember(tensor);
  }

  #tensorArguments({ dtype, storage, offset, shape, strides, conj, neg }: PtTensor, requiresGrad: boolean): void {
    this.#out.uint8(op.mark);
    this.#storage(storage);
    this.#int(BigInt(offset));
    this.#tupleOf(shape.map(BigInt));
    this.#tupleOf(strides.map(BigInt));
    this.#save(requiresGrad);
    this.#hooks();
    if (storage.dtype === null) this.#global(`torch.${dtype}`);
    if (conj || neg)
      this.#save(new Map([...(conj ? ["conj"] : []), ...(neg ? ["neg"] : [])].map((key) => [key, true])));
    this.#out.uint8(op.tuple);
  }

  /** torch saves no hooks; this stands in their place. */
  #hooks(): void {
    this.#global("collections.OrderedDict");
    this.#out.uint8(op.emptyTuple);
    this.#out.uint8(op.reduce);
  }
}
