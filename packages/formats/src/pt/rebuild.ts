// How torch describes tensors in a pickle: as calls of functions of `torch._utils`. Their arguments are read here and
// checked; see torch/_utils.py and torch/_tensor.py for what they mean.

import { dtypeFacts, elementType, type PtElementType } from "../tensors/dtypes.ts";
import { PtStorage } from "../tensors/storage.ts";
import { PtTensor, type PtTensorParts } from "../tensors/tensor.ts";
import { ArgumentError, type Callable, type CallContext } from "./calls.ts";
import { PtDtype, PtGlobal, PtOrderedDict, PtSize, PtTuple, type PtValue } from "./values.ts";

const utils = "torch._utils.";

/** A non-negative int that a number holds exactly. */
function wholeNumber(value: PtValue, callee: string): number {
  const number = typeof value === "bigint" ? Number(value) : -1;
  if (!Number.isSafeInteger(number) || number < 0) throw new ArgumentError(callee);
  return number;
}

function wholeNumbers(value: PtValue, callee: string): readonly number[] {
  if (value instanceof PtSize) return value.sizes;
  if (!(value instanceof PtTuple)) throw new ArgumentError(callee);
  return value.items.map((item) => wholeNumber(item, callee));
}

/** Hooks are functions, so torch never saves any; an empty OrderedDict stands in their place. */
function checkHooks(value: PtValue, callee: string): void {
  if (!(value instanceof PtOrderedDict) || value.size > 0) throw new ArgumentError(callee);
}

/** `{"conj": True}` and `{"neg": True}`: the stored elements are conjugates or negatives of what is meant. */
function lazyBits(value: PtValue | undefined, callee: string): { conj: boolean; neg: boolean } {
  const bits = { conj: false, neg: false };
  if (value === undefined) return bits;
  if (!(value instanceof Map)) throw new ArgumentError(callee);
  for (const [key, flag] of value) {
    if ((key !== "conj" && key !== "neg") || typeof flag !== "boolean") throw new ArgumentError(callee);
    bits[key] = flag;
  }
  return bits;
}

function makeTensor(parts: PtTensorParts, { budget, maxTensorBytes }: CallContext): PtTensor {
  budget.spend(400 + 16 * parts.shape.length);
  const made = new PtTensor(parts);
  const bytes = made.size * dtypeFacts(made.dtype).bytes;
  if (bytes > maxTensorBytes) {
    const shape = `[${made.shape.join(", ")}]`;
    throw new RangeError(`a tensor of shape ${shape} repeats few elements to ${bytes} bytes, which is too much`);
  }
  return made;
}

/** `(storage, offset, size, stride)`, the oldest form, and what comes after them later on. */
function rebuildTensor(
  callee: string,
  args: readonly PtValue[],
  context: CallContext,
  more: Partial<PtTensorParts> & { dtype?: PtElementType } = {},
): PtTensor {
  const [storage, offset, size, stride] = args;
  if (!(storage instanceof PtStorage)) throw new ArgumentError(callee);
  const dtype = more.dtype ?? storage.dtype;
  if (dtype === null) throw new ArgumentError(callee);
  const parts = {
    ...more,
    dtype,
    storage,
    offset: wholeNumber(offset, callee),
    shape: wholeNumbers(size, callee),
    strides: wholeNumbers(stride, callee),
  };
  return makeTensor(parts, context);
}

function flag(value: PtValue, callee: string): boolean {
  if (typeof value !== "boolean") throw new ArgumentError(callee);
  return value;
}

const version1: Callable = (args, context) => {
  if (args.length !== 4) throw new ArgumentError("_rebuild_tensor");
  return rebuildTensor("_rebuild_tensor", args, context);
};

const version2: Callable = (args, context) => {
  const callee = "_rebuild_tensor_v2";
  if (args.length < 6 || args.length > 7) throw new ArgumentError(callee);
  const [, , , , requiresGrad, hooks, bits] = args;
  checkHooks(hooks, callee);
  const more = { requiresGrad: flag(requiresGrad, callee), ...lazyBits(bits, callee) };
  return rebuildTensor(callee, args, context, more);
};

/** For element types without a class of storages. */
const version3: Callable = (args, context) => {
  const callee = "_rebuild_tensor_v3";
  if (args.length < 7 || args.length > 8) throw new ArgumentError(callee);
  const [storage, , , , requiresGrad, hooks, dtype, bits] = args;
  checkHooks(hooks, callee);
  if (!(storage instanceof PtStorage) || storage.dtype !== null) throw new ArgumentError(callee);
  const type = dtype instanceof PtDtype ? elementType(dtype.name) : undefined;
  if (type === undefined) throw new ArgumentError(callee);
  const more = { dtype: type, requiresGrad: flag(requiresGrad, callee), ...lazyBits(bits, callee) };
  return rebuildTensor(callee, args, context, more);
};

/** `(tensor, requires_grad, hooks)` and, where attributes were set on the parameter, a dict of those. */
function rebuildParameter(callee: string, args: readonly PtValue[], context: CallContext): PtTensor {
  const [data, requiresGrad, hooks, attributes] = args;
  checkHooks(hooks, callee);
  if (!(data instanceof PtTensor)) throw new ArgumentError(callee);
  if (attributes !== undefined && !(attributes instanceof Map)) throw new ArgumentError(callee);
  const more = { requiresGrad: flag(requiresGrad, callee), isParameter: true, attributes };
  return makeTensor({ ...data, ...more }, context);
}

const parameter: Callable = (args, context) => {
  if (args.length !== 3) throw new ArgumentError("_rebuild_parameter");
  return rebuildParameter("_rebuild_parameter", args, context);
};

const parameterWithState: Callable = (args, context) => {
  if (args.length !== 4) throw new ArgumentError("_rebuild_parameter_with_state");
  return rebuildParameter("_rebuild_parameter_with_state", args, context);
};

/** `(function, class, arguments of the function, attributes)`: a tensor on which attributes were set. */
const fromType: Callable = (args, context) => {
  const callee = "_rebuild_from_type_v2";
  const [make, type, makeArgs, attributes] = args;
  if (args.length !== 4 || !(make instanceof PtGlobal) || !(type instanceof PtGlobal)) throw new ArgumentError(callee);
  const rebuild = tensorFunctions.get(make.name);
  if (type.name !== "torch.Tensor" || rebuild === undefined || !(makeArgs instanceof PtTuple)) {
    throw new ArgumentError(callee);
  }
  if (!(attributes instanceof Map)) throw new ArgumentError(callee);
  const made = rebuild(makeArgs.items, context);
  if (!(made instanceof PtTensor)) throw new ArgumentError(callee);
  return makeTensor({ ...made, attributes }, context);
};

const tensorFunctions: ReadonlyMap<string, Callable> = new Map([
  [`${utils}_rebuild_tensor`, version1],
  [`${utils}_rebuild_tensor_v2`, version2],
  [`${utils}_rebuild_tensor_v3`, version3],
]);

/** By dotted name. */
export const rebuildFunctions: ReadonlyMap<string, Callable> = new Map([
  ...tensorFunctions,
  [`${utils}_rebuild_parameter`, parameter],
  [`${utils}_rebuild_parameter_with_state`, parameterWithState],
  ["torch._tensor._rebuild_from_type_v2", fromType],
]);
