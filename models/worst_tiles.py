"""python models/worst_tiles.py [--model DIR]: where an exported network's objects are least like the truth, to be looked at.

Validation images are cut into tiles of SIDE um; the worst of each set go to .sheets/, which git ignores (the data's
terms): truth green, ours yellow, both where they agree. What they hold is printed.
"""

import argparse
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from skimage.segmentation import find_boundaries

from eosin_models.evaluation import CHANGES, Case, consep_val, glas_val, maps_of, monuseg_test
from eosin_models.items import NETWORK_MPP
from eosin_models.metrics import SUMMARIES, score
from eosin_models.pack import resize_labels
from eosin_models.postprocess import Settings, gland_instances, nuclei_instances, settings_of
from eosin_models.run import Maps, session
from eosin_models.sources import PROJECT

SIDE = {"nuclei": 64, "glands": 256}  # um
ENLARGED = {"nuclei": 3, "glands": 1}
LEAST = 0.02  # part of a tile that must be truth for the tile to count
SETS = (("MoNuSeg", "nuclei", monuseg_test), ("CoNSeP", "nuclei", consep_val), ("GlaS", "glands", glas_val))
WORST, ACROSS = 12, 4
TRUTH, OURS, BOTH = (0, 255, 0), (255, 255, 0), (0, 255, 255)


@dataclass(frozen=True)
class Tile:
    """A square of an image with its truth and what was found, and the panoptic quality of the one by the other."""

    name: str
    rgb: np.ndarray
    truth: np.ndarray
    found: np.ndarray
    pq: float


def found_in(maps: Maps, case: Case, kind: str, settings: Settings) -> np.ndarray:
    if kind == "nuclei":
        labels = nuclei_instances(maps.nuclei[1], maps.nuclei[2], NETWORK_MPP / 2, settings.nuclei)
    else:
        labels = gland_instances(maps.glands[1], maps.glands[2], 2 * NETWORK_MPP, settings.glands)
    return resize_labels(labels, case.rgb.shape[1], case.rgb.shape[0])


def tiles_of(case: Case, kind: str, found: np.ndarray) -> Iterator[Tile]:
    truth, side = case.labels[kind], round(SIDE[kind] / case.mpp)
    for top in range(0, truth.shape[0] - side // 2, side):
        for left in range(0, truth.shape[1] - side // 2, side):
            box = np.s_[top : top + side, left : left + side]
            if (truth[box] > 0).mean() >= LEAST:
                pq = SUMMARIES["pq"]([score(truth[box], found[box])])
                yield Tile(f"{case.name} {left},{top}", case.rgb[box], truth[box], found[box], pq)


def drawn(tile: Tile, side: int, enlarged: int) -> np.ndarray:
    rgb, truth, found = (x.repeat(enlarged, 0).repeat(enlarged, 1) for x in (tile.rgb, tile.truth, tile.found))
    out = rgb.copy()
    edges = [find_boundaries(labels, mode="inner") for labels in (truth, found)]
    for where, colour in ((edges[0], TRUTH), (edges[1], OURS), (edges[0] & edges[1], BOTH)):
        out[where] = colour
    size = side * enlarged
    return np.pad(out, ((0, size - out.shape[0]), (0, size - out.shape[1]), (0, 0)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=PROJECT / "public" / "models" / "cerberus-lite")
    parser.add_argument("--out", type=Path, default=PROJECT / ".sheets")
    given = parser.parse_args()
    described = json.loads((given.model / "model.json").read_text())
    settings, multiple = settings_of(described), described["input"]["multiple"]
    model = session(given.model / described["file"])
    given.out.mkdir(exist_ok=True)
    for name, kind, cases in SETS:
        tiles: list[Tile] = []
        for case in cases():
            found = found_in(maps_of(model, case, CHANGES["as they are"], multiple), case, kind, settings)
            tiles += tiles_of(case, kind, found)
        worst = sorted(tiles, key=lambda tile: tile.pq)[:WORST]
        side = max(max(tile.truth.shape) for tile in worst)
        pictures = [drawn(tile, side, ENLARGED[kind]) for tile in worst]
        rows = [np.concatenate(pictures[start : start + ACROSS], axis=1) for start in range(0, len(pictures), ACROSS)]
        Image.fromarray(np.concatenate(rows)).save(given.out / f"cerberus-lite, worst of {name}.png")
        for tile in worst:
            counts = [np.unique(labels[labels > 0]).size for labels in (tile.truth, tile.found)]
            print(f"{name}: {tile.name}, PQ {tile.pq:.2f}, {counts[0]} in truth, {counts[1]} found", flush=True)


if __name__ == "__main__":
    main()
