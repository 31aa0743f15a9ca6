// Numbers that steer L-BFGS. In PyTorch some are host doubles and some arrays of one element, which round to the array's
// dtype whatever meets them. For float64 there is no difference.

export interface HostScalar {
  readonly value: number;
  /** Whether it has the dtype of the arrays; else it is a double. */
  readonly ofArray: boolean;
}

/** A host double. */
export const host = (value: number): HostScalar => ({ value, ofArray: false });

/** The arithmetic of such numbers, for arrays of float32 (`single`) or float64. */
export class HostArithmetic {
  readonly #single: boolean;

  constructor(single: boolean) {
    this.#single = single;
  }

  /** A number computed from arrays, by a sum for example: it has their dtype already. */
  ofArray(value: number): HostScalar {
    return { value, ofArray: true };
  }

  add = (a: HostScalar, b: HostScalar): HostScalar => this.#binary(a, b, (x, y) => x + y);
  sub = (a: HostScalar, b: HostScalar): HostScalar => this.#binary(a, b, (x, y) => x - y);
  mul = (a: HostScalar, b: HostScalar): HostScalar => this.#binary(a, b, (x, y) => x * y);
  div = (a: HostScalar, b: HostScalar): HostScalar => this.#binary(a, b, (x, y) => x / y);

  neg = ({ value, ofArray }: HostScalar): HostScalar => ({ value: -value, ofArray });
  abs = ({ value, ofArray }: HostScalar): HostScalar => ({ value: Math.abs(value), ofArray });

  /** A root of an array's number. */
  sqrt({ value, ofArray }: HostScalar): HostScalar {
    const root = Math.sqrt(value);
    return { value: this.#single && ofArray ? Math.fround(root) : root, ofArray };
  }

  /** a < b, of the values as they meet. */
  less = (a: HostScalar, b: HostScalar): boolean => this.#meet(a, b, (x, y) => x < y);
  /** a <= b, of the values as they meet. */
  atMost = (a: HostScalar, b: HostScalar): boolean => this.#meet(a, b, (x, y) => x <= y);

  /** The first of two equal ones, and `a` where one is NaN, as Python's max and min do. */
  larger = (a: HostScalar, b: HostScalar): HostScalar => (this.less(a, b) ? b : a);
  smaller = (a: HostScalar, b: HostScalar): HostScalar => (this.less(b, a) ? b : a);

  #meet<T>(a: HostScalar, b: HostScalar, f: (x: number, y: number) => T): T {
    const rounds = this.#single && (a.ofArray || b.ofArray);
    return rounds ? f(Math.fround(a.value), Math.fround(b.value)) : f(a.value, b.value);
  }

  #binary(a: HostScalar, b: HostScalar, f: (x: number, y: number) => number): HostScalar {
    const ofArray = a.ofArray || b.ofArray;
    const value = this.#meet(a, b, f);
    return { value: this.#single && ofArray ? Math.fround(value) : value, ofArray };
  }
}
