"""Judging frozen features on tiles/crc5, always with the stain groups of probe and test apart."""

from dataclasses import dataclass

import numpy as np

from .classification import accuracy, confusion, fit_linear, interval, macro_f1, nearest_neighbours
from .crc5 import CRC5, GROUPS, Tiles

DRAWS = 20
PER_CLASS = 20
NEIGHBOURS = 5


@dataclass(frozen=True)
class Draw:
    """Rows that the probe learns from and rows that it is tested on."""

    learn: np.ndarray
    test: np.ndarray


def draws(tiles: Tiles, count: int = DRAWS, per_class: int = PER_CLASS, seed: int = 1) -> list[Draw]:
    """Each: half of each class's stain groups for learning (`per_class` tiles of them), all tiles of the others to test."""
    random = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        learn: list[np.ndarray] = []
        test: list[np.ndarray] = []
        for label in range(len(CRC5)):
            seen = random.permutation(GROUPS)[: GROUPS // 2]
            mine = np.flatnonzero(tiles.labels == label)
            known = np.isin(tiles.groups[mine], seen)
            learn.append(random.permutation(mine[known])[:per_class])
            test.append(mine[~known])
        out.append(Draw(np.concatenate(learn), np.concatenate(test)))
    return out


def probe(tiles: Tiles, features: np.ndarray, on: list[Draw]) -> np.ndarray:
    """Macro F1 of each draw."""
    scores = []
    for draw in on:
        head = fit_linear(features[draw.learn], tiles.labels[draw.learn], len(CRC5))
        table = confusion(tiles.labels[draw.test], head.predict(features[draw.test]), len(CRC5))
        scores.append(macro_f1(table))
    return np.array(scores)


def mean_with_interval(values: np.ndarray) -> list[float]:
    return [float(values.mean()), *interval(values)]


def neighbours(tiles: Tiles, features: np.ndarray, k: int = NEIGHBOURS) -> float:
    """k-NN accuracy; neighbours come from stain groups of another number only."""
    predicted = np.empty_like(tiles.labels)
    for group in range(GROUPS):
        asked = tiles.groups == group
        predicted[asked] = nearest_neighbours(features[~asked], tiles.labels[~asked], features[asked], k, len(CRC5))
    return accuracy(confusion(tiles.labels, predicted, len(CRC5)))


def left_out_in_turn(tiles: Tiles, views: list[np.ndarray]) -> np.ndarray:
    """Confusion of a linear head with all labels, each stain group number left out in turn. `views[0]` are the tiles'
    own features, on which it is tested; it learns from all views."""
    table = np.zeros((len(CRC5), len(CRC5)), np.int64)
    for group in range(GROUPS):
        test = tiles.groups == group
        learn = np.concatenate([view[~test] for view in views])
        head = fit_linear(learn, np.tile(tiles.labels[~test], len(views)), len(CRC5))
        table += confusion(tiles.labels[test], head.predict(views[0][test]), len(CRC5))
    return table
