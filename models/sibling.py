"""python models/sibling.py: the tests' tiny network of cerberus-lite's form, trained for a minute on made-up tissue.

At most 10,000 parameters, so that a software GPU can run it: end-to-end tests compare WebGPU with WASM on it.
"""

import argparse
from pathlib import Path

import torch

from eosin_models.architecture import SIBLING
from eosin_models.batches import Recipe
from eosin_models.exporting import export, largest_difference
from eosin_models.made_up import GLAND_SOURCE, NUCLEI_SOURCE, items, scene
from eosin_models.manifest import Identity
from eosin_models.postprocess import Settings
from eosin_models.run import network_input
from eosin_models.sources import PROJECT
from eosin_models.training import Plan, Trainer

IDENTITY = Identity(
    id="cerberus-sibling",
    name="Cerberus sibling (tests)",
    version="0.1.0",
    summary="A tiny network of cerberus-lite's form for tests; it has seen made-up ellipses only and means nothing.",
    licence="Apache-2.0",
    licence_note="Made by this project's code from made-up images.",
    data=("made-up ellipses (models/eosin_models/made_up.py)",),
    window=64,
    margin=0,
)
RECIPE = Recipe(
    nuclei_tiles=4,
    nuclei_size=64,
    gland_tiles=4,
    gland_size=128,
    tissue_tiles=2,
    tissue_size=64,
    nuclei_sources=((NUCLEI_SOURCE, 1.0),),
    gland_sources=((GLAND_SOURCE, 1.0),),
    tissue_cell=32,
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--out", type=Path, default=PROJECT / "e2e" / "fixtures" / "models" / "cerberus-sibling")
    given = parser.parse_args()
    torch.set_num_threads(1)
    plan = Plan(steps=given.steps, encoder_rate=Plan.decoder_rate, average=0.98)
    trainer = Trainer(SIBLING, items(1, 12, 192), RECIPE, plan, {})
    for step in range(given.steps):
        parts = trainer.step(step, plan.progress(step, 0))
        if step % 100 == 0:
            print(step, {name: round(value, 3) for name, value in parts.items()}, flush=True)
    network = trainer.averaged()
    golden = scene(101, 64, 0.5).rgb
    print(f"PyTorch against ONNX: {largest_difference(network, network_input(golden)):.2e}")
    export(network, IDENTITY, Settings(), [], golden, given.out)


if __name__ == "__main__":
    main()
