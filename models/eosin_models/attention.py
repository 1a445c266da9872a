"""HistoTransfer's attention network: features to a hidden 64, one plain tanh attention logit a patch, and the classes of
what the softmax of all logits pools. Described once against `RowOps`; one network by itself is here (what src/learn is
compared with), what ships is a committee of them (committee.py).

The classifier is linear and the softmax sums to 1, so the slide's logits are the attention-weighted mean of the
patches' logits: whoever keeps both can pool any selection of patches exactly, in any order.
"""

import math
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .classes import Class

T = TypeVar("T")
BAG_CLASSES = (Class("No tumour", "#3f9e6b"), Class("Tumour", "#b5343c"))


class RowOps(Protocol[T]):
    def linear(self, x: T, name: str) -> T: ...
    def relu(self, x: T) -> T: ...
    def tanh(self, x: T) -> T: ...


@dataclass(frozen=True)
class Attended(Generic[T]):
    attention: T  # raw logits [n, 1]
    patch: T  # class logits of each patch by itself [n, classes]


def attend(ops: RowOps[T], features: T) -> Attended[T]:
    hidden = ops.relu(ops.linear(ops.relu(ops.linear(features, "tail.0")), "tail.2"))
    attention = ops.linear(ops.tanh(ops.linear(hidden, "attention.0")), "attention.2")
    return Attended(attention, ops.linear(hidden, "classifier"))


def layer_sizes(features: int, classes: int = len(BAG_CLASSES)) -> dict[str, tuple[int, int]]:
    return {
        "tail.0": (features, 256),
        "tail.2": (256, 64),
        "attention.0": (64, 32),
        "attention.2": (32, 1),  # no bias: the softmax takes it out, and Adam would turn its zero gradient into noise
        "classifier": (64, classes),
    }


@dataclass(frozen=True)
class TorchRowOps:
    weights: dict[str, Tensor]

    def linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self.weights[f"{name}.weight"], self.weights.get(f"{name}.bias"))

    def relu(self, x: Tensor) -> Tensor:
        return F.relu(x)

    def tanh(self, x: Tensor) -> Tensor:
        return torch.tanh(x)


class AttentionNetwork(nn.Module):
    """`mean` and `deviation` [features] of the training patches standardise the input."""

    def __init__(self, mean: Tensor, deviation: Tensor, seed: int = 1) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.tensors = nn.ParameterDict()
        for name, (inputs, outputs) in layer_sizes(mean.numel()).items():
            bound = 1 / math.sqrt(inputs)
            weight = (2 * torch.rand(outputs, inputs, generator=generator) - 1) * bound
            self.tensors[f"{name}.weight".replace(".", "/")] = nn.Parameter(weight)
            if name != "attention.2":
                bias = (2 * torch.rand(outputs, generator=generator) - 1) * bound
                self.tensors[f"{name}.bias".replace(".", "/")] = nn.Parameter(bias)

    def named(self) -> dict[str, Tensor]:
        return {key.replace("/", "."): value for key, value in self.tensors.items()}

    def forward(self, features: Tensor) -> Attended[Tensor]:
        return attend(TorchRowOps(self.named()), (features - self.mean) / self.deviation)

    def slide(self, features: Tensor) -> Tensor:
        """Class logits [classes] of one bag [n, features]."""
        return pool(self(features))


def pool(attended: Attended[Tensor]) -> Tensor:
    """Class logits of the bag, [..., classes] of [..., n, 1] and [..., n, classes]."""
    return (attended.attention.softmax(-2) * attended.patch).sum(-2)
