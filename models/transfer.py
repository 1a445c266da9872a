"""python models/transfer.py [--model DIR] [--json FILE]: do few labels suffice on the multi-task network's features?

Nuclear types on the five CoNSeP images that no training saw. A linear head learns from a few nuclei a type of four of
them and is tested on all of the fifth, each image in turn, 20 draws; the heads differ only in the features: the
multi-task network's `features`, or a block of the ImageNet encoder it started from, pooled over the same true masks.
The multi-task network did see types of CoNSeP's other images: this is transfer to new images, not to new types.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from eosin_models.classification import confusion, fit_linear, interval, macro_f1
from eosin_models.classes import NUCLEI
from eosin_models.encoder_graph import imagenet_weights
from eosin_models.encoder_network import IMAGENET_SCALING, FoldedEncoder
from eosin_models.encoders import RESNET18_TO_BLOCK3, block_names
from eosin_models.evaluation import Case, consep_val
from eosin_models.items import NETWORK_MPP
from eosin_models.object_features import pooled_over
from eosin_models.run import network_input, resampled, session
from eosin_models.sources import PROJECT, SHARED

FEW = (5, 10, 20, 50)  # labelled nuclei a type
DRAWS = 20
OURS = "features"


def maps_of_case(case: Case, model: object, encoder: FoldedEncoder, multiple: int) -> dict[str, np.ndarray]:
    """Every candidate's maps of the whole image, [channels, h, w], cut to the image's field."""
    rgb = resampled(case.rgb, case.mpp / NETWORK_MPP)
    height, width = rgb.shape[:2]
    padded = np.pad(rgb, ((0, -height % multiple), (0, -width % multiple), (0, 0)), mode="symmetric")
    (features,) = model.run([OURS], {"image": network_input(padded)})
    with torch.no_grad():
        image = torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 255
        blocks = encoder(IMAGENET_SCALING.apply(image))
    maps = {OURS: features[0].astype(np.float32)}
    maps |= {f"ImageNet {name}": x[0].numpy() for name, x in zip(block_names(encoder.shape), blocks, strict=True)}
    return {
        name: x[:, : -(-height * x.shape[1] // padded.shape[0]), : -(-width * x.shape[2] // padded.shape[1])]
        for name, x in maps.items()
    }


def scores_of(features: np.ndarray, types: np.ndarray, images: np.ndarray, per_type: int, seed: int) -> np.ndarray:
    """Macro F1 [draws], each pooled over the images left out in turn. The same seed draws the same nuclei."""
    random = np.random.default_rng(seed)
    out = []
    for _ in range(DRAWS):
        table = np.zeros((len(NUCLEI), len(NUCLEI)), np.int64)
        for image in np.unique(images):
            known = np.flatnonzero(images != image)
            chosen = [random.permutation(known[types[known] == t])[:per_type] for t in range(len(NUCLEI))]
            learn, test = np.concatenate(chosen), images == image
            head = fit_linear(features[learn], types[learn], len(NUCLEI))
            table += confusion(types[test], head.predict(features[test]), len(NUCLEI))
        out.append(macro_f1(table))
    return np.array(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, default=PROJECT / "public" / "models" / "cerberus-lite")
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    torch.set_num_threads(1)
    described = json.loads((given.model / "model.json").read_text())
    model = session(given.model / described["file"])
    encoder = FoldedEncoder(RESNET18_TO_BLOCK3, imagenet_weights(SHARED)).eval()
    rows: dict[str, list[np.ndarray]] = {}
    types, images = [], []
    for index, case in enumerate(consep_val()):
        labels = case.labels["nuclei"]
        present = np.unique(labels)[1:] - 1
        for name, maps in maps_of_case(case, model, encoder, described["input"]["multiple"]).items():
            rows.setdefault(name, []).append(pooled_over(maps, labels)[present])
        types.append(case.types[present])
        images.append(np.full(len(present), index))
    kind, image = np.concatenate(types), np.concatenate(images)
    print({c.name: int((kind == i).sum()) for i, c in enumerate(NUCLEI)}, flush=True)
    report: dict[str, object] = {"nuclei": len(kind)}
    for few in FEW:
        scores = {name: scores_of(np.concatenate(x), kind, image, few, few) for name, x in rows.items()}
        for name, values in scores.items():
            report[f"{name}, {few} a type"] = [float(values.mean()), *interval(values)]
            difference = scores[OURS] - values
            if name != OURS:
                report[f"{OURS} minus {name}, {few} a type"] = [float(difference.mean()), *interval(difference)]
        for key in [k for k in report if k.endswith(f", {few} a type")]:
            print(key, json.dumps(report[key]), flush=True)
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
