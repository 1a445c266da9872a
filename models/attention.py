"""python models/attention.py --encoder DIR --features FILE --out DIRS [--baseline] [--fine-tune]

HistoTransfer's attention on frozen features of an exported encoder: judged with stain groups and patients left out, then
trained on all and exported, with its configuration, log and report in models/weights/. --features names a file where the
patches' features are kept, or will be (of the patches, and of three restained copies: minutes). --fine-tune is stage 2:
the encoder is tuned on the most attended patches, both are judged and exported.
"""

import argparse
import json
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from eosin_models.attention_card import (
    FAILURES,
    JUDGED,
    LIMITS,
    TUNED_USE,
    USE,
    beside_frozen,
    by_training,
    report_of,
    rows_of,
    trained_text,
    tuned_text,
    what_it_is,
)
from eosin_models.attention_training import AttentionPlan, FoldScores, cross_validate, train_committee
from eosin_models.attention_tuning import TuningPlan, cross_validate_tuned, fine_tune
from eosin_models.augment import restained
from eosin_models.bags import Patches, all_patches
from eosin_models.crc5 import Tiles, crc5_tiles
from eosin_models.embedding import colour_histogram
from eosin_models.encoder_card import card, encoder_what, metrics
from eosin_models.encoder_graph import read_weights
from eosin_models.encoder_identity import ATTENTION, ATTENTION_IMAGENET, ATTENTION_TUNED, DISTILLED, TUNED, WINDOW
from eosin_models.encoder_network import SIMCLR_SCALING, FoldedEncoder
from eosin_models.encoders import RESNET18, RESNET18_TO_BLOCK3
from eosin_models.feature_models import Source, export_attention, export_encoder
from eosin_models.record import KEPT, keep
from eosin_models.sources import PROJECT

RESTAINED = (1, 2, 3)  # seeds


def views_of(patches: Patches, source: Source, file: Path) -> np.ndarray:
    """[1 + RESTAINED, patches, features]; from `file` where it is there, else into it."""
    if not file.exists():
        views = [patches.rgb, *(restained(patches.rgb, seed) for seed in RESTAINED)]
        np.save(file, np.stack([source.features(rgb) for rgb in views]).astype(np.float32))
    return np.load(file)


def trainings_of(
    tiles: Tiles, patches: Patches, views: np.ndarray, plan: AttentionPlan, count: int, name: str
) -> list[list[FoldScores]]:
    trainings = []
    for seed in range(1, count + 1):
        trainings.append(cross_validate(tiles, patches, views, replace(plan, seed=seed)))
        print(name, seed, json.dumps(report_of(trainings[-1:])), flush=True)
    return trainings


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--block", default="block3")
    parser.add_argument("--features", type=Path, required=True, help="an .npy file")
    parser.add_argument("--trainings", type=int, default=5, help="how many are judged; the first seed's ships")
    parser.add_argument("--baseline", action="store_true", help="judge colour histograms, too")
    parser.add_argument("--fine-tune", action="store_true")
    parser.add_argument("--golden", type=Path, default=PROJECT / "models" / "goldens" / "phantom-patch.png")
    parser.add_argument("--out", type=Path, required=True, help="folder of model folders")
    parser.add_argument("--kept", type=Path, default=KEPT, help="folder of records")
    given = parser.parse_args()
    torch.set_num_threads(1)
    plan, tiles, source = AttentionPlan(), crc5_tiles(), Source(given.encoder, given.block)
    patches = all_patches(tiles, WINDOW)
    views = views_of(patches, source, given.features)
    encoder_id = str(source.described()["id"])
    identity = ATTENTION_IMAGENET if encoder_id == DISTILLED.id else ATTENTION
    golden = np.asarray(Image.open(given.golden).convert("RGB"))

    trainings = trainings_of(tiles, patches, views, plan, given.trainings, encoder_id)
    rows, report = rows_of(trainings), {"trainings": report_of(trainings)}
    if given.baseline:
        colours = np.stack([colour_histogram(patches.rgb)])
        baseline = trainings_of(tiles, patches, colours, plan, 1, "colour histogram")
        rows |= rows_of(baseline, "colour histogram baseline: ")
        report |= {"colour histogram": report_of(baseline)}
    started = time.monotonic()
    committee, log = train_committee(tiles, patches, views, [], plan)
    minutes = (time.monotonic() - started) / 60
    folder = given.out / identity.id
    export_attention(committee, source, identity, metrics(rows), golden, folder)
    trained = trained_text(plan, len(views), minutes)
    limits = [by_training(trainings), *LIMITS]
    what, failures = what_it_is(plan, given.block, encoder_id), FAILURES[identity.id]
    (folder / "README.md").write_text(card(identity, USE, what, trained, rows, JUDGED, limits, failures))
    configuration = {"plan": asdict(plan), "restained": RESTAINED, "reads": source.described(), "minutes": minutes}
    keep(given.kept / identity.id, configuration, [asdict(line) for line in log], report)
    if not given.fine_tune:
        return

    tuning = TuningPlan()
    weights = read_weights(given.encoder / "model.onnx", RESNET18)
    to_block3 = {name: value for name, value in weights.items() if not name.startswith("layer4.")}
    tuned_trainings = [
        cross_validate_tuned(RESNET18_TO_BLOCK3, to_block3, SIMCLR_SCALING, tiles, patches, views, plan, tuning)
    ]
    rows, report = rows_of(tuned_trainings), {"trainings": report_of(tuned_trainings)}
    print("tuned", json.dumps(report), flush=True)
    encoder = FoldedEncoder(RESNET18_TO_BLOCK3, to_block3)
    started = time.monotonic()
    losses = fine_tune(encoder, committee, tiles, patches, views[0], SIMCLR_SCALING, [], tuning)
    minutes = (time.monotonic() - started) / 60
    tuned = given.out / TUNED.id
    export_encoder(RESNET18_TO_BLOCK3, encoder.folded(), SIMCLR_SCALING, TUNED, metrics(rows), golden, tuned)
    folder, read = given.out / ATTENTION_TUNED.id, Source(tuned, "block3")
    export_attention(committee, read, ATTENTION_TUNED, metrics(rows), golden, folder)
    trained = tuned_text(tuning, minutes, ATTENTION.id)
    limits = [beside_frozen(tuned_trainings[0], trainings[0]), *LIMITS]
    failures = FAILURES[ATTENTION_TUNED.id]
    what = encoder_what(RESNET18_TO_BLOCK3, SIMCLR_SCALING.mean, SIMCLR_SCALING.std)
    (tuned / "README.md").write_text(card(TUNED, TUNED_USE, what, trained, rows, JUDGED, limits, failures))
    what = f"{what_it_is(plan, 'block3', TUNED.id)} {ATTENTION.id}'s layers, tuned with the encoder."
    (folder / "README.md").write_text(card(ATTENTION_TUNED, USE, what, trained, rows, JUDGED, limits, failures))
    configuration = {"plan": asdict(plan), "tuning": asdict(tuning), "reads": source.described(), "minutes": minutes}
    for identity in (TUNED, ATTENTION_TUNED):
        lines = [{"epoch": epoch, "loss": loss} for epoch, loss in enumerate(losses)]
        keep(given.kept / identity.id, configuration, lines, report)


if __name__ == "__main__":
    main()
