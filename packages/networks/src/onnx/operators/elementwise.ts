// Operators that treat every element by itself.

import { full, type Tensor, where } from "@plenoptic-js/tensor";
import { traced, type Value } from "../values/value.ts";
import { type Call, floating, type Operator } from "./operator.ts";

const unary = (make: (x: Tensor) => Tensor): Operator => floating(1, (call) => make(call.tensor(0)));

/** Two numbers at a time. Whole numbers stay whole. */
function binary(make: (a: Tensor, b: Tensor, call: Call) => Tensor): Operator {
  return {
    inputs: [2, 2],
    run(call) {
      checkAlike(call);
      return call.like(make(call.tensor(0), call.tensor(1), call));
    },
  };
}

/** Both must be of one type, and so their result is. */
function checkAlike(call: Call): void {
  if (call.kind(0) !== call.kind(1)) {
    throw call.wrong(`its inputs are ${call.kind(0)} and ${call.kind(1)}; they must be of one type`);
  }
}

const isWhole = (call: Call, index = 0): boolean => call.kind(index) !== "float";

function comparison(make: (a: Tensor, b: Tensor) => Tensor<"bool">): Operator {
  return {
    inputs: [2, 2],
    run(call) {
      checkAlike(call);
      // Known truths are compared as numbers.
      const compared = call.isKnown ? [call.any(0), call.any(1)] : [call.tensor(0), call.tensor(1)];
      return truth(make(compared[0], compared[1]));
    },
  };
}

const truth = (tensor: Tensor<"bool">): Value => traced(tensor, "bool");

/** Any number of tensors, taken together two by two. */
function many(join: (a: Tensor, b: Tensor) => Tensor): Operator {
  return {
    inputs: [1, Number.POSITIVE_INFINITY],
    run(call) {
      let result = call.tensor(0);
      for (let i = 1; i < call.count; i++) result = join(result, call.tensor(i));
      return call.like(result);
    },
  };
}

/** a - b floor(a / b), with the sign of b; of whole numbers, exactly. */
const modulo: Operator = {
  attributes: { fmod: "int" },
  inputs: [2, 2],
  run(call) {
    checkAlike(call);
    const [a, b] = [call.tensor(0), call.tensor(1)];
    const byTruncation = call.flag("fmod");
    if (!isWhole(call) && !byTruncation) throw call.wrong("its fmod is 0, but its inputs are floating");
    const quotient = a.div(b);
    return call.like(a.sub(b.mul(byTruncation ? quotient.trunc() : quotient.floor())));
  },
};

const power: Operator = {
  inputs: [2, 2],
  run(call) {
    const x = call.tensor(0);
    const exponent = call.value(1);
    if (exponent.known && exponent.data.length === 1 && exponent.shape.length <= call.shape(0).length) {
      if (exponent.data[0] === 2) return call.like(x.square());
      if (exponent.data[0] === 3) return call.like(x.square().mul(x));
    }
    // The exponent may be of whole numbers where the base is not.
    return call.like(x.pow(call.any(1)));
  },
};

const clip: Operator = {
  attributes: { min: "float", max: "float" },
  inputs: [1, 3],
  run(call) {
    const bound = (index: number, name: string): number | undefined => {
      if (call.has(index)) return call.known(index, `bound ${name}`).data[0];
      return call.hasAttribute(name) ? call.float(name, 0) : undefined;
    };
    const [low, high] = [bound(1, "min"), bound(2, "max")];
    let x = call.tensor(0);
    const rounded = (n: number): number => (call.dtype === "float32" ? Math.fround(n) : n);
    if (low !== undefined && high !== undefined && low <= high) return call.like(x.clip(rounded(low), rounded(high)));
    if (low !== undefined) x = x.maximum(rounded(low));
    if (high !== undefined) x = x.minimum(rounded(high));
    return call.like(x);
  },
};

/** alpha (e^x - 1) below 0, x above. */
const elu = (x: Tensor, alpha: number): Tensor => where(x.gt(0), x, x.minimum(0).expm1().mul(alpha));

/** max(0, min(1, x)). */
const unit = (x: Tensor): Tensor => x.clip(0, 1);

/** log(1 + e^x) for any x, without overflow. */
const softplus = (x: Tensor): Tensor => x.maximum(0).add(x.abs().neg().exp().log1p());

