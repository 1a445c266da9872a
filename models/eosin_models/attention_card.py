"""What the cards of attention networks say: the protocol, its figures by training, limits and failures seen."""

from collections.abc import Sequence

import numpy as np

from .attention_training import KINDS, AttentionPlan, FoldScores, summary
from .attention_tuning import TuningPlan
from .classification import interval
from .encoder_identity import ATTENTION, ATTENTION_IMAGENET, ATTENTION_TUNED
from .encoder_texts import ENCODER_USE
from .record import took

USE = (
    "To show on colorectal H&E where a network that was taught with one label a bag looks, to compare encoders by, and as a "
    "worked example for attention networks that a user teaches. It reads features, not pictures. It finds no tumour for "
    "anybody: its bags are made up of tiles, and it was never judged on slides."
)
TUNED_USE = f"{ENCODER_USE} This one goes with attention-crc-tuned, to see what tuning an encoder changes."
NAMES = {
    "bag": "bag AUC, crc5 stain groups left out in turn",
    "attention": "AUC of the attention against the tiles' labels",
    "patch": "AUC of the patch prediction against the tiles' labels",
    "glas": "GlaS image AUC, patients left out in turn (130)",
    "glasUnseen": "GlaS image AUC, patients 4 and 9, unseen also by the encoder (34)",
}
JUDGED = (
    "Bags of 12 to 24 tiles; a positive one holds 2 to 5 tiles of adenocarcinoma. Each of the six stain groups (and a sixth "
    "of GlaS's patients) is left out in turn, of features and of all that is learnt from them, and judged on 60 bags of its "
    "own tiles, which no network of that round has seen; the interval is a bootstrap over the six. GlaS bags are whole "
    "images. crc5 states neither slide nor patient: stain groups stand in for them. How to train was chosen on SimCLR's "
    "features, one plan for all folds, by rounds in which two folds were left out and only the other was judged "
    "(models/attention_choice.py; its report is models/weights/attention-crc/choice.json): bag AUC .955, attention .914 in "
    "these rounds, pooling alone .948 and .805. That agreement helps had been seen on these very folds before, so the "
    "figures may flatter: with the plan that each fold's own rounds choose, one training, attention-crc reaches bag AUC .929 "
    "(.854 to .984), attention .910 (.869 to .952)."
)
LIMITS = [
    "GlaS patients 4 and 9 are 34 images, 6 of them malignant: an AUC of 1 says little there.",
    "Made-up bags of tiles are not slides; on a whole slide the softmax runs over many more patches than it ever saw.",
    "Adenoma counts as no tumour in crc5; GlaS calls adenomatous images benign.",
]
_SHEET = (
    "Looked at on sheets of the worst tiles (models/attention_sheet.py; kept out of the repository by the data's terms):"
)
FAILURES = {
    ATTENTION.id: [
        f"{_SHEET} attended without tumour are adenomas with crowded, layered or long nuclei (villous, serrated and "
        "tubular alike), vessels full of red cells, and nests of inflammation; of adenocarcinoma it passes over tiles that "
        "are mostly inflamed or fibrous stroma, necrotic debris, and well-formed glands.",
    ],
    ATTENTION_IMAGENET.id: [
        f"{_SHEET} attended without tumour are adenomas with crowded nuclei (more than half of them tubular), vessels full "
        "of red cells, and inflamed stroma between glands; of adenocarcinoma it passes over inflamed or fibrous stroma, "
        "necrotic debris and pus in a lumen, and well-formed glands.",
    ],
    ATTENTION_TUNED.id: ["No sheet was made of it; what attention-crc gets wrong, it was tuned from."],
}


def rows_of(trainings: Sequence[Sequence[FoldScores]], prefix: str = "") -> dict[str, list[float]]:
    """The mean of the trainings, which is what the network is worth, and the first, whose seed is what ships."""
    several = len(trainings) > 1
    after = f", mean of {len(trainings)} trainings" if several else ""
    rows = {f"{prefix}{NAMES[key]}{after}": values for key, values in summary(trainings).items()}
    if several:
        first = summary(trainings[:1])
        rows |= {f"{prefix}the shipped seed's {NAMES[key]}": first[key] for key in KINDS}
    return rows


def by_training(trainings: Sequence[Sequence[FoldScores]]) -> str:
    """One sentence: each training's figures."""
    told = []
    for kind, name in (("bag", "bag AUC"), ("attention", "AUC of the attention")):
        values = [float(np.mean([getattr(fold, kind) for fold in folds])) for folds in trainings]
        told.append(f"{name} {', '.join(f'{value:.3f}' for value in values)} (mean {np.mean(values):.3f})")
    return "By training (seed 1, which ships, first): " + "; ".join(told) + "."


def beside_frozen(tuned: Sequence[FoldScores], frozen: Sequence[FoldScores]) -> str:
    """One sentence: what stage 2 changed, fold by fold of one seed."""
    told = []
    for kind, name in (("bag", "bag AUC"), ("attention", "AUC of the attention")):
        after, before = (np.array([getattr(fold, kind) for fold in folds]) for folds in (tuned, frozen))
        low, high = interval(after - before)
        told.append(f"{name} {before.mean():.3f} before and {after.mean():.3f} after ({low:+.3f} to {high:+.3f})")
    return f"One training; the same seed on the frozen encoder, paired by fold: {'; '.join(told)}."


def report_of(trainings: Sequence[Sequence[FoldScores]]) -> list[list[dict[str, float]]]:
    """[trainings][folds]: what is kept of each."""
    return [[{kind: getattr(fold, kind) for kind in KINDS} for fold in folds] for folds in trainings]


def what_it_is(plan: AttentionPlan, block: str, encoder: str) -> str:
    return (
        f"{plan.members} networks in one graph, whose logits are averaged; each: linear 256, ReLU, linear 64, ReLU; "
        f"attention: linear 32, tanh, linear 1 (raw logit); classifier: linear 2. Reads {block} of {encoder}. The slide's "
        "logits are the attention-weighted mean of the patches'."
    )


def trained_text(plan: AttentionPlan, views: int, minutes: float) -> str:
    return (
        f"AdamW, {plan.rate}, falling to nothing over {plan.epochs} epochs of {plan.bags} bags of tiles and GlaS's images, "
        f"one bag a step, its patches as they are or in one of {views - 1} restained copies, {plan.dropout:.0%} of the "
        "features left out. Cross entropy of the bag, and in positive bags the divergence of the attention from the softmax "
        f"of the patches' own tumour logits (weight {plan.agreement:g}, temperature {plan.temperature:g}; after Shi et al. "
        f"2020 and Qu et al. 2022). {took(minutes)}"
    )


def tuned_text(tuning: TuningPlan, minutes: float, base: str) -> str:
    return (
        f"Stage 2 from {base}: top {tuning.most_attended} patches of each bag, {tuning.at_once} a step, Adam {tuning.rate}, "
        f"{tuning.epochs} epochs, the encoder to block 3 and the committee together, bf16. {took(minutes)} What ships was "
        "trained on every tile; for the figures both stages were run anew for each fold left out."
    )
