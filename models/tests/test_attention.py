"""Scores of classifiers, probes, bags, the attention network and what is exported of them, on made-up features."""

import hashlib
import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from made_up_encoders import TINY, living

from eosin_models.attention import AttentionNetwork, attention_graph, head_graph, pool
from eosin_models.attention_training import AttentionPlan, TuningPlan, cross_validate, fine_tune, judge, train_attention
from eosin_models.bags import Bag, Patches, tile_bags
from eosin_models.classification import (
    LinearHead,
    accuracy,
    auc,
    confusion,
    fit_linear,
    interval,
    macro_f1,
    nearest_neighbours,
)
from eosin_models.crc5 import CRC5, GROUPS, Tiles, patches_of, spread
from eosin_models.embedding import colour_histogram, cosine_to
from eosin_models.encoder_identity import ATTENTION, TILES_CRC5
from eosin_models.encoder_network import SIMCLR_SCALING, FoldedEncoder
from eosin_models.feature_models import Source, export_attention, export_encoder, export_head
from eosin_models.made_up import scene
from eosin_models.probing import draws, left_out_in_turn, neighbours, probe


def test_scores_by_hand() -> None:
    table = confusion(np.array([0, 0, 1, 1, 2]), np.array([0, 1, 1, 1, 0]), 3)
    assert table.tolist() == [[1, 1, 0], [0, 2, 0], [1, 0, 0]]
    assert accuracy(table) == pytest.approx(3 / 5)
    assert macro_f1(table) == pytest.approx((2 / 4 + 4 / 5 + 0) / 3)
    assert auc(np.array([0, 0, 1, 1]), np.array([0.1, 0.4, 0.35, 0.8])) == pytest.approx(0.75)
    assert auc(np.array([0, 1, 1]), np.array([0.5, 0.5, 0.5])) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="positives and negatives"):
        auc(np.array([1, 1]), np.array([0.1, 0.2]))
    low, high = interval(np.array([0.0, 1.0] * 50))
    assert 0.38 < low < 0.45 < 0.55 < high < 0.62


def test_a_linear_head_separates_and_reads_raw_features() -> None:
    random = np.random.default_rng(1)
    labels = np.arange(90) % 3
    features = (random.normal(0, 0.3, (90, 5)) + np.eye(5)[labels] * 4 + 100).astype(np.float32)
    head = fit_linear(features, labels, 3)
    assert accuracy(confusion(labels, head.predict(features), 3)) == 1


def test_neighbours_vote_and_ties_go_to_the_nearest() -> None:
    known = np.array([[1, 0.0], [0.9, 0.1], [0, 1.0], [0.1, 0.9]])
    labels = np.array([0, 0, 1, 1])
    assert nearest_neighbours(known, labels, np.array([[1, 0.05], [0.05, 1]]), 3, 2).tolist() == [0, 1]
    assert nearest_neighbours(known[:3], labels[:3], np.array([[0.4, 0.6]]), 2, 2).tolist() == [1]


def test_colour_histograms_count_pixels() -> None:
    rgb = np.zeros((2, 4, 4, 3), np.uint8)
    rgb[1, :2] = 255
    made = colour_histogram(rgb, 2)
    assert made.shape == (2, 8)
    assert (made[0] ** 2).tolist() == [1, 0, 0, 0, 0, 0, 0, 0]
    assert np.allclose(made[1] ** 2, [0.5, 0, 0, 0, 0, 0, 0, 0.5])
    assert cosine_to(made[:1], made[1:])[0] == pytest.approx(0.5**0.5, abs=1e-6)


def test_patches_cover_an_image_evenly() -> None:
    assert spread(224, 112) == [0, 112]
    assert spread(480, 112) == [0, 92, 184, 276, 368]
    assert spread(112, 112) == [0]
    assert patches_of(np.zeros((324, 480, 3), np.uint8), 112).shape == (15, 112, 112, 3)


