"""Everything that pre-training an encoder needs, in one .npz of uint8 arrays (30 MB at most): whole pictures, from
which places are cut while training. Never tiles/crc5, never an image of the committed validation lists."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from .pack import Writer, resize
from .phantom import read_phantoms
from .sources import SHARED, listed, pictures

# Set -> micrometres a pixel it is kept at; 0.5 halves the byte-heavy 40x images and keeps every nucleus.
_NUCLEI = {"monuseg": (0.25, 0.5), "consep": (0.275, 0.5), "nuinsseg": (0.18, 0.36), "dsb2018_purple": (1.0, 1.0)}
_TILES = ("unlabelled", "kather2016", "lc25000", "breakhis400", "oral_oscc")
_PHANTOM_SCALES = (0.25, 0.5, 1.0)  # of the phantom's own pixel


def training_pictures(shared: Path = SHARED) -> Iterator[tuple[str, str, np.ndarray]]:
    """(set, name, RGB), in the same order everywhere."""
    left_out = listed("monuseg-test.txt") | {f"consep/{name}" for name in listed("consep-val.txt")}
    for name, (own, kept) in _NUCLEI.items():
        for picture in pictures("nuclei", name, shared):
            here = picture.name in left_out or f"{name}/{picture.name}" in left_out
            if here or picture.row["split"] != "train" and name != "consep":
                continue
            rgb = picture.rgb()
            width, height = (round(side * own / kept) for side in (rgb.shape[1], rgb.shape[0]))
            yield name, picture.name, resize(rgb, width, height)
    for picture in pictures("glands", "glas", shared):
        if picture.name not in listed("glas-patients-4-9.txt"):
            yield "glas", picture.name, picture.rgb()
    for name in _TILES:
        for picture in pictures("tiles", name, shared):
            yield name, picture.row["file"], picture.rgb()


def write_view_pack(
    file: Path, shared: Path = SHARED, phantoms: Path | None = None, most_phantoms: int = 10
) -> dict[str, int]:
    """Returns how many pictures of each source it holds."""
    writer = Writer()
    for source, name, rgb in training_pictures(shared):
        writer.add("picture", source, name, 0.0, rgb, [])
    for index, scene in enumerate(read_phantoms(phantoms) if phantoms else ()):
        if index >= most_phantoms:
            break
        factor = _PHANTOM_SCALES[index % len(_PHANTOM_SCALES)]
        height, width = (round(side * factor) for side in scene.rgb.shape[:2])
        writer.add("picture", "phantom", scene.name, 0.0, resize(scene.rgb, width, height), [])
    return writer.write(file)
