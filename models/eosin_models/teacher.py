"""Nuclei as an earlier network sees them: soft targets, averaged over the eight ways to turn and mirror an image.

Labels of nuclei are noisy, and a network scores no better on the images it learnt from than on others: what eight views
agree on is a second opinion on labelled images, and the only one on images whose nuclei nobody outlined (GlaS). It follows
the idea of distilling many views into one pass (Radosavovic et al., *Data Distillation*, CVPR 2018, arXiv:1712.04440).
"""

from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from .hardware import autocast
from .items import NETWORK_MPP, Item
from .network import Network, normalise

TAUGHT = "taught"  # source of images that have no label but the teacher's


def soft_nuclei(network: Network, image: Tensor) -> Tensor:
    """uint8 [3, h, w] at the network's pixel -> uint8 [2, 2h, 2w]: probability of inner and of contour times 255."""
    height, width = image.shape[1:]
    stride = network.shape.tissue_stride
    bottom, right = -height % stride, -width % stride
    device = next(network.parameters()).device
    padded = F.pad(image[None].float().to(device) / 255, (0, right, 0, bottom), mode="reflect")
    total = torch.zeros(2, 2 * padded.shape[2], 2 * padded.shape[3], device=device)
    for turn in range(4):
        for mirrored in (False, True):
            view = torch.rot90(padded, turn, (2, 3))
            view = view.flip(3) if mirrored else view
            with torch.no_grad(), autocast(device):
                out, _ = network(normalise(view).contiguous(memory_format=torch.channels_last), glands=False)
            seen = F.softmax(out.nuclei.float().contiguous(), dim=1)[0, 1:]
            seen = seen.flip(2) if mirrored else seen
            total += torch.rot90(seen, -turn, (1, 2))
    return (total[:, : 2 * height, : 2 * width] / 8 * 255).round().byte().cpu()


def teach(network: Network, items: list[Item]) -> list[Item]:
    """The items, those of nuclei with soft targets, and each gland image once more as an unlabelled one of nuclei."""
    out: list[Item] = []
    for item in items:
        out.append(replace(item, soft=soft_nuclei(network, item.image)) if item.kind == "nuclei" else item)
        if item.kind == "glands":
            image = F.interpolate(item.image[None].float(), scale_factor=item.mpp / NETWORK_MPP, mode="bilinear")[0]
            image = image.round().byte()
            nothing = torch.zeros(1, 2 * image.shape[1], 2 * image.shape[2], dtype=torch.int32)
            out.append(
                Item(
                    kind="nuclei",
                    source=TAUGHT,
                    name=item.name,
                    mpp=NETWORK_MPP,
                    image=image,
                    planes=nothing,
                    types=torch.zeros(0, dtype=torch.int64),
                    labelled=False,
                    soft=soft_nuclei(network, image),
                )
            )
    return out
