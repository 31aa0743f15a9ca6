"""Python's part of `npm run test:interop`: makes, saves, loads and continues syntheses with plenoptic 2."""

import sys

from serve import serve, version


class FullPrecision:
    """torch, but for the one place where the steerable pyramid puts a float64 image through complex64."""

    def __init__(self, torch):
        self._torch = torch
        self.complex64 = torch.complex128

    def __getattr__(self, name):
        return getattr(self._torch, name)


def prepare():
    import plenoptic as po
    import torch

    if version("plenoptic").startswith(("0.", "1.")):
        raise ImportError(f"this is plenoptic {version('plenoptic')}; 2.0 or later is needed")
    # plenoptic imports its parts when they are asked for: ask now.
    new_metamer, new_metamer_ctf, new_mad = po.Metamer, po.MetamerCTF, po.MADCompetition
    gaussian, portilla_simoncelli, remove_grad = po.models.Gaussian, po.models.PortillaSimoncelli, po.remove_grad
    new_eigendistortion, set_seed = po.Eigendistortion, po.set_seed
    l2_norm, mse, ssim = po.loss.l2_norm, po.metric.mse, po.metric.ssim

    # docs/science/process.md#putting-together. L-BFGS makes a millionth of that rounding in a few steps; without it both
    # libraries agree to 1e-11.
    sys.modules["plenoptic.process.steerable_pyramid_freq"].torch = FullPrecision(torch)

    def tensor(numbers):
        return torch.tensor(numbers["values"], dtype=torch.float64).reshape(numbers["shape"])

    def ready(model):
        model.eval().to(torch.float64)
        remove_grad(model)
        return model

    def texture():
        return ready(portilla_simoncelli((32, 32), n_scales=2, n_orientations=2, spatial_corr_width=5))

    # As objects.ts makes them. A function of theirs without a name is a lambda here.
    makers = {
        "Metamer": lambda image: new_metamer(image, ready(gaussian((7, 7)))),
        "MetamerCTF": lambda image: new_metamer_ctf(image, texture(), loss_function=l2_norm),
        "MADCompetition": lambda image: new_mad(
            image, lambda x, y: 1 - ssim(x, y), mse, "max", metric_tradeoff_lambda=10
        ),
    }

    def fresh(request):
        return makers[request["class"]](tensor(request["image"]))

    def start(request):
        """Where it starts: a MAD competition cannot be told."""
        return [] if request["class"] == "MADCompetition" else [tensor(request["start"])]

    def class_of(module, named):
        return None if named is None else getattr(module, named["name"])

    def classes(request):
        return {
            "optimizer": class_of(torch.optim, request["optimizer"]),
            "scheduler": class_of(torch.optim.lr_scheduler, request["scheduler"]),
        }

    def make(request):
        """Begins a synthesis, saves it, continues it and saves that too."""
        synthesis = fresh(request)
        scheduler = request["scheduler"]
        torch.manual_seed(0)
        synthesis.setup(
            *start(request),
            **classes(request),
            optimizer_kwargs=request["optimizer"]["options"],
            scheduler_kwargs=None if scheduler is None else scheduler["options"],
        )
        synthesis.synthesize(**request["synthesize"])
        synthesis.save(request["begun"])
        synthesis.synthesize(**request["synthesize"])
        synthesis.save(request["continued"])
        return {}

    def go_on(request):
        """Loads a synthesis with plenoptic's own checks, continues and saves it."""
        synthesis = fresh(request)
        synthesis.load(request["begun"])
        synthesis.setup(**classes(request))
        synthesis.synthesize(**request["synthesize"])
        synthesis.save(request["continued"])
        return {}

    def read(request):
        """Reads a file as torch.load does when nothing is said."""
        saved = torch.load(request["file"])
        key = "_mad_image" if request["class"] == "MADCompetition" else "_metamer"
        return {"image": saved[key].flatten().tolist()}

    def pairs(eig):
        return {
            "eigenindex": eig.eigenindex.tolist(),
            # One value alone has no axis.
            "eigenvalues": eig.eigenvalues.flatten().tolist(),
            "eigendistortions": eig.eigendistortions.flatten().tolist(),
        }

    def find_eigendistortions(request):
        """Finds eigendistortions and saves them."""
        eig = new_eigendistortion(tensor(request["image"]), ready(gaussian((7, 7))))
        set_seed(0)
        eig.synthesize(**request["options"])
        eig.save(request["file"])
        return pairs(eig)

    def read_eigendistortions(request):
        """Loads eigendistortions with plenoptic's own checks."""
        eig = new_eigendistortion(tensor(request["image"]), ready(gaussian((7, 7))))
        eig.load(request["file"])
        return pairs(eig)

    actions = {
        "make": make,
        "go on": go_on,
        "read": read,
        "find eigendistortions": find_eigendistortions,
        "read eigendistortions": read_eigendistortions,
    }
    return lambda request: actions[request["do"]](request)


if __name__ == "__main__":
    serve(prepare)
