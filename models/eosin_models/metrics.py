"""Instance metrics on label images (0 background). Each image gives a Score; sets are pooled or averaged from those.

Dice: of the foreground. AJI: Kumar et al. 2017. PQ = DQ x SQ: matched where intersection over union exceeds 0.5.
Object F1, Dice and Hausdorff distance: the GlaS challenge's (Sirinukunwattana et al. 2017), pooled over all objects of
a set; the distance in pixels of the images.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt


@dataclass(frozen=True)
class Overlap:
    """Areas of all pairs: `shared[i, j]` pixels of truth object i + 1 and predicted object j + 1."""

    shared: np.ndarray
    truth: np.ndarray
    predicted: np.ndarray

    @property
    def iou(self) -> np.ndarray:
        union = self.truth[:, None] + self.predicted[None] - self.shared
        return self.shared / np.maximum(union, 1)


def overlap(truth: np.ndarray, predicted: np.ndarray) -> Overlap:
    """Both label images have the same shape; numbers may have gaps."""
    if truth.shape != predicted.shape:
        raise ValueError(f"label images differ in size: {truth.shape} and {predicted.shape}")
    a = np.unique(truth, return_inverse=True)
    b = np.unique(predicted, return_inverse=True)
    first_a, first_b = int(a[0][0] == 0), int(b[0][0] == 0)
    table = np.zeros((a[0].size, b[0].size), np.int64)
    np.add.at(table, (a[1].ravel(), b[1].ravel()), 1)
    return Overlap(
        table[first_a:, first_b:].astype(np.float64),
        table.sum(axis=1)[first_a:].astype(np.float64),
        table.sum(axis=0)[first_b:].astype(np.float64),
    )


@dataclass(frozen=True)
class Score:
    """One image. Counts and sums are kept so that sets can be pooled."""

    dice: float
    aji: float
    matched: int
    false_positive: int
    false_negative: int
    matched_iou: float
    gland_hits: int
    gland_predicted: int
    gland_truth: int
    dice_by_truth: float
    dice_by_predicted: float
    truth_area: float
    predicted_area: float
    hausdorff_by_truth: float
    hausdorff_by_predicted: float

    @property
    def dq(self) -> float:
        return _ratio(2 * self.matched, 2 * self.matched + self.false_positive + self.false_negative)

    @property
    def sq(self) -> float:
        nothing = self.matched + self.false_positive + self.false_negative == 0
        return 1.0 if nothing else self.matched_iou / max(self.matched, 1)

    @property
    def pq(self) -> float:
        return self.dq * self.sq


def _ratio(part: float, whole: float) -> float:
    """1 where there is nothing to find and nothing was found."""
    return part / whole if whole > 0 else 1.0


def _aji(pairs: Overlap) -> float:
    if pairs.truth.size == 0 or pairs.predicted.size == 0:
        return 1.0 if pairs.truth.size == pairs.predicted.size else 0.0
    best = pairs.iou.argmax(axis=1)
    shared = pairs.shared[np.arange(best.size), best]
    hit = shared > 0
    union = np.where(hit, pairs.truth + pairs.predicted[best] - shared, pairs.truth)
    unused = np.ones(pairs.predicted.size, bool)
    unused[best[hit]] = False
    return float(shared.sum() / (union.sum() + pairs.predicted[unused].sum()))


def _object_dice(shared: np.ndarray, own: np.ndarray, other: np.ndarray) -> float:
    """Sum over own objects of area x Dice with the other object that shares most of it."""
    if own.size == 0 or other.size == 0:
        return 0.0
    best = shared.argmax(axis=1)
    most = shared[np.arange(own.size), best]
    return float((own * 2 * most / (own + np.where(most > 0, other[best], 0))).sum())


def _object_hausdorff(
    own: np.ndarray, other: np.ndarray, shared: np.ndarray, away: list[np.ndarray], mine: list[np.ndarray]
) -> float:
    """Sum over own objects of area x Hausdorff distance to the other object that shares most of it, or where none does
    to the one nearest by that distance. `away[j]`, `mine[i]`: distance of each pixel to other object j, own object i."""
    masks, others = _masks(own), _masks(other)
    total = 0.0
    for index, mask in enumerate(masks):
        met = [int(shared[index].argmax())] if shared[index].max(initial=0) > 0 else range(len(others))
        distances = [max(away[j][mask].max(), mine[index][others[j]].max()) for j in met]
        total += mask.sum() * min(distances, default=float(np.hypot(*own.shape)))
    return total


def _masks(labels: np.ndarray) -> list[np.ndarray]:
    return [labels == number for number in np.unique(labels[labels > 0])]


def _hausdorff(truth: np.ndarray, predicted: np.ndarray, shared: np.ndarray) -> tuple[float, float]:
    """From the truth's side and from the prediction's. With nothing on the other side: the image's diagonal."""
    a, b = ([distance_transform_edt(~mask) for mask in _masks(labels)] for labels in (truth, predicted))
    return (
        _object_hausdorff(truth, predicted, shared, b, a),
        _object_hausdorff(predicted, truth, shared.T, a, b),
    )


