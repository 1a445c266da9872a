"""Training the attention network on frozen features, judging it with stain groups and patients left out, and stage 2:
the encoder tuned on the patches that the attention chose."""

from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from .attention import AttentionNetwork, pool
from .bags import GLAS_FOLDS, Patches, tile_bags
from .classification import auc, interval
from .crc5 import GROUPS, Tiles
from .encoder_network import FoldedEncoder, Scaling, pooled


@dataclass(frozen=True)
class AttentionPlan:
    epochs: int = 10
    bags: int = 160  # of tiles, an epoch; drawn anew each time
    rate: float = 1e-3
    decay: float = 1e-2
    seed: int = 1


def train_attention(
    tiles: Tiles, patches: Patches, features: np.ndarray, fold: int, plan: AttentionPlan
) -> AttentionNetwork:
    """Without the stain groups and patients of `fold` (-1: with all)."""
    images = [bag for bag in patches.images if bag.fold != fold]
    seen = np.concatenate([patches.tiles[(tiles.groups != fold)].ravel(), *(bag.rows for bag in images)])
    known = torch.from_numpy(features[seen])
    network = AttentionNetwork(known.mean(0), known.std(0) + 1e-6, plan.seed)
    optimizer = torch.optim.AdamW(network.parameters(), lr=plan.rate, weight_decay=plan.decay)
    random = np.random.default_rng(plan.seed)
    table = torch.from_numpy(features)
    for epoch in range(plan.epochs):
        for group in optimizer.param_groups:
            group["lr"] = plan.rate * (1 - epoch / plan.epochs)
        bags = tile_bags(tiles, patches.tiles, fold, True, plan.bags, int(random.integers(2**31))) + images
        for index in random.permutation(len(bags)):
            bag = bags[index]
            logits = network.slide(table[torch.from_numpy(bag.rows)])
            loss = F.cross_entropy(logits[None], torch.tensor([int(bag.positive)]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    return network.eval()


@dataclass(frozen=True)
class FoldScores:
    """AUCs of one fold's left-out bags of tiles; and each left-out GlaS image's malignancy and score."""

    bag: float
    attention: float  # of the attention against the tiles' own labels, within positive bags
    patch: float
    images: list[tuple[bool, float]]


@torch.no_grad()
def judge(
    network: AttentionNetwork, tiles: Tiles, patches: Patches, features: np.ndarray, fold: int, bags: int = 60
) -> FoldScores:
    table = torch.from_numpy(features)
    positive, score, attention, patch = [], [], [], []
    for bag in tile_bags(tiles, patches.tiles, fold, False, bags, 1000 + fold):
        out = network(table[torch.from_numpy(bag.rows)])
        logits = pool(out)
        positive.append(bag.positive)
        score.append(float(logits[1] - logits[0]))
        if bag.positive:
            attention.append(auc(bag.tumour, out.attention[:, 0].numpy()))
            patch.append(auc(bag.tumour, (out.patch[:, 1] - out.patch[:, 0]).numpy()))
    images = []
    for bag in patches.images:
        if bag.fold == fold:
            logits = network.slide(table[torch.from_numpy(bag.rows)])
            images.append((bag.positive, float(logits[1] - logits[0])))
    return FoldScores(auc(np.array(positive), np.array(score)), float(np.mean(attention)), float(np.mean(patch)), images)


def cross_validate(tiles: Tiles, patches: Patches, features: np.ndarray, plan: AttentionPlan) -> dict[str, list[float]]:
    """Mean over the left-out folds with its bootstrap interval over folds; GlaS pooled over all left-out images, and
    over patients 4 and 9 alone, whom no pre-training saw."""
    folds = []
    for fold in range(GROUPS):
        network = train_attention(tiles, patches, features, fold, plan)
        folds.append(judge(network, tiles, patches, features, fold))
    report: dict[str, list[float]] = {}
    for name in ("bag", "attention", "patch"):
        values = np.array([getattr(fold, name) for fold in folds])
        report[name] = [float(values.mean()), *interval(values)]
    pairs = [pair for fold in folds for pair in fold.images]
    report["glas"] = [auc(np.array([p for p, _ in pairs]), np.array([s for _, s in pairs]))]
    unseen = [pair for fold in (GLAS_FOLDS["4"], GLAS_FOLDS["9"]) for pair in folds[fold].images]
    report["glasUnseen"] = [auc(np.array([p for p, _ in unseen]), np.array([s for _, s in unseen]))]
    return report


@dataclass(frozen=True)
class TuningPlan:
    """HistoTransfer's second stage: the most attended patches of each bag, a few of them a step, at a small rate."""

    epochs: int = 2
    bags: int = 120
    most_attended: int = 64
    at_once: int = 8
    rate: float = 1e-5
    seed: int = 1


def fine_tune(
    encoder: FoldedEncoder,
    network: AttentionNetwork,
    tiles: Tiles,
    patches: Patches,
    features: np.ndarray,
    scaling: Scaling,
    fold: int,
    plan: TuningPlan,
) -> None:
    """Trains `encoder` and `network` in place. Batch norm is folded, so it stays as in evaluation. The network reads the
    encoder's last block."""
    torch.manual_seed(plan.seed)
    random = np.random.default_rng(plan.seed)
    table = torch.from_numpy(features)
    encoder.train()
    network.train()
    optimizer = torch.optim.Adam([*encoder.parameters(), *network.parameters()], lr=plan.rate)
    bags = tile_bags(tiles, patches.tiles, fold, True, plan.bags, plan.seed) + [b for b in patches.images if b.fold != fold]
    chosen = []
    with torch.no_grad():
        for bag in bags:
            order = network(table[torch.from_numpy(bag.rows)]).attention[:, 0].argsort(descending=True)
            chosen.append(bag.rows[order[: plan.most_attended].numpy()])
    for _ in range(plan.epochs):
        for index in random.permutation(len(bags)):
            rows = random.choice(chosen[index], min(plan.at_once, len(chosen[index])), replace=False)
            images = scaling.apply(torch.from_numpy(patches.rgb[rows]).permute(0, 3, 1, 2).float() / 255)
            with torch.autocast("cpu", torch.bfloat16):
                maps = encoder(images.contiguous(memory_format=torch.channels_last))
            logits = network.slide(pooled(maps)[-1])
            loss = F.cross_entropy(logits[None], torch.tensor([int(bags[index].positive)]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    encoder.eval()
    network.eval()
