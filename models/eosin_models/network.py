"""The architecture in PyTorch: parameters by name, and the operations that run it."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .architecture import GlandLogits, NucleiLogits, Shape, encode, gland_branch, listing, nuclei_branch, same_padding

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class TorchOps:
    weights: dict[str, Tensor]

    def conv(self, x: Tensor, name: str, out: int, kernel: int, stride: int = 1, relu: bool = True) -> Tensor:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        y = F.conv2d(x, weight, bias, stride=stride, padding=(kernel - 1) // 2)
        return F.relu(y) if relu else y

    def same_conv(
        self, x: Tensor, name: str, out: int, kernel: int, stride: int = 1, depthwise: bool = False, relu6: bool = True
    ) -> Tensor:
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        padded = F.pad(x, same_padding(kernel, stride) * 2)
        y = F.conv2d(padded, weight, bias, stride=stride, groups=out if depthwise else 1)
        return F.relu6(y) if relu6 else y

    def relu(self, x: Tensor) -> Tensor:
        return F.relu(x)

    def add(self, a: Tensor, b: Tensor) -> Tensor:
        return a + b

    def channels(self, x: Tensor, start: int, stop: int) -> Tensor:
        return x[:, start:stop]

    def max_pool(self, x: Tensor) -> Tensor:
        return F.max_pool2d(x, 3, stride=2, padding=1)

    def mean_pool(self, x: Tensor, size: int) -> Tensor:
        return F.avg_pool2d(x, size)

    def upsample(self, x: Tensor) -> Tensor:
        return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)

    def shuffle(self, x: Tensor, factor: int) -> Tensor:
        return F.pixel_shuffle(x, factor)

    def scale(self, x: Tensor, name: str) -> Tensor:
        return x * self.weights[f"{name}.weight"].view(1, -1, 1, 1) + self.weights[f"{name}.bias"].view(1, -1, 1, 1)

    def concat(self, parts: list[Tensor]) -> Tensor:
        return torch.cat(parts, 1)


class Network(nn.Module):
    """Input: float [n, 3, H, W], (value / 255 - MEAN) / STD, H and W multiples of the tissue stride."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        generator = torch.Generator().manual_seed(0)
        # Dots are not allowed in parameter names, so they are kept under "/" and read back in `ops`.
        self.tensors = nn.ParameterDict()
        for name, spec in listing(shape).convs.items():
            scale = math.sqrt(2 / (spec.inputs * spec.kernel**2))
            if name.endswith(".head"):
                scale *= 0.1
            weight = torch.randn(spec.outputs, spec.inputs, spec.kernel, spec.kernel, generator=generator) * scale
            self.tensors[f"{name}.weight".replace(".", "/")] = nn.Parameter(weight)
            self.tensors[f"{name}.bias".replace(".", "/")] = nn.Parameter(torch.zeros(spec.outputs))

    def named(self) -> dict[str, Tensor]:
        """Parameters by the architecture's names, for example `nuclei.head.weight`."""
        return {key.replace("/", "."): value for key, value in self.tensors.items()}

    def load_named(self, weights: dict[str, Tensor]) -> None:
        """Fails unless `weights` holds exactly this network's tensors, in its shapes."""
        mine = self.named()
        if mine.keys() != weights.keys():
            raise ValueError(f"weights do not fit: {sorted(mine.keys() ^ weights.keys())}")
        with torch.no_grad():
            for name, tensor in mine.items():
                tensor.copy_(weights[name])

    def forward(
        self, image: Tensor, nuclei: bool = True, glands: bool = True
    ) -> tuple[NucleiLogits[Tensor] | None, GlandLogits[Tensor] | None]:
        ops = TorchOps(self.named())
        taps = encode(ops, image, self.shape)
        return (
            nuclei_branch(ops, taps, self.shape) if nuclei else None,
            gland_branch(ops, taps, self.shape) if glands else None,
        )


def normalise(rgb: Tensor) -> Tensor:
    """Values 0 to 1 -> what the network reads."""
    mean = torch.tensor(MEAN, device=rgb.device).view(1, 3, 1, 1)
    std = torch.tensor(STD, device=rgb.device).view(1, 3, 1, 1)
    return (rgb - mean) / std
