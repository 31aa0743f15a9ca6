// Small ONNX files, written field by field, for tests.

const text = new TextEncoder();

function varint(n: number): number[] {
  const bytes = [];
  let left = BigInt.asUintN(64, BigInt(n));
  do {
    bytes.push(Number(left & 127n) | (left > 127n ? 128 : 0));
    left >>= 7n;
  } while (left > 0n);
  return bytes;
}

const whole = (field: number, n: number): number[] => [...varint(field * 8), ...varint(n)];
const bytes = (field: number, content: ArrayLike<number>): number[] => [
  ...varint(field * 8 + 2),
  ...varint(content.length),
  ...Array.from(content),
];
const words = (field: number, content: string): number[] => bytes(field, text.encode(content));

/** An attribute: whole numbers, a text, or one whole number. */
export type MadeAttribute = number | string | readonly number[];

export interface MadeNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly domain?: string;
  readonly attributes?: Readonly<Record<string, MadeAttribute>>;
}

export interface MadeTensor {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float32Array | BigInt64Array;
  /** The file that has the values, and where they begin. */
  readonly external?: readonly [location: string, offset: number];
}

export interface MadeOnnx {
  readonly nodes: readonly MadeNode[];
  readonly outputs: readonly string[];
  /** Default [1, 2, 4, 4]; a name leaves a size open. */
  readonly imageShape?: readonly (number | string)[];
  readonly tensors?: readonly MadeTensor[];
  readonly opset?: number;
}

function attribute([name, value]: readonly [string, MadeAttribute]): number[] {
  const own = words(1, name);
  if (typeof value === "number") return [...own, ...whole(3, value), ...whole(20, 2)];
  if (typeof value === "string") return [...own, ...words(4, value), ...whole(20, 3)];
  return [...own, ...value.flatMap((n) => whole(8, n)), ...whole(20, 7)];
}

const node = ({ op, inputs, outputs, name = "", domain = "", attributes = {} }: MadeNode): number[] => [
  ...inputs.flatMap((input) => words(1, input)),
  ...outputs.flatMap((output) => words(2, output)),
  ...words(3, name),
  ...words(4, op),
  ...Object.entries(attributes).flatMap((entry) => bytes(5, attribute(entry))),
  ...words(7, domain),
];

function tensor({ name, dims, values, external }: MadeTensor): number[] {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const entry = (key: string, value: string): number[] => bytes(13, [...words(1, key), ...words(2, value)]);
  return [
    ...dims.flatMap((n) => whole(1, n)),
    ...whole(2, values instanceof Float32Array ? 1 : 7),
    ...words(8, name),
    ...(external === undefined
      ? bytes(9, raw)
      : [...entry("location", external[0]), ...entry("offset", String(external[1])), ...whole(14, 1)]),
  ];
}

const value = (name: string, shape: readonly (number | string)[]): number[] => {
  const dims = shape.flatMap((n) => bytes(1, typeof n === "number" ? whole(1, n) : words(2, n)));
  return [...words(1, name), ...bytes(2, bytes(1, [...whole(1, 1), ...bytes(2, dims)]))];
};

/** A file with one image input, `x`. */
export function makeOnnx({
  nodes,
  outputs,
  imageShape = [1, 2, 4, 4],
  tensors = [],
  opset = 17,
}: MadeOnnx): Uint8Array {
  const graph = [
    ...nodes.flatMap((one) => bytes(1, node(one))),
    ...tensors.flatMap((one) => bytes(5, tensor(one))),
    ...bytes(11, value("x", imageShape)),
    ...outputs.flatMap((name) => bytes(12, words(1, name))),
  ];
  return Uint8Array.from([...whole(1, 8), ...words(2, "made"), ...bytes(7, graph), ...bytes(8, whole(2, opset))]);
}
