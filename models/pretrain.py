"""python models/pretrain.py --pack FILE --out DIR [--minutes N | --steps N] [--same-stage]: SimCLR on a view pack.

Goes on from DIR/checkpoint.pt where there is one. Starts from --start (an .npz or an exported encoder's .onnx), else
from the ImageNet layers of ../shared/weights.
"""

import argparse
import json
from pathlib import Path

import torch

from eosin_models.encoder_graph import imagenet_weights, read_weights
from eosin_models.encoder_network import IMAGENET_SCALING, SIMCLR_SCALING, Weights
from eosin_models.encoders import RESNET18, RESNET18_TO_BLOCK3
from eosin_models.folding import rescaled
from eosin_models.items import read_pack
from eosin_models.simclr import SimclrPlan, SimclrTrainer, load_folded
from eosin_models.sources import SHARED
from eosin_models.training import Plan
from eosin_models.views import ViewRecipe


def starting_weights(file: Path | None) -> Weights:
    if file is None:
        return rescaled(imagenet_weights(SHARED), RESNET18_TO_BLOCK3, IMAGENET_SCALING, SIMCLR_SCALING)
    return read_weights(file, RESNET18) if file.suffix == ".onnx" else load_folded(file)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--start", type=Path)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--same-stage", action="store_true")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--batch", type=int, default=SimclrPlan.batch)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    schedule = Plan(
        steps=given.steps,
        minutes=given.minutes,
        warm_up=40,
        decoder_rate=1e-3,
        encoder_rate=3e-4,
        average=0.98,
        decay_from=0.4,
        checkpoint_every=50,
        seed=given.seed,
    )
    pictures = [(item.source, item.image) for item in read_pack(given.pack)]
    plan = SimclrPlan(schedule, batch=given.batch)
    trainer = SimclrTrainer(RESNET18, pictures, ViewRecipe(), plan, starting_weights(given.start))
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "configuration.json").write_text(json.dumps(trainer.configuration(), indent=2) + "\n")
    trainer.run(given.out, given.same_stage)


if __name__ == "__main__":
    main()
