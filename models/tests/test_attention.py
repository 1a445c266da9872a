"""Bags, the committee of attention networks, its training, judging and second stage, and its export; on made-up features."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from made_up_bags import made_up_bags
from made_up_encoders import TINY, living

from eosin_models.attention import Attended, AttentionNetwork, pool
from eosin_models.attention_card import rows_of
from eosin_models.attention_training import AttentionPlan, cross_validate, disagreement, judge, train_committee
from eosin_models.attention_tuning import TuningPlan, cross_validate_tuned, fine_tune
from eosin_models.bags import others, tile_bags
from eosin_models.classification import LinearHead
from eosin_models.committee import Committee
from eosin_models.crc5 import CRC5, GROUPS, patches_of
from eosin_models.encoder_card import metrics
from eosin_models.encoder_identity import ATTENTION, TILES_CRC5
from eosin_models.encoder_network import SIMCLR_SCALING, FoldedEncoder
from eosin_models.feature_models import Source, export_attention, export_encoder, export_head
from eosin_models.made_up import scene
from eosin_models.rows_graph import attention_graph, attention_weights

SMALL = AttentionPlan(epochs=4, bags=60, members=2)


def committee_of(features: np.ndarray) -> Committee:
    table = torch.from_numpy(features)
    return Committee(table.mean(0), table.std(0), [1, 101, 201])


def test_bags_hold_only_allowed_stain_groups() -> None:
    tiles, patches, _ = made_up_bags()
    for groups in (others(2), np.array([2]), others(2, 4)):
        for bag in tile_bags(tiles, patches.tiles, groups, 10, 1):
            assert np.isin(tiles.groups[bag.rows // 2], groups).all()
            assert bag.tumour is not None and bag.positive == bag.tumour.any()
            assert (bag.tumour == (tiles.labels[bag.rows // 2] == 0)).all()
            assert len(set(bag.rows)) == len(bag.rows)
    assert sum(bag.positive for bag in tile_bags(tiles, patches.tiles, others(), 10, 1)) == 5
    assert others(2).tolist() == [0, 1, 3, 4, 5] and len(others()) == GROUPS


def test_a_committee_says_the_mean_of_its_members() -> None:
    _, _, features = made_up_bags()
    table = torch.from_numpy(features)
    bag, seeds = table[:30], [1, 101, 201]
    committee = Committee(table.mean(0), table.std(0), seeds)
    alone = [AttentionNetwork(table.mean(0), table.std(0), seed)(bag) for seed in seeds]
    said = committee(bag)
    assert torch.allclose(said.attention, torch.stack([one.attention for one in alone]).mean(0), atol=1e-5)
    assert torch.allclose(said.patch, torch.stack([one.patch for one in alone]).mean(0), atol=1e-5)
    assert committee.members(bag).attention.shape == (3, 30, 1)


def test_disagreement_by_hand() -> None:
    even = torch.zeros(2, 1)
    sure = torch.tensor([[0.0, np.log(3.0)], [0.0, 0.0]])  # tumour logits: the first patch is three times as likely
    expected = 0.75 * np.log(0.75 / 0.5) + 0.25 * np.log(0.25 / 0.5)
    assert disagreement(Attended(even, sure), 1.0).item() == pytest.approx(expected, abs=1e-6)
    assert disagreement(Attended(sure[:, 1:], sure), 1.0).item() == pytest.approx(0, abs=1e-6)
    assert disagreement(Attended(sure[:, 1:] / 3, sure), 3.0).item() == pytest.approx(0, abs=1e-6)


def test_disagreement_moves_the_attention_and_not_the_patches() -> None:
    attention, patch = torch.zeros(4, 1, requires_grad=True), torch.randn(4, 2, requires_grad=True)
    disagreement(Attended(attention, patch), 2.0).backward()
    assert attention.grad is not None and attention.grad.abs().max() > 0
    assert patch.grad is None


def test_attention_finds_the_tumour_tiles_and_more_of_them_where_it_must_agree() -> None:
    tiles, patches, features = made_up_bags()
    views = np.stack([features, features + 0.1])
    agreeing, log = train_committee(tiles, patches, views, [0], SMALL)
    scores = judge(agreeing, tiles, patches, features, 0, bags=20)
    assert scores.bag > 0.9 and scores.attention > 0.85
    assert len(scores.images) == 4
    assert [line.epoch for line in log] == [0, 1, 2, 3] and log[-1].bag < log[0].bag
    alone = AttentionPlan(**(asdict(SMALL) | {"agreement": 0.0}))
    free = judge(train_committee(tiles, patches, views, [0], alone)[0], tiles, patches, features, 0, bags=20)
    assert scores.attention > free.attention


def test_what_is_left_out_teaches_nothing() -> None:
    """Neither its labels nor its features: both changed, the committee is the same, number by number."""
    tiles, patches, features = made_up_bags()
    plan = AttentionPlan(epochs=1, bags=6, members=1)
    changed = features.copy()
    mine = np.isin(tiles.groups, [1, 3])
    changed[patches.tiles[mine].ravel()] += 7
    for bag in patches.images:
        if bag.fold in (1, 3):
            changed[bag.rows] -= 5
    pair = [train_committee(tiles, patches, table[None], [1, 3], plan)[0].plain() for table in (features, changed)]
    assert all(np.array_equal(pair[0][name], pair[1][name]) for name in pair[0])


def test_every_fold_is_judged() -> None:
    tiles, patches, features = made_up_bags()
    plan = AttentionPlan(epochs=1, bags=4, members=2)
    trainings = [cross_validate(tiles, patches, features[None], plan) for _ in range(2)]
    assert [len(folds) for folds in trainings] == [GROUPS, GROUPS]
    rows = rows_of(trainings)
    assert sum(name.endswith("mean of 2 trainings") for name in rows) == 5
    assert sum(name.startswith("the shipped seed's") for name in rows) == 3
    assert all(0 <= value <= 1 for values in rows.values() for value in values)
    assert len(rows_of(trainings[:1])) == 5


def test_attention_in_pytorch_and_onnx_agree_whatever_the_order(tmp_path: Path) -> None:
    _, _, features = made_up_bags()
    bag = features[:40] * 5 + 2
    committee = committee_of(features)
    with torch.no_grad():
        expected = committee(torch.from_numpy(bag))
        slide = pool(expected).numpy()
    model = onnxruntime.InferenceSession(attention_graph(committee.plain()).SerializeToString())
    attention, patch, pooled = model.run(None, {"features": bag})
    assert np.abs(attention - expected.attention.numpy()).max() < 1e-4
    assert np.abs(patch - expected.patch.numpy()).max() < 1e-4
    assert np.abs(pooled[0] - slide).max() < 1e-4
    (tmp_path / "model.onnx").write_bytes(attention_graph(committee.plain()).SerializeToString())
    for name, value in attention_weights(tmp_path / "model.onnx").items():
        assert np.array_equal(value, committee.plain()[name]), name
    order = np.random.default_rng(1).permutation(len(bag))
    assert np.abs(model.run(["slide"], {"features": bag[order]})[0][0] - slide).max() < 1e-4


def test_pooling_hidden_features_then_classifying_is_the_same() -> None:
    """HistoTransfer classifies the pooled hidden features; ours pools the patches' logits."""
    _, _, features = made_up_bags()
    table = torch.from_numpy(features)
    network = AttentionNetwork(table.mean(0), table.std(0))
    w = network.named()
    with torch.no_grad():
        x = (torch.from_numpy(features[:30]) - network.mean) / network.deviation
        for name in ("tail.0", "tail.2"):
            x = torch.relu(x @ w[f"{name}.weight"].T + w[f"{name}.bias"])
        logits = torch.tanh(x @ w["attention.0.weight"].T + w["attention.0.bias"]) @ w["attention.2.weight"].T
        theirs = (logits.softmax(0) * x).sum(0) @ w["classifier.weight"].T + w["classifier.bias"]
        assert torch.allclose(network.slide(torch.from_numpy(features[:30])), theirs, atol=1e-5)


