"""Reading what `npm run phantom` writes: NAME.png or .jpg with NAME.nuclei.png, .glands.png, .lumina.png (16-bit
instances), NAME.tissue.png (index of the tissue class) and NAME.classes.json (nucleus -> class name)."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from .classes import NUCLEI, TISSUE


@dataclass(frozen=True)
class Phantom:
    """Labels have the image's size. `types`: class of nucleus 1..N. `tissue`: class index + 1, 0 unknown."""

    name: str
    rgb: np.ndarray
    nuclei: np.ndarray
    glands: np.ndarray
    lumina: np.ndarray
    tissue: np.ndarray
    types: np.ndarray


def _labels(file: Path) -> np.ndarray:
    return np.asarray(Image.open(file)).astype(np.int32)


def read_phantoms(folder: Path) -> Iterator[Phantom]:
    names = [c.name for c in NUCLEI]
    found = sorted(folder.glob("*.nuclei.png"))
    if not found:
        raise FileNotFoundError(f"no phantom (NAME.nuclei.png) in {folder}")
    for file in found:
        name = file.name.removesuffix(".nuclei.png")
        image = next(path for end in (".png", ".jpg") if (path := folder / f"{name}{end}").exists())
        nuclei = _labels(file)
        classes = json.loads((folder / f"{name}.classes.json").read_text())
        types = np.array([names.index(classes[str(number)]) for number in range(1, int(nuclei.max()) + 1)], np.int64)
        tissue = _labels(folder / f"{name}.tissue.png")
        yield Phantom(
            name,
            np.asarray(Image.open(image).convert("RGB")),
            nuclei,
            _labels(folder / f"{name}.glands.png"),
            _labels(folder / f"{name}.lumina.png"),
            np.where(tissue < len(TISSUE), tissue + 1, 0),
            types,
        )
