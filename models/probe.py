"""python models/probe.py --encoder NAME=DIR [--encoder NAME=DIR] [--teacher] [--json FILE]

Frozen encoders on tiles/crc5: linear probe and 5-NN by block, differences from the first encoder paired by draw, and the
five-class head with every label. --teacher adds the ImageNet layers of ../shared/weights and the cosine to them.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from eosin_models.augment import restained
from eosin_models.classification import accuracy, interval, macro_f1
from eosin_models.crc5 import crc5_tiles
from eosin_models.embedding import Embedder, cosine_to, folder_embedder, torch_embedder
from eosin_models.encoder_graph import imagenet_weights
from eosin_models.encoder_network import IMAGENET_SCALING, FoldedEncoder
from eosin_models.encoders import RESNET18_TO_BLOCK3
from eosin_models.probing import draws, left_out_in_turn, mean_with_interval, neighbours, probe
from eosin_models.sources import SHARED

TEACHER = "ImageNet (teacher)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", action="append", default=[], help="NAME=DIR of an exported encoder")
    parser.add_argument("--teacher", action="store_true")
    parser.add_argument("--heads", action="store_true", help="also the head with every label (embeds restained tiles)")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    embedders: dict[str, Embedder] = {}
    for text in given.encoder:
        name, _, folder = text.partition("=")
        embedders[name] = folder_embedder(Path(folder))
    if given.teacher:
        teacher = FoldedEncoder(RESNET18_TO_BLOCK3, imagenet_weights(SHARED)).eval()
        embedders[TEACHER] = torch_embedder(teacher, IMAGENET_SCALING)
    tiles = crc5_tiles()
    on = draws(tiles)
    report: dict[str, object] = {}
    scores: dict[str, dict[str, np.ndarray]] = {}
    plain: dict[str, dict[str, np.ndarray]] = {}
    for name, embed in embedders.items():
        plain[name] = embed(tiles.rgb)
        scores[name] = {block: probe(tiles, features, on) for block, features in plain[name].items()}
        for block, features in plain[name].items():
            values = {"probe": mean_with_interval(scores[name][block]), "neighbours": [neighbours(tiles, features)]}
            report[f"{name}, {block}"] = values
            print(name, block, json.dumps(values), flush=True)
    names = list(embedders)
    for other in names[1:]:
        for block in sorted(scores[names[0]].keys() & scores[other].keys()):
            difference = scores[names[0]][block] - scores[other][block]
            report[f"{names[0]} minus {other}, {block}"] = {"probe": [float(difference.mean()), *interval(difference)]}
            print(names[0], "minus", other, block, report[f"{names[0]} minus {other}, {block}"])
    if given.teacher:
        for name in names:
            for block in sorted(plain[name].keys() & plain[TEACHER].keys()) if name != TEACHER else ():
                cosine = cosine_to(plain[name][block], plain[TEACHER][block])
                report[f"{name} to the teacher, {block}"] = {"cosine": [float(cosine.mean()), *interval(cosine)]}
                print(name, "cosine to the teacher", block, cosine.mean())
        # What the distilled encoder is taught: a restained tile should give what the teacher says of the tile itself.
        changed = restained(tiles.rgb, 3)
        for name in names:
            for block, features in embedders[name](changed).items():
                if block in plain[TEACHER]:
                    cosine = cosine_to(features, plain[TEACHER][block])
                    key = f"{name} of restained tiles to the teacher of tiles, {block}"
                    report[key] = {"cosine": [float(cosine.mean()), *interval(cosine)]}
                    print(key, report[key])
    if given.heads:
        for name in names:
            block = "block3"
            views = [plain[name][block], *(embedders[name](restained(tiles.rgb, seed))[block] for seed in (1, 2))]
            for how, used in (("plain", views[:1]), ("restained", views)):
                table = left_out_in_turn(tiles, used)
                values = {"macroF1": [macro_f1(table)], "accuracy": [accuracy(table)], "confusion": table.tolist()}
                report[f"{name}, {block}, all labels, {how}"] = values
                print(name, block, how, json.dumps(values), flush=True)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
