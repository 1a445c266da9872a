"""Scores of classifiers of tiles and bags, and the linear head that frozen features are judged by."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F


def confusion(truth: np.ndarray, predicted: np.ndarray, classes: int) -> np.ndarray:
    """[truth, predicted] counts."""
    table = np.zeros((classes, classes), np.int64)
    np.add.at(table, (truth, predicted), 1)
    return table


def macro_f1(table: np.ndarray) -> float:
    """Mean F1 over the classes that occur in the truth."""
    hits, truth, predicted = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    scores = 2 * hits / np.maximum(truth + predicted, 1)
    return float(scores[truth > 0].mean())


def accuracy(table: np.ndarray) -> float:
    return float(np.diag(table).sum() / table.sum())


def auc(positive: np.ndarray, score: np.ndarray) -> float:
    """Area under the ROC curve; ties count half. `positive` is bool and holds both."""
    positive = positive.astype(bool)
    if positive.all() or not positive.any():
        raise ValueError("an AUC needs positives and negatives")
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(count) - (count - 1) / 2)[place]
    ones = int(positive.sum())
    return float((ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * (len(score) - ones)))


def interval(values: np.ndarray, seed: int = 0, draws: int = 2000) -> tuple[float, float]:
    """95 % bootstrap interval of the mean."""
    picks = np.random.default_rng(seed).integers(len(values), size=(draws, len(values)))
    low, high = np.percentile(np.asarray(values)[picks].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


@dataclass(frozen=True)
class LinearHead:
    """weight [classes, d], bias [classes], for features as the encoder gives them."""

    weight: np.ndarray
    bias: np.ndarray

    def scores(self, features: np.ndarray) -> np.ndarray:
        return features @ self.weight.T + self.bias

    def predict(self, features: np.ndarray) -> np.ndarray:
        return self.scores(features).argmax(axis=1)


def fit_linear(features: np.ndarray, labels: np.ndarray, classes: int, decay: float = 0.03) -> LinearHead:
    """Multinomial logistic regression on standardised features: mean cross entropy + decay / 2 |weight|^2, to the end."""
    mean, deviation = features.mean(axis=0), features.std(axis=0) + 1e-6
    x = torch.from_numpy((features - mean) / deviation).double()
    y = torch.from_numpy(labels.astype(np.int64))
    weight = torch.zeros(classes, x.shape[1], dtype=torch.float64, requires_grad=True)
    bias = torch.zeros(classes, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weight, bias], max_iter=200, tolerance_grad=1e-6, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        loss = F.cross_entropy(x @ weight.T + bias, y) + decay / 2 * weight.square().sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    scaled = weight.detach().numpy() / deviation
    return LinearHead(scaled.astype(np.float32), (bias.detach().numpy() - scaled @ mean).astype(np.float32))


def nearest_neighbours(known: np.ndarray, labels: np.ndarray, asked: np.ndarray, k: int, classes: int) -> np.ndarray:
    """Class of each row of `asked`: the majority of its k most similar (cosine) rows of `known`; ties to the nearest."""
    unit = [x / np.linalg.norm(x, axis=1, keepdims=True) for x in (known, asked)]
    order = np.argsort(-(unit[1] @ unit[0].T), axis=1)[:, :k]
    votes = np.stack([np.bincount(labels[row], minlength=classes) for row in order]).astype(np.float64)
    votes[np.arange(len(order)), labels[order[:, 0]]] += 0.5
    return votes.argmax(axis=1)
