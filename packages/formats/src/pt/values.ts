// What a .pt file can hold, as values of JavaScript. They are data: none of them does anything.
//
// | Python                | here                                                                          |
// | --------------------- | ----------------------------------------------------------------------------- |
// | None, bool, str       | null, boolean, string                                                         |
// | int                   | bigint; as a key of a dict a number, where that is exact                      |
// | float                 | number; as a key PtFloat, where a number would look like an int               |
// | bytes, bytearray      | Uint8Array, PtByteArray                                                       |
// | list, tuple           | Array, PtTuple                                                                |
// | dict, OrderedDict, …  | Map, PtOrderedDict, PtCounter                                                 |
// | set, complex          | PtSet, PtComplex                                                              |
// | torch.Size and so on  | PtSize, PtDtype, PtDevice                                                     |
// | tensor, storage       | PtTensor, PtStorage                                                           |
// | function or class     | PtGlobal: its name                                                            |
// | object                | PtObject: the name of its class, and what it held                             |
// | NumPy array or scalar | PtTensor; PtObject where it holds no numbers                                  |
//
// So nothing is lost when a file is written again: 1 and 1.0, a list and a tuple, stay what they are. Where the file
// names one object twice, the same object stands here twice.

import type { PtStorage } from "../tensors/storage.ts";
import type { PtTensor } from "../tensors/tensor.ts";

export type PtValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PtValue[]
  | PtDict
  | PtByteArray
  | PtComplex
  | PtDevice
  | PtDtype
  | PtFloat
  | PtGlobal
  | PtObject
  | PtSet
  | PtSize
  | PtStorage
  | PtTensor
  | PtTuple;

/** A dict. `collections.defaultdict` too is a plain Map. */
export type PtDict = Map<PtValue, PtValue>;

/** A tuple. */
export class PtTuple {
  readonly items: readonly PtValue[];

  constructor(items: readonly PtValue[]) {
    this.items = items;
  }

  get length(): number {
    return this.items.length;
  }

  [Symbol.iterator](): Iterator<PtValue> {
    return this.items[Symbol.iterator]();
  }
}

/** A `collections.OrderedDict`. */
export class PtOrderedDict extends Map<PtValue, PtValue> {
  /** Python attributes that were set on it, such as `_metadata` of a module's state; null when there are none. */
  attributes: PtDict | null = null;
}

/** A `collections.Counter`: a dict of counts. */
export class PtCounter extends Map<PtValue, PtValue> {}

/** A set. Its items are in the order of the file, each once. */
export class PtSet {
  readonly items: readonly PtValue[];

  constructor(items: readonly PtValue[]) {
    this.items = items;
  }
}

/** A `bytearray`. (`bytes` is a Uint8Array.) */
export class PtByteArray {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** A complex number outside of tensors. */
export class PtComplex {
  readonly re: number;
  readonly im: number;

  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }
}

/** A float as a key of a dict, where a plain number would be taken for an int: 1.0, -0.0 or NaN. */
export class PtFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** A `torch.Size`: the shape of a tensor. */
export class PtSize {
  readonly sizes: readonly number[];

  constructor(sizes: readonly number[]) {
    this.sizes = sizes;
  }
}

/** A `torch.dtype`, by its name without `torch.`: "float32". */
export class PtDtype {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A `torch.device`: its text is "cpu" or "cuda:1". */
export class PtDevice {
  readonly type: string;
  readonly index: number | null;

  constructor(type: string, index: number | null = null) {
    this.type = type;
    this.index = index;
  }

  toString(): string {
    return this.index === null ? this.type : `${this.type}:${this.index}`;
  }
}

/** A function or class, known by its dotted name only. It cannot be called. */
export class PtGlobal {
  /** Module and name, with a dot between them. */
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** An object of a class that is not known here, such as argparse.Namespace. It does nothing. */
export class PtObject {
  /** Module and class, with a dot between them: "torch.optim.adam.Adam". */
  readonly className: string;
  /** Its attributes, as a rule a Map. */
  state: PtValue = null;

  constructor(className: string) {
    this.className = className;
  }
}
