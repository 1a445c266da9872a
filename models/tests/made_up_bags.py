"""Tiles, patches and images of crc5's and GlaS's form, with features that tell the tumour, for the tests of attention."""

import numpy as np

from eosin_models.bags import Bag, Patches
from eosin_models.crc5 import CRC5, GROUPS, Tiles


def made_up_bags() -> tuple[Tiles, Patches, np.ndarray]:
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
        images.append(Bag(mine, index // 6 % 2 == 1, fold=index % GROUPS))
    rgb = random.integers(0, 256, (len(features), 32, 32, 3), dtype=np.uint8)
    return Tiles(np.zeros((len(labels), 8, 8, 3), np.uint8), labels, groups), Patches(rgb, rows, images), features
