"""The model card, written from what evaluate.py measured: no figure in it is typed by hand."""

from .architecture import Shape, gflop_per_megapixel, parameter_count

_SETS = (
    "MoNuSeg test (7)",
    "CoNSeP (5 left out)",
    "GlaS patients 4 and 9 (34)",
    "Phantom seeds below 1000",
)
_NAMES = {
    "dice": "Dice",
    "aji": "AJI",
    "pq": "PQ",
    "dq": "DQ",
    "sq": "SQ",
    "f1": "F1 at IoU 0.5",
    "objectF1": "object F1",
    "objectDice": "object Dice",
    "objectHausdorff": "object Hausdorff, px of the image",
    "macroF1": "macro F1",
}


def _cell(values: list[float]) -> str:
    value, *interval = values
    return f"{value:.3f}" + (f" ({interval[0]:.3f} to {interval[1]:.3f})" if interval else "")


def figures(report: dict, change: str = "as they are") -> list[str]:
    """Rows of a Markdown table: set, kind, metric, value with its 95 % interval over images."""
    rows = ["| set | of | metric | value (95 % over images) |", "|---|---|---|---|"]
    for name in _SETS:
        for kind, metrics in report.get(f"{name}, {change}", {}).items():
            rows += [f"| {name} | {kind} | {_NAMES[m]} | {_cell(values)} |" for m, values in metrics.items()]
    tissue = report["tissue, CRC-VAL-HE-7K (56)"]["accuracy"]
    return [*rows, f"| CRC-VAL-HE-7K (56 tiles, 7 classes) | tissue | accuracy | {tissue:.3f} |"]


def shifts(report: dict) -> list[str]:
    """How figures move when the same images are darker, blurred, or stained otherwise. Empty when not measured."""
    pairs = (
        ("MoNuSeg test (7)", "nuclei", "dice"),
        ("MoNuSeg test (7)", "nuclei", "pq"),
        ("CoNSeP (5 left out)", "nuclei", "dice"),
        ("CoNSeP (5 left out)", "nuclei", "pq"),
        ("CoNSeP (5 left out)", "types", "macroF1"),
        ("GlaS patients 4 and 9 (34)", "glands", "objectF1"),
        ("GlaS patients 4 and 9 (34)", "glands", "objectDice"),
        ("GlaS patients 4 and 9 (34)", "lumina", "objectF1"),
    )
    changes = [key.split(", ", 1)[1] for key in report if key.startswith("MoNuSeg test (7), ")]
    if len(changes) < 2:
        return []
    names = "images | MoNuSeg Dice | PQ | CoNSeP Dice | PQ | types F1 | gland F1 | gland object Dice | lumen F1"
    rows = [f"| {names} |", "|---" * 9 + "|"]
    for change in changes:
        cells = [f"{report[f'{name}, {change}'][kind][metric][0]:.3f}" for name, kind, metric in pairs]
        rows.append(f"| {change} | " + " | ".join(cells) + " |")
    return rows


def careful(measured: list[dict]) -> list[str]:
    """Rows of a Markdown table: what `npm run evaluate --views` wrote, one report a number of views, of the same images."""
    shown = ("dice", "aji", "pq")
    rows = ["| each patch seen in | " + " | ".join(_NAMES[m] for m in shown) + " |", "|---" * 4 + "|"]
    for report in sorted(measured, key=lambda each: each["views"]):
        views = "1 view" if report["views"] == 1 else f"{report['views']} views, careful mode"
        rows.append(f"| {views} | " + " | ".join(_cell([report["metrics"][m], *report["ci"][m]]) for m in shown) + " |")
    return rows


def few_labels(transfer: dict) -> list[str]:
    """Rows of a Markdown table: what transfer.py measured, by labelled nuclei a type."""
    best = [key.removesuffix(", 5 a type") for key in transfer if key.startswith("ImageNet") and key.endswith(", 5 a type")]
    names = ["features", *best]
    rows = ["| nuclei a type | " + " | ".join(names) + " | features minus the best of them |", "|---" * (len(names) + 2) + "|"]
    for few in sorted({int(key.rsplit(", ", 1)[1].split()[0]) for key in transfer if key.endswith(" a type")}):
        cells = {name: transfer[f"{name}, {few} a type"] for name in names}
        other = max(best, key=lambda name: cells[name][0])
        difference = transfer[f"features minus {other}, {few} a type"]
        rows.append(f"| {few} | " + " | ".join(_cell(cells[name]) for name in names) + f" | {_cell(difference)} |")
    return rows


