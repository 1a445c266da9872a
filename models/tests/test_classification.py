"""Scores of classifiers, probes and linear heads, on made-up features and by hand."""

import numpy as np
import onnxruntime
import pytest
import torch
from made_up_bags import made_up_bags

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
from eosin_models.crc5 import CRC5, patches_of, spread
from eosin_models.embedding import colour_histogram, cosine_to
from eosin_models.probing import draws, left_out_in_turn, neighbours, probe
from eosin_models.rows_graph import head_graph


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


def test_draws_keep_stain_groups_apart() -> None:
    tiles, _, _ = made_up_bags()
    for draw in draws(tiles, count=5, per_class=10):
        for label in range(len(CRC5)):
            seen = set(tiles.groups[draw.learn[tiles.labels[draw.learn] == label]])
            tested = set(tiles.groups[draw.test[tiles.labels[draw.test] == label]])
            assert seen and tested and not seen & tested
        assert (np.bincount(tiles.labels[draw.learn]) == 10).all()


def test_probe_and_heads_find_what_features_hold_and_nothing_else() -> None:
    tiles, _, _ = made_up_bags()
    random = np.random.default_rng(3)
    noise = random.normal(0, 1, (len(tiles.labels), 10)).astype(np.float32)
    telling = noise + 6 * np.eye(10, dtype=np.float32)[tiles.labels]
    on = draws(tiles, count=4, per_class=10)
    assert probe(tiles, telling, on).mean() > 0.95
    assert probe(tiles, noise, on).mean() < 0.35
    assert neighbours(tiles, telling) > 0.9 and neighbours(tiles, noise) < 0.35
    table = left_out_in_turn(tiles, [telling, telling])
    assert table.sum() == len(tiles.labels) and macro_f1(table) > 0.95


def test_a_head_says_the_softmax_of_its_scores() -> None:
    random = np.random.default_rng(4)
    head = LinearHead(random.normal(0, 1, (5, 8)).astype(np.float32), random.normal(0, 1, 5).astype(np.float32))
    features = random.normal(0, 1, (7, 8)).astype(np.float32)
    said = onnxruntime.InferenceSession(head_graph(head.weight, head.bias).SerializeToString()).run(
        None, {"features": features}
    )[0]
    expected = torch.from_numpy(head.scores(features)).softmax(1).numpy()
    assert np.abs(said - expected).max() < 1e-5
