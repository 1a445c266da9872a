"""python models/tile_head.py --encoder DIR --report FILE --out DIR: tiles-crc5, the five classes on frozen features.

Learns from every tile and two restained copies of each; the report (probe.py --heads --json) says how it does on stain
groups left out, under the encoder's name given as --name.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from eosin_models.classification import fit_linear
from eosin_models.crc5 import CRC5, crc5_tiles
from eosin_models.embedding import folder_embedder
from eosin_models.encoder_card import card, metrics
from eosin_models.encoder_identity import TILES_CRC5
from eosin_models.feature_models import Source, export_head
from eosin_models.sources import PROJECT
from probe import restained

LIMITS = [
    "Stain is mixed up with class in crc5 (villous is darker); slide and patient are not known.",
    "Labels are regions': some tiles show stroma or blood only.",
    "It knows five classes of colon and calls everything one of them.",
    "Its encoder was chosen among three by this very figure, which flatters it a little: macro F1, restained, at block 3 "
    "EfficientNet-Lite0 .760, ImageNet distilled .731, SimCLR .699.",
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--block", default="block3")
    parser.add_argument("--name", default="SimCLR")
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--golden", type=Path, default=PROJECT / "models" / "goldens" / "phantom-patch.png")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    tiles, source = crc5_tiles(), Source(given.encoder, given.block)
    embed = folder_embedder(given.encoder)
    views = [embed(rgb)[given.block] for rgb in (tiles.rgb, restained(tiles.rgb, 1), restained(tiles.rgb, 2))]
    head = fit_linear(np.concatenate(views), np.tile(tiles.labels, len(views)), len(CRC5))
    report = json.loads(given.report.read_text())
    rows: dict[str, list[float]] = {}
    for how in ("plain", "restained"):
        values = report[f"{given.name}, {given.block}, all labels, {how}"]
        rows[f"macro F1, stain groups left out in turn, learnt from {how} tiles"] = values["macroF1"]
        rows[f"accuracy, stain groups left out in turn, learnt from {how} tiles"] = values["accuracy"]
    golden = np.asarray(Image.open(given.golden).convert("RGB"))
    export_head(head, CRC5, source, TILES_CRC5, metrics(rows), golden, given.out)
    names = ", ".join(c.name for c in CRC5)
    counts = "\n".join(str(row) for row in report[f"{given.name}, {given.block}, all labels, restained"]["confusion"])
    what = f"Linear, softmax, on {given.block} of {source.described()['id']}: {names}."
    trained = (
        "Logistic regression to the end on all 600 tiles and two restained copies of each. Confusion of the six rounds with "
        f"a stain group left out (rows: truth, columns: said, in the order above):\n\n```\n{counts}\n```"
    )
    judged = "Each stain group number left out in turn, tested on tiles as they are; the whole 224 px tile is one patch."
    (given.out / "README.md").write_text(card(TILES_CRC5, what, trained, rows, judged, LIMITS))
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
