"""The five colorectal tiles' classes with their stain groups, and GlaS by patient: what probes, heads and bags use."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .classes import Class
from .pack import resize
from .sources import SHARED, Picture, pictures

CRC5 = (
    Class("Adenocarcinoma", "#b5343c"),
    Class("Healthy", "#3f9e6b"),
    Class("Serrated adenoma", "#e29a5b"),
    Class("Tubular adenoma", "#3b6fd4"),
    Class("Villous adenoma", "#9b5fc0"),
)
_FOLDERS = ("adenocarcinoma", "healthy", "serrated_adenoma", "tubular_adenoma", "villous_adenoma")
GROUPS = 6
PATCH_MPP = 1.0
"""About the pixel of crc5's tiles (its authors state none; by the size of its nuclei 1.0 to 1.2)."""


@dataclass(frozen=True)
class Tiles:
    """rgb uint8 [n, 224, 224, 3]; labels and stain groups (0 to 5, numbered within each class) [n]."""

    rgb: np.ndarray
    labels: np.ndarray
    groups: np.ndarray


def crc5_tiles(shared: Path = SHARED) -> Tiles:
    rows = pictures("tiles", "crc5", shared)
    return Tiles(
        np.stack([picture.rgb() for picture in rows]),
        np.array([_FOLDERS.index(picture.row["class"]) for picture in rows]),
        np.array([int(picture.row["stain_group"][-1]) for picture in rows]),
    )


def glas_pictures(shared: Path = SHARED) -> list[Picture]:
    return pictures("glands", "glas", shared)


def at_patch_pixel(picture: Picture) -> np.ndarray:
    """A GlaS image at PATCH_MPP."""
    rgb, factor = picture.rgb(), float(picture.row["mpp"]) / PATCH_MPP
    return resize(rgb, round(rgb.shape[1] * factor), round(rgb.shape[0] * factor))


def spread(length: int, side: int) -> list[int]:
    """Starts of the fewest windows that cover `length`, evenly apart."""
    count = max(1, -(-length // side))
    return [round(i * (length - side) / max(1, count - 1)) for i in range(count)]


def patches_of(rgb: np.ndarray, side: int) -> np.ndarray:
    """[n, side, side, 3], row by row, covering the image."""
    height, width = rgb.shape[:2]
    corners = [(top, left) for top in spread(height, side) for left in spread(width, side)]
    return np.stack([rgb[top : top + side, left : left + side] for top, left in corners])
