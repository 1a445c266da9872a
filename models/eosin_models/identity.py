"""What cerberus-lite says of itself, and the post-processing it is shipped with."""

from collections.abc import Sequence

from .manifest import Identity
from .postprocess import GlandSettings, LumenSettings, NucleiSettings, Settings

CERBERUS_LITE_IDENTITY = Identity(
    id="cerberus-lite",
    name="Cerberus lite",
    version="0.1.0",
    summary="Nuclei with four classes, glands, lumina and tissue in one pass over H&E of the colon.",
    licence="CC-BY-NC-SA-4.0",
    licence_note=(
        "Research use only. The weights follow the strictest terms of the data they learnt from: MoNuSeg is "
        "CC BY-NC-SA 4.0; CoNSeP and GlaS allow research use."
    ),
    data=(
        "MoNuSeg 2018, 30 training images (CC BY-NC-SA 4.0)",
        "CoNSeP, 22 of 27 images (research use)",
        "NuInsSeg, 114 images (CC BY 4.0)",
        "GlaS without patients 4 and 9, 96 images (research use)",
        "Kather 2016, 67 tiles (CC BY 4.0)",
        "oral mucosa, 49 tiles (CC BY 4.0) and osteosarcoma, 48 tiles (CC BY 3.0), as tissue without glands",
        "Eosin's phantoms, seeds from 1000 on",
        "starts from torchvision's ImageNet ResNet-18 to layer3",
    ),
    window=1216,
    margin=64,
)
# Chosen on training images (tune.py), never on the validation lists: the smallest lumen (F1 .63 at 80 um2, .73 at 150),
# and a nucleus' least mean probability, which parts crumbs from small nuclei better than a least area does (at 8 um2
# alone PQ .440 on CoNSeP and .568 on MoNuSeg, at 4 um2 and 185 .451 and .594); the others made no clear difference.
SETTINGS = Settings(NucleiSettings(min_area_um2=4.0, min_probability=185), GlandSettings(), LumenSettings(min_area_um2=150.0))

# What the workbench shows of a model: set, kind and metric of evaluate.py's report -> one line.
_SHOWN = (
    ("MoNuSeg test (7), as they are", "nuclei", "dice", "Nuclei Dice, MoNuSeg test (7)"),
    ("MoNuSeg test (7), as they are", "nuclei", "aji", "Nuclei AJI, MoNuSeg test (7)"),
    ("MoNuSeg test (7), as they are", "nuclei", "pq", "Nuclei PQ, MoNuSeg test (7)"),
    ("CoNSeP (5 left out), as they are", "nuclei", "dice", "Nuclei Dice, CoNSeP (5 left out)"),
    ("CoNSeP (5 left out), as they are", "nuclei", "pq", "Nuclei PQ, CoNSeP (5 left out)"),
    ("CoNSeP (5 left out), as they are", "types", "macroF1", "Nucleus types macro F1, CoNSeP (5 left out)"),
    ("GlaS patients 4 and 9 (34), as they are", "glands", "objectF1", "Gland F1, GlaS patients 4 and 9 (34)"),
    ("GlaS patients 4 and 9 (34), as they are", "glands", "objectDice", "Gland object Dice, GlaS patients 4 and 9 (34)"),
    ("GlaS patients 4 and 9 (34), as they are", "lumina", "objectF1", "Lumen F1 by rule, GlaS patients 4 and 9 (34)"),
)


_CAREFUL = (("dice", "Dice"), ("aji", "AJI"), ("pq", "PQ"))


def manifest_metrics(report: dict, views: Sequence[dict] = ()) -> list[dict[str, object]]:
    """`views`: what `npm run evaluate --views` wrote of the MoNuSeg images; of more than one they are rows of their own."""
    shown: list[dict[str, object]] = []
    for group, kind, metric, name in _SHOWN:
        value, *interval = report[group][kind][metric]
        shown.append(
            {"name": name, "value": round(value, 3)} | ({"ci": [round(v, 3) for v in interval]} if interval else {})
        )
    careful = [
        {
            "name": f"Nuclei {name}, MoNuSeg test (7), careful mode ({measured['views']} views)",
            "value": round(measured["metrics"][metric], 3),
            "ci": [round(v, 3) for v in measured["ci"][metric]],
        }
        for measured in views
        if measured["views"] > 1
        for metric, name in _CAREFUL
    ]
    accuracy = report["tissue, CRC-VAL-HE-7K (56)"]["accuracy"]
    return [*shown[:3], *careful, *shown[3:], {"name": "Tissue accuracy, CRC-VAL-HE-7K (56)", "value": round(accuracy, 3)}]
