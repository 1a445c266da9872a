"""python models/train.py --pack FILE --out DIR [--minutes N | --steps N] [--start WEIGHTS | --resume CHECKPOINT [--same-stage]]"""

import argparse
import json
from dataclasses import asdict, replace
from pathlib import Path

import torch

from eosin_models.architecture import CERBERUS_LITE
from eosin_models.batches import Recipe
from eosin_models.hardware import device
from eosin_models.items import read_encoder, read_pack
from eosin_models.share import Share
from eosin_models.teacher import TAUGHT, teach
from eosin_models.training import Plan, Trainer, load_weights


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pack", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=0.0)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--start", type=Path, help="weights.npz of an earlier training; the optimizer starts anew")
    parser.add_argument("--resume", type=Path)
    parser.add_argument("--same-stage", action="store_true")
    parser.add_argument("--threads", type=int, default=0, help="0: one, and more while the machine is idle")
    parser.add_argument("--rate", type=float, default=1.0, help="factor on both learning rates")
    parser.add_argument("--average", type=float, default=Plan.average)
    parser.add_argument("--phantoms", type=float, default=0.15, help="share of phantoms, where the pack has them")
    parser.add_argument("--tiles", type=int, nargs=3, metavar=("NUCLEI", "GLANDS", "TISSUE"), help="of one step")
    parser.add_argument("--only", choices=("nuclei", "glands"), default="", help="one decoder alone, the rest frozen")
    parser.add_argument("--brightest", type=float, default=Recipe.brightest, help="the most that light is multiplied by")
    parser.add_argument("--together", type=float, default=Recipe.together, help="how often all stains change alike")
    parser.add_argument("--teacher", type=Path, help="weights.npz whose view of nuclei is taught beside the labels")
    parser.add_argument("--taught", type=float, default=0.35, help="share of gland images, whose nuclei it alone outlines")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads or 1)
    recipe = Recipe()
    nuclei, glands, tissue = given.tiles or (recipe.nuclei_tiles, recipe.gland_tiles, recipe.tissue_tiles)
    recipe = replace(
        recipe,
        nuclei_tiles=nuclei,
        gland_tiles=glands,
        tissue_tiles=tissue,
        brightest=given.brightest,
        together=given.together,
        nuclei_sources=(*recipe.nuclei_sources, ("phantom", given.phantoms), (TAUGHT, given.taught)),
        gland_sources=(*recipe.gland_sources, ("phantom", given.phantoms)),
    )
    plan = Plan(
        steps=given.steps,
        minutes=given.minutes,
        decoder_rate=Plan.decoder_rate * given.rate,
        encoder_rate=Plan.encoder_rate * given.rate,
        average=given.average,
        seed=given.seed,
        only=given.only,
    )
    share = None if given.threads else Share()
    items = list(read_pack(given.pack))
    if given.teacher:
        items = teach(load_weights(given.teacher, CERBERUS_LITE).to(device()), items)
    trainer = Trainer(CERBERUS_LITE, items, recipe, plan, read_encoder(given.pack), share)
    given.out.mkdir(parents=True, exist_ok=True)
    configuration = {"plan": asdict(plan), "recipe": asdict(recipe), "device": str(trainer.device)}
    (given.out / "configuration.json").write_text(json.dumps(configuration, indent=2) + "\n")
    if given.start:
        trainer.start_from(given.start)
    trainer.run(given.out, given.resume, given.same_stage)


if __name__ == "__main__":
    main()
