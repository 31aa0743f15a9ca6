"""What Python's plenoptic gives where docs/reproduced.md sets it beside ours: python peer.py ASSETS

ASSETS is the folder of the photographs, packages/plenoptic/assets/images. Prints lines of Markdown tables.
"""

import sys
from pathlib import Path

import imageio.v3 as iio
import numpy as np
import plenoptic as po
import torch

torch.set_num_threads(1)
assets = Path(sys.argv[1])


def photograph(name):
    pixels = iio.imread(assets / f"{name}.pgm").astype(np.float64) / 255
    return torch.from_numpy(pixels)[None, None]


def ready(model):
    model = model.eval().to(torch.float64)
    po.remove_grad(model)
    return model


def power():
    """The power method on the middle 32 x 32 pixels of the house."""
    image = photograph("house")[..., 112:144, 112:144]
    models = {
        "LN": po.models.LinearNonlinear,
        "LG": po.models.LuminanceGainControl,
        "LGG": po.models.LuminanceContrastGainControl,
        "OnOff": po.models.OnOff,
    }
    for name, model in models.items():
        torch.manual_seed(0)
        found = po.Eigendistortion(image, ready(model((31, 31), pretrained=True, cache_filt=True)))
        found.synthesize(method="power", k=1, max_iter=2000)
        largest, smallest = found.eigenvalues.tolist()
        print(f"| {name} | {largest:.10g} | {smallest:.4g} |", flush=True)


def texture(steps):
    """Gravel, from the start and with the optimizer of presets.texture."""
    image = photograph("gravel")
    torch.manual_seed(0)
    model = ready(po.models.PortillaSimoncelli((256, 256)))
    torch.manual_seed(0)
    metamer = po.Metamer(image, model, loss_function=po.loss.portilla_simoncelli_loss_factory(model, image))
    start = 0.1 * (torch.rand_like(image) - 0.5) + image.mean()
    options = {
        "lr": 1,
        "max_iter": 10,
        "max_eval": 10,
        "history_size": 100,
        "line_search_fn": "strong_wolfe",
    }
    metamer.setup(initial_image=start, optimizer=torch.optim.LBFGS, optimizer_kwargs=options)
    metamer.synthesize(max_iter=steps, stop_criterion=-1)
    print(f"| gravel, {steps} steps | {float(metamer.losses[-1]):.6g} |", flush=True)


power()
texture(60)
