"""Writes operators.json: values and gradients of operators that the golden cases lack, computed by PyTorch in float64.

python operators.py > operators.json
"""

import json

import torch
import torch.nn.functional as F

torch.manual_seed(0)
torch.set_default_dtype(torch.float64)


def exact(*shape, scale=1.0):
    """Random numbers that float32 holds exactly."""
    return (torch.randn(*shape) * scale).float().double()


def listed(x):
    return {"shape": list(x.shape), "data": x.detach().flatten().tolist()}


cases = []


def case(name, op, x, attributes, tensors, compute, opset=20):
    x = x.clone().requires_grad_()
    y = compute(x)
    w = exact(*y.shape)
    (gradient,) = torch.autograd.grad((y * w).sum(), x)
    given = {key: listed(value) for key, value in tensors.items()}
    cases.append(
        {"name": name, "op": op, "opset": opset, "attributes": attributes, "tensors": given}
        | {"x": listed(x), "y": listed(y), "w": listed(w), "gradient": listed(gradient)}
    )


grid = (torch.rand(2, 3, 3, 2) * 2.8 - 1.4).float().double()
image = exact(2, 1, 5, 4)
for mode, torch_mode in (("linear", "bilinear"), ("nearest", "nearest"), ("cubic", "bicubic")):
    for padding in ("zeros", "border", "reflection"):
        for corners in (0, 1):
            case(
                f"GridSample {mode} {padding} {corners}",
                "GridSample",
                image,
                {"mode": mode, "padding_mode": padding, "align_corners": corners},
                {"grid": grid},
                lambda x: F.grid_sample(x, grid, torch_mode, padding, bool(corners)),
            )


def norms(x, p, kernel, stride, dilation, before, after):
    x = F.pad(x, (before[1], after[1], before[0], after[0]))
    batch, channels = x.shape[:2]
    sides = [(n - d * (k - 1) - 1) // s + 1 for n, k, d, s in zip(x.shape[2:], kernel, dilation, stride)]
    windows = F.unfold(x, kernel, dilation, 0, stride).reshape(batch, channels, -1, *sides)
    return (windows.abs() ** p).sum(2) ** (1 / p)


square = exact(1, 2, 6, 7)
for p in (1, 2, 3):
    case(f"LpPool {p}", "LpPool", square, {"kernel_shape": [3, 2], "p": p}, {}, lambda x: norms(x, p, (3, 2), (1, 1), (1, 1), (0, 0), (0, 0)))
case(
    "LpPool with padding and strides",
    "LpPool",
    square,
    {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 0, 0, 1], "p": 2},
    {},
    lambda x: norms(x, 2, (3, 3), (2, 2), (1, 1), (1, 0), (0, 1)),
)
case(
    "LpPool beyond the end, dilated",
    "LpPool",
    square,
    {"kernel_shape": [2, 2], "strides": [2, 2], "dilations": [2, 1], "ceil_mode": 1, "p": 2},
    {},
    lambda x: norms(x, 2, (2, 2), (2, 2), (2, 1), (0, 0), (1, 1)),
)
case("GlobalLpPool", "GlobalLpPool", square, {"p": 3}, {}, lambda x: (x.abs() ** 3).sum((2, 3), keepdim=True) ** (1 / 3))

queries = exact(2, 4, 5, 8)
keys, values = exact(2, 4, 6, 8), exact(2, 4, 6, 3)
few_keys, few_values = exact(2, 2, 6, 8), exact(2, 2, 6, 3)
attend = F.scaled_dot_product_attention
case("Attention", "Attention", queries, {}, {"k": keys, "v": values}, lambda x: attend(x, keys, values), 23)
case(
    "Attention with fewer heads of keys, and a scale",
    "Attention",
    queries,
    {"scale": 0.25},
    {"k": few_keys, "v": few_values},
    lambda x: attend(x, few_keys, few_values, scale=0.25, enable_gqa=True),
    23,
)
case(
    "Attention to what comes before",
    "Attention",
    queries,
    {"is_causal": 1},
    {"k": keys, "v": values},
    lambda x: attend(x, keys, values, is_causal=True),
    23,
)
mask = exact(5, 6)
case(
    "Attention with a mask",
    "Attention",
    queries,
    {},
    {"k": keys, "v": values, "mask": mask},
    lambda x: attend(x, keys, values, attn_mask=mask),
    23,
)


def side_by_side(x):
    return x.permute(0, 2, 1, 3).flatten(2)


case(
    "Attention of heads side by side",
    "Attention",
    side_by_side(queries),
    {"q_num_heads": 4, "kv_num_heads": 2},
    {"k": side_by_side(few_keys), "v": side_by_side(few_values)},
    lambda x: side_by_side(attend(x.unflatten(2, (4, 8)).transpose(1, 2), few_keys, few_values, enable_gqa=True)),
    23,
)

print(json.dumps({"torch": torch.__version__, "cases": cases}))
