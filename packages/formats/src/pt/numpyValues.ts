// NumPy's scalars and arrays inside a pickle, as tensors. They are data, and this is the closed rule by which they are
// read: the calls that NumPy's own pickling writes (numpy/_core/src/multiarray/methods.c, `array_reduce`;
// scalartypes.c.src, `gentype_reduce`; descriptor.c, `arraydescr_reduce`), with arguments of just their form.
//
//     scalar(dtype, bytes)
//     _reconstruct(ndarray, (0,), b"b"), and later its state: (1, shape, dtype, is_fortran, bytes)
//     dtype(code, False, True), and later its state: (3, byte order, None, None, None, -1, -1, 0)
//
// What is no number (strings, dates, Python objects, records) becomes a placeholder.

import { dtypeFacts } from "../tensors/dtypes.ts";
import { rowMajorStrides, swapBytes } from "../tensors/elements.ts";
import { elementTypeOfCode } from "../tensors/numpyCodes.ts";
import { PtStorage } from "../tensors/storage.ts";
import { PtTensor } from "../tensors/tensor.ts";
import { ArgumentError, type Callable, type CallContext } from "./calls.ts";
import { PtGlobal, PtObject, PtTuple, type PtValue } from "./values.ts";

/** A `numpy.dtype`; its state holds the byte order. */
class NumpyDtype extends PtObject {
  readonly code: string;
  order = "|";

  constructor(code: string) {
    super("numpy.dtype");
    this.code = code;
  }
}

/** A `numpy.ndarray` whose elements come with its state. */
export class NumpyArray extends PtObject {
  constructor() {
    super("numpy.ndarray");
  }
}

/** NumPy 2 moved its modules; files name both. */
const modules = ["numpy._core.multiarray.", "numpy.core.multiarray."];

const isFlag = (value: PtValue | undefined, is: boolean): boolean => value === is || value === (is ? 1n : 0n);

const dtype: Callable = (args, { budget }) => {
  const [code, align, copy] = args;
  if (args.length !== 3 || typeof code !== "string" || !isFlag(align, false) || !isFlag(copy, true)) {
    throw new ArgumentError("numpy.dtype");
  }
  budget.spend(200);
  return new NumpyDtype(code);
};

const scalar: Callable = (args, context) => {
  const [type, bytes] = args;
  if (args.length !== 2 || !(type instanceof NumpyDtype)) throw new ArgumentError("numpy.scalar");
  // Of Python objects the object itself stands here.
  return (bytes instanceof Uint8Array && makeTensor(type, [], false, bytes, context)) || placeholder(type, bytes);
};

const reconstruct: Callable = (args, { budget }) => {
  const [type, shape, code] = args;
  const isEmpty = shape instanceof PtTuple && shape.length === 1 && shape.items[0] === 0n;
  const isByte = code instanceof Uint8Array && code.length === 1 && code[0] === 0x62;
  if (args.length !== 3 || !(type instanceof PtGlobal) || type.name !== "numpy.ndarray" || !isEmpty || !isByte) {
    throw new ArgumentError("numpy._reconstruct");
  }
  budget.spend(200);
  return new NumpyArray();
};

/** By dotted name. */
export const numpyFunctions: ReadonlyMap<string, Callable> = new Map([
  ["numpy.dtype", dtype],
  ...modules.flatMap((module): [string, Callable][] => [
    [`${module}scalar`, scalar],
    [`${module}_reconstruct`, reconstruct],
  ]),
]);

/** Sets the state of a dtype, and says whether this is one. Throws ArgumentError for a state that NumPy does not write. */
export function setDtypeState(built: PtValue, state: PtValue): boolean {
  if (!(built instanceof NumpyDtype)) return false;
  const [version, order] = state instanceof PtTuple ? state.items : [];
  if ((version !== 3n && version !== 4n) || typeof order !== "string" || !/^[<>|=]$/.test(order)) {
    throw new ArgumentError("numpy.dtype");
  }
  built.order = order;
  return true;
}

/** The tensor that an array becomes with its state; a placeholder for other things than numbers. */
export function arrayOf(state: PtValue, context: CallContext): PtTensor | PtObject {
  const callee = "numpy.ndarray";
  if (!(state instanceof PtTuple) || state.length !== 5) throw new ArgumentError(callee);
  const [version, shape, type, isFortran, elements] = state.items;
  if (version !== 1n || !(shape instanceof PtTuple) || !(type instanceof NumpyDtype)) throw new ArgumentError(callee);
  if (typeof isFortran !== "boolean") throw new ArgumentError(callee);
  const sizes = shape.items.map((size) => {
    const number = typeof size === "bigint" ? Number(size) : -1;
    if (!Number.isSafeInteger(number) || number < 0) throw new ArgumentError(callee);
    return number;
  });
  const made = elements instanceof Uint8Array && makeTensor(type, sizes, isFortran, elements, context);
  return made || placeholder(type, elements);
}

/** Undefined where the elements are no numbers of torch. */
function makeTensor(
  { code, order }: NumpyDtype,
  shape: readonly number[],
  isFortran: boolean,
  bytes: Uint8Array,
  { budget }: CallContext,
): PtTensor | undefined {
  const type = elementTypeOfCode(code);
  if (type === undefined) return undefined;
  const width = dtypeFacts(type).bytes;
  const size = shape.reduce((product, n) => product * n, 1);
  if (size * width !== bytes.length) {
    throw new RangeError(`a NumPy array of shape [${shape.join(", ")}] of ${code} has ${bytes.length} bytes`);
  }
  if (type === "bool" && bytes.some((value) => value > 1)) throw new RangeError("a bool of NumPy is not 0 or 1");
  budget.spend(600 + 16 * shape.length + (order === ">" ? bytes.length : 0));
  const storage = new PtStorage(type, size, order === ">" ? swapBytes(bytes, type) : bytes);
  const strides = isFortran ? rowMajorStrides([...shape].reverse()).reverse() : rowMajorStrides(shape);
  return new PtTensor({ dtype: type, shape, strides, storage });
}

function placeholder({ code }: NumpyDtype, state: PtValue): PtObject {
  const object = new PtObject(`numpy array of ${code}`);
  object.state = state;
  return object;
}
