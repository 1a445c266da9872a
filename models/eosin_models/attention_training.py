"""Training a committee of attention networks on frozen features, and judging it with stain groups and patients left out.

Pooling by attention alone lets the attention rest on whatever tells the bags apart: a few patches are enough, and of the
others it need not be right. So in positive bags it is also drawn to what the patches say of themselves: the Kullback-
Leibler divergence of the attention from the softmax of the patches' tumour logits, which this loss does not move. After
Shi et al. 2020 (loss-based attention: weights from the instances' own predictions) and Qu et al. 2022 (WENO: the bag's
and the instances' classifier teach each other).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from .attention import Attended, pool
from .bags import GLAS_FOLDS, Bag, Patches, others, tile_bags
from .classification import auc, interval
from .committee import Committee
from .crc5 import GROUPS, Tiles


@dataclass(frozen=True)
class AttentionPlan:
    epochs: int = 3
    bags: int = 160  # of tiles, an epoch; drawn anew each time
    rate: float = 1e-3
    decay: float = 1e-2
    agreement: float = 1.0  # weight of the attention's disagreement with the patches
    temperature: float = 8.0  # of the patches' logits there: a soft target spreads the attention over all that look alike
    dropout: float = 0.5  # of features
    members: int = 5
    seed: int = 1

    @property
    def seeds(self) -> list[int]:
        """Of the members. No two committees of seeds below 100 share one."""
        return [self.seed + 100 * member for member in range(self.members)]


def disagreement(attended: Attended[Tensor], temperature: float) -> Tensor:
    """Kullback-Leibler divergence [...] of the attention [..., n, 1] from the patches' own tumour logits [..., n, 2]."""
    said = ((attended.patch[..., 1] - attended.patch[..., 0]).detach() / temperature).log_softmax(-1)
    return F.kl_div(attended.attention[..., 0].log_softmax(-1), said, reduction="none", log_target=True).sum(-1)


@dataclass(frozen=True)
class EpochLog:
    """Means over the bags and the members."""

    epoch: int
    bag: float
    disagreement: float  # of positive bags


def train_committee(
    tiles: Tiles, patches: Patches, views: np.ndarray, left_out: Sequence[int], plan: AttentionPlan
) -> tuple[Committee, list[EpochLog]]:
    """Without the stain groups and patients of the folds `left_out`. `views` [views, patches, features]: of the patches as
    they are, and restained; each step reads a bag in one of them. All members see the same bags."""
    images = [bag for bag in patches.images if bag.fold not in left_out]
    groups = others(*left_out)
    seen = np.concatenate([patches.tiles[np.isin(tiles.groups, groups)].ravel(), *(bag.rows for bag in images)])
    table = torch.from_numpy(views)
    known = table[:, torch.from_numpy(seen)].flatten(0, 1)
    committee = Committee(known.mean(0), known.std(0) + 1e-6, plan.seeds)
    optimizer = torch.optim.AdamW(committee.parameters(), lr=plan.rate, weight_decay=plan.decay, fused=True)
    random = np.random.default_rng(plan.seed)
    log = []
    for epoch in range(plan.epochs):
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * (1 - epoch / plan.epochs)
        bags = tile_bags(tiles, patches.tiles, groups, plan.bags, int(random.integers(2**31))) + images
        bag_losses, disagreements = [], []
        for index in random.permutation(len(bags)):
            bag = bags[index]
            features = table[int(random.integers(len(table)))][torch.from_numpy(bag.rows)]
            attended = committee.members(features, plan.dropout)
            label = torch.full((plan.members,), int(bag.positive))
            losses = F.cross_entropy(pool(attended), label, reduction="none")
            bag_losses.append(losses.mean().item())
            if bag.positive and plan.agreement:
                apart = disagreement(attended, plan.temperature)
                disagreements.append(apart.mean().item())
                losses = losses + plan.agreement * apart
            optimizer.zero_grad(set_to_none=True)
            losses.sum().backward()  # the sum: each member learns as if alone
            optimizer.step()
        log.append(EpochLog(epoch, float(np.mean(bag_losses)), float(np.mean(disagreements or [0.0]))))
    return committee.eval(), log


@dataclass(frozen=True)
class FoldScores:
    """AUCs of one fold's left-out bags of tiles; and each left-out GlaS image's malignancy and score."""

    bag: float
    attention: float  # of the attention against the tiles' own labels, within positive bags
    patch: float
    images: list[tuple[bool, float]]


@torch.no_grad()
def judge(
    committee: Committee, tiles: Tiles, patches: Patches, features: np.ndarray, fold: int, bags: int = 60
) -> FoldScores:
    """On the patches as they are: `features` [patches, features]."""
    table = torch.from_numpy(features)

    def told(bag: Bag) -> tuple[Attended[Tensor], float]:
        attended = committee(table[torch.from_numpy(bag.rows)])
        logits = pool(attended)
        return attended, float(logits[1] - logits[0])

    positive, score, attention, patch = [], [], [], []
    for bag in tile_bags(tiles, patches.tiles, np.array([fold]), bags, 1000 + fold):
        attended, tumour = told(bag)
        positive.append(bag.positive)
        score.append(tumour)
        if bag.positive and bag.tumour is not None:
            attention.append(auc(bag.tumour, attended.attention[:, 0].numpy()))
            patch.append(auc(bag.tumour, (attended.patch[:, 1] - attended.patch[:, 0]).numpy()))
    images = [(bag.positive, told(bag)[1]) for bag in patches.images if bag.fold == fold]
    return FoldScores(auc(np.array(positive), np.array(score)), float(np.mean(attention)), float(np.mean(patch)), images)


KINDS = ("bag", "attention", "patch")


def _images_auc(folds: Sequence[FoldScores]) -> float:
    pairs = [pair for fold in folds for pair in fold.images]
    return auc(np.array([positive for positive, _ in pairs]), np.array([score for _, score in pairs]))


def summary(trainings: Sequence[Sequence[FoldScores]]) -> dict[str, list[float]]:
    """Of [trainings][folds]: the mean of all trainings with its bootstrap interval over the folds; GlaS pooled over all
    left-out images, and over patients 4 and 9 alone, whom no pre-training saw, mean of the trainings."""
    report: dict[str, list[float]] = {}
    for kind in KINDS:
        by_fold = np.array([[getattr(fold, kind) for fold in folds] for folds in trainings]).mean(0)
        report[kind] = [float(by_fold.mean()), *interval(by_fold)]
    report["glas"] = [float(np.mean([_images_auc(folds) for folds in trainings]))]
    unseen = [[folds[GLAS_FOLDS[patient]] for patient in ("4", "9")] for folds in trainings]
    report["glasUnseen"] = [float(np.mean([_images_auc(folds) for folds in unseen]))]
    return report


def cross_validate(tiles: Tiles, patches: Patches, views: np.ndarray, plan: AttentionPlan) -> list[FoldScores]:
    """Each fold left out in turn."""
    return [
        judge(train_committee(tiles, patches, views, [fold], plan)[0], tiles, patches, views[0], fold)
        for fold in range(GROUPS)
    ]
