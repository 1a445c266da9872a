"""python models/whole_encoder.py [--epochs N]: a whole encoder trained for the crc5 tiles, beside a head on frozen features.

For docs/learn.md: what a head spares. ResNet-18 to block 3 from the ImageNet layers with a linear layer, every weight
learnt; the last stain group of each class is left out. Prints after each epoch the seconds of one core so far and the macro F1
on the tiles left out.
"""

import argparse
import time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from eosin_models.classification import confusion, macro_f1
from eosin_models.crc5 import CRC5, GROUPS, crc5_tiles
from eosin_models.encoder_graph import read_weights
from eosin_models.encoder_identity import DISTILLED
from eosin_models.encoder_network import IMAGENET_SCALING, FoldedEncoder, pooled
from eosin_models.encoders import RESNET18_TO_BLOCK3
from eosin_models.hardware import autocast
from eosin_models.sources import PROJECT

BATCH = 16


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=8)
    given = parser.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(1)
    tiles = crc5_tiles()
    out = tiles.groups == GROUPS - 1
    weights = read_weights(PROJECT / "public" / "models" / DISTILLED.id / "model.onnx", RESNET18_TO_BLOCK3)
    encoder = FoldedEncoder(RESNET18_TO_BLOCK3, weights).to(memory_format=torch.channels_last)
    with torch.no_grad():
        width = pooled(encoder(torch.zeros(1, 3, 64, 64)))[-1].shape[1]
    head = nn.Linear(width, len(CRC5))
    optimizer = torch.optim.AdamW(
        [{"params": encoder.parameters(), "lr": 1e-4}, {"params": head.parameters(), "lr": 1e-3}], weight_decay=1e-2
    )

    def logits(rgb: np.ndarray) -> torch.Tensor:
        image = torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255
        with autocast(torch.device("cpu")):
            maps = encoder(IMAGENET_SCALING.apply(image).contiguous(memory_format=torch.channels_last))
        return head(pooled(maps)[-1])

    learnt = np.flatnonzero(~out)
    generator = np.random.default_rng(1)
    started, paused = time.process_time(), 0.0
    for epoch in range(1, given.epochs + 1):
        generator.shuffle(learnt)
        for at in range(0, len(learnt), BATCH):
            rows = learnt[at : at + BATCH]
            optimizer.zero_grad()
            F.cross_entropy(logits(tiles.rgb[rows]), torch.from_numpy(tiles.labels[rows])).backward()
            optimizer.step()
        seconds, judging = time.process_time() - started - paused, time.process_time()
        with torch.no_grad():
            said = np.concatenate([logits(part).argmax(1).numpy() for part in np.array_split(tiles.rgb[out], 10)])
        paused += time.process_time() - judging
        score = macro_f1(confusion(tiles.labels[out], said, len(CRC5)))
        print(f"epoch {epoch}: {seconds:.1f} s of one core, macro F1 {score:.3f} on {out.sum()} tiles left out", flush=True)


if __name__ == "__main__":
    main()
