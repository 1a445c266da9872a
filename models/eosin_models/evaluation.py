"""Scores of an exported network on the committed validation lists, by the reference post-processing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from .augment import blur, stain_by
from .classes import CONSEP_TO_NUCLEI, NUCLEI, TISSUE, tissue_index
from .coding import damage
from .items import NETWORK_MPP
from .lumina import lumina_of
from .metrics import SUMMARIES, Score, macro_f1, matched_classes, score, with_interval
from .pack import resize_labels
from .phantom import read_phantoms
from .postprocess import Settings, gland_instances, lumen_instances, nuclei_classes, nuclei_instances
from .run import Maps, resampled, run_image
from .sources import Picture, listed, pictures

NUCLEI_METRICS = ("dice", "aji", "pq", "dq", "sq", "f1")
GLAND_METRICS = ("objectF1", "objectDice", "objectHausdorff", "dice", "pq")
# CRC-VAL-HE-7K's names for our classes; muscle counts as stroma, which is what the head was taught.
CRC_TISSUE = {
    "ADI": "Adipose",
    "LYM": "Lymphocytes",
    "MUC": "Debris and mucus",
    "MUS": "Stroma",
    "NORM": "Normal mucosa",
    "STR": "Stroma",
    "TUM": "Tumour",
}
Change = Callable[[np.ndarray], np.ndarray]


def _changed(step: Callable[[torch.Tensor], torch.Tensor]) -> Change:
    def change(rgb: np.ndarray) -> np.ndarray:
        height, width = rgb.shape[:2]
        padded = np.pad(rgb, ((0, -height % 16), (0, -width % 16), (0, 0)), mode="edge")
        image = torch.from_numpy(padded.astype(np.float32)).permute(2, 0, 1) / 255
        out = (step(image).clamp(0, 1) * 255).round().to(torch.uint8)
        return out.permute(1, 2, 0).numpy()[:height, :width]

    return change


CHANGES: dict[str, Change] = {
    "as they are": lambda rgb: rgb,
    "darker by a quarter": _changed(lambda x: x * 0.75),
    "brighter by a quarter": _changed(lambda x: x * 1.25),
    "blurred, sigma 1": _changed(lambda x: blur(x, 1.0)),
    "JPEG 40": _changed(lambda x: damage(x, 40)),
    "stains x0.7": _changed(lambda x: stain_by(x, torch.full((3,), 0.7))),
    "stains x1.3": _changed(lambda x: stain_by(x, torch.full((3,), 1.3))),
}


@dataclass
class Result:
    scores: dict[str, list[Score]] = field(default_factory=dict)
    confusion: np.ndarray = field(default_factory=lambda: np.zeros((len(NUCLEI), len(NUCLEI)), np.int64))


@dataclass(frozen=True)
class Case:
    """An image with its labels at its own pixel."""

    name: str
    mpp: float
    rgb: np.ndarray
    labels: dict[str, np.ndarray]
    types: np.ndarray | None = None


def monuseg_test() -> Iterator[Case]:
    for picture in _listed("nuclei", "monuseg", "monuseg-test.txt"):
        yield Case(picture.name, 0.25, picture.rgb(), {"nuclei": picture.instances()})


def consep_case(picture: Picture) -> Case:
    types = np.array([CONSEP_TO_NUCLEI[name] for _, name in sorted(picture.classes().items())])
    return Case(picture.name, 0.275, picture.rgb(), {"nuclei": picture.instances()}, types)


def consep_val() -> Iterator[Case]:
    for picture in _listed("nuclei", "consep", "consep-val.txt"):
        yield consep_case(picture)


def glas_case(picture: Picture) -> Case:
    rgb, glands, mpp = picture.rgb(), picture.instances(), float(picture.row["mpp"])
    return Case(picture.name, mpp, rgb, {"glands": glands, "lumina": lumina_of(rgb, glands, mpp)})


def glas_val() -> Iterator[Case]:
    for picture in _listed("glands", "glas", "glas-patients-4-9.txt"):
        yield glas_case(picture)


def phantom_cases(folder: Path) -> Iterator[Case]:
    """Phantoms at the network's pixel, of seeds below 1000."""
    for made in read_phantoms(folder):
        labels = {"nuclei": made.nuclei, "glands": made.glands, "lumina": made.lumina}
        yield Case(made.name, NETWORK_MPP, made.rgb, labels, made.types)


