"""Python's part of `npm run test:interop`: makes, saves, loads and continues syntheses with plenoptic 2."""

from serve import serve, version


def prepare():
    import plenoptic as po
    import torch

    if version("plenoptic").startswith(("0.", "1.")):
        raise ImportError(f"this is plenoptic {version('plenoptic')}; 2.0 or later is needed")
    # plenoptic imports its parts when they are asked for: ask now.
    new_metamer, gaussian, remove_grad = po.Metamer, po.models.Gaussian, po.remove_grad
    new_eigendistortion, set_seed = po.Eigendistortion, po.set_seed

    def tensor(numbers):
        return torch.tensor(numbers["values"], dtype=torch.float64).reshape(numbers["shape"])

    def model():
        blur = gaussian((7, 7)).eval().to(torch.float64)
        remove_grad(blur)
        return blur

    def metamer(request):
        return new_metamer(tensor(request["image"]), model())

    def class_of(module, named):
        return None if named is None else getattr(module, named["name"])

    def classes(request):
        return {
            "optimizer": class_of(torch.optim, request["optimizer"]),
            "scheduler": class_of(torch.optim.lr_scheduler, request["scheduler"]),
        }

    def synthesize(met, request):
        met.synthesize(max_iter=request["iterations"], store_progress=True, stop_criterion=-1)

    def make(request):
        """Begins a synthesis, saves it, continues it and saves that too."""
        met = metamer(request)
        scheduler = request["scheduler"]
        met.setup(
            tensor(request["start"]),
            **classes(request),
            optimizer_kwargs=request["optimizer"]["options"],
            scheduler_kwargs=None if scheduler is None else scheduler["options"],
        )
        synthesize(met, request)
        met.save(request["begun"])
        synthesize(met, request)
        met.save(request["continued"])
        return {}

    def go_on(request):
        """Loads a synthesis with plenoptic's own checks, continues and saves it."""
        met = metamer(request)
        met.load(request["begun"])
        met.setup(**classes(request))
        synthesize(met, request)
        met.save(request["continued"])
        return {}

    def read(request):
        """Reads a file as torch.load does when nothing is said."""
        saved = torch.load(request["file"])
        return {"metamer": saved["_metamer"].flatten().tolist()}

    def pairs(eig):
        return {
            "eigenindex": eig.eigenindex.tolist(),
            # One value alone has no axis.
            "eigenvalues": eig.eigenvalues.flatten().tolist(),
            "eigendistortions": eig.eigendistortions.flatten().tolist(),
        }

    def find_eigendistortions(request):
        """Finds eigendistortions and saves them."""
        eig = new_eigendistortion(tensor(request["image"]), model())
        set_seed(0)
        eig.synthesize(**request["options"])
        eig.save(request["file"])
        return pairs(eig)

    def read_eigendistortions(request):
        """Loads eigendistortions with plenoptic's own checks."""
        eig = new_eigendistortion(tensor(request["image"]), model())
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