def card(shape: Shape, report: dict, trained: str, transfer: dict | None = None, views: list[dict] | None = None) -> str:
    """`trained`: one paragraph on steps, time and machine. `transfer`: what transfer.py wrote. `views`: see careful."""
    moved = shifts(report)
    parts = [
        "# Cerberus lite",
        "One pass over H&E at 0.5 µm a pixel: nuclei with four classes, glands, lumina and seven tissue classes. "
        "**Research use only; not a medical device; not for diagnosis.**",
        "## Intended use",
        "To outline and count nuclei, glands and lumina on H&E for research, where a person looks at the overlay; to find "
        "places by tissue; and as features for heads that a user teaches. Nothing it says is a finding.",
        "## What it is",
        f"ResNet-18 to layer3 (batch norm folded away), a nuclei decoder that writes at 0.25 µm a pixel by pixel shuffle, "
        f"a gland decoder with a wider context that glands, lumina and tissue share. {parameter_count(shape):,} parameters, "
        f"{gflop_per_megapixel(shape):.1f} GFLOP a 1024 x 1024 window. Background, inner and contour for each kind; "
        "objects by the committed post-processing (models/eosin_models/postprocess.py). `features`: 64 channels at "
        "stride 4, half from each decoder.",
        "## Data and terms",
        "- MoNuSeg 2018, 30 training images (CC BY-NC-SA 4.0); its 7 test images at hand only score.\n"
        "- CoNSeP, 22 of 27 images (research use); 5 whole images only score (models/lists/consep-val.txt).\n"
        "- NuInsSeg, 114 images (CC BY 4.0; borders between touching nuclei are not its authors').\n"
        "- GlaS, 96 images (research use); patients 4 and 9 only score.\n"
        "- Kather 2016, 67 tiles (CC BY 4.0), for tissue and for tissue without glands.\n"
        "- Oral mucosa (Rahman 2020, 49 tiles, CC BY 4.0) and osteosarcoma (Leavey 2019, 48 tiles, CC BY 3.0): tissue "
        "without glands.\n"
        "- Eosin's own phantoms, seeds from 1000 on (24 images).\n"
        "- It starts from torchvision's ImageNet layers (BSD-3-Clause project; ImageNet's own terms are non-commercial).",
        "No set labels lumina: they are the unstained areas inside GlaS glands by the rule of "
        "models/eosin_models/lumina.py. Tissue classes inside GlaS follow from its gland labels and grades.",
        "The weights are CC BY-NC-SA 4.0, after the strictest of these terms. No image of any set is part of this folder; "
        "golden.png is made by Eosin's code.",
        "## How it was trained",
        trained,
        "## Figures",
        "Never trained on, thresholds chosen on training images, reference post-processing, images resampled to 0.5 um by "
        "area averaging and scored at their own pixel; `python models/evaluate.py` prints these again. Only 7 of the 14 "
        "official MoNuSeg test images are at hand, so its figures are not comparable with published ones. Lumina are "
        "scored against the same rule that taught them, not against a pathologist.",
        "\n".join(figures(report)),
    ]
    if views:
        parts += [
            "### Careful mode",
            "The same network on each patch as it is and mirrored (left to right, top to bottom, both), the maps of nuclei, "
            "glands and lumina averaged; four times as long, off unless it is chosen. MoNuSeg test (7), by the workbench's own "
            "path (`npm run evaluate`, whose post-processing and bootstrap give the last digit otherwise here and there).",
            "\n".join(careful(views)),
        ]
    if moved:
        parts += ["### The same images, changed", "\n".join(moved)]
    if transfer:
        parts += [
            "### Few labels",
            f"Linear heads for CoNSeP's four nuclear types on the five images left out ({transfer['nuclei']:,} nuclei, true "
            "masks): learnt from a few nuclei a type of four of them, tested on all of the fifth, each in turn; macro F1, mean "
            "and 95 % of 20 draws, paired. The features are these, or a block of the ImageNet encoder that the network started "
            "from. The network did see types of the other CoNSeP images: this is transfer to new images, not to new types. "
            "`python models/transfer.py`.",
            "\n".join(few_labels(transfer)),
        ]
    parts += [
        "## Limits and failures seen",
        "Looked at on sheets of the worst validation tiles (models/worst_tiles.py; kept out of the repository by the data's "
        "terms):",
        "- Learnt on a few hundred images of few hospitals, mostly colon; other organs were seen for nuclei only.\n"
        "- Nuclei: where epithelium is crowded they are cut into crumbs and merged along ragged borders (worst: CoNSeP "
        "train_13, PQ 0.15 to 0.31 a tile); pale spindle and ghost nuclei are missed; in dark frozen sections (worst: "
        "TCGA-AC-A2FO-01A-01-TS1) shadows out of focus are called nuclei.\n"
        "- Glands: glass in front of a surface of goblet cells is called gland (worst: GlaS testA_49, train_15, train_67), "
        "touching glands merge, high-grade solid tumour is missed or cut up, and pale tissue under the surface or around "
        "fat is sometimes called a gland.\n"
        "- Lumina: goblet-cell mucin counts as lumen; lumina full of debris are found in part.\n"
        "- Nucleus classes come from one hospital's CoNSeP; elsewhere they lean on the stain.\n"
        "- Tissue is weak: a handful of tiles a class. Muscle counts as stroma. Use it to find places, not to measure.",
    ]
    return "\n\n".join(parts) + "\n"
