"""HistoTransfer's attention network: features to a hidden 64, one plain tanh attention logit a patch, and the classes of
what the softmax of all logits pools. Described once against `RowOps`, run by PyTorch and written as ONNX.

The classifier is linear and the softmax sums to 1, so the slide's logits are the attention-weighted mean of the
patches' logits: whoever keeps both can pool any selection of patches exactly, in any order.
"""

import math
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn
from torch.nn import functional as F

from .classes import Class
from .encoder_graph import checked
from .graph import GraphOps

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
    """`mean` and `deviation` [features] of the training patches standardise the input; `plain` folds them away."""

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

    def plain(self) -> dict[str, np.ndarray]:
        """Weights for features as the encoder gives them, float32."""
        out = {name: t.detach().double() for name, t in self.named().items()}
        scaled = out["tail.0.weight"] / self.deviation.double()
        out["tail.0.bias"] = out["tail.0.bias"] - scaled @ self.mean.double()
        out["tail.0.weight"] = scaled
        return {name: t.float().numpy() for name, t in out.items()}


def pool(attended: Attended[Tensor]) -> Tensor:
    return (attended.attention.softmax(0) * attended.patch).sum(0)


@dataclass
class GraphRowOps(GraphOps):
    def linear(self, x: str, name: str) -> str:
        bias = [self._weight(f"{name}.bias")] if f"{name}.bias" in self.weights else []
        return self.node("Gemm", [x, self._weight(f"{name}.weight"), *bias], transB=1)

    def tanh(self, x: str) -> str:
        return self.node("Tanh", [x])


def attention_graph(weights: dict[str, np.ndarray]) -> onnx.ModelProto:
    """features [n, d] -> attention [n, 1], patch [n, classes], slide [1, classes]: logits, all patches as one bag."""
    ops = GraphRowOps(weights, half=False)
    attended = attend(ops, "features")
    ops.node("Identity", [attended.attention], "attention")
    ops.node("Identity", [attended.patch], "patch")
    turned = ops.node("Transpose", [ops.node("Softmax", [attended.attention], axis=0)], perm=[1, 0])
    ops.node("MatMul", [turned, attended.patch], "slide")
    features, classes = weights["tail.0.weight"].shape[1], weights["classifier.weight"].shape[0]
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", features])
    outputs = [
        helper.make_tensor_value_info("attention", TensorProto.FLOAT, ["n", 1]),
        helper.make_tensor_value_info("patch", TensorProto.FLOAT, ["n", classes]),
        helper.make_tensor_value_info("slide", TensorProto.FLOAT, [1, classes]),
    ]
    return checked(helper.make_graph(ops.nodes, "eosin", [given], outputs, ops.constants))


def head_graph(weight: np.ndarray, bias: np.ndarray) -> onnx.ModelProto:
    """features [n, d] -> classes [n, c], sums to 1."""
    ops = GraphRowOps({"head.weight": weight, "head.bias": bias}, half=False)
    ops.softmax(ops.linear("features", "head"), "classes")
    given = helper.make_tensor_value_info("features", TensorProto.FLOAT, ["n", weight.shape[1]])
    out = helper.make_tensor_value_info("classes", TensorProto.FLOAT, ["n", weight.shape[0]])
    return checked(helper.make_graph(ops.nodes, "eosin", [given], [out], ops.constants))
