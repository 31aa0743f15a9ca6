// The element types of tensors in files. torch's names; sizes and storage classes as torch/storage.py has them.

interface DtypeFacts {
  /** Bytes of one element. */
  readonly bytes: number;
  /** Real numbers in one element: 2 for complex ones, real part first. */
  readonly parts: 1 | 2;
  /** The class of its storages in module `torch`; newer types have none and lie in untyped storages. */
  readonly storageClass?: string;
}

const facts = {
  float32: { bytes: 4, parts: 1, storageClass: "FloatStorage" },
  float64: { bytes: 8, parts: 1, storageClass: "DoubleStorage" },
  float16: { bytes: 2, parts: 1, storageClass: "HalfStorage" },
  bfloat16: { bytes: 2, parts: 1, storageClass: "BFloat16Storage" },
  complex64: { bytes: 8, parts: 2, storageClass: "ComplexFloatStorage" },
  complex128: { bytes: 16, parts: 2, storageClass: "ComplexDoubleStorage" },
  int64: { bytes: 8, parts: 1, storageClass: "LongStorage" },
  int32: { bytes: 4, parts: 1, storageClass: "IntStorage" },
  int16: { bytes: 2, parts: 1, storageClass: "ShortStorage" },
  int8: { bytes: 1, parts: 1, storageClass: "CharStorage" },
  uint8: { bytes: 1, parts: 1, storageClass: "ByteStorage" },
  bool: { bytes: 1, parts: 1, storageClass: "BoolStorage" },
  complex32: { bytes: 4, parts: 2 },
  uint16: { bytes: 2, parts: 1 },
  uint32: { bytes: 4, parts: 1 },
  uint64: { bytes: 8, parts: 1 },
  float8_e4m3fn: { bytes: 1, parts: 1 },
  float8_e4m3fnuz: { bytes: 1, parts: 1 },
  float8_e5m2: { bytes: 1, parts: 1 },
  float8_e5m2fnuz: { bytes: 1, parts: 1 },
  float8_e8m0fnu: { bytes: 1, parts: 1 },
} satisfies Record<string, DtypeFacts>;

/** A type that elements of a tensor can have. */
export type PtElementType = keyof typeof facts;

export function dtypeFacts(dtype: PtElementType): DtypeFacts {
  return facts[dtype];
}

/** The element type of this name, if tensors of it are read. */
export function elementType(name: string): PtElementType | undefined {
  return Object.hasOwn(facts, name) ? (name as PtElementType) : undefined;
}

const byStorageClass = new Map<string, PtElementType>();
for (const [dtype, { storageClass }] of Object.entries<DtypeFacts>(facts)) {
  if (storageClass !== undefined) byStorageClass.set(storageClass, dtype as PtElementType);
}

/** The element type of `torch.NAME`, if that is the class of a typed storage. */
export function dtypeOfStorageClass(name: string): PtElementType | undefined {
  return byStorageClass.get(name);
}

/** Other names of torch.dtype values, which may occur as values though no tensor of them is read. */
const otherDtypes =
  "qint8 qint32 quint8 quint4x2 quint2x4 bits8 bits16 bits1x8 bits2x4 bits4x2 float4_e2m1fn_x2 bcomplex32 " +
  "int1 int2 int3 int4 int5 int6 int7 uint1 uint2 uint3 uint4 uint5 uint6 uint7";

/** All names of torch.dtype values that torch's safe loader accepts. */
export const dtypeNames: ReadonlySet<string> = new Set([...Object.keys(facts), ...otherDtypes.split(" ")]);