def _listed(kind: str, source: str, file: str) -> list[Picture]:
    names = listed(file)
    found = [picture for picture in pictures(kind, source) if picture.name in names]
    if len(found) != len(names):
        raise ValueError(f"{file} names images that {source} does not have")
    return found


def maps_of(model: onnxruntime.InferenceSession, case: Case, change: Change, multiple: int) -> Maps:
    """The change is made at the image's own pixel, before it is brought to the network's."""
    return run_image(model, resampled(change(case.rgb), case.mpp / NETWORK_MPP), multiple)


def score_case(case: Case, maps: Maps, settings: Settings, result: Result) -> None:
    height, width = case.rgb.shape[:2]
    if "nuclei" in case.labels:
        fine = nuclei_instances(maps.nuclei[1], maps.nuclei[2], NETWORK_MPP / 2, settings.nuclei)
        own = resize_labels(fine, width, height)
        result.scores.setdefault("nuclei", []).append(score(case.labels["nuclei"], own))
        if case.types is not None:
            kept = np.unique(own[own > 0])
            classes = nuclei_classes(fine, maps.types, 4)[kept - 1]
            present = np.unique(case.labels["nuclei"])
            types = case.types[present[present > 0] - 1]
            result.confusion += matched_classes(case.labels["nuclei"], types, own, classes, len(NUCLEI))
    if "glands" in case.labels:
        glands = gland_instances(maps.glands[1], maps.glands[2], 2 * NETWORK_MPP, settings.glands)
        lumina = lumen_instances(maps.lumina[1], maps.lumina[2], glands, 2 * NETWORK_MPP, settings.lumina)
        result.scores.setdefault("glands", []).append(score(case.labels["glands"], resize_labels(glands, width, height), few=True))
        result.scores.setdefault("lumina", []).append(score(case.labels["lumina"], resize_labels(lumina, width, height), few=True))


def evaluate(
    model: onnxruntime.InferenceSession,
    cases: Iterator[Case],
    settings: Settings,
    multiple: int,
    change: Change = CHANGES["as they are"],
) -> Result:
    result = Result()
    for case in cases:
        score_case(case, maps_of(model, case, change, multiple), settings, result)
    return result


def summary(result: Result) -> dict[str, dict[str, list[float]]]:
    """Per kind and metric: value, low, high (bootstrap over images, 95 %)."""
    out: dict[str, dict[str, list[float]]] = {}
    for kind, scores in result.scores.items():
        names = NUCLEI_METRICS if kind == "nuclei" else GLAND_METRICS
        out[kind] = {name: [round(v, 4) for v in with_interval(scores, SUMMARIES[name])] for name in names}
    if result.confusion.any():
        out["types"] = {"macroF1": [round(macro_f1(result.confusion), 4)]}
    return out


def tissue_accuracy(model: onnxruntime.InferenceSession, multiple: int) -> tuple[float, np.ndarray]:
    """CRC-VAL-HE-7K, never trained on: accuracy of the mean over a tile's cells, and the confusion matrix."""
    confusion = np.zeros((len(TISSUE), len(TISSUE)), np.int64)
    for picture in pictures("tiles", "crc_val_he_7k"):
        maps = run_image(model, picture.rgb(), multiple)
        truth = tissue_index(CRC_TISSUE[picture.row["class"]])
        confusion[truth, int(maps.tissue.mean(axis=(1, 2)).argmax())] += 1
    return float(np.trace(confusion) / confusion.sum()), confusion


def line(name: str, values: Sequence[float]) -> str:
    return f"{name} {values[0]:.3f}" + (f" [{values[1]:.3f}, {values[2]:.3f}]" if len(values) == 3 else "")
