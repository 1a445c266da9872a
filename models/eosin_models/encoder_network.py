"""Encoders in PyTorch: folded ones, which embed and are exported, and ResNets with batch norm, which are trained.

The trained form has torchvision's names and shapes, so a published ResNet-18 loads into it key by key.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .encoders import Encoder, ResNet, block_maps, encoder_listing
from .network import TorchOps

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)
Weights = dict[str, np.ndarray]  # folded, float32, by the architecture's names


@dataclass(frozen=True)
class Scaling:
    """What is taken from value / 255, and what it is then divided by, a channel each."""

    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    def apply(self, rgb: Tensor) -> Tensor:
        """Values 0 to 1, [n, 3, h, w] -> what the encoder reads."""
        mean = torch.tensor(self.mean, device=rgb.device).view(1, 3, 1, 1)
        return (rgb - mean) / torch.tensor(self.std, device=rgb.device).view(1, 3, 1, 1)


IMAGENET_SCALING = Scaling(IMAGENET_MEAN, IMAGENET_STD)
SIMCLR_SCALING = Scaling(HALF, HALF)
# (value - 127) / 128, as EfficientNet-Lite was trained
LITE_SCALING = Scaling((127 / 255,) * 3, (128 / 255,) * 3)


def pooled(maps: Sequence[Tensor]) -> list[Tensor]:
    """Each block's mean over the patch: float32 [n, channels]."""
    return [x.float().mean(dim=(2, 3)) for x in maps]


class FoldedEncoder(nn.Module):
    """Convolutions with bias and nothing else to learn. Input [n, 3, h, w], scaled."""

    def __init__(self, shape: Encoder, weights: Weights) -> None:
        super().__init__()
        wanted = {f"{name}.{part}" for name in expected_names(shape) for part in ("weight", "bias")}
        if wanted != weights.keys():
            raise ValueError(f"weights do not fit: {sorted(wanted ^ weights.keys())}")
        self.shape = shape
        self.tensors = nn.ParameterDict(
            {k.replace(".", "/"): nn.Parameter(torch.from_numpy(v.copy())) for k, v in weights.items()}
        )

    def named(self) -> dict[str, Tensor]:
        return {key.replace("/", "."): value for key, value in self.tensors.items()}

    def folded(self) -> Weights:
        """A copy: training on does not change it."""
        return {name: t.detach().float().cpu().numpy().copy() for name, t in self.named().items()}

    def forward(self, image: Tensor) -> list[Tensor]:
        return block_maps(TorchOps(self.named()), image, self.shape)


def expected_names(shape: Encoder) -> list[str]:
    ops = encoder_listing(shape)
    return [*ops.convs, *ops.scales]


def norm_name(conv: str) -> str:
    """torchvision's batch norm of a ResNet convolution: conv1 -> bn1, downsample.0 -> downsample.1."""
    return f"{conv[:-1]}1" if conv.endswith("downsample.0") else conv.replace("conv", "bn")


@dataclass(frozen=True)
class NormOps(TorchOps):
    """Each convolution without bias, its batch norm after it."""

    modules: dict[str, nn.Module]

    def conv(self, x: Tensor, name: str, out: int, kernel: int, stride: int = 1, relu: bool = True) -> Tensor:
        y = F.conv2d(x, self.modules[name].weight, None, stride=stride, padding=(kernel - 1) // 2)
        y = self.modules[norm_name(name)](y)
        return F.relu(y) if relu else y


class NormedResNet(nn.Module):
    """torchvision's ResNet without its `fc`, down to parameter names."""

    def __init__(self, shape: ResNet) -> None:
        super().__init__()
        self.shape = shape
        for name, spec in encoder_listing(shape).convs.items():
            conv = nn.Conv2d(spec.inputs, spec.outputs, spec.kernel, bias=False)
            nn.init.kaiming_normal_(conv.weight, mode="fan_out", nonlinearity="relu")
            self._put(name, conv)
            self._put(norm_name(name), nn.BatchNorm2d(spec.outputs))

    def _put(self, name: str, module: nn.Module) -> None:
        *path, last = name.split(".")
        holder: nn.Module = self
        for part in path:
            if part not in dict(holder.named_children()):
                holder.add_module(part, nn.Module())
            holder = holder.get_submodule(part)
        holder.add_module(last, module)

    def forward(self, image: Tensor) -> list[Tensor]:
        return block_maps(NormOps({}, dict(self.named_modules())), image, self.shape)
