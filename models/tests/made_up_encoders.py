"""Tiny encoders and what they are made of, for the tests of encoders."""

import torch
from torch import Tensor

from eosin_models.encoder_network import SIMCLR_SCALING, Weights
from eosin_models.encoders import DenseNet, Encoder, ResNet, encoder_listing
from eosin_models.folding import expected_keys, fold, norm_after, unfold
from eosin_models.made_up import scene
from eosin_models.views import ViewRecipe

TINY = ResNet(stem=8, stages=(8, 8, 16, 16), blocks=1)
TINY_DENSE = DenseNet(stem=8, growth=4, widen=2, layers=(2, 2, 2, 2))
RECIPE = ViewRecipe(side=32, least=30, most=60)


def pictures(count: int = 3) -> list[tuple[str, Tensor]]:
    return [("made up", torch.from_numpy(scene(seed, 120, 0.5).rgb).permute(2, 0, 1)) for seed in range(count)]


def made_up_state(shape: Encoder, seed: int = 1) -> dict[str, Tensor]:
    """A state dict of torchvision's form for `shape`: every number drawn, variances positive."""
    generator = torch.Generator().manual_seed(seed)
    convs = encoder_listing(shape).convs
    state: dict[str, Tensor] = {}
    for key in sorted(expected_keys(shape)):
        stem, _, part = key.rpartition(".")
        if stem in convs:
            spec = convs[stem]
            scale = (2 / (spec.inputs * spec.kernel**2)) ** 0.5
            state[key] = torch.randn(spec.outputs, spec.inputs, spec.kernel, spec.kernel, generator=generator) * scale
        else:
            state[key] = torch.rand(_norm_width(shape, stem), generator=generator) * 0.5 + (
                0.75 if part != "bias" else -0.25
            )
    return state


def _norm_width(shape: Encoder, norm: str) -> int:
    listed = encoder_listing(shape)
    return (
        listed.scales[norm]
        if norm in listed.scales
        else next(spec.outputs for conv, spec in listed.convs.items() if norm_after(shape, conv) == norm)
    )


def living(shape: ResNet) -> Weights:
    """A random encoder whose norms fit made-up pictures, so that no stage is silent."""
    torch.manual_seed(4)
    images = torch.stack([picture.float()[:, :96, :96] / 255 for _, picture in pictures(6)])
    return fold(shape, unfold(shape, {}, SIMCLR_SCALING.apply(images)).state_dict())


def image(side: int = 64, count: int = 2) -> Tensor:
    return torch.randn(count, 3, side, side, generator=torch.Generator().manual_seed(5))