def made_up_tiles() -> tuple[Tiles, Patches, np.ndarray]:
    """Two patches a tile of 8 px; features tell class 0 from the rest, and images are malignant by the same feature."""
    random = np.random.default_rng(2)
    labels = np.repeat(np.arange(len(CRC5)), 48)
    groups = np.tile(np.arange(GROUPS), len(labels) // GROUPS)
    rows = np.arange(2 * len(labels)).reshape(-1, 2)
    features = random.normal(0, 1, (rows.size + 72, 12)).astype(np.float32)
    features[rows.ravel(), 0] += 3.0 * (np.repeat(labels, 2) == 0)
    images = []
    for index in range(24):
        mine = np.arange(rows.size + 3 * index, rows.size + 3 * index + 3)
        features[mine[0], 0] += 4.0 * (index // 6 % 2 == 1)
        images.append(Bag(mine, index // 6 % 2 == 1, None, index % GROUPS))
    rgb = random.integers(0, 256, (len(features), 32, 32, 3), dtype=np.uint8)
    return Tiles(np.zeros((len(labels), 8, 8, 3), np.uint8), labels, groups), Patches(rgb, rows, images), features


def test_draws_keep_stain_groups_apart() -> None:
    tiles, _, _ = made_up_tiles()
    for draw in draws(tiles, count=5, per_class=10):
        for label in range(len(CRC5)):
            seen = set(tiles.groups[draw.learn[tiles.labels[draw.learn] == label]])
            tested = set(tiles.groups[draw.test[tiles.labels[draw.test] == label]])
            assert seen and tested and not seen & tested
        assert (np.bincount(tiles.labels[draw.learn]) == 10).all()


def test_probe_and_heads_find_what_features_hold_and_nothing_else() -> None:
    tiles, _, _ = made_up_tiles()
    random = np.random.default_rng(3)
    noise = random.normal(0, 1, (len(tiles.labels), 10)).astype(np.float32)
    telling = noise + 6 * np.eye(10, dtype=np.float32)[tiles.labels]
    on = draws(tiles, count=4, per_class=10)
    assert probe(tiles, telling, on).mean() > 0.95
    assert probe(tiles, noise, on).mean() < 0.35
    assert neighbours(tiles, telling) > 0.9 and neighbours(tiles, noise) < 0.35
    table = left_out_in_turn(tiles, [telling, telling])
    assert table.sum() == len(tiles.labels) and macro_f1(table) > 0.95


def test_bags_hold_only_allowed_stain_groups() -> None:
    tiles, patches, _ = made_up_tiles()
    for learn in (True, False):
        for bag in tile_bags(tiles, patches.tiles, 2, learn, 10, 1):
            assert ((tiles.groups[bag.rows // 2] == 2) != learn).all()
            assert bag.tumour is not None and bag.positive == bag.tumour.any()
            assert (bag.tumour == (tiles.labels[bag.rows // 2] == 0)).all()
            assert len(set(bag.rows)) == len(bag.rows)
    assert sum(bag.positive for bag in tile_bags(tiles, patches.tiles, -1, True, 10, 1)) == 5


def test_attention_finds_the_tumour_tiles() -> None:
    tiles, patches, features = made_up_tiles()
    plan = AttentionPlan(epochs=4, bags=60)
    network = train_attention(tiles, patches, features, 0, plan)
    scores = judge(network, tiles, patches, features, 0, bags=20)
    assert scores.bag > 0.9 and scores.attention > 0.8
    assert len(scores.images) == 4


def test_every_fold_is_judged() -> None:
    tiles, patches, features = made_up_tiles()
    report = cross_validate(tiles, patches, features, AttentionPlan(epochs=1, bags=4))
    assert set(report) == {"bag", "attention", "patch", "glas", "glasUnseen"}
    assert all(0 <= value <= 1 for values in report.values() for value in values)


def network_of(features: np.ndarray) -> AttentionNetwork:
    table = torch.from_numpy(features)
    return AttentionNetwork(table.mean(0), table.std(0))


def test_attention_in_pytorch_and_onnx_agree_whatever_the_order() -> None:
    _, _, features = made_up_tiles()
    bag = features[:40] * 5 + 2
    network = network_of(features)
    with torch.no_grad():
        expected = network(torch.from_numpy(bag))
        slide = pool(expected).numpy()
    model = onnxruntime.InferenceSession(attention_graph(network.plain()).SerializeToString())
    attention, patch, pooled = model.run(None, {"features": bag})
    assert np.abs(attention - expected.attention.numpy()).max() < 1e-4
    assert np.abs(patch - expected.patch.numpy()).max() < 1e-4
    assert np.abs(pooled[0] - slide).max() < 1e-4
    order = np.random.default_rng(1).permutation(len(bag))
    assert np.abs(model.run(["slide"], {"features": bag[order]})[0][0] - slide).max() < 1e-4


def test_pooling_hidden_features_then_classifying_is_the_same() -> None:
    """HistoTransfer classifies the pooled hidden features; ours pools the patches' logits."""
    _, _, features = made_up_tiles()
    network = network_of(features)
    w = network.named()
    with torch.no_grad():
        x = (torch.from_numpy(features[:30]) - network.mean) / network.deviation
        for name in ("tail.0", "tail.2"):
            x = torch.relu(x @ w[f"{name}.weight"].T + w[f"{name}.bias"])
        logits = torch.tanh(x @ w["attention.0.weight"].T + w["attention.0.bias"]) @ w["attention.2.weight"].T
        theirs = (logits.softmax(0) * x).sum(0) @ w["classifier.weight"].T + w["classifier.bias"]
        assert torch.allclose(network.slide(torch.from_numpy(features[:30])), theirs, atol=1e-5)


def test_the_second_stage_moves_encoder_and_network() -> None:
    tiles, patches, _ = made_up_tiles()
    encoder = FoldedEncoder(TINY, living(TINY))
    features = np.random.default_rng(1).normal(0, 1, (len(patches.rgb), 16)).astype(np.float32)
    network = network_of(features)
    before = encoder.folded(), network.plain()
    plan = TuningPlan(epochs=1, bags=4, most_attended=6, at_once=3, rate=1e-4)
    fine_tune(encoder, network, tiles, patches, features, SIMCLR_SCALING, -1, plan)
    assert any(not np.array_equal(before[0][name], value) for name, value in encoder.folded().items())
    assert any(not np.array_equal(before[1][name], value) for name, value in network.plain().items())
    assert all(np.isfinite(value).all() for value in encoder.folded().values())


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("encoder")
    export_encoder(TINY, living(TINY), SIMCLR_SCALING, ATTENTION, [], scene(101, 128, 0.5).rgb, folder)
    return Source(folder, "block3")


def test_readers_of_features_are_exported_with_the_encoder_they_fit(source: Source, tmp_path: Path) -> None:
    golden = scene(101, 256, 0.5).rgb
    features = source.features(patches_of(golden, ATTENTION.window))
    export_attention(network_of(features), source, ATTENTION, [], golden, tmp_path / "attention")
    head = LinearHead(np.random.default_rng(1).normal(0, 1, (5, 16)).astype(np.float32), np.zeros(5, np.float32))
    export_head(head, CRC5, source, TILES_CRC5, [], golden, tmp_path / "head")
    encoder = json.loads((source.folder / "model.json").read_text())
    for task in ("attention", "head"):
        folder = tmp_path / task
        described = json.loads((folder / "model.json").read_text())
        stored = (folder / "model.onnx").read_bytes()
        assert described["task"] == task and described["sha256"] == hashlib.sha256(stored).hexdigest()
        reads = described["input"]["encoder"]
        assert reads == {"id": encoder["id"], "sha256": encoder["sha256"], "output": "block3"}
        bag = np.frombuffer((folder / "golden-features.bin").read_bytes(), "<f4").reshape(-1, described["input"]["channels"])
        outputs = onnxruntime.InferenceSession(stored).run(None, {"features": bag})
        committed = np.frombuffer((folder / "golden.bin").read_bytes(), "<f4")
        assert np.abs(np.concatenate([output.ravel() for output in outputs]) - committed).max() < 1e-5
        assert len(outputs) == len(described["outputs"])


def test_a_head_says_the_softmax_of_its_scores() -> None:
    random = np.random.default_rng(4)
    head = LinearHead(random.normal(0, 1, (5, 8)).astype(np.float32), random.normal(0, 1, 5).astype(np.float32))
    features = random.normal(0, 1, (7, 8)).astype(np.float32)
    said = onnxruntime.InferenceSession(head_graph(head.weight, head.bias).SerializeToString()).run(
        None, {"features": features}
    )[0]
    expected = torch.from_numpy(head.scores(features)).softmax(1).numpy()
    assert np.abs(said - expected).max() < 1e-5
