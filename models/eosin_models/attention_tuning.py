"""HistoTransfer's second stage: the encoder tuned, with the committee, on the patches that its attention chose."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F

from .attention_training import AttentionPlan, FoldScores, judge, train_committee
from .bags import Patches, others, tile_bags
from .committee import Committee
from .crc5 import GROUPS, Tiles
from .embedding import torch_embedder
from .hardware import autocast
from .encoder_network import FoldedEncoder, Scaling, Weights, pooled
from .encoders import Encoder, block_names


@dataclass(frozen=True)
class TuningPlan:
    """The most attended patches of each bag, a few of them a step, at a small rate."""

    epochs: int = 2
    bags: int = 120
    most_attended: int = 64
    at_once: int = 8
    rate: float = 1e-5
    seed: int = 1


def fine_tune(
    encoder: FoldedEncoder,
    committee: Committee,
    tiles: Tiles,
    patches: Patches,
    features: np.ndarray,
    scaling: Scaling,
    left_out: Sequence[int],
    plan: TuningPlan,
) -> list[float]:
    """Trains `encoder` and `committee` in place, without the folds `left_out`; the mean loss of each epoch. Batch norm is
    folded, so it stays as in evaluation. The committee reads the encoder's last block."""
    torch.manual_seed(plan.seed)
    random = np.random.default_rng(plan.seed)
    table = torch.from_numpy(features)
    encoder.train()
    committee.train()
    optimizer = torch.optim.Adam([*encoder.parameters(), *committee.parameters()], lr=plan.rate)
    bags = tile_bags(tiles, patches.tiles, others(*left_out), plan.bags, plan.seed)
    bags += [bag for bag in patches.images if bag.fold not in left_out]
    chosen = []
    with torch.no_grad():
        for bag in bags:
            order = committee(table[torch.from_numpy(bag.rows)]).attention[:, 0].argsort(descending=True)
            chosen.append(bag.rows[order[: plan.most_attended].numpy()])
    losses: list[float] = []
    for _ in range(plan.epochs):
        epoch = []
        for index in random.permutation(len(bags)):
            rows = random.choice(chosen[index], min(plan.at_once, len(chosen[index])), replace=False)
            images = scaling.apply(torch.from_numpy(patches.rgb[rows]).permute(0, 3, 1, 2).float() / 255)
            with autocast(torch.device("cpu")):
                maps = encoder(images.contiguous(memory_format=torch.channels_last))
            logits = committee.slide(pooled(maps)[-1])
            loss = F.cross_entropy(logits[None], torch.tensor([int(bags[index].positive)]))
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            epoch.append(loss.item())
        losses.append(float(np.mean(epoch)))
    encoder.eval()
    committee.eval()
    return losses


def cross_validate_tuned(
    shape: Encoder,
    weights: Weights,
    scaling: Scaling,
    tiles: Tiles,
    patches: Patches,
    views: np.ndarray,
    plan: AttentionPlan,
    tuning: TuningPlan,
) -> list[FoldScores]:
    """Both stages anew for each fold left out: the encoder that is judged was tuned without the fold, too."""
    scores = []
    for fold in range(GROUPS):
        committee, _ = train_committee(tiles, patches, views, [fold], plan)
        encoder = FoldedEncoder(shape, weights)
        fine_tune(encoder, committee, tiles, patches, views[0], scaling, [fold], tuning)
        rows = np.concatenate(
            [patches.tiles[tiles.groups == fold].ravel(), *(bag.rows for bag in patches.images if bag.fold == fold)]
        )
        features = views[0].copy()
        features[rows] = torch_embedder(encoder, scaling)(patches.rgb[rows])[block_names(shape)[-1]]
        scores.append(judge(committee, tiles, patches, features, fold))
    return scores
