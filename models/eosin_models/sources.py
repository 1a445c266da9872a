"""Reading the labelled sets of ../shared/data, each at its own resolution."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

PROJECT = Path(__file__).resolve().parents[2]
SHARED = PROJECT.parent / "shared"
LISTS = PROJECT / "models" / "lists"


@dataclass(frozen=True)
class Picture:
    """One row of a set's index.csv."""

    folder: Path
    row: dict[str, str]

    @property
    def name(self) -> str:
        return self.row["name"]

    def rgb(self) -> np.ndarray:
        return np.asarray(Image.open(self.folder / self.row["file"]).convert("RGB"))

    def instances(self) -> np.ndarray:
        return np.asarray(Image.open(self.folder / f"{self.name}.instances.png")).astype(np.int32)

    def classes(self) -> dict[int, str]:
        """CoNSeP: class of each object."""
        text = (self.folder / f"{self.name}.classes.json").read_text()
        return {int(number): name for number, name in json.loads(text).items()}


def pictures(kind: str, name: str, shared: Path = SHARED) -> list[Picture]:
    """`kind` nuclei, glands or tiles; ordered by file, so that packs are the same everywhere."""
    folder = shared / "data" / kind / name
    with (folder / "index.csv").open(newline="") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["file"])
    return [Picture(folder, row) for row in rows]


def listed(file: str) -> set[str]:
    """Names in a committed validation list, one a line."""
    return set((LISTS / file).read_text().split())
