"""python models/attention.py --encoder DIR [--block block3] [--json FILE] [--out DIR] [--baseline] [--fine-tune]

HistoTransfer's attention on frozen features of an exported encoder: judged with stain groups and patients left out, then
trained on all and exported. --fine-tune is stage 2: the encoder is tuned on the most attended patches, both are exported.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from eosin_models.attention_training import AttentionPlan, TuningPlan, cross_validate, fine_tune, train_attention
from eosin_models.bags import all_patches
from eosin_models.crc5 import crc5_tiles
from eosin_models.embedding import colour_histogram, folder_embedder
from eosin_models.encoder_card import card, encoder_what, metrics
from eosin_models.encoder_graph import read_weights
from eosin_models.encoder_identity import ATTENTION, ATTENTION_IMAGENET, ATTENTION_TUNED, DISTILLED, TUNED, WINDOW
from eosin_models.encoder_network import SIMCLR_SCALING, FoldedEncoder
from eosin_models.encoders import RESNET18, RESNET18_TO_BLOCK3
from eosin_models.feature_models import Source, export_attention, export_encoder
from eosin_models.sources import PROJECT

NAMES = {
    "bag": "bag AUC, crc5 stain groups left out in turn, seed 1",
    "attention": "AUC of the attention against the tiles' labels",
    "patch": "AUC of the patch prediction against the tiles' labels",
    "glas": "GlaS image AUC, patients left out in turn (130)",
    "glasUnseen": "GlaS image AUC, patients 4 and 9, unseen also by the encoder (34)",
}
JUDGED = (
    "Bags of 12 to 24 tiles; a positive one holds 2 to 5 tiles of adenocarcinoma. Each of the six stain groups (and a sixth "
    "of GlaS's patients) is left out in turn; the interval is a bootstrap over those six. GlaS bags are whole images. "
    "Baseline: the same network on colour histograms."
)
SEEDS = {
    "attention-crc": (
        "One of three seeds, the code's default, is what ships. Bag AUC by seed .955, .925, .921 (mean .934), of "
        "the attention against the tiles' labels .789, .756, .807 (mean .784): .95 and .85 are not reached on "
        "average. Less the twin on ImageNet features, mean of three seeds and paired by fold: bag +.057 (.007 to "
        ".135), of which one fold alone gives +.246; attention +.018 (-.081 to .134) and patch prediction +.006 "
        "(-.019 to .032), no difference."
    ),
    "attention-crc-imagenet": (
        "One of three seeds, the code's default, is what ships. Bag AUC by seed .876, .877, .875, of the attention"
        " against the tiles' labels .780, .768, .751."
    ),
}
LIMITS = [
    "GlaS patients 4 and 9 are 34 images, 6 of them malignant: an AUC of 1 says little there.",
    "crc5 states neither slide nor patient: stain groups stand in for them.",
    "Made-up bags of tiles are not slides; on a whole slide the softmax runs over many more patches than it ever saw.",
    "Adenoma counts as no tumour in crc5; GlaS calls adenomatous images benign.",
]


def rows_of(report: dict[str, list[float]], prefix: str = "") -> dict[str, list[float]]:
    return {f"{prefix}{NAMES[key]}": values for key, values in report.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--block", default="block3")
    parser.add_argument("--side", type=int, default=WINDOW, help="px of a patch at 1 um a pixel")
    parser.add_argument("--baseline", action="store_true", help="judge colour histograms, too")
    parser.add_argument("--fine-tune", action="store_true")
    parser.add_argument("--skip-judging", action="store_true")
    parser.add_argument("--epochs", type=int, default=AttentionPlan.epochs)
    parser.add_argument("--golden", type=Path, default=PROJECT / "models" / "goldens" / "phantom-patch.png")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--out", type=Path, help="folder of model folders")
    given = parser.parse_args()
    torch.set_num_threads(1)
    plan = AttentionPlan(epochs=given.epochs)
    tiles = crc5_tiles()
    patches = all_patches(tiles, given.side)
    features = folder_embedder(given.encoder)(patches.rgb)[given.block]
    report: dict[str, dict[str, list[float]]] = {}
    if not given.skip_judging:
        report["attention"] = cross_validate(tiles, patches, features, plan)
        print("attention", json.dumps(report["attention"]), flush=True)
    if given.baseline:
        report["colour"] = cross_validate(tiles, patches, colour_histogram(patches.rgb), plan)
        print("colour", json.dumps(report["colour"]), flush=True)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")
    if given.out is None:
        return
    golden = np.asarray(Image.open(given.golden).convert("RGB"))
    network = train_attention(tiles, patches, features, -1, plan)
    rows = rows_of(report.get("attention", {}))
    rows |= rows_of(report.get("colour", {}), "colour histogram baseline: ")
    source = Source(given.encoder, given.block)
    identity = ATTENTION_IMAGENET if source.described()["id"] == DISTILLED.id else ATTENTION
    export_attention(network, source, identity, metrics(rows), golden, given.out / identity.id)
    what = (
        f"Linear 256, ReLU, linear 64, ReLU; attention: linear 32, tanh, linear 1 (raw logit); classifier: linear 2. Reads "
        f"{given.block} of {source.described()['id']}. The slide's logits are the attention-weighted mean of the patches'."
    )
    trained = f"Adam, {plan.rate}, {plan.epochs} epochs of {plan.bags} bags of tiles and GlaS's images, one bag a step."
    (given.out / identity.id / "README.md").write_text(
        card(identity, what, trained, rows, JUDGED, [SEEDS[identity.id], *LIMITS])
    )
    if given.fine_tune:
        weights = read_weights(given.encoder / "model.onnx", RESNET18)
        to_block3 = {name: value for name, value in weights.items() if not name.startswith("layer4.")}
        encoder = FoldedEncoder(RESNET18_TO_BLOCK3, to_block3)
        tuning = TuningPlan()
        fine_tune(encoder, network, tiles, patches, features, SIMCLR_SCALING, -1, tuning)
        tuned = given.out / TUNED.id
        export_encoder(RESNET18_TO_BLOCK3, encoder.folded(), SIMCLR_SCALING, TUNED, [], golden, tuned)
        export_attention(network, Source(tuned, "block3"), ATTENTION_TUNED, [], golden, given.out / ATTENTION_TUNED.id)
        trained = (
            f"Stage 2 from {ATTENTION.id}: top {tuning.most_attended} patches of each bag, {tuning.at_once} a step, Adam "
            f"{tuning.rate}, {tuning.epochs} epochs. Not judged: every tile was trained on."
        )
        what = encoder_what(RESNET18_TO_BLOCK3, SIMCLR_SCALING.mean, SIMCLR_SCALING.std)
        (tuned / "README.md").write_text(card(TUNED, what, trained, {}, "", LIMITS))
        pooling = f"{ATTENTION.id}'s layers, tuned with the encoder. Reads block3 of {TUNED.id}."
        file = given.out / ATTENTION_TUNED.id / "README.md"
        file.write_text(card(ATTENTION_TUNED, pooling, trained, {}, "", LIMITS))


if __name__ == "__main__":
    main()
