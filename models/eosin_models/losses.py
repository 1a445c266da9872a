"""Cross-entropy plus half a soft Dice, over the pixels whose label is known."""

import torch
from torch import Tensor
from torch.nn import functional as F

from .targets import IGNORE


def dense_loss(logits: Tensor, target: Tensor, weight: Tensor | None = None) -> Tensor:
    """`logits` [n, c, h, w], `target` [n, h, w] with IGNORE. Float and contiguous first: in channels-last order the
    softmax takes eight times as long."""
    log = F.log_softmax(logits.float().contiguous(), dim=1)
    known = target != IGNORE
    classes = torch.where(known, target, 0)
    entropy = -log.gather(1, classes[:, None])[:, 0] * known
    if weight is not None:
        entropy = entropy * weight
    dice = torch.zeros((), device=log.device)
    for index in range(1, logits.shape[1]):
        truth = ((classes == index) & known).float()
        probability = log[:, index].exp() * known
        dice = dice + 1 - (2 * (probability * truth).sum() + 1) / (probability.sum() + truth.sum() + 1)
    dice = dice / (logits.shape[1] - 1)
    return entropy.sum() / known.sum().clamp(min=1) + 0.5 * dice


def soft_loss(logits: Tensor, soft: Tensor, taught: Tensor) -> Tensor:
    """Cross-entropy with a teacher's probabilities of all classes but the first, [n, c - 1, h, w], over the samples that
    were `taught` [n]; 0 where none was."""
    if not bool(taught.any()):
        return logits.float().sum() * 0
    log = F.log_softmax(logits[taught].float().contiguous(), dim=1)
    soft = soft[taught]
    every = torch.cat((1 - soft.sum(1, keepdim=True), soft), 1)
    return -(every * log).sum(1).mean()


def class_loss(logits: Tensor, target: Tensor, balance: Tensor) -> Tensor:
    """Cross-entropy with one weight a class; 0 where no pixel has a label."""
    if not bool((target != IGNORE).any()):
        return logits.float().sum() * 0
    return F.cross_entropy(logits.float().contiguous(), target, weight=balance, ignore_index=IGNORE)
