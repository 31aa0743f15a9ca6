// The closed list of names that a pickle may use, and what "calling" each of them makes here. Nothing is looked up in
// any program: a name that is not on the list is refused, and so are arguments of any other form than torch writes.

import { dtypeNames, dtypeOfStorageClass } from "../tensors/dtypes.ts";
import { ArgumentError, type Callable, type CallContext } from "./calls.ts";
import { asKey } from "./keys.ts";
import { numpyFunctions } from "./numpyValues.ts";
import { rebuildFunctions } from "./rebuild.ts";
import {
  PtByteArray,
  PtComplex,
  PtCounter,
  PtDevice,
  type PtDict,
  PtDtype,
  PtGlobal,
  PtOrderedDict,
  PtSet,
  PtSize,
  PtTuple,
  type PtValue,
} from "./values.ts";

/** The dict of Python's own kind, none of its subclasses. */
function isPlainDict(value: PtValue | undefined): value is PtDict {
  return value instanceof Map && Object.getPrototypeOf(value) === Map.prototype;
}

const callables: ReadonlyMap<string, Callable> = new Map<string, Callable>([
  [
    "collections.OrderedDict",
    (args, { budget }) => {
      if (args.length !== 0) throw new ArgumentError("collections.OrderedDict");
      budget.spend(300);
      return new PtOrderedDict();
    },
  ],
  [
    "collections.defaultdict",
    (args, { budget }) => {
      const [factory] = args;
      if (args.length !== 1 || !(factory instanceof PtGlobal) || factory.name !== "builtins.dict") {
        throw new ArgumentError("collections.defaultdict");
      }
      budget.spend(300);
      return new Map();
    },
  ],
  [
    "collections.Counter",
    (args, { budget }) => {
      const [counts = new Map()] = args;
      if (args.length > 1 || !isPlainDict(counts)) throw new ArgumentError("collections.Counter");
      budget.spend(300 + 64 * counts.size);
      return new PtCounter(counts);
    },
  ],
  [
    "builtins.set",
    (args, { budget, keys }) => {
      const [items] = args;
      if (args.length !== 1 || !Array.isArray(items)) throw new ArgumentError("set");
      budget.spend(200 + 64 * items.length);
      return new PtSet([...new Map(items.map((item) => [keys.textOf(item), item])).values()]);
    },
  ],
  [
    "builtins.complex",
    (args) => {
      const [re, im] = args;
      if (args.length !== 2 || typeof re !== "number" || typeof im !== "number") throw new ArgumentError("complex");
      return new PtComplex(re, im);
    },
  ],
  [
    "builtins.bytearray",
    (args) => {
      const [bytes] = args;
      if (args.length === 0) return new PtByteArray(new Uint8Array());
      if (args.length !== 1 || !(bytes instanceof Uint8Array)) throw new ArgumentError("bytearray");
      return new PtByteArray(bytes);
    },
  ],
  [
    "builtins.bytes",
    (args) => {
      if (args.length !== 0) throw new ArgumentError("bytes");
      return new Uint8Array();
    },
  ],
  [
    "_codecs.encode",
    (args, { budget }) => {
      const [text, encoding] = args;
      if (args.length !== 2 || typeof text !== "string" || encoding !== "latin1" || /[^\0-\xff]/.test(text)) {
        throw new ArgumentError("_codecs.encode");
      }
      budget.spend(text.length);
      return Uint8Array.from({ length: text.length }, (_, i) => text.charCodeAt(i));
    },
  ],
  [
    "torch.Size",
    (args, { budget }) => {
      const [sizes] = args;
      if (args.length !== 1 || !(sizes instanceof PtTuple)) throw new ArgumentError("torch.Size");
      budget.spend(8 * sizes.length);
      return new PtSize(
        sizes.items.map((size) => {
          const key = asKey(size);
          if (typeof size !== "bigint" || typeof key !== "number" || key < 0) throw new ArgumentError("torch.Size");
          return key;
        }),
      );
    },
  ],
  [
    "torch.device",
    (args) => {
      const [type, index] = args;
      const isIndex = typeof index === "bigint" && index >= 0n && index < 65536n;
      if (args.length < 1 || args.length > 2 || typeof type !== "string" || !/^[a-z_]{1,32}$/.test(type)) {
        throw new ArgumentError("torch.device");
      }
      if (args.length === 2 && !isIndex) throw new ArgumentError("torch.device");
      return new PtDevice(type, isIndex ? Number(index) : null);
    },
  ],
  ...rebuildFunctions,
  ...numpyFunctions,
]);

/** Names that are only ever arguments. */
const arguments_ = new Set(["builtins.dict", "numpy.ndarray", "torch.Tensor", "torch.nn.parameter.Parameter"]);

/** Where the names of classes and functions inside files of plenoptic 1.0 and 1.1 begin. */
const placeholderModules = /^(torch\.optim|plenoptic|__main__)\./;

/** Whether a name stands for an unknown class or function, kept by its name only. */
export function isPlaceholder(name: string): boolean {
  return placeholderModules.test(name);
}

/** The name of a class of which the file holds an object: not known here, and only ever a name. */
export function objectClass(module: string, name: string): PtGlobal | undefined {
  if (!/^\w+(\.\w+)*$/.test(module) || !/^\w+(\.\w+)*$/.test(name)) return undefined;
  return new PtGlobal(`${module}.${name}`);
}

/** What a name in a pickle means here; undefined when it is refused. */
export function resolveGlobal(module: string, name: string): PtDtype | PtGlobal | undefined {
  if (!/^\w+(\.\w+)*$/.test(module) || !/^\w+$/.test(name)) return undefined;
  const full = `${module === "__builtin__" ? "builtins" : module}.${name}`;
  if (module === "torch" && dtypeNames.has(name)) return new PtDtype(name);
  const known = callables.has(full) || arguments_.has(full) || isStorageClass(module, name);
  return known || isPlaceholder(full) ? new PtGlobal(full) : undefined;
}

function isStorageClass(module: string, name: string): boolean {
  if (module === "torch.storage") return name === "UntypedStorage";
  return (module === "torch" || module === "torch.cuda") && dtypeOfStorageClass(name) !== undefined;
}

/**
 * What Python would get from calling `callee`.
 *
 * @throws ArgumentError when it cannot be called, or not like this; RangeError when a tensor makes no sense
 */
export function callGlobal(callee: PtGlobal, args: PtTuple, context: CallContext): PtValue {
  const callable = callables.get(callee.name);
  if (callable === undefined) throw new ArgumentError(callee.name);
  return callable(args.items, context);
}
