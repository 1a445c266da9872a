"""Batch norm into convolutions and back.

Back needs images: the folded numbers are split into a convolution, the statistics of what it gives on those images, and
the scale and shift that undo them. In evaluation the network is the one before; in training it starts as the same one
up to how a batch's statistics differ from those.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .encoder_network import NormedResNet, NormOps, Scaling, Weights, norm_name
from .encoders import DenseNet, EfficientNetLite, Encoder, ResNet, block_maps, encoder_listing

EPSILON = 1e-5
TENSORFLOW_EPSILON = 1e-3


def _factor_and_shift(state: dict[str, Tensor], norm: str, epsilon: float) -> tuple[Tensor, Tensor]:
    factor = state[f"{norm}.weight"].float() / torch.sqrt(state[f"{norm}.running_var"].float() + epsilon)
    return factor, state[f"{norm}.bias"].float() - state[f"{norm}.running_mean"].float() * factor


def norm_after(shape: Encoder, conv: str) -> str | None:
    if isinstance(shape, ResNet):
        return norm_name(conv)
    if isinstance(shape, EfficientNetLite):
        stem, _, last = conv.rpartition(".")
        norm = {"_conv_stem": "_bn0", "_expand_conv": "_bn0", "_depthwise_conv": "_bn1", "_project_conv": "_bn2"}[last]
        return f"{stem}.{norm}" if stem else norm
    if conv == "features.conv0":
        return "features.norm0"
    return conv.replace("conv1", "norm2") if conv.endswith("conv1") else None


def fold(shape: Encoder, state: dict[str, Tensor]) -> Weights:
    """torchvision's state dict (without fc or classifier) -> this package's weights."""
    out: dict[str, Tensor] = {}
    listed = encoder_listing(shape)
    epsilon = TENSORFLOW_EPSILON if isinstance(shape, EfficientNetLite) else EPSILON
    for conv, spec in listed.convs.items():
        weight = state[f"{conv}.weight"].float()
        if tuple(weight.shape) != (spec.outputs, spec.inputs, spec.kernel, spec.kernel):
            raise ValueError(f"{conv}.weight has the shape {tuple(weight.shape)}")
        norm = norm_after(shape, conv)
        factor, shift = (
            _factor_and_shift(state, norm, epsilon) if norm else (torch.ones(spec.outputs), torch.zeros(spec.outputs))
        )
        out[f"{conv}.weight"], out[f"{conv}.bias"] = weight * factor.view(-1, 1, 1, 1), shift
    for norm in listed.scales:
        out[f"{norm}.weight"], out[f"{norm}.bias"] = _factor_and_shift(state, norm, epsilon)
    return {name: t.detach().cpu().numpy() for name, t in out.items()}


def expected_keys(shape: Encoder) -> set[str]:
    """The keys that `fold` reads of a state dict."""
    listed = encoder_listing(shape)
    norms = [*listed.scales, *(norm for conv in listed.convs if (norm := norm_after(shape, conv)))]
    parts = ("weight", "bias", "running_mean", "running_var")
    return {f"{conv}.weight" for conv in listed.convs} | {f"{norm}.{part}" for norm in norms for part in parts}


def rescaled(weights: Weights, shape: Encoder, old: Scaling, new: Scaling) -> Weights:
    """The same encoder for images scaled otherwise; equal but within 3 px of the border, where zeros now mean grey."""
    stem = "features.conv0" if isinstance(shape, DenseNet) else "conv1"
    gain = np.array(new.std, np.float32) / np.array(old.std, np.float32)
    shift = (np.array(new.mean, np.float32) - np.array(old.mean, np.float32)) / np.array(old.std, np.float32)
    kernel = weights[f"{stem}.weight"]
    bias = weights[f"{stem}.bias"] + (kernel * shift[None, :, None, None]).sum(axis=(1, 2, 3))
    return weights | {f"{stem}.weight": kernel * gain[None, :, None, None], f"{stem}.bias": bias}


@dataclass(frozen=True)
class _CalibratingOps(NormOps):
    known: Weights

    def conv(self, x: Tensor, name: str, out: int, kernel: int, stride: int = 1, relu: bool = True) -> Tensor:
        norm = self.modules[norm_name(name)]
        y = F.conv2d(x, self.modules[name].weight, None, stride=stride, padding=(kernel - 1) // 2)
        mean, variance = y.mean(dim=(0, 2, 3)), y.var(dim=(0, 2, 3), unbiased=False)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)
        if f"{name}.bias" in self.known:
            norm.weight.copy_(torch.sqrt(variance + EPSILON))
            norm.bias.copy_(torch.from_numpy(self.known[f"{name}.bias"]) + mean)
        y = norm(y)
        return F.relu(y) if relu else y


@torch.no_grad()
def unfold(shape: ResNet, weights: Weights, images: Tensor) -> NormedResNet:
    """`images`: scaled, [n, 3, h, w]. Layers that `weights` lacks stay random, with statistics of their own."""
    network = NormedResNet(shape).eval()
    modules = dict(network.named_modules())
    for name in encoder_listing(shape).convs:
        if f"{name}.weight" in weights:
            modules[name].weight.copy_(torch.from_numpy(weights[f"{name}.weight"]))
    block_maps(_CalibratingOps({}, modules, weights), images, shape)
    return network


@torch.no_grad()
def restate(network: NormedResNet, batches: list[Tensor]) -> None:
    """Batch norm's statistics anew, as their mean over `batches`; leaves the network in evaluation."""
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    network.train()
    for batch in batches:
        network(batch)
    network.eval()