def test_the_second_stage_moves_encoder_and_committee() -> None:
    tiles, patches, _ = made_up_bags()
    encoder = FoldedEncoder(TINY, living(TINY))
    features = np.random.default_rng(1).normal(0, 1, (len(patches.rgb), 16)).astype(np.float32)
    committee = committee_of(features)
    before = encoder.folded(), committee.plain()
    plan = TuningPlan(epochs=1, bags=4, most_attended=6, at_once=3, rate=1e-4)
    losses = fine_tune(encoder, committee, tiles, patches, features, SIMCLR_SCALING, [], plan)
    assert len(losses) == 1 and np.isfinite(losses[0])
    assert any(not np.array_equal(before[0][name], value) for name, value in encoder.folded().items())
    assert any(not np.array_equal(before[1][name], value) for name, value in committee.plain().items())
    assert all(np.isfinite(value).all() for value in encoder.folded().values())


def test_the_second_stage_is_judged_on_folds_that_it_did_not_see() -> None:
    tiles, patches, _ = made_up_bags()
    views = np.random.default_rng(1).normal(0, 1, (1, len(patches.rgb), 16)).astype(np.float32)
    plan = AttentionPlan(epochs=1, bags=4, members=1)
    tuning = TuningPlan(epochs=1, bags=2, most_attended=4, at_once=2)
    folds = cross_validate_tuned(TINY, living(TINY), SIMCLR_SCALING, tiles, patches, views, plan, tuning)
    assert len(folds) == GROUPS
    assert len(metrics(rows_of([folds]))) == 5


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Source:
    folder = tmp_path_factory.mktemp("encoder")
    export_encoder(TINY, living(TINY), SIMCLR_SCALING, ATTENTION, [], scene(101, 128, 0.5).rgb, folder)
    return Source(folder, "block3")


def test_readers_of_features_are_exported_with_the_encoder_they_fit(source: Source, tmp_path: Path) -> None:
    golden = scene(101, 256, 0.5).rgb
    features = source.features(patches_of(golden, ATTENTION.window))
    export_attention(committee_of(features), source, ATTENTION, [], golden, tmp_path / "attention")
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
