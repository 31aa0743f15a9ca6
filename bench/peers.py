"""Python's part of `npm run bench:peers`: the workloads of workloads.ts, with plenoptic's own models and metrics.

A request {"run": name, "dtype": "float64", "threads": 1} is answered by {"ms": shortest run of one turn}.
"""

import sys
import time
from functools import reduce
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts" / "interop"))
from serve import serve  # noqa: E402

SIDE = 256
TURN_SECONDS = 0.2
ADAM_ITERATIONS = 5
LBFGS_EVALUATIONS = 10
LBFGS_WARM_UP = 12
POWER_ITERATIONS = 5


def find(package, *places):
    """The first of these names that the package has: plenoptic 2's, then plenoptic 1's."""
    for place in places:
        try:
            return reduce(getattr, place.split("."), package)
        except AttributeError as error:
            reason = error
    raise reason


def prepare():
    import plenoptic as po
    import torch

    models = ("models", "simulate")
    gaussian = find(po, *(f"{place}.Gaussian" for place in models))
    on_off = find(po, *(f"{place}.OnOff" for place in models))
    portilla_simoncelli = find(po, *(f"{place}.PortillaSimoncelli" for place in models))
    steerable_pyramid = find(po, "process.SteerablePyramidFreq", "simulate.SteerablePyramidFreq")
    loss_factory = find(
        po, "loss.portilla_simoncelli_loss_factory", "tools.optim.portilla_simoncelli_loss_factory"
    )
    new_metamer = find(po, "Metamer", "synthesize.Metamer")
    new_ctf = find(po, "MetamerCTF", "synthesize.MetamerCTF")
    new_mad = find(po, "MADCompetition", "synthesize.MADCompetition")
    new_eigendistortion = find(po, "Eigendistortion", "synthesize.Eigendistortion")
    l2_norm = find(po, "loss.l2_norm", "tools.optim.l2_norm")
    remove_grad = find(po, "remove_grad", "tools.remove_grad")

    def pattern(dtype, factor=7919):
        values = (torch.arange(SIDE * SIDE, dtype=torch.int64) * factor) % 10007
        return (values.to(torch.float64) / 10007).to(dtype).reshape(1, 1, SIDE, SIDE)

    def other(dtype):
        return pattern(dtype, 6421)

    def ready(model, dtype):
        model = model.eval().to(dtype)
        remove_grad(model)
        return model

    def no_grad(f):
        def run():
            with torch.no_grad():
                f()

        return run

    def backward(value_of, dtype):
        x = pattern(dtype).requires_grad_()

        def run():
            x.grad = None
            value_of(x).sum().backward()

        return run

    def elementwise_chain(dtype):
        x = pattern(dtype)
        a, b, c = (pattern(dtype) * scale for scale in (0.3, 0.7, 1.1))

        def f():
            t = x * a + b
            t = t * c - x
            return torch.sqrt(torch.square(t / (a * a + 1)) + 1e-6)

        return no_grad(f)

    def fft(dtype):
        x = pattern(dtype)
        return no_grad(lambda: torch.fft.fft2(x))

    def pyramid(dtype):
        x = pattern(dtype)
        model = ready(steerable_pyramid((SIDE, SIDE)), dtype)
        return no_grad(lambda: model(x))

    def squared(make):
        def workload(dtype):
            model = ready(make(), dtype)
            return backward(lambda x: model(x).square(), dtype)

        return workload

    def against(name):
        metric = find(po, f"metric.{name}")

        def workload(dtype):
            reference = other(dtype)
            return backward(lambda x: metric(reference, x), dtype)

        return workload

    def texture(dtype):
        model = ready(portilla_simoncelli((SIDE, SIDE)), dtype)
        reference = other(dtype)
        loss = loss_factory(model, reference)
        target = model(reference)
        return backward(lambda x: loss(model(x), target), dtype)

    def gaussian_metamer(dtype):
        return new_metamer(pattern(dtype), ready(gaussian((31, 31), std=3.0), dtype))

    def texture_metamer(dtype):
        image = pattern(dtype)
        model = ready(portilla_simoncelli((SIDE, SIDE)), dtype)
        return new_metamer(image, model, loss_function=loss_factory(model, image))

    def adam(make):
        def workload(dtype):
            metamer = make(dtype)
            metamer.setup(initial_image=other(dtype))
            return lambda: metamer.synthesize(max_iter=ADAM_ITERATIONS, stop_criterion=-1)

        return workload

    def lbfgs(dtype):
        metamer = texture_metamer(dtype)
        kwargs = {"lr": 1, "history_size": 100, "line_search_fn": "strong_wolfe"}
        kwargs.update(max_iter=LBFGS_EVALUATIONS, max_eval=LBFGS_EVALUATIONS)
        metamer.setup(
            initial_image=other(dtype), optimizer=torch.optim.LBFGS, optimizer_kwargs=kwargs
        )
        metamer.synthesize(max_iter=LBFGS_WARM_UP, stop_criterion=-1)
        return lambda: metamer.synthesize(max_iter=1, stop_criterion=-1)

    def coarse_to_fine(dtype):
        model = ready(portilla_simoncelli((SIDE, SIDE)), dtype)
        metamer = new_ctf(pattern(dtype), model, loss_function=l2_norm)
        metamer.setup(initial_image=other(dtype))
        options = {"stop_criterion": -1, "change_scale_criterion": None, "ctf_iters_to_check": 1_000_000}
        return lambda: metamer.synthesize(max_iter=ADAM_ITERATIONS, **options)

    def one_minus_ssim(x, y):
        return 1 - find(po, "metric.ssim")(x, y)

    def weighted_mad(dtype):
        po_mse = find(po, "metric.mse")
        torch.manual_seed(0)
        mad = new_mad(pattern(dtype), one_minus_ssim, po_mse, "max", metric_tradeoff_lambda=1e4)
        mad.setup(0.1)
        return lambda: mad.synthesize(max_iter=ADAM_ITERATIONS, stop_criterion=-1)

    def power_method(dtype):
        torch.manual_seed(0)
        eigendistortion = new_eigendistortion(pattern(dtype), ready(on_off((31, 31), pretrained=True), dtype))
        options = {"method": "power", "k": 3, "max_iter": POWER_ITERATIONS, "stop_criterion": 0}
        return lambda: eigendistortion.synthesize(**options)

    workloads = {
        "10-operation elementwise chain": elementwise_chain,
        "FFT 256x256 real, forward": fft,
        "steerable pyramid, forward": pyramid,
        "Gaussian 31x31": squared(lambda: gaussian((31, 31), std=3.0)),
        "OnOff 31x31": squared(lambda: on_off((31, 31), pretrained=True)),
        "SSIM against a fixed reference": against("ssim"),
        "MS-SSIM against a fixed reference": against("ms_ssim"),
        "NLPD against a fixed reference": against("nlpd"),
        "PortillaSimoncelli with its loss": texture,
        "Gaussian metamer, Adam, whole iteration": adam(gaussian_metamer),
        "PS metamer, Adam, whole iteration": adam(texture_metamer),
        "PS metamer, L-BFGS (history 100), per evaluation": lbfgs,
        "PS metamer from coarse to fine, Adam, coarsest scale": coarse_to_fine,
        "MAD 1 - SSIM against MSE, Adam, whole iteration": weighted_mad,
        "eigendistortions of OnOff, power method, k = 3, per iteration at both ends": power_method,
    }

    # The workload that was run last, to be run again.
    last = {"key": None, "run": None}

    def answer(request):
        key = (request["run"], request["dtype"], request["threads"])
        torch.set_num_threads(request["threads"])
        if last["key"] != key:
            last.update(key=None, run=None)
            if request["run"] not in workloads:
                raise KeyError(f"no workload {request['run']}")
            run = workloads[request["run"]](getattr(torch, request["dtype"]))
            last.update(key=key, run=run)
        best = float("inf")
        end = time.perf_counter() + TURN_SECONDS
        while True:
            start = time.perf_counter()
            last["run"]()
            now = time.perf_counter()
            best = min(best, now - start)
            if now >= end:
                return {"ms": best * 1000}

    return answer


if __name__ == "__main__":
    serve(prepare)
