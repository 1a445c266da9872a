"""Encoders: form, folding, published checkpoints, pre-training, distillation and export, tiny and on made-up data."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from eosin_models.distillation import Distillation
from eosin_models.embedding import folder_embedder, onnx_input, torch_embedder
from eosin_models.encoder_graph import encoder_graph, read_weights
from eosin_models.encoder_identity import SIMCLR
from eosin_models.encoder_network import IMAGENET_SCALING, SIMCLR_SCALING, FoldedEncoder, NormedResNet, Weights, pooled
from eosin_models.encoders import (
    DENSENET121,
    RESNET18,
    RESNET18_TO_BLOCK3,
    DenseNet,
    Encoder,
    ResNet,
    block_widths,
    encoder_parameters,
)
from eosin_models.feature_models import export_encoder, largest_encoder_difference
from eosin_models.folding import expected_keys, fold, rescaled, restate, unfold
from eosin_models.made_up import scene
from eosin_models.published import check_hash, encoder_of, read_state
from eosin_models.simclr import SimclrPlan, SimclrTrainer, load_folded, nt_xent, save_folded
from eosin_models.training import Plan
from eosin_models.views import PlaceSampler, ViewRecipe, recolour_batch

TINY = ResNet(stem=8, stages=(8, 8, 16, 16), blocks=1)
TINY_DENSE = DenseNet(stem=8, growth=4, widen=2, layers=(2, 2, 2, 2))
RECIPE = ViewRecipe(side=32, least=30, most=60)


def pictures(count: int = 3) -> list[tuple[str, Tensor]]:
    return [("made up", torch.from_numpy(scene(seed, 120, 0.5).rgb).permute(2, 0, 1)) for seed in range(count)]


def made_up_state(shape: Encoder, seed: int = 1) -> dict[str, Tensor]:
    """A state dict of torchvision's form for `shape`: every number drawn, variances positive."""
    generator = torch.Generator().manual_seed(seed)
    from eosin_models.encoders import encoder_listing

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
    from eosin_models.encoders import encoder_listing
    from eosin_models.folding import norm_after

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


# Published checkpoints


def resnet18_state() -> dict[str, Tensor]:
    """The shape of `tenpercent`: torchvision's ResNet-18, whose fc was cut."""
    return made_up_state(RESNET18)


def test_the_published_simclr_form_loads(tmp_path: Path) -> None:
    state = resnet18_state()
    wrapped = {f"model.resnet.{key}": value for key, value in state.items()}
    torch.save({"state_dict": wrapped}, tmp_path / "tenpercent.ckpt")
    weights = encoder_of(RESNET18, read_state(tmp_path / "tenpercent.ckpt"))
    network = NormedResNet(RESNET18)
    missing, left = network.load_state_dict(state, strict=False)
    assert left == [] and all(key.endswith("num_batches_tracked") for key in missing)
    small = image(32, 1)
    with torch.no_grad():
        for a, b in zip(FoldedEncoder(RESNET18, weights)(small), network.eval()(small), strict=True):
            assert torch.allclose(a, b, atol=1e-3, rtol=1e-3)


def test_only_the_head_may_be_missing_or_left_over() -> None:
    state = resnet18_state()
    encoder_of(RESNET18, state | {"fc.weight": torch.zeros(1000, 512), "fc.bias": torch.zeros(1000)})
    encoder_of(RESNET18, state | {"bn1.num_batches_tracked": torch.tensor(1)})
    lacking = {key: value for key, value in state.items() if key != "layer3.0.bn1.running_mean"}
    with pytest.raises(ValueError, match=r"missing \['layer3.0.bn1.running_mean'\]"):
        encoder_of(RESNET18, lacking)
    with pytest.raises(ValueError, match="left over"):
        encoder_of(RESNET18, state | {"layer5.weight": torch.zeros(1)})
    with pytest.raises(ValueError, match="missing"):
        encoder_of(RESNET18, {f"backbone.{key}": value for key, value in state.items()})
    with pytest.raises(ValueError, match="shape"):
        encoder_of(RESNET18, state | {"conv1.weight": torch.zeros(64, 3, 3, 3)})


def test_torchvisions_densenet_names_are_read(tmp_path: Path) -> None:
    state = made_up_state(TINY_DENSE)
    old = {key: value for key, value in state.items()}
    for key in list(old):
        for part in ("norm1", "norm2", "conv1", "conv2"):
            if f"denselayer1.{part}." in key:
                old[key.replace(f"{part}.", f"{part[:-1]}.{part[-1]}.")] = old.pop(key)
    assert "features.denseblock1.denselayer1.norm.1.weight" in old
    torch.save(old | {"classifier.weight": torch.zeros(2, 2)}, tmp_path / "densenet121.pth")
    assert read_state(tmp_path / "densenet121.pth").keys() - {"classifier.weight"} == state.keys()
    encoder_of(TINY_DENSE, read_state(tmp_path / "densenet121.pth"))


