"""Bags of patches for the attention network: tiles of crc5 mixed by stain group, and images of GlaS by patient."""

from dataclasses import dataclass

import numpy as np

from .crc5 import GROUPS, Tiles, at_patch_pixel, glas_pictures, patches_of

TILES, TUMOUR_TILES = (12, 24), (2, 5)


@dataclass(frozen=True)
class Bag:
    """Rows of one table of patches. `tumour` [n] says which patches are; None where only the bag's label is known.
    `fold`: of an image, by its patient."""

    rows: np.ndarray
    positive: bool
    tumour: np.ndarray | None = None
    fold: int = -1


@dataclass(frozen=True)
class Patches:
    """Every patch once: rgb uint8 [n, side, side, 3]; `tiles` [600, k]: rows of each crc5 tile's patches; `images`: rows,
    grade and fold of each GlaS image."""

    rgb: np.ndarray
    tiles: np.ndarray
    images: list[Bag]


# GlaS patients to folds; 4 and 9 are those that no pre-training saw.
GLAS_FOLDS = {"4": 0, "9": 1, "10": 2, "7": 2, "11": 3, "2": 4, "5": 4, "1": 5, "3": 5}


def all_patches(tiles: Tiles, side: int) -> Patches:
    cut = [patches_of(rgb, side) for rgb in tiles.rgb]
    rows = np.arange(len(cut) * len(cut[0])).reshape(len(cut), -1)
    images, start = [], rows.size
    for picture in glas_pictures():
        mine = patches_of(at_patch_pixel(picture), side)
        cut.append(mine)
        malignant = picture.row["grade"] == "malignant"
        images.append(Bag(np.arange(start, start + len(mine)), malignant, fold=GLAS_FOLDS[picture.row["patient"]]))
        start += len(mine)
    return Patches(np.concatenate(cut), rows, images)


def others(*left_out: int) -> np.ndarray:
    """The folds (stain groups, and sixths of GlaS's patients) that are not left out."""
    return np.setdiff1d(np.arange(GROUPS), left_out)


def tile_bag(tiles: Tiles, rows: np.ndarray, groups: np.ndarray, positive: bool, random: np.random.Generator) -> Bag:
    """Tiles of the stain groups `groups` only; positive by two to five adenocarcinoma tiles among the rest."""
    allowed = np.isin(tiles.groups, groups)
    count = int(random.integers(TILES[0], TILES[1] + 1))
    few = int(random.integers(TUMOUR_TILES[0], TUMOUR_TILES[1] + 1)) if positive else 0
    tumour = random.choice(np.flatnonzero(allowed & (tiles.labels == 0)), few, replace=False)
    rest = random.choice(np.flatnonzero(allowed & (tiles.labels != 0)), count - few, replace=False)
    chosen = random.permutation(np.concatenate([tumour, rest]))
    return Bag(rows[chosen].ravel(), positive, np.repeat(tiles.labels[chosen] == 0, rows.shape[1]))


def tile_bags(tiles: Tiles, rows: np.ndarray, groups: np.ndarray, count: int, seed: int) -> list[Bag]:
    """Half of them positive, of the stain groups `groups`."""
    random = np.random.default_rng(seed)
    return [tile_bag(tiles, rows, groups, index % 2 == 0, random) for index in range(count)]
