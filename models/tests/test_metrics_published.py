"""The metrics against torchmetrics (and Hausdorff's distance against SciPy in test_metrics.py), on drawn
label images, scores and classes: the definitions are the field's, not ours."""

import numpy as np
import pytest
import torch
from torchmetrics.detection import PanopticQuality
from torchmetrics.functional.classification import (
    binary_auroc,
    multiclass_accuracy,
    multiclass_confusion_matrix,
    multiclass_f1_score,
)

from eosin_models.classification import accuracy, auc, confusion, macro_f1
from eosin_models.metrics import score


def drawn_labels(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Blocks of truth; what is found of them is shifted, eaten at, and some is missed or invented. uint [h, w]."""
    random = np.random.default_rng(seed)
    truth = np.kron(random.permutation(36).reshape(6, 6) * (random.random((6, 6)) < 0.7), np.ones((5, 5), int))
    found = np.roll(truth, int(random.integers(0, 2)), axis=1) * (random.random(truth.shape) > 0.08)
    found[np.isin(found, random.choice(36, 6))] = 0
    found[:4, :4] = 99
    return truth, found


def as_panoptic(labels: np.ndarray) -> torch.Tensor:
    """(class, instance) a pixel: class 1 is the background, which is one stuff; class 0 holds the things."""
    return torch.from_numpy(np.stack([(labels == 0).astype(np.int64), labels], axis=-1))[None]


@pytest.mark.parametrize("seed", range(4))
def test_panoptic_quality_is_torchmetrics(seed: int) -> None:
    truth, found = drawn_labels(seed)
    quality = PanopticQuality(things={0}, stuffs={1}, return_sq_and_rq=True, return_per_class=True)
    pq, sq, dq = quality(as_panoptic(found), as_panoptic(truth))[0].tolist()
    ours = score(truth, found)
    assert 0.2 < ours.pq < 0.9
    assert (ours.pq, ours.sq, ours.dq) == pytest.approx((pq, sq, dq), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_dice_of_the_foreground_is_f1_of_its_pixels(seed: int) -> None:
    truth, found = drawn_labels(seed)
    pixels = [torch.from_numpy((labels > 0).astype(np.int64).ravel()) for labels in (found, truth)]
    theirs = multiclass_f1_score(*pixels, num_classes=2, average=None)[1]
    assert score(truth, found).dice == pytest.approx(theirs.item(), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_auc_is_torchmetrics_also_with_ties(seed: int) -> None:
    random = np.random.default_rng(seed)
    positive = random.random(200) < 0.3
    scores = np.round(random.normal(size=200) + positive, 1).astype(np.float32)
    theirs = binary_auroc(torch.from_numpy(scores), torch.from_numpy(positive.astype(np.int64)))
    assert auc(positive, scores) == pytest.approx(theirs.item(), abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_confusion_accuracy_and_macro_f1_are_torchmetrics(seed: int) -> None:
    random = np.random.default_rng(seed)
    truth = random.integers(0, 5, 300)
    said = np.where(random.random(300) < 0.6, truth, random.integers(0, 5, 300))
    pair = [torch.from_numpy(said), torch.from_numpy(truth)]
    table = confusion(truth, said, 5)
    assert table.tolist() == multiclass_confusion_matrix(*pair, num_classes=5).tolist()
    assert accuracy(table) == pytest.approx(multiclass_accuracy(*pair, num_classes=5, average="micro").item(), abs=1e-6)
    assert macro_f1(table) == pytest.approx(multiclass_f1_score(*pair, num_classes=5, average="macro").item(), abs=1e-6)