def test_a_file_must_have_the_hash_of_its_name(tmp_path: Path) -> None:
    torch.save({"a": torch.zeros(1)}, tmp_path / "plain.pth")
    stored = (tmp_path / "plain.pth").read_bytes()
    digest = hashlib.sha256(stored).hexdigest()
    right = tmp_path / f"resnet18-{digest[:8]}.pth"
    right.write_bytes(stored)
    assert check_hash(right) == digest
    wrong = tmp_path / "resnet18-f37072fd.pth"
    wrong.write_bytes(stored)
    with pytest.raises(ValueError, match=f"begins with {digest[:8]}"):
        check_hash(wrong)
    with pytest.raises(ValueError, match="does not end"):
        check_hash(tmp_path / "plain.pth")


def test_a_checkpoint_with_code_in_it_is_refused(tmp_path: Path) -> None:
    torch.save(nn.Conv2d(1, 1, 1), tmp_path / "module.ckpt")
    with pytest.raises(Exception, match="(?i)weights.only"):
        read_state(tmp_path / "module.ckpt")


# Pre-training


def test_nt_xent_by_hand() -> None:
    z = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    # Partners are equal (similarity 1), the two others at right angles (0): -log(e^2 / (e^2 + 2)) at temperature 0.5.
    expected = -np.log(np.exp(2) / (np.exp(2) + 2))
    assert nt_xent(z, 0.5).item() == pytest.approx(expected, abs=1e-6)
    assert nt_xent(z[[0, 1, 3, 2]], 0.5).item() > expected


def test_views_are_of_one_place_and_of_the_right_scale() -> None:
    marked = torch.zeros(3, 200, 200, dtype=torch.uint8)
    marked[0] = torch.arange(200, dtype=torch.uint8)[None]
    marked[1] = torch.arange(200, dtype=torch.uint8)[:, None]
    recipe = ViewRecipe(side=32, least=40, most=60, smallest=0.5)
    sampler = PlaceSampler([("ramp", marked)], recipe, Generator().manual_seed(3))
    for _ in range(20):
        place = sampler.place()
        for _ in range(2):
            view = sampler.view(place) * 255
            # A view's middle lies inside its place: the ramps say where.
            assert abs(view[0].mean().item() + 0.5 - place.x) <= place.side / 4 + 1
            assert abs(view[1].mean().item() + 0.5 - place.y) <= place.side / 4 + 1
            assert view[0].max() - view[0].min() <= place.side * 2**0.5 + 1
    plain = sampler.plain(1)[0] * 255
    assert plain[0, 16, -1] > plain[0, 16, 0] and abs(plain[0, 0, 16] - plain[0, -1, 16]) < 1


def test_recolouring_a_batch_changes_colour_and_stays_in_range() -> None:
    images = torch.stack([image_.float()[:, :32, :32] / 255 for _, image_ in pictures(6)])
    out = recolour_batch(images, RECIPE, Generator().manual_seed(1))
    assert out.shape == images.shape and out.min() >= 0 and out.max() <= 1
    assert ((out - images).abs().mean(dim=(1, 2, 3)) > 0.01).all()
    again = recolour_batch(images, RECIPE, Generator().manual_seed(1))
    assert torch.equal(out, again)
    assert (
        recolour_batch(images, ViewRecipe(strength=0.0, grey=0.0, blurred=0.0), Generator()) - images
    ).abs().mean() < 0.06


def simclr(steps: int, seed: int = 1) -> SimclrTrainer:
    schedule = Plan(steps=steps, warm_up=2, decoder_rate=3e-3, encoder_rate=1e-3, checkpoint_every=3, seed=seed)
    plan = SimclrPlan(schedule, batch=8, projection=16, calibration=12)
    start = {k: v for k, v in living(TINY).items() if not k.startswith("layer4.")}
    return SimclrTrainer(TINY, pictures(), RECIPE, plan, start)


def test_pre_training_learns() -> None:
    trainer = simclr(40)
    losses = [trainer.step(step, 0)["loss"] for step in range(40)]
    assert np.mean(losses[-8:]) < 0.85 * np.mean(losses[:4])
    rates = {group["peak"] for group in trainer.optimizer.param_groups}
    assert rates == {3e-3, 1e-3}


def test_pre_training_resumes(tmp_path: Path) -> None:
    whole = simclr(6)
    whole.run(tmp_path / "whole")
    half = simclr(6)
    for step in range(3):
        half.step(step, step / 6)
    (tmp_path / "half").mkdir()
    half.save(tmp_path / "half" / "checkpoint.pt", 3, 0.0)
    rest = simclr(6, seed=9)
    rest.run(tmp_path / "half", same_stage=True)
    assert rest.total_steps == whole.total_steps == 6
    for name, tensor in whole.average.items():
        assert torch.equal(rest.average[name], tensor), name
    stored = load_folded(tmp_path / "whole" / "weights.npz")
    FoldedEncoder(TINY, stored)


