"""The form of encoders: their published sizes, and folding batch norms away and back."""

import numpy as np
import pytest
import torch
from made_up_encoders import TINY, TINY_DENSE, image, made_up_state
from torch import Tensor
from torch.nn import functional as F

from eosin_models.embedding import onnx_input
from eosin_models.encoder_network import IMAGENET_SCALING, SIMCLR_SCALING, FoldedEncoder, NormedResNet, pooled
from eosin_models.encoders import (
    DENSENET121,
    RESNET18,
    RESNET18_TO_BLOCK3,
    Encoder,
    ResNet,
    block_widths,
    encoder_parameters,
)
from eosin_models.folding import expected_keys, fold, rescaled, restate, unfold
from eosin_models.made_up import scene


def test_the_published_forms_have_their_published_sizes() -> None:
    # torchvision: 11,689,512 with 1,000 classes (513,000) and two numbers a norm channel (4,800), folding keeps one.
    assert encoder_parameters(RESNET18) == 11_689_512 - 513_000 - 4_800
    assert block_widths(RESNET18) == [64, 128, 256, 512]
    assert block_widths(DENSENET121) == [256, 512, 1024, 1024]
    assert encoder_parameters(RESNET18_TO_BLOCK3) < 3_000_000
    # torchvision: 120 convolutions and 121 norms; its 7,978,856 parameters less the classifier's 1,025,000.
    state = {key: value for key, value in made_up_state(DENSENET121).items() if not key.endswith(("_mean", "_var"))}
    assert sum(value.numel() for value in state.values()) == 7_978_856 - 1_025_000


def test_a_trained_resnet_has_torchvisions_keys() -> None:
    keys = {key for key in NormedResNet(RESNET18).state_dict() if not key.endswith("num_batches_tracked")}
    assert keys == expected_keys(RESNET18)
    assert len(keys) == 100  # torchvision's 102 without fc.weight and fc.bias
    for key in ("conv1.weight", "bn1.running_var", "layer2.0.downsample.1.bias", "layer4.1.bn2.running_mean"):
        assert key in keys


@pytest.mark.parametrize("shape", [TINY, TINY_DENSE])
def test_folding_keeps_what_an_unfolded_network_says(shape: Encoder) -> None:
    state = made_up_state(shape)
    folded = FoldedEncoder(shape, fold(shape, state))
    expected = reference(shape, state, image())
    for ours, theirs in zip(folded(image()), expected, strict=True):
        assert torch.allclose(ours, theirs, atol=2e-4, rtol=1e-4)


def reference(shape: Encoder, state: dict[str, Tensor], x: Tensor) -> list[Tensor]:
    """torchvision's forward pass written out layer by layer, apart from the architecture's description."""

    def conv(x: Tensor, name: str, stride: int = 1) -> Tensor:
        weight = state[f"{name}.weight"]
        return F.conv2d(x, weight, stride=stride, padding=weight.shape[-1] // 2)

    def norm(x: Tensor, name: str) -> Tensor:
        mean, var, weight, bias = (state[f"{name}.{p}"] for p in ("running_mean", "running_var", "weight", "bias"))
        return F.batch_norm(x, mean, var, weight, bias, eps=1e-5)

    maps = []
    if isinstance(shape, ResNet):
        x = F.max_pool2d(norm(conv(x, "conv1", 2), "bn1").relu(), 3, 2, 1)
        for stage in range(1, len(shape.stages) + 1):
            for block in range(shape.blocks):
                at = f"layer{stage}.{block}"
                stride = 2 if block == 0 and stage > 1 else 1
                y = norm(conv(x, f"{at}.conv1", stride), f"{at}.bn1").relu()
                y = norm(conv(y, f"{at}.conv2"), f"{at}.bn2")
                if f"{at}.downsample.0.weight" in state:
                    x = norm(conv(x, f"{at}.downsample.0", stride), f"{at}.downsample.1")
                x = (x + y).relu()
            maps.append(x)
        return maps
    x = F.max_pool2d(norm(conv(x, "features.conv0", 2), "features.norm0").relu(), 3, 2, 1)
    for stage, count in enumerate(shape.layers, start=1):
        for layer in range(1, count + 1):
            at = f"features.denseblock{stage}.denselayer{layer}"
            y = conv(norm(x, f"{at}.norm1").relu(), f"{at}.conv1")
            x = torch.cat([x, conv(norm(y, f"{at}.norm2").relu(), f"{at}.conv2")], 1)
        if stage < len(shape.layers):
            maps.append(x)
            at = f"features.transition{stage}"
            x = F.avg_pool2d(conv(norm(x, f"{at}.norm").relu(), f"{at}.conv"), 2)
    return [*maps, norm(x, "features.norm5").relu()]


def test_unfolding_is_the_same_network_in_evaluation_and_starts_training_there() -> None:
    weights = fold(TINY, made_up_state(TINY))
    network = unfold(TINY, weights, image(64, 6))
    plain = FoldedEncoder(TINY, weights)
    with torch.no_grad():
        for ours, theirs in zip(network(image()), plain(image()), strict=True):
            assert torch.allclose(ours, theirs, atol=1e-4)
        trained = network.train()(image(64, 6))
        for ours, theirs in zip(trained, plain(image(64, 6)), strict=True):
            assert torch.allclose(ours, theirs, atol=1e-3)


def test_unfolding_leaves_missing_stages_random_but_in_range() -> None:
    weights = {k: v for k, v in fold(TINY, made_up_state(TINY)).items() if not k.startswith("layer4.")}
    network = unfold(TINY, weights, image(64, 6))
    last = network(image(64, 6))[-1]
    assert 0.05 < last.std().item() < 5


def test_statistics_anew_undo_another_input_range() -> None:
    network = NormedResNet(TINY)
    images = 3 * image(64, 6) + 1
    restate(network, [images])
    first = network.get_submodule("bn1")
    y = F.conv2d(images, network.get_submodule("conv1").weight, stride=2, padding=3)
    assert torch.allclose(first.running_mean, y.mean(dim=(0, 2, 3)), atol=1e-4)
    assert not network.training


def test_rescaling_the_input_keeps_features() -> None:
    weights = fold(TINY, made_up_state(TINY))
    moved = rescaled(weights, TINY, IMAGENET_SCALING, SIMCLR_SCALING)
    rgb = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(2))
    a = FoldedEncoder(TINY, weights)(IMAGENET_SCALING.apply(rgb))[0]
    b = FoldedEncoder(TINY, moved)(SIMCLR_SCALING.apply(rgb))[0]
    inner = (slice(None), slice(None), slice(4, -4), slice(4, -4))
    assert torch.allclose(a[inner], b[inner], atol=1e-4)


def test_foreign_weights_are_refused() -> None:
    weights = fold(TINY, made_up_state(TINY))
    del weights["conv1.bias"]
    with pytest.raises(ValueError, match="conv1.bias"):
        FoldedEncoder(TINY, weights)


def test_patches_are_scaled_the_same_for_both_runtimes() -> None:
    rgb = scene(3, 64, 0.5).rgb[None]
    ours = IMAGENET_SCALING.apply(torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255).numpy()
    assert np.abs(onnx_input(rgb, IMAGENET_SCALING) - ours).max() < 1e-6
    assert all(x.shape[0] == 1 for x in pooled(FoldedEncoder(TINY, fold(TINY, made_up_state(TINY)))(torch.from_numpy(ours))))
