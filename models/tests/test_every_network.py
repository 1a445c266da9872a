"""Every network that ships: a few steps of its own training on made-up data, its export, and the same numbers from PyTorch
and ONNX: to 1e-4 with the fp32 weights, to 2e-2 where the fp16 weights that ship are stored. Differences are relative to
an output's largest value where that exceeds 1."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from made_up_bags import made_up_bags
from made_up_encoders import RECIPE, TINY, living, pictures
from test_efficientnet import TINY as TINY_LITE
from test_efficientnet import made_up as made_up_lite

import sibling
from eosin_models import encoder_identity
from eosin_models.architecture import SIBLING
from eosin_models.attention import pool
from eosin_models.attention_training import AttentionPlan, train_committee
from eosin_models.attention_tuning import TuningPlan, fine_tune
from eosin_models.bags import Patches
from eosin_models.classification import fit_linear
from eosin_models.committee import Committee
from eosin_models.crc5 import CRC5, Tiles, patches_of
from eosin_models.distillation import Distillation
from eosin_models.embedding import onnx_input
from eosin_models.encoder_network import IMAGENET_SCALING, LITE_SCALING, SIMCLR_SCALING, FoldedEncoder, Scaling, Weights
from eosin_models.encoders import Encoder
from eosin_models.exporting import export, largest_difference
from eosin_models.feature_models import Source, export_attention, export_encoder, export_head, largest_encoder_difference
from eosin_models.identity import SETTINGS
from eosin_models.made_up import items, scene
from eosin_models.manifest import Identity
from eosin_models.published import encoder_of
from eosin_models.run import network_input
from eosin_models.simclr import SimclrPlan, SimclrTrainer
from eosin_models.sources import PROJECT
from eosin_models.training import Plan, Trainer

FULL, HALF = 1e-4, 2e-2
SHIPPED: list[str] = json.loads((PROJECT / "public" / "models" / "index.json").read_text())
GOLDEN = scene(101, 128, 0.5).rgb


@dataclass(frozen=True)
class Difference:
    """Largest |PyTorch - ONNX|. `half` is None where what ships is stored as fp32."""

    full: float
    half: float | None


def cerberus(folder: Path) -> Difference:
    trainer = Trainer(SIBLING, items(1, 2, 160), sibling.RECIPE, Plan(steps=3, warm_up=1), {})
    for step in range(3):
        trainer.step(step, step / 3)
    network = trainer.averaged()
    export(network, sibling.IDENTITY, SETTINGS, [], scene(101, 64, 0.5).rgb, folder)
    image = network_input(GOLDEN)
    return Difference(largest_difference(network, image), largest_difference(network, image, half=True))


def encoder(shape: Encoder, weights: Weights, scaling: Scaling, identity: Identity, folder: Path) -> Difference:
    export_encoder(shape, weights, scaling, identity, [], GOLDEN, folder)
    image = onnx_input(GOLDEN[None], scaling)
    return Difference(
        largest_encoder_difference(shape, weights, image), largest_encoder_difference(shape, weights, image, half=True)
    )


def simclr(folder: Path) -> Difference:
    plan = SimclrPlan(Plan(steps=2, warm_up=1), batch=4, projection=8, calibration=8)
    trainer = SimclrTrainer(TINY, pictures(), RECIPE, plan, living(TINY))
    for step in range(2):
        trainer.step(step, step / 2)
    return encoder(TINY, trainer.folded(), SIMCLR_SCALING, encoder_identity.SIMCLR, folder)


def distilled(folder: Path) -> Difference:
    teacher = FoldedEncoder(TINY, living(TINY))
    run = Distillation(teacher, IMAGENET_SCALING, pictures(), RECIPE, Plan(steps=2, warm_up=1), batch=4)
    for step in range(2):
        run.step(step / 2)
    return encoder(TINY, run.folded(), IMAGENET_SCALING, encoder_identity.DISTILLED, folder)


def published(folder: Path) -> Difference:
    """Nobody trains it here: a made-up checkpoint in its published form."""
    weights = encoder_of(TINY_LITE, made_up_lite(TINY_LITE))
    return encoder(TINY_LITE, weights, LITE_SCALING, encoder_identity.EFFICIENTNET, folder)


def learnt(source: Source) -> tuple[Committee, Tiles, Patches, np.ndarray]:
    tiles, patches, _ = made_up_bags()
    features = source.features(patches.rgb)
    committee, _ = train_committee(tiles, patches, features[None], [], AttentionPlan(epochs=1, bags=4, members=2))
    return committee, tiles, patches, features


def attention_difference(committee: Committee, source: Source, identity: Identity, folder: Path) -> Difference:
    export_attention(committee, source, identity, [], GOLDEN, folder)
    features = source.features(patches_of(GOLDEN, 64))
    with torch.no_grad():
        attended = committee(torch.from_numpy(features))
        expected = [attended.attention.numpy(), attended.patch.numpy(), pool(attended)[None].numpy()]
    given = onnxruntime.InferenceSession(folder / "model.onnx").run(None, {"features": features})
    return Difference(largest(expected, given), None)


def largest(expected: list[np.ndarray], given: list[np.ndarray]) -> float:
    pairs = zip(expected, given, strict=True)
    return max(float(np.abs(a - b).max() / max(1.0, np.abs(a).max())) for a, b in pairs)


def attention(folder: Path, scaling: Scaling, reads: Identity, identity: Identity) -> Difference:
    export_encoder(TINY, living(TINY), scaling, reads, [], GOLDEN, folder.parent / reads.id)
    source = Source(folder.parent / reads.id, "block3")
    return attention_difference(learnt(source)[0], source, identity, folder)


def tuned(folder: Path) -> tuple[Difference, Difference]:
    """Of the encoder, and of the attention that was tuned with it."""
    before, weights = folder.parent / "before", living(TINY)
    export_encoder(TINY, weights, SIMCLR_SCALING, encoder_identity.SIMCLR, [], GOLDEN, before)
    committee, tiles, patches, features = learnt(Source(before, "block4"))
    network = FoldedEncoder(TINY, weights)
    plan = TuningPlan(epochs=1, bags=2, most_attended=4, at_once=2)
    fine_tune(network, committee, tiles, patches, features, SIMCLR_SCALING, [], plan)
    of_encoder = encoder(TINY, network.folded(), SIMCLR_SCALING, encoder_identity.TUNED, folder)
    source = Source(folder, "block4")
    return of_encoder, attention_difference(
        committee, source, encoder_identity.ATTENTION_TUNED, folder.parent / "tuned attention"
    )


def tile_head(folder: Path) -> Difference:
    export_encoder(TINY, living(TINY), LITE_SCALING, encoder_identity.EFFICIENTNET, [], GOLDEN, folder.parent / "encoder")
    source = Source(folder.parent / "encoder", "block3")
    tiles, patches, _ = made_up_bags()
    head = fit_linear(source.features(patches.rgb[patches.tiles[:, 0]]), tiles.labels, len(CRC5))
    export_head(head, CRC5, source, encoder_identity.TILES_CRC5, [], GOLDEN, folder)
    features = source.features(patches_of(GOLDEN, 64))
    expected = torch.from_numpy(head.scores(features)).softmax(1).numpy()
    given = onnxruntime.InferenceSession(folder / "model.onnx").run(None, {"features": features})
    return Difference(largest([expected], given), None)


MADE: dict[str, Callable[[Path], Difference]] = {
    "cerberus-lite": cerberus,
    "resnet18-simclr": simclr,
    "resnet18-imagenet-distilled": distilled,
    "efficientnet-lite0-imagenet": published,
    "resnet18-simclr-tuned": lambda folder: tuned(folder)[0],
    "attention-crc": lambda folder: attention(folder, SIMCLR_SCALING, encoder_identity.SIMCLR, encoder_identity.ATTENTION),
    "attention-crc-imagenet": lambda folder: attention(
        folder, IMAGENET_SCALING, encoder_identity.DISTILLED, encoder_identity.ATTENTION_IMAGENET
    ),
    "attention-crc-tuned": lambda folder: tuned(folder)[1],
    "tiles-crc5": tile_head,
}


@pytest.mark.parametrize("name", SHIPPED)
def test_it_trains_exports_and_is_the_same_in_pytorch_and_onnx(name: str, tmp_path: Path) -> None:
    difference = MADE[name](tmp_path / "made")
    print(f"{name}: {difference}")
    assert difference.full < FULL
    assert difference.half is None or 0 < difference.half < HALF


def test_shipped_readers_and_encoders_are_stored_as_the_smoke_says() -> None:
    """Attention networks and heads as fp32, all else as fp16."""
    import onnx

    for name in SHIPPED:
        folder = PROJECT / "public" / "models" / name
        stored = onnx.load(folder / "model.onnx").graph.initializer
        weights = [tensor for tensor in stored if tensor.name.endswith((".weight", ".bias"))]
        kind = onnx.TensorProto.FLOAT if name.startswith(("attention", "tiles")) else onnx.TensorProto.FLOAT16
        assert weights and all(tensor.data_type == kind for tensor in weights), name
