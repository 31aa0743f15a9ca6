// The memory behind tensors. Several tensors may look at one storage, and still do when they are written again.

import { dtypeFacts, type PtElementType } from "./dtypes.ts";

/** Elements in a row, as torch keeps them. Two tensors share memory when they have the same storage object. */
export class PtStorage {
  /** The type of its elements; null for untyped storages, which count bytes. */
  readonly dtype: PtElementType | null;
  /** How many elements (bytes, where untyped). */
  readonly size: number;
  /** Where torch had it: `cpu`, `cuda:0`, `mps`. It is always read into ordinary memory. */
  readonly location: string;
  #bytes: Uint8Array | (() => Uint8Array) | undefined;

  /**
   * @param bytes little-endian elements; or what makes them, which is called whenever they are asked for, and must give the same each
   *   time: so a file of many arrays is written of one at a time. Left out when they come later, by `fill`: in old files they follow
   *   the tensors that name them.
   */
  constructor(dtype: PtElementType | null, size: number, bytes?: Uint8Array | (() => Uint8Array), location = "cpu") {
    this.dtype = dtype;
    this.size = size;
    this.location = location;
    if (typeof bytes === "function") this.#bytes = bytes;
    else if (bytes !== undefined) this.fill(bytes);
  }

  /** Bytes of one element. */
  get elementBytes(): number {
    return this.dtype === null ? 1 : dtypeFacts(this.dtype).bytes;
  }

  /** The elements, little-endian. Not a copy. */
  get bytes(): Uint8Array {
    if (this.#bytes === undefined) throw new Error("the storage has no bytes yet");
    return typeof this.#bytes === "function" ? this.#sized(this.#bytes()) : this.#bytes;
  }

  /** Gives a storage its bytes, once. */
  fill(bytes: Uint8Array): void {
    if (this.#bytes !== undefined) throw new Error("the storage has its bytes already");
    this.#bytes = this.#sized(bytes);
  }

  #sized(bytes: Uint8Array): Uint8Array {
    if (bytes.length !== this.size * this.elementBytes) {
      const what = `${this.size} elements of ${this.dtype ?? "untyped memory"}`;
      throw new RangeError(`${what} are ${this.size * this.elementBytes} bytes, but ${bytes.length} are given`);
    }
    // Not a Buffer: its slice() is no copy.
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
  }
}
