"""Hand-made cases with answers worked out on paper."""

import numpy as np
import pytest
from scipy.spatial.distance import directed_hausdorff

from eosin_models.metrics import (
    SUMMARIES,
    macro_f1,
    matched_classes,
    object_dice,
    object_f1,
    object_hausdorff,
    score,
    with_interval,
)


def strip(*runs: tuple[int, int]) -> np.ndarray:
    """A label image one pixel high: (label, length) after (label, length)."""
    return np.concatenate([np.full(length, label) for label, length in runs])[None]


def test_a_perfect_answer_scores_one_whatever_the_numbers() -> None:
    truth = strip((0, 2), (1, 4), (2, 4))
    found = score(truth, strip((0, 2), (9, 4), (3, 4)))
    assert (found.dice, found.aji, found.pq) == (1, 1, 1)
    assert object_f1([found]) == object_dice([found]) == 1


def test_one_match_one_miss_one_invention() -> None:
    #        truth 1 = pixels 0..9, truth 2 = 20..23; predicted 1 = 2..9 (IoU 0.8), predicted 2 = 30..33
    truth = strip((1, 10), (0, 10), (2, 4), (0, 10))
    predicted = strip((0, 2), (1, 8), (0, 20), (2, 4))
    found = score(truth, predicted)
    assert found.dice == pytest.approx(2 * 8 / (14 + 12))
    assert found.dq == pytest.approx(2 / 4)
    assert found.sq == pytest.approx(0.8)
    assert found.pq == pytest.approx(0.4)
    # AJI: shared 8 over union (10 + 8 - 8) + truth 2 unmatched 4 + predicted 2 unused 4
    assert found.aji == pytest.approx(8 / 18)


def test_half_overlap_is_no_match_but_a_gland_found() -> None:
    found = score(strip((1, 10), (0, 10)), strip((0, 5), (1, 10), (0, 5)))
    assert found.matched == 0
    assert (found.gland_hits, found.gland_predicted, found.gland_truth) == (1, 1, 1)


def test_object_dice_weighs_by_area_from_both_sides() -> None:
    # One truth of 8 cut in two equal halves: from the truth's side 2*4/(8+4), from each half the same.
    found = score(strip((1, 8)), strip((1, 4), (2, 4)))
    assert object_dice([found]) == pytest.approx(2 / 3)
    assert object_f1([found]) == pytest.approx(2 / 3)


def test_object_hausdorff_is_weighed_by_area_and_falls_to_the_nearest() -> None:
    # Truth 1 = 0..9 against predicted 1 = 3..9: pixel 0 lies 3 from it. Truth 2 = 20..23 meets nothing: 1 is nearest by
    # the larger of 23 - 9 and 20 - 3 = 17. From the prediction's side: object 1 against truth 1, 3.
    found = score(strip((1, 10), (0, 10), (2, 4)), strip((0, 3), (1, 7), (0, 14)), few=True)
    assert object_hausdorff([found]) == pytest.approx(((10 * 3 + 4 * 17) / 14 + 3) / 2)


def test_object_hausdorff_agrees_with_scipy() -> None:
    random = np.random.default_rng(2)
    truth, predicted = np.zeros((40, 50), int), np.zeros((40, 50), int)
    truth[5:20, 4:30], predicted[8:25, 10:33] = 1, 1
    truth[random.random(truth.shape) < 0.2] = 0
    a, b = np.argwhere(truth), np.argwhere(predicted)
    apart = max(directed_hausdorff(a, b)[0], directed_hausdorff(b, a)[0])
    assert object_hausdorff([score(truth, predicted, few=True)]) == pytest.approx(apart)


def test_object_hausdorff_of_nothing_found_is_the_diagonal() -> None:
    found = score(np.ones((3, 4), int), np.zeros((3, 4), int), few=True)
    assert found.hausdorff_by_truth / found.truth_area == pytest.approx(5)


def test_two_glands_in_one_object_count_once() -> None:
    found = score(strip((1, 6), (2, 6)), strip((1, 12)))
    assert (found.gland_hits, found.gland_predicted, found.gland_truth) == (1, 1, 2)


def test_nothing_to_find() -> None:
    empty = np.zeros((1, 6), int)
    assert score(empty, empty).pq == 1
    wrong = score(empty, strip((1, 3), (0, 3)))
    assert (wrong.dice, wrong.aji, wrong.pq) == (0, 0, 0)


def test_sizes_must_agree() -> None:
    with pytest.raises(ValueError, match="differ in size"):
        score(np.zeros((2, 2), int), np.zeros((2, 3), int))


def test_classes_of_matched_nuclei() -> None:
    truth = strip((1, 4), (2, 4), (3, 4))
    table = matched_classes(truth, np.array([0, 1, 1]), truth, np.array([0, 1, 0]), 3)
    assert table.tolist() == [[1, 0, 0], [1, 1, 0], [0, 0, 0]]
    # Both classes: 2 * 1 / (1 + 2) and 2 * 1 / (2 + 1); the third does not occur.
    assert macro_f1(table) == pytest.approx(2 / 3)


def test_the_interval_holds_the_value_and_is_repeatable() -> None:
    good, bad = score(strip((1, 4)), strip((1, 4))), score(strip((1, 4)), strip((0, 4)))
    scores = [good, good, bad, good]
    value, low, high = with_interval(scores, SUMMARIES["pq"])
    assert value == 0.75
    assert low < value < high
    assert (value, low, high) == with_interval(scores, SUMMARIES["pq"])


def test_aji_agrees_with_a_plain_reading_of_its_definition() -> None:
    random = np.random.default_rng(2)
    truth = np.kron(random.integers(0, 5, (6, 6)), np.ones((4, 4), int))
    predicted = np.roll(truth, 1, axis=1) * (random.random(truth.shape) > 0.1)
    shared = union = 0
    used = set()
    for i in range(1, 5):
        pairs = [(np.sum((truth == i) & (predicted == j)) / np.sum((truth == i) | (predicted == j)), j) for j in range(1, 5)]
        j = max(pairs, key=lambda pair: (pair[0], -pair[1]))[1]
        shared += np.sum((truth == i) & (predicted == j))
        union += np.sum((truth == i) | (predicted == j))
        used.add(j)
    union += sum(np.sum(predicted == j) for j in range(1, 5) if j not in used)
    assert score(truth, predicted).aji == pytest.approx(shared / union)
