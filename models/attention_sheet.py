"""python models/attention_sheet.py --encoder DIR --features FILE: what the attention gets wrong, to be looked at.

Each stain group is left out in turn; of its tiles, those without tumour that are attended most and those of
adenocarcinoma that are attended least go to .sheets/, which git ignores (the data's terms); their classes are printed.
A tile's attention is the mean of its patches', in deviations from the mean of its stain group.
"""

import argparse
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from attention import views_of
from eosin_models.attention_training import AttentionPlan, train_committee
from eosin_models.bags import all_patches
from eosin_models.crc5 import CRC5, GROUPS, crc5_tiles
from eosin_models.encoder_identity import WINDOW
from eosin_models.feature_models import Source
from eosin_models.sources import PROJECT

WORST, ACROSS = 24, 8  # tiles of each kind, and of a row


def sheet(tiles: np.ndarray) -> np.ndarray:
    rows = [np.concatenate(list(tiles[start : start + ACROSS]), axis=1) for start in range(0, len(tiles), ACROSS)]
    return np.concatenate(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--block", default="block3")
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=PROJECT / ".sheets")
    given = parser.parse_args()
    torch.set_num_threads(1)
    tiles, source = crc5_tiles(), Source(given.encoder, given.block)
    patches = all_patches(tiles, WINDOW)
    views = views_of(patches, source, given.features)
    attended = np.zeros(len(tiles.labels))
    for fold in range(GROUPS):
        committee, _ = train_committee(tiles, patches, views, [fold], AttentionPlan())
        mine = tiles.groups == fold
        with torch.no_grad():
            said = committee(torch.from_numpy(views[0][patches.tiles[mine].ravel()])).attention.reshape(int(mine.sum()), -1)
        values = said.mean(1).numpy()
        attended[mine] = (values - values.mean()) / values.std()
    given.out.mkdir(exist_ok=True)
    tumour = tiles.labels == 0
    for name, rows, order in (
        ("attended without tumour", np.flatnonzero(~tumour), -attended),
        ("tumour that is not attended", np.flatnonzero(tumour), attended),
    ):
        worst = rows[np.argsort(order[rows])][:WORST]
        Image.fromarray(sheet(tiles.rgb[worst])).save(given.out / f"{source.described()['id']}, {name}.png")
        print(name, dict(Counter(CRC5[label].name for label in tiles.labels[worst])), np.round(attended[worst], 1).tolist())


if __name__ == "__main__":
    main()
