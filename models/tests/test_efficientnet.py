"""EfficientNet-Lite from a made-up checkpoint in the published form, against a plain reading of its description."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from eosin_models.encoder_network import FoldedEncoder
from eosin_models.encoders import EfficientNetLite, block_names, encoder_listing, side_multiple
from eosin_models.feature_models import largest_encoder_difference
from eosin_models.folding import norm_after
from eosin_models.published import encoder_of

TINY = EfficientNetLite(stem=8, stages=((1, 8, 3, 1, 1), (6, 8, 3, 2, 2), (6, 16, 5, 2, 1)), taps=(0, 1, 2))
State = dict[str, Tensor]


def made_up(shape: EfficientNetLite) -> State:
    generator = torch.Generator().manual_seed(3)
    state = {"_fc.weight": torch.zeros(2, 16), "_conv_head.weight": torch.zeros(4, 16, 1, 1), "_bn1.weight": torch.ones(4)}
    for conv, spec in encoder_listing(shape).convs.items():
        norm = norm_after(shape, conv)
        weight = torch.randn(spec.outputs, spec.inputs, spec.kernel, spec.kernel, generator=generator)
        state[f"{conv}.weight"] = weight * (2 / (spec.inputs * spec.kernel**2)) ** 0.5
        for part in ("weight", "running_var"):
            state[f"{norm}.{part}"] = 0.5 + torch.rand(spec.outputs, generator=generator)
        for part in ("bias", "running_mean"):
            state[f"{norm}.{part}"] = 0.1 * torch.randn(spec.outputs, generator=generator)
        state[f"{norm}.num_batches_tracked"] = torch.tensor(1)
    return state


def plain(state: State, image: Tensor) -> list[Tensor]:
    """TINY, layer by layer: TensorFlow's 'same' puts what is uneven to the right and below; epsilon is 1e-3."""

    def conv(x: Tensor, name: str, norm: str, stride: int = 1, groups: int = 1) -> Tensor:
        weight = state[f"{name}.weight"]
        total = weight.shape[-1] - stride
        y = F.conv2d(F.pad(x, (total // 2, total - total // 2) * 2), weight, stride=stride, groups=groups)
        mean, variance = state[f"{norm}.running_mean"], state[f"{norm}.running_var"]
        return F.batch_norm(y, mean, variance, state[f"{norm}.weight"], state[f"{norm}.bias"], eps=1e-3)

    def block(x: Tensor, number: int, stride: int, expands: bool) -> Tensor:
        name = f"_blocks.{number}"
        y = conv(x, f"{name}._expand_conv", f"{name}._bn0").clamp(0, 6) if expands else x
        y = conv(y, f"{name}._depthwise_conv", f"{name}._bn1", stride, y.shape[1]).clamp(0, 6)
        y = conv(y, f"{name}._project_conv", f"{name}._bn2")
        return x + y if stride == 1 and x.shape == y.shape else y

    x = block(conv(image, "_conv_stem", "_bn0", 2).clamp(0, 6), 0, 1, False)
    y = block(block(x, 1, 2, True), 2, 1, True)
    return [x, y, block(y, 3, 2, True)]


def test_it_is_its_checkpoint_and_its_onnx() -> None:
    state = made_up(TINY)
    weights = encoder_of(TINY, state)
    image = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(4))
    with torch.no_grad():
        maps = FoldedEncoder(TINY, weights)(image)
    for ours, theirs in zip(maps, plain(state, image), strict=True):
        assert ours.shape == theirs.shape
        assert torch.allclose(ours, theirs, atol=1e-4)
    assert largest_encoder_difference(TINY, weights, image.numpy()) < 1e-4
    assert (side_multiple(TINY), block_names(TINY)) == (32, ["block1", "block2", "block3"])


def test_a_checkpoint_that_lacks_a_layer_is_refused() -> None:
    state = made_up(TINY)
    del state["_bn0.bias"]
    with pytest.raises(ValueError, match="missing"):
        encoder_of(TINY, state)