def test_distillation_brings_damaged_views_nearer_to_the_teacher(tmp_path: Path) -> None:
    teacher = FoldedEncoder(TINY, living(TINY))
    plan = Plan(steps=40, warm_up=2, encoder_rate=2e-3, average=0.8)
    run = Distillation(teacher, IMAGENET_SCALING, pictures(), RECIPE, plan, batch=8)
    losses = [run.step(0) for _ in range(40)]
    assert np.mean(losses[-8:]) < 0.9 * np.mean(losses[:3])
    assert all(not tensor.requires_grad for tensor in teacher.parameters())
    assert set(run.folded()) == set(teacher.folded())


# Export


@pytest.mark.parametrize("shape", [TINY, TINY_DENSE, RESNET18])
def test_encoders_in_pytorch_and_onnx_agree(shape: Encoder) -> None:
    weights = fold(shape, made_up_state(shape))
    difference = largest_encoder_difference(shape, weights, image(64 if shape is not RESNET18 else 32).numpy())
    print(f"largest difference {difference:.2e}, tolerance 1e-4")
    assert difference < 1e-4


@pytest.mark.parametrize("shape", [TINY, TINY_DENSE])
def test_weights_come_back_from_the_exported_file(shape: Encoder, tmp_path: Path) -> None:
    weights = fold(shape, made_up_state(shape))
    (tmp_path / "model.onnx").write_bytes(encoder_graph(shape, weights).SerializeToString())
    back = read_weights(tmp_path / "model.onnx", shape)
    assert back.keys() == weights.keys()
    for name, value in weights.items():
        assert np.array_equal(back[name], value.astype(np.float16).astype(np.float32)), name


def test_an_encoders_folder_is_whole(tmp_path: Path) -> None:
    weights = living(TINY)
    golden = scene(101, 128, 0.5).rgb
    export_encoder(TINY, weights, SIMCLR_SCALING, SIMCLR, [{"name": "a", "value": 0.5}], golden, tmp_path)
    described = json.loads((tmp_path / "model.json").read_text())
    stored = (tmp_path / described["file"]).read_bytes()
    assert described["sha256"] == hashlib.sha256(stored).hexdigest() and described["bytes"] == len(stored)
    assert described["task"] == "encoder"
    assert described["input"]["mean"] == described["input"]["std"] == [0.5, 0.5, 0.5]
    model = onnx.load_from_string(stored)
    assert [output.name for output in model.graph.output] == [output["name"] for output in described["outputs"]]
    assert [output["channels"] for output in described["outputs"]] == [8, 8, 16, 16]
    for node in model.graph.node:
        assert "auto_pad" not in {attribute.name for attribute in node.attribute}, node.name
        if node.op_type in ("Conv", "MaxPool", "AveragePool"):
            assert "pads" in {attribute.name for attribute in node.attribute}, node.name
    embedded = folder_embedder(tmp_path)(golden[None])
    flat = np.concatenate([embedded[output["name"]].ravel() for output in described["outputs"]])
    assert np.array_equal(np.frombuffer((tmp_path / "golden.bin").read_bytes(), "<f4"), flat)
    half = {name: value.astype(np.float16).astype(np.float32) for name, value in weights.items()}
    again = torch_embedder(FoldedEncoder(TINY, half), SIMCLR_SCALING)(golden[None])
    for name, value in embedded.items():
        assert np.abs(value - again[name]).max() < 1e-3


def test_a_constant_encoder_is_not_exported(tmp_path: Path) -> None:
    weights = {name: np.zeros_like(value) for name, value in fold(TINY, made_up_state(TINY)).items()}
    with pytest.raises(ValueError, match="constant"):
        export_encoder(TINY, weights, SIMCLR_SCALING, SIMCLR, [], scene(101, 64, 0.5).rgb, tmp_path)


def test_foreign_weights_are_refused() -> None:
    weights = fold(TINY, made_up_state(TINY))
    del weights["conv1.bias"]
    with pytest.raises(ValueError, match="conv1.bias"):
        FoldedEncoder(TINY, weights)


def test_folded_weights_are_stored_as_halves(tmp_path: Path) -> None:
    weights = fold(TINY, made_up_state(TINY))
    save_folded(tmp_path / "w.npz", weights)
    for name, value in load_folded(tmp_path / "w.npz").items():
        assert np.array_equal(value, weights[name].astype(np.float16).astype(np.float32))


def test_patches_are_scaled_the_same_for_both_runtimes() -> None:
    rgb = scene(3, 64, 0.5).rgb[None]
    ours = IMAGENET_SCALING.apply(torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255).numpy()
    assert np.abs(onnx_input(rgb, IMAGENET_SCALING) - ours).max() < 1e-6
    assert all(x.shape[0] == 1 for x in pooled(FoldedEncoder(TINY, fold(TINY, made_up_state(TINY)))(torch.from_numpy(ours))))
