"""python models/learn_nuclei.py --out DIR: nuclei of CoNSeP's left-out images as features, for bench/learn-nuclei.ts.

Writes types.bin (uint8, as in classes.NUCLEI), images.bin (uint32) and features.bin (float32 [nuclei, 64],
little-endian): the multi-task network's `features`, pooled over the true masks.
"""

import argparse
import json
from pathlib import Path

import numpy as np

from eosin_models.evaluation import consep_val
from eosin_models.items import NETWORK_MPP
from eosin_models.object_features import pooled_over
from eosin_models.run import network_input, resampled, session
from eosin_models.sources import PROJECT

MODEL = PROJECT / "public" / "models" / "cerberus-lite"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    described = json.loads((MODEL / "model.json").read_text())
    model, multiple = session(MODEL / described["file"]), described["input"]["multiple"]
    rows, types, images = [], [], []
    for index, case in enumerate(consep_val()):
        rgb = resampled(case.rgb, case.mpp / NETWORK_MPP)
        height, width = rgb.shape[:2]
        padded = np.pad(rgb, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="symmetric")
        (maps,) = model.run(["features"], {"image": network_input(padded)})
        labels = case.labels["nuclei"]
        present = np.unique(labels)[1:] - 1
        cells = -(-height * maps.shape[2] // padded.shape[0]), -(-width * maps.shape[3] // padded.shape[1])
        rows.append(pooled_over(maps[0, :, : cells[0], : cells[1]], labels)[present])
        types.append(case.types[present])
        images.append(np.full(len(present), index))
    np.concatenate(rows).astype("<f4").tofile(given.out / "features.bin")
    np.concatenate(types).astype(np.uint8).tofile(given.out / "types.bin")
    np.concatenate(images).astype("<u4").tofile(given.out / "images.bin")


if __name__ == "__main__":
    main()
