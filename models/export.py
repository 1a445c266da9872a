"""python models/export.py --weights FILE [--metrics FILE] [--golden PNG]: writes public/models/cerberus-lite.

--metrics is what evaluate.py --json wrote for these weights; --golden a phantom patch of a seed below 1000.
"""

import argparse
import json
from pathlib import Path

import numpy as np
from PIL import Image

from eosin_models.architecture import CERBERUS_LITE
from eosin_models.card import card
from eosin_models.exporting import export, largest_difference
from eosin_models.identity import CERBERUS_LITE_IDENTITY, SETTINGS, manifest_metrics
from eosin_models.run import network_input
from eosin_models.sources import PROJECT
from eosin_models.training import load_weights

TOLERANCE = 1e-4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--metrics", type=Path)
    parser.add_argument("--transfer", type=Path, help="what transfer.py --json wrote for these weights")
    parser.add_argument("--views", type=Path, nargs="+", help="what `npm run evaluate -- --views N --json` wrote, one a number")
    parser.add_argument("--golden", type=Path, default=PROJECT / "models" / "goldens" / "phantom-patch.png")
    parser.add_argument("--out", type=Path, default=PROJECT / "public" / "models" / "cerberus-lite")
    parser.add_argument("--trained", default="See models/weights/cerberus-lite for the log and configuration.")
    given = parser.parse_args()
    network = load_weights(given.weights, CERBERUS_LITE)
    golden = np.asarray(Image.open(given.golden).convert("RGB"))
    difference = largest_difference(network, network_input(golden))
    print(f"PyTorch against ONNX, fp32: largest difference {difference:.2e}, tolerance {TOLERANCE:.0e}")
    if difference > TOLERANCE:
        raise SystemExit("PyTorch and ONNX disagree")
    views = [json.loads(file.read_text()) for file in given.views or ()]
    metrics = manifest_metrics(json.loads(given.metrics.read_text()), views) if given.metrics else []
    if given.metrics:
        transfer = json.loads(given.transfer.read_text()) if given.transfer else None
        text = card(CERBERUS_LITE, json.loads(given.metrics.read_text()), given.trained, transfer, views)
        given.out.mkdir(parents=True, exist_ok=True)
        (given.out / "README.md").write_text(text)
    export(network, CERBERUS_LITE_IDENTITY, SETTINGS, metrics, golden, given.out)
    print(f"wrote {given.out}")


if __name__ == "__main__":
    main()
