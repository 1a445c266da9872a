"""python models/distil.py --pack FILE --out DIR [--minutes N | --steps N]: the ImageNet encoder to block 3, taught by
the layers in ../shared/weights on the pictures of a view pack (pack.py --views)."""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import torch

from eosin_models.distillation import Distillation
from eosin_models.encoder_graph import imagenet_weights
from eosin_models.encoder_network import IMAGENET_SCALING, FoldedEncoder
from eosin_models.encoders import RESNET18_TO_BLOCK3
from eosin_models.items import read_pack
from eosin_models.sources import SHARED
from eosin_models.training import Plan
from eosin_models.views import ViewRecipe

RECIPE = ViewRecipe(side=112, strength=0.35, grey=0.0, blurred=0.3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=32)
    given = parser.parse_args()
    torch.set_num_threads(1)
    plan = Plan(steps=given.steps, minutes=given.minutes, warm_up=20, encoder_rate=2e-4, average=0.98, decay_from=0.3)
    teacher = FoldedEncoder(RESNET18_TO_BLOCK3, imagenet_weights(SHARED))
    pictures = [(item.source, item.image) for item in read_pack(given.pack)]
    given.out.mkdir(parents=True, exist_ok=True)
    configuration = {"plan": asdict(plan), "recipe": asdict(RECIPE), "batch": given.batch}
    (given.out / "configuration.json").write_text(json.dumps(configuration, indent=2) + "\n")
    Distillation(teacher, IMAGENET_SCALING, pictures, RECIPE, plan, given.batch).run(given.out)


if __name__ == "__main__":
    main()
