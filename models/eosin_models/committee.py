"""Several attention networks that learn beside one another and speak as one: the mean of their attention logits and of
their patches' logits (deep ensembles: Lakshminarayanan et al. 2017). They differ by the weights they start from.

A committee's slide is pooled from its mean attention and mean patch logits, not from its members' slides: so whoever
keeps both can pool any selection of patches exactly, as with a single network.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from .attention import Attended, AttentionNetwork, attend, pool


@dataclass(frozen=True)
class MemberOps:
    """Weights [members, outputs, inputs], biases [members, outputs]: rows [n, d] or [members, n, d] to [members, n, d]."""

    weights: dict[str, Tensor]

    def linear(self, x: Tensor, name: str) -> Tensor:
        y = x @ self.weights[f"{name}.weight"].mT
        bias = self.weights.get(f"{name}.bias")
        return y if bias is None else y + bias[:, None]

    def relu(self, x: Tensor) -> Tensor:
        return x.relu()

    def tanh(self, x: Tensor) -> Tensor:
        return x.tanh()


def mean_of(members: Attended[Tensor]) -> Attended[Tensor]:
    return Attended(members.attention.mean(0), members.patch.mean(0))


class Committee(nn.Module):
    """`mean` and `deviation` [features] of the training patches standardise the input; `plain` folds them away."""

    def __init__(self, mean: Tensor, deviation: Tensor, seeds: Sequence[int]) -> None:
        super().__init__()
        self.register_buffer("mean", mean)
        self.register_buffer("deviation", deviation)
        self.generator = torch.Generator().manual_seed(seeds[0])  # of dropout
        starts = [AttentionNetwork(mean, deviation, seed).named() for seed in seeds]
        self.tensors = nn.ParameterDict(
            {
                name.replace(".", "/"): nn.Parameter(torch.stack([start[name].detach() for start in starts]))
                for name in starts[0]
            }
        )

    def named(self) -> dict[str, Tensor]:
        return {key.replace("/", "."): value for key, value in self.tensors.items()}

    def members(self, features: Tensor, dropout: float = 0.0) -> Attended[Tensor]:
        """What each member says by itself of [n, features]: attention [members, n, 1], patch [members, n, classes].
        `dropout`: the share of features that a member does not see, the same for all patches, others for each member."""
        x = (features - self.mean) / self.deviation
        if dropout:
            shape = (len(self.tensors["tail/0/weight"]), 1, len(self.mean))
            x = x * (torch.rand(shape, generator=self.generator) >= dropout) / (1 - dropout)
        return attend(MemberOps(self.named()), x)

    def forward(self, features: Tensor) -> Attended[Tensor]:
        return mean_of(self.members(features))

    def slide(self, features: Tensor) -> Tensor:
        """Class logits [classes] of one bag [n, features]."""
        return pool(self(features))

    def plain(self) -> dict[str, np.ndarray]:
        """Weights for features as the encoder gives them, float32."""
        out = {name: t.detach().double() for name, t in self.named().items()}
        scaled = out["tail.0.weight"] / self.deviation.double()
        out["tail.0.bias"] = out["tail.0.bias"] - scaled @ self.mean.double()
        out["tail.0.weight"] = scaled
        return {name: t.float().numpy() for name, t in out.items()}
