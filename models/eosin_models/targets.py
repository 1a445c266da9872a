"""Labels -> what each head is taught: 0 background, 1 inner, 2 contour; IGNORE where nothing is known.

Made after augmentation, so that a contour has one width whatever the zoom.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from .classes import TISSUE, tissue_index
from .items import UNKNOWN

IGNORE = 255
NUCLEI_RING = 2  # pixels of 0.25 um
CROWD_REACH = 3  # pixels of 0.25 um
CROWD_WEIGHT = 3.0
GLAND_RING = 3  # pixels of 1 um
LUMEN_RING = 1  # pixels of 1 um
GAP = 5  # pixels of 1 um: background this near to two glands is taught GAP_WEIGHT times as hard
GAP_WEIGHT = 3.0
SURE = 0.6  # part of a tissue cell that must be of one class to teach it


def ring_target(labels: Tensor, ring: int) -> Tensor:
    """Instances [n, h, w] -> classes: a ring of `ring` pixels inside each object's edge is contour.

    Past the tile's border its edge is repeated, so that the border makes no contour.
    """
    height, width = labels.shape[1:]
    padded = F.pad(labels[:, None].float(), (ring,) * 4, mode="replicate")[:, 0]
    diagonal = ring // 2
    moves = [(d, 0) for d in range(-ring, ring + 1)] + [(0, d) for d in range(-ring, ring + 1)]
    moves += [(-diagonal, -diagonal), (-diagonal, diagonal), (diagonal, -diagonal), (diagonal, diagonal)]
    edge = torch.zeros_like(labels, dtype=torch.bool)
    for rows, columns in moves:
        if (rows, columns) != (0, 0):
            moved = padded[:, ring + rows : ring + rows + height, ring + columns : ring + columns + width]
            edge |= moved != labels
    inside = labels > 0
    return inside.long() + (edge & inside).long()


def crowd_weights(labels: Tensor) -> Tensor:
    """1, and CROWD_WEIGHT on pixels that have two different nuclei CROWD_REACH pixels to either side; [n, h, w].

    Where nuclei touch or all but touch, the few pixels between them decide whether they are told apart.
    """
    height, width = labels.shape[1:]
    reach = CROWD_REACH
    padded = F.pad(labels[:, None].float(), (reach,) * 4, mode="replicate")[:, 0]
    between = torch.zeros_like(labels, dtype=torch.bool)
    for rows, columns in ((0, reach), (reach, 0), (reach, reach), (reach, -reach)):
        one, other = (
            padded[:, reach + s * rows : reach + s * rows + height, reach + s * columns : reach + s * columns + width]
            for s in (1, -1)
        )
        between |= (one != other) & (one > 0) & (other > 0)
    return 1 + (CROWD_WEIGHT - 1) * between.float()


def gland_weights(labels: Tensor) -> Tensor:
    """1, and GAP_WEIGHT on background that lies between two glands; [n, h, w]."""
    size = 2 * GAP + 1
    highest = F.max_pool2d(labels, size, stride=1, padding=GAP)
    upside_down = torch.where(labels > 0, -labels, torch.full_like(labels, -1e6))
    lowest = -F.max_pool2d(upside_down, size, stride=1, padding=GAP)
    between = (labels == 0) & (highest > 0) & (lowest < highest)
    return 1 + (GAP_WEIGHT - 1) * between.float()


def type_target(labels: Tensor, types: list[Tensor]) -> Tensor:
    """Nucleus classes at stride 2 from instances on the fine grid; IGNORE outside nuclei and where unlabelled."""
    coarse = labels[:, 2::4, 2::4].long()
    out = torch.full_like(coarse, IGNORE)
    for index, table in enumerate(types):
        known = torch.cat((torch.tensor([UNKNOWN]), table))
        out[index] = known[coarse[index]]
    return out


def tissue_target(glands: Tensor, glass: Tensor, inside: list[int], cell: int) -> Tensor:
    """Tissue classes of cells of `cell` gland-map pixels, from glands, glass and what each image's glands are.

    Lamina propria between normal crypts belongs to the mucosa; beside tumour glands it is stroma.
    """
    gland = F.avg_pool2d((glands > 0).float()[:, None], cell)[:, 0]
    bare = F.avg_pool2d(glass.float()[:, None], cell)[:, 0]
    out = torch.full(gland.shape, IGNORE, dtype=torch.long)
    stroma, tumour = tissue_index("Stroma"), tissue_index("Tumour")
    for index, kind in enumerate(inside):
        if kind == UNKNOWN:
            continue
        enough = gland[index] >= (SURE if kind == tumour else 0.3)
        out[index][enough & (bare[index] < 0.2)] = kind
        if kind == tumour:
            out[index][(gland[index] < 0.02) & (bare[index] < 0.2)] = stroma
    out[bare >= 0.85] = tissue_index("Glass")
    return out


def majority_target(tissue: Tensor, cell: int) -> Tensor:
    """Phantom tissue classes (value - 1; 0 unknown) [n, h, w] -> cells with a class that covers SURE of them."""
    shares = torch.stack(
        [F.avg_pool2d((tissue == number + 1).float()[:, None], cell)[:, 0] for number in range(len(TISSUE))]
    )
    share, best = shares.max(dim=0)
    return torch.where(share >= SURE, best, torch.full_like(best, IGNORE))
