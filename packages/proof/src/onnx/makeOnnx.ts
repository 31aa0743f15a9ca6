// ONNX files, written field by field: small ones for tests, whole networks for benches. Arrays are not copied before the file is put
// together, and need not be: it is made of pieces.

const text = new TextEncoder();

/** Bytes in pieces. */
type Pieces = readonly Uint8Array[];

const lengthOf = (pieces: Pieces): number => pieces.reduce((sum, piece) => sum + piece.length, 0);

function varint(n: number): number[] {
  const bytes = [];
  let left = BigInt.asUintN(64, BigInt(n));
  do {
    bytes.push(Number(left & 127n) | (left > 127n ? 128 : 0));
    left >>= 7n;
  } while (left > 0n);
  return bytes;
}

const whole = (field: number, n: number): Pieces => [Uint8Array.from([...varint(field * 8), ...varint(n)])];
const message = (field: number, content: Pieces): Pieces => [
  Uint8Array.from([...varint(field * 8 + 2), ...varint(lengthOf(content))]),
  ...content,
];
const words = (field: number, content: string): Pieces => message(field, [text.encode(content)]);
/** A number of 32 bits, floating. */
const single = (field: number, x: number): Pieces => [
  Uint8Array.from(varint(field * 8 + 5)),
  new Uint8Array(Float32Array.of(x).buffer),
];

/** An attribute: whole numbers, a text, one whole number, or a floating one. */
export type MadeAttribute = number | string | readonly number[] | { readonly float: number };

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

function attribute([name, value]: readonly [string, MadeAttribute]): Pieces {
  const own = words(1, name);
  if (typeof value === "number") return [...own, ...whole(3, value), ...whole(20, 2)];
  if (typeof value === "string") return [...own, ...words(4, value), ...whole(20, 3)];
  if ("float" in value) return [...own, ...single(2, value.float), ...whole(20, 1)];
  return [...own, ...value.flatMap((n) => whole(8, n)), ...whole(20, 7)];
}

const node = ({ op, inputs, outputs, name = "", domain = "", attributes = {} }: MadeNode): Pieces => [
  ...inputs.flatMap((input) => words(1, input)),
  ...outputs.flatMap((output) => words(2, output)),
  ...words(3, name),
  ...words(4, op),
  ...Object.entries(attributes).flatMap((entry) => message(5, attribute(entry))),
  ...words(7, domain),
];

function tensor({ name, dims, values, external }: MadeTensor): Pieces {
  const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
  const entry = (key: string, value: string): Pieces => message(13, [...words(1, key), ...words(2, value)]);
  return [
    ...dims.flatMap((n) => whole(1, n)),
    ...whole(2, values instanceof Float32Array ? 1 : 7),
    ...words(8, name),
    ...(external === undefined
      ? message(9, [raw])
      : [...entry("location", external[0]), ...entry("offset", String(external[1])), ...whole(14, 1)]),
  ];
}

const value = (name: string, shape: readonly (number | string)[]): Pieces => {
  const dims = shape.flatMap((n) => message(1, typeof n === "number" ? whole(1, n) : words(2, n)));
  return [...words(1, name), ...message(2, message(1, [...whole(1, 1), ...message(2, dims)]))];
};

/** A file with one image input, `x`, of floats. Results say their type, and no shape. */
export function makeOnnx({
  nodes,
  outputs,
  imageShape = [1, 2, 4, 4],
  tensors = [],
  opset = 17,
}: MadeOnnx): Uint8Array<ArrayBuffer> {
  const graph = [
    ...nodes.flatMap((one) => message(1, node(one))),
    ...words(2, "made"),
    ...tensors.flatMap((one) => message(5, tensor(one))),
    ...message(11, value("x", imageShape)),
    ...outputs.flatMap((name) => message(12, [...words(1, name), ...message(2, message(1, whole(1, 1)))])),
  ];
  return joined([...whole(1, 8), ...words(2, "made"), ...message(7, graph), ...message(8, whole(2, opset))]);
}

function joined(pieces: Pieces): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