const gelu: Operator = {
  attributes: { approximate: "text" },
  inputs: [1, 1],
  run(call) {
    const x = call.tensor(0);
    const approximate = call.text("approximate", "none");
    if (approximate === "none") return call.like(x.mul(0.5).mul(x.mul(Math.sqrt(0.5)).erf().add(1)));
    if (approximate !== "tanh") throw call.wrong(`its approximate is "${approximate}"; it must be none or tanh`);
    const inner = x.add(x.square().mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
    return call.like(x.mul(0.5).mul(inner.tanh().add(1)));
  },
};

const withAlpha = (otherwise: number, make: (x: Tensor, alpha: number) => Tensor): Operator => ({
  attributes: { alpha: "float" },
  inputs: [1, 1],
  run: (call) => call.like(make(call.tensor(0), call.float("alpha", otherwise))),
});

const hardSigmoid: Operator = {
  attributes: { alpha: "float", beta: "float" },
  inputs: [1, 1],
  run: (call) => call.like(unit(call.tensor(0).mul(call.float("alpha", 0.2)).add(call.float("beta", 0.5)))),
};

const selu: Operator = {
  attributes: { alpha: "float", gamma: "float" },
  inputs: [1, 1],
  run: (call) =>
    call.like(
      elu(call.tensor(0), call.float("alpha", 1.6732632423543772)).mul(call.float("gamma", 1.0507009873554805)),
    ),
};

const choose: Operator = {
  inputs: [3, 3],
  run(call) {
    if (call.kind(1) !== call.kind(2)) throw call.wrong(`it chooses between ${call.kind(1)} and ${call.kind(2)}`);
    return call.like(where(call.truth(0), call.any(1), call.any(2)), 1);
  },
};

const logic = (make: (a: Tensor<"bool">, b: Tensor<"bool">) => Tensor<"bool">): Operator => ({
  inputs: [2, 2],
  run: (call) => truth(make(call.truth(0), call.truth(1))),
});

export const elementwise: Readonly<Record<string, Operator>> = {
  Relu: unary((x) => x.relu()),
  Sigmoid: unary((x) => x.sigmoid()),
  Tanh: unary((x) => x.tanh()),
  Erf: unary((x) => x.erf()),
  Exp: unary((x) => x.exp()),
  Log: unary((x) => x.log()),
  Sqrt: unary((x) => x.sqrt()),
  Reciprocal: unary((x) => full([], 1, { dtype: x.dtype }).div(x)),
  Abs: unary((x) => x.abs()),
  Neg: unary((x) => x.neg()),
  Sin: unary((x) => x.sin()),
  Cos: unary((x) => x.cos()),
  Floor: unary((x) => x.floor()),
  Ceil: unary((x) => x.ceil()),
  Softplus: unary(softplus),
  Mish: unary((x) => x.mul(softplus(x).tanh())),
  HardSwish: unary((x) => x.mul(unit(x.div(6).add(0.5)))),
  Swish: withAlpha(1, (x, alpha) => x.mul(x.mul(alpha).sigmoid())),
  LeakyRelu: withAlpha(0.01, (x, alpha) => where(x.gt(0), x, x.mul(alpha))),
  Elu: withAlpha(1, elu),
  HardSigmoid: hardSigmoid,
  Selu: selu,
  Gelu: gelu,
  PRelu: binary((x, slope) => where(x.gt(0), x, x.mul(slope))),
  Clip: clip,
  Add: binary((a, b) => a.add(b)),
  Sub: binary((a, b) => a.sub(b)),
  Mul: binary((a, b) => a.mul(b)),
  Div: binary((a, b, call) => (isWhole(call) ? a.div(b).trunc() : a.div(b))),
  Pow: power,
  Mod: modulo,
  Max: many((a, b) => a.maximum(b)),
  Min: many((a, b) => a.minimum(b)),
  Sum: many((a, b) => a.add(b)),
  Equal: comparison((a, b) => a.eq(b)),
  Greater: comparison((a, b) => a.gt(b)),
  GreaterOrEqual: comparison((a, b) => a.ge(b)),
  Less: comparison((a, b) => a.lt(b)),
  LessOrEqual: comparison((a, b) => a.le(b)),
  And: logic((a, b) => a.and(b)),
  Or: logic((a, b) => a.or(b)),
  Not: { inputs: [1, 1], run: (call) => truth(call.truth(0).not()) },
  Where: choose,
};
