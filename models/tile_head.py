"""python models/tile_head.py --encoder DIR --report FILE --out DIR: tiles-crc5, the five classes on frozen features.

Learns from every tile and two restained copies of each; the report (probe.py --heads --json) says how it does on stain
groups left out, under the encoder's name given as --name.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from eosin_models.augment import restained
from eosin_models.classification import fit_linear
from eosin_models.crc5 import CRC5, crc5_tiles
from eosin_models.embedding import folder_embedder
from eosin_models.encoder_card import card, metrics
from eosin_models.encoder_identity import TILES_CRC5
from eosin_models.feature_models import Source, export_head
from eosin_models.record import KEPT, keep, took
from eosin_models.sources import PROJECT

USE = (
    "To show on colorectal H&E how a head on frozen features classes patches, and as a start for heads that a user teaches. "
    "Not to class a biopsy: it knows no other tissue and was never judged on slides."
)
LIMITS = [
    "Stain is mixed up with class in crc5 (villous is darker); slide and patient are not known.",
    "Labels are regions': some tiles show stroma or blood only.",
    "It knows five classes of colon and calls everything one of them.",
    "Its encoder was chosen among three by this very figure, which flatters it a little: macro F1, restained, at block 3 "
    "EfficientNet-Lite0 .760, ImageNet distilled .731, SimCLR .699.",
]


def mixed_up(table: np.ndarray, most: int = 3) -> str:
    """The classes that are taken for one another most, of a confusion [truth, said]."""
    wrong = table * (1 - np.eye(len(table), dtype=table.dtype))
    order = np.argsort(-wrong, axis=None)[:most]
    pairs = [tuple(int(x) for x in np.unravel_index(place, wrong.shape)) for place in order]
    named = (f"{CRC5[a].name.lower()} as {CRC5[b].name.lower()} ({wrong[a, b]} of {table[a].sum()})" for a, b in pairs)
    return "Most often wrong, learnt from restained tiles: " + "; ".join(named) + "."


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--block", default="block3")
    parser.add_argument("--name", default="EfficientNet", help="of the encoder, in the report")
    parser.add_argument("--report", type=Path, required=True)
    parser.add_argument("--golden", type=Path, default=PROJECT / "models" / "goldens" / "phantom-patch.png")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder of records")
    given = parser.parse_args()
    torch.set_num_threads(1)
    tiles, source = crc5_tiles(), Source(given.encoder, given.block)
    embed = folder_embedder(given.encoder)
    views = [embed(rgb)[given.block] for rgb in (tiles.rgb, restained(tiles.rgb, 1), restained(tiles.rgb, 2))]
    started = time.monotonic()
    head = fit_linear(np.concatenate(views), np.tile(tiles.labels, len(views)), len(CRC5))
    minutes = (time.monotonic() - started) / 60
    report = json.loads(given.report.read_text())
    report_part = {
        key: values for key, values in report.items() if key.startswith(f"{given.name}, ") and "all labels" in key
    }
    rows: dict[str, list[float]] = {}
    for how in ("plain", "restained"):
        values = report[f"{given.name}, {given.block}, all labels, {how}"]
        rows[f"macro F1, stain groups left out in turn, learnt from {how} tiles"] = values["macroF1"]
        rows[f"accuracy, stain groups left out in turn, learnt from {how} tiles"] = values["accuracy"]
    golden = np.asarray(Image.open(given.golden).convert("RGB"))
    export_head(head, CRC5, source, TILES_CRC5, metrics(rows), golden, given.out)
    names = ", ".join(c.name for c in CRC5)
    confusion = report[f"{given.name}, {given.block}, all labels, restained"]["confusion"]
    counts = "\n".join(str(row) for row in confusion)
    what = f"Linear, softmax, on {given.block} of {source.described()['id']}: {names}."
    trained = (
        f"Logistic regression to the end on all 600 tiles and two restained copies of each. {took(minutes)} Confusion of "
        f"the six rounds with a stain group left out (rows: truth, columns: said, in the order above):\n\n```\n{counts}\n```"
    )
    judged = "Each stain group number left out in turn, tested on tiles as they are; the whole 224 px tile is one patch."
    failures = [mixed_up(np.array(confusion))]
    (given.out / "README.md").write_text(card(TILES_CRC5, USE, what, trained, rows, judged, LIMITS, failures))
    right = float((head.predict(np.concatenate(views)) == np.tile(tiles.labels, len(views))).mean())
    configuration = {"reads": source.described(), "views": len(views), "tiles": len(tiles.labels), "minutes": minutes}
    keep(given.kept / TILES_CRC5.id, configuration, [{"accuracyOnWhatItLearntFrom": right}], {"judged": report_part})
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
