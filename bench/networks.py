"""PyTorch's part of `npm run bench:networks`: the same networks, with PyTorch's own layers, value and gradient of the image.

A request {"run": name, "dtype": "float64", "threads": 1} is answered by {"ms": shortest of some runs, in the processor's time}.
"""

import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scripts" / "interop"))
from serve import serve  # noqa: E402

TURN_SECONDS = 1.0


def prepare():
    import torch
    from torch import nn

    def conv(channels, outputs, taps, stride=1, pad=None):
        pad = taps // 2 if pad is None else pad
        return nn.Conv2d(channels, outputs, taps, stride=stride, padding=pad)

    def vgg16():
        layers, channels = [], 3
        for outputs, count in ((64, 2), (128, 2), (256, 3), (512, 3), (512, 3)):
            for _ in range(count):
                layers += [conv(channels, outputs, 3), nn.ReLU()]
                channels = outputs
            layers.append(nn.MaxPool2d(2))
        return nn.Sequential(
            *layers,
            nn.Flatten(),
            nn.Linear(25088, 4096),
            nn.ReLU(),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Linear(4096, 1000),
        )

    class Bottleneck(nn.Module):
        def __init__(self, channels, width, stride):
            super().__init__()
            self.body = nn.Sequential(
                conv(channels, width, 1),
                nn.ReLU(),
                conv(width, width, 3, stride),
                nn.ReLU(),
                conv(width, 4 * width, 1),
            )
            same = channels == 4 * width
            self.short = nn.Identity() if same else conv(channels, 4 * width, 1, stride, 0)

        def forward(self, x):
            return torch.relu(self.body(x) + self.short(x))

    def resnet50():
        layers, channels = [conv(3, 64, 7, 2), nn.ReLU(), nn.MaxPool2d(3, 2, 1)], 64
        for stage, count in enumerate((3, 4, 6, 3)):
            width = 64 * 2**stage
            for block in range(count):
                layers.append(Bottleneck(channels, width, 2 if stage > 0 and block == 0 else 1))
                channels = 4 * width
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(2048, 1000))

    class Vit(nn.Module):
        def __init__(self, width=768, heads=12, depth=12, tokens=197):
            super().__init__()
            self.patches = conv(3, width, 16, 16, 0)
            self.first = nn.Parameter(torch.randn(1, 1, width))
            self.places = nn.Parameter(torch.randn(1, tokens, width))
            layer = nn.TransformerEncoderLayer(
                width, heads, 4 * width, 0.0, nn.functional.gelu, 1e-6, batch_first=True, norm_first=True
            )
            self.layers = nn.TransformerEncoder(layer, depth, enable_nested_tensor=False)
            self.norm = nn.LayerNorm(width, 1e-6)
            self.head = nn.Linear(width, 1000)

        def forward(self, x):
            tokens = self.patches(x).flatten(2).transpose(1, 2)
            x = torch.cat((self.first, tokens), 1) + self.places
            return self.head(self.norm(self.layers(x))[:, 0])

    makers = {"ResNet50": resnet50, "VGG16": vgg16, "ViT-B/16": Vit}

    # The network that was run last, to be run again.
    last = {"key": None, "run": None}

    def made(name, dtype):
        network = makers[name]().eval().to(dtype)
        for weight in network.parameters():
            weight.requires_grad_(False)
        x = torch.rand((1, 3, 224, 224), dtype=dtype).requires_grad_()

        def run():
            x.grad = None
            network(x).square().sum().backward()

        return run

    def answer(request):
        key = (request["run"], request["dtype"], request["threads"])
        torch.set_num_threads(request["threads"])
        if last["key"] != key:
            last.update(key=None, run=None)
            last.update(key=key, run=made(request["run"], getattr(torch, request["dtype"])))
        best = float("inf")
        end = time.perf_counter() + TURN_SECONDS
        while True:
            # Of the processor, for one thread: a long run is never alone on a machine with other work.
            start = time.process_time()
            last["run"]()
            best = min(best, time.process_time() - start)
            if time.perf_counter() >= end:
                return {"ms": best * 1000}

    return answer


if __name__ == "__main__":
    serve(prepare)