def _gland_hits(pairs: Overlap) -> int:
    """Predicted objects that cover half of a truth object which no earlier one has claimed."""
    claimed: set[int] = set()
    for column in range(pairs.predicted.size):
        row = int(pairs.shared[:, column].argmax()) if pairs.truth.size else -1
        if row >= 0 and row not in claimed and pairs.shared[row, column] >= 0.5 * pairs.truth[row]:
            claimed.add(row)
    return len(claimed)


def score(truth: np.ndarray, predicted: np.ndarray, few: bool = False) -> Score:
    """`few`: objects are few and large, so that their Hausdorff distances are worth their time; else those are NaN."""
    pairs = overlap(truth, predicted)
    shared, total = pairs.shared.sum(), pairs.truth.sum() + pairs.predicted.sum()
    matches = pairs.iou > 0.5
    matched = int(matches.sum())
    hausdorff = _hausdorff(truth, predicted, pairs.shared) if few else (float("nan"), float("nan"))
    return Score(
        dice=_ratio(2 * shared, total),
        aji=_aji(pairs),
        matched=matched,
        false_positive=pairs.predicted.size - matched,
        false_negative=pairs.truth.size - matched,
        matched_iou=float(pairs.iou[matches].sum()),
        gland_hits=_gland_hits(pairs),
        gland_predicted=pairs.predicted.size,
        gland_truth=pairs.truth.size,
        dice_by_truth=_object_dice(pairs.shared, pairs.truth, pairs.predicted),
        dice_by_predicted=_object_dice(pairs.shared.T, pairs.predicted, pairs.truth),
        truth_area=float(pairs.truth.sum()),
        predicted_area=float(pairs.predicted.sum()),
        hausdorff_by_truth=hausdorff[0],
        hausdorff_by_predicted=hausdorff[1],
    )


def mean_of(field: Callable[[Score], float]) -> Callable[[Sequence[Score]], float]:
    return lambda scores: float(np.mean([field(s) for s in scores]))


def object_f1(scores: Sequence[Score]) -> float:
    hits = sum(s.gland_hits for s in scores)
    return _ratio(2 * hits, sum(s.gland_predicted + s.gland_truth for s in scores))


def object_dice(scores: Sequence[Score]) -> float:
    by_truth = _ratio(sum(s.dice_by_truth for s in scores), sum(s.truth_area for s in scores))
    by_predicted = _ratio(sum(s.dice_by_predicted for s in scores), sum(s.predicted_area for s in scores))
    return 0.5 * (by_truth + by_predicted)


def object_hausdorff(scores: Sequence[Score]) -> float:
    """Pixels; less is better."""
    by_truth = sum(s.hausdorff_by_truth for s in scores) / max(sum(s.truth_area for s in scores), 1)
    by_predicted = sum(s.hausdorff_by_predicted for s in scores) / max(sum(s.predicted_area for s in scores), 1)
    return 0.5 * (by_truth + by_predicted)


def detection_f1(scores: Sequence[Score]) -> float:
    matched = sum(s.matched for s in scores)
    return _ratio(2 * matched, sum(2 * s.matched + s.false_positive + s.false_negative for s in scores))


SUMMARIES: dict[str, Callable[[Sequence[Score]], float]] = {
    "dice": mean_of(lambda s: s.dice),
    "aji": mean_of(lambda s: s.aji),
    "pq": mean_of(lambda s: s.pq),
    "dq": mean_of(lambda s: s.dq),
    "sq": mean_of(lambda s: s.sq),
    "f1": detection_f1,
    "objectF1": object_f1,
    "objectDice": object_dice,
    "objectHausdorff": object_hausdorff,
}


def with_interval(
    scores: Sequence[Score], summary: Callable[[Sequence[Score]], float], draws: int = 1000, seed: int = 1
) -> tuple[float, float, float]:
    """Value and the bootstrap's 2.5 and 97.5 percent over images."""
    random = np.random.default_rng(seed)
    values = [summary([scores[i] for i in random.integers(len(scores), size=len(scores))]) for _ in range(draws)]
    low, high = np.percentile(values, [2.5, 97.5])
    return summary(scores), float(low), float(high)


def matched_classes(
    truth: np.ndarray, truth_classes: np.ndarray, predicted: np.ndarray, predicted_classes: np.ndarray, classes: int
) -> np.ndarray:
    """Confusion [truth, predicted] of objects matched at IoU > 0.5; class arrays are by object, numbered 1..N."""
    rows, columns = np.nonzero(overlap(truth, predicted).iou > 0.5)
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (truth_classes[rows], predicted_classes[columns]), 1)
    return table


def macro_f1(confusion: np.ndarray) -> float:
    """Mean over the classes that occur in truth."""
    values = []
    for index in range(confusion.shape[0]):
        if confusion[index].sum():
            values.append(2 * confusion[index, index] / (confusion[index].sum() + confusion[:, index].sum()))
    return float(np.mean(values)) if values else 0.0
