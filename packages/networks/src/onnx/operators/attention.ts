// Attention, of opset 23 on: softmax(q k' scale + mask) v for several heads.

import { type Tensor, where } from "@plenoptic-js/tensor";
import { shapeText } from "@plenoptic-js/tensor/engine";
import { known } from "../values/value.ts";
import { softmax } from "./normalization.ts";
import type { Call, Operator } from "./operator.ts";

/** An input as [batch, heads, tokens, width]: one of three axes has its heads side by side. */
function headsOf(call: Call, index: number, attribute: string): Tensor {
  const x = call.tensor(index);
  if (x.ndim === 4) return x;
  const heads = call.int(attribute);
  const [batch, tokens, width] = x.shape;
  if (x.ndim !== 3 || heads < 1 || width % heads !== 0) {
    throw call.wrong(
      `its input ${index} is ${shapeText(x.shape)}; it must have 4 axes, or 3, the last ${attribute} times a width`,
    );
  }
  return x.reshape([batch, tokens, heads, width / heads]).permute([0, 2, 1, 3]);
}

/** As many heads as the queries have: each serves some that are neighbours. */
function shared(call: Call, x: Tensor, heads: number): Tensor {
  const [batch, own, tokens, width] = x.shape;
  if (own === heads) return x;
  if (heads % own !== 0)
    throw call.wrong(`it has ${heads} heads of queries for ${own} of keys; it must be some for each`);
  return x
    .reshape([batch, own, 1, tokens, width])
    .broadcastTo([batch, own, heads / own, tokens, width])
    .reshape([batch, heads, tokens, width]);
}

/** What is not to be looked at gets minus infinity: by a mask of truths, and what comes later. */
function masked(call: Call, scores: Tensor): Tensor {
  const never = Number.NEGATIVE_INFINITY;
  const hasMask = call.has(3);
  const isTruth = hasMask && call.kind(3) === "bool";
  let y = hasMask && !isTruth ? scores.add(call.tensor(3)) : scores;
  if (isTruth) y = where(call.truth(3), y, never);
  if (!call.flag("is_causal")) return y;
  const [queries, keys] = y.shape.slice(-2);
  const seen = Uint8Array.from({ length: queries * keys }, (_, i) => (i % keys <= Math.floor(i / keys) ? 1 : 0));
  const mask = call.around.constants.of(known("bool", [queries, keys], seen), call.dtype) as Tensor<"bool">;
  return where(mask, y, never);
}

const attention: Operator = {
  attributes: {
    is_causal: "int",
    kv_num_heads: "int",
    q_num_heads: "int",
    qk_matmul_output_mode: "int",
    scale: "float",
    softcap: "float",
    softmax_precision: "int",
  },
  inputs: [3, 7],
  run(call) {
    if ([4, 5, 6].some((index) => call.has(index))) {
      throw call.unsupported("it takes keys and values of an earlier call, which is not computed");
    }
    if (call.float("softcap", 0) !== 0) throw call.unsupported("its softcap is not 0, which is not computed");
    const q = headsOf(call, 0, "q_num_heads");
    const [k, v] = [1, 2].map((index) => shared(call, headsOf(call, index, "kv_num_heads"), q.shape[1]));
    const [batch, heads, tokens, width] = q.shape;
    // Half of the scale on either side, as the definition says.
    const root = Math.sqrt(call.hasAttribute("scale") ? call.float("scale", 1) : 1 / Math.sqrt(width));
    const scores = q.mul(root).matmul(k.mul(root), { transposeB: true });
    const y = softmax(masked(call, scores), -1).matmul(v);
    const isFlat = call.shape(0).length === 3;
    return call.like(isFlat ? y.permute([0, 2, 1, 3]).reshape([batch, tokens, heads * v.shape[3]]) : y);
  },
};

export const attentions: Readonly<Record<string, Operator>> = { Attention: attention };
