"""python models/learn_tiles.py --out DIR: the crc5 tiles as features of the shipped encoders, for bench/learn-tiles.ts.

Writes labels.bin (uint8), groups.bin (uint32, stain groups) and, for each block, ENCODER.BLOCK.plain.bin and .copy.bin
(float32 [600, width], little-endian); a copy is the tile restained once.
"""

import argparse
from pathlib import Path

import numpy as np
import torch

from eosin_models.crc5 import crc5_tiles
from eosin_models.embedding import folder_embedder
from eosin_models.sources import PROJECT
from probe import restained

ENCODERS = ("resnet18-simclr", "resnet18-imagenet-distilled", "efficientnet-lite0-imagenet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    torch.set_num_threads(1)
    given.out.mkdir(parents=True, exist_ok=True)
    tiles = crc5_tiles()
    tiles.labels.astype(np.uint8).tofile(given.out / "labels.bin")
    tiles.groups.astype("<u4").tofile(given.out / "groups.bin")
    views = {"plain": tiles.rgb, "copy": restained(tiles.rgb, 1)}
    for encoder in ENCODERS:
        embed = folder_embedder(PROJECT / "public" / "models" / encoder)
        for view, rgb in views.items():
            for block, features in embed(rgb).items():
                np.ascontiguousarray(features, "<f4").tofile(given.out / f"{encoder}.{block}.{view}.bin")


if __name__ == "__main__":
    main()
