"""Augmentation in PyTorch: where a tile is cut, and what another scanner, stain or hand would have made of it."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from .coding import damage

# Ruifrok and Johnston's haematoxylin, eosin, DAB as rows, to unit length.
HED = F.normalize(torch.tensor([[0.650, 0.704, 0.286], [0.072, 0.990, 0.105], [0.268, 0.570, 0.776]]), dim=1)
_SIGMA_TAPS = 9


def uniform(generator: Generator, low: float, high: float) -> float:
    return low + (high - low) * torch.rand((), generator=generator).item()


def chance(generator: Generator, probability: float) -> bool:
    return torch.rand((), generator=generator).item() < probability


@dataclass(frozen=True)
class Cut:
    """One tile: image [3, size, size] of 0..1, and label planes [k, labels, labels]."""

    image: Tensor
    planes: Tensor


def cut(image: Tensor, planes: Tensor, size: int, labels: int, factor: float, generator: Generator) -> Cut:
    """A tile at a random place, angle, mirror image. `factor`: image pixels one tile pixel spans. Past the image's
    edge it is mirrored. Image bilinear, labels nearest on their own (finer or coarser) grid of `labels` a side."""
    height, width = image.shape[1:]
    angle = uniform(generator, 0, 2 * math.pi)
    flip = 1.0 if chance(generator, 0.5) else -1.0
    reach = size * factor / 2
    x = _centre(generator, width, reach)
    y = _centre(generator, height, reach)
    cos, sin = math.cos(angle) * reach, math.sin(angle) * reach
    # Both frames run from -1 to 1, so one matrix serves image and labels of any size.
    theta = torch.tensor(
        [
            [cos * flip * 2 / width, -sin * 2 / width, 2 * x / width - 1],
            [sin * flip * 2 / height, cos * 2 / height, 2 * y / height - 1],
        ]
    )[None]
    grid = F.affine_grid(theta, [1, 1, size, size], align_corners=False)
    tile = F.grid_sample(image[None].float(), grid, "bilinear", "reflection", align_corners=False)[0] / 255
    if planes.shape[0] == 0:
        return Cut(tile, torch.zeros(0, labels, labels))
    grid = F.affine_grid(theta, [1, 1, labels, labels], align_corners=False)
    return Cut(tile, F.grid_sample(planes[None].float(), grid, "nearest", "reflection", align_corners=False)[0])


def _centre(generator: Generator, side: int, reach: float) -> float:
    margin = min(reach * 0.9, side / 2)
    return uniform(generator, margin, side - margin)


def paste_glass(tile: Cut, generator: Generator) -> tuple[Cut, Tensor]:
    """Empty glass over part of the tile, with a smooth edge of any shape; labels there become 0.

    Returns the tile and the mask [labels, labels] of the glass.
    """
    size, labels = tile.image.shape[1], tile.planes.shape[1]
    coarse = torch.randn(1, 1, 4, 4, generator=generator)
    slope = torch.linspace(-1, 1, 4) * uniform(generator, -2, 2)
    coarse = coarse * 0.6 + slope.view(1, 1, 1, 4) + slope.flip(0).view(1, 1, 4, 1) * uniform(generator, -1, 1)
    level = uniform(generator, 0.3, 1.2)
    field = F.interpolate(coarse, size=(size, size), mode="bicubic", align_corners=False)[0]
    soft = ((field - level) * uniform(generator, 15, 60)).clamp(0, 1)
    tint = torch.tensor([uniform(generator, 0.9, 1), uniform(generator, 0.9, 1), uniform(generator, 0.9, 1)])
    glass = tint.view(3, 1, 1) + 0.01 * torch.randn(3, size, size, generator=generator)
    mask = F.interpolate(soft[None], size=(labels, labels), mode="nearest")[0, 0] > 0.5
    image = tile.image * (1 - soft) + glass * soft
    return Cut(image.clamp(0, 1), tile.planes * ~mask), mask


def stain_by(image: Tensor, gain: Tensor) -> Tensor:
    """Densities of haematoxylin, eosin and the rest times `gain` [3]."""
    matrix = torch.linalg.inv(HED) @ torch.diag(gain) @ HED
    density = torch.einsum("ji,jhw->ihw", matrix, -torch.log10(image.clamp(min=1 / 256)))
    return torch.pow(10.0, -density).clamp(0, 1)


def _stain(image: Tensor, generator: Generator, together: float) -> Tensor:
    """Each stain's density times 0.65 to 1.4, its angle jittered; with the probability `together` all by one factor,
    as a thicker section has it (drawn one by one, all three are above 1.25 once in 125 tiles)."""
    hed = F.normalize(HED + 0.03 * torch.randn(3, 3, generator=generator), dim=1)
    gain = torch.tensor([uniform(generator, 0.65, 1.4) for _ in range(3)])
    if together and chance(generator, together):
        gain = gain[:1].expand(3)
    matrix = torch.linalg.inv(HED) @ torch.diag(gain) @ hed
    shift = torch.randn(3, generator=generator) * 0.01
    density = -torch.log10(image.clamp(min=1 / 256))
    density = torch.einsum("ji,jhw->ihw", matrix, density) + shift.view(3, 1, 1)
    return torch.pow(10.0, -density).clamp(0, 1)


def _light(image: Tensor, generator: Generator, brightest: float) -> Tensor:
    gain = uniform(generator, 0.65, brightest)
    white = torch.tensor([uniform(generator, 0.95, 1.05) for _ in range(3)]).view(3, 1, 1)
    gamma = uniform(generator, 0.85, 1.18)
    return (image.clamp(min=1e-4).pow(gamma) * gain * white).clamp(0, 1)


def blur(image: Tensor, sigma: float) -> Tensor:
    taps = torch.arange(_SIGMA_TAPS) - _SIGMA_TAPS // 2
    kernel = torch.exp(-(taps**2) / (2 * sigma**2))
    kernel = (kernel / kernel.sum()).repeat(3, 1)
    reach = _SIGMA_TAPS // 2
    padded = F.pad(image[None], (reach, reach, reach, reach), mode="reflect")
    rows = F.conv2d(padded, kernel[:, None, :, None], groups=3)
    return F.conv2d(rows, kernel[:, None, None, :], groups=3)[0]


def recolour(image: Tensor, generator: Generator, brightest: float = 1.1, together: float = 0.0) -> Tensor:
    """[3, h, w] of 0..1, sides multiples of 16 -> the same, as another laboratory might have sent it.
    `brightest`: the most that the light is multiplied by; `together`: how often all stains are as strong."""
    if chance(generator, 0.8):
        image = _stain(image, generator, together)
    if chance(generator, 0.6):
        image = _light(image, generator, brightest)
    if chance(generator, 0.3):
        image = blur(image, uniform(generator, 0.3, 1.3))
    elif chance(generator, 0.2):
        image = (image + uniform(generator, 0.3, 1.0) * (image - blur(image, 1.0))).clamp(0, 1)
    if chance(generator, 0.25):
        image = (image + uniform(generator, 0.005, 0.04) * torch.randn(image.shape, generator=generator)).clamp(0, 1)
    if chance(generator, 0.3):
        image = damage(image, uniform(generator, 25, 85))
    return image


def restained(rgb: np.ndarray, seed: int) -> np.ndarray:
    """Every tile of uint8 [n, h, w, 3] as another laboratory might have sent it."""
    generator = torch.Generator().manual_seed(seed)
    tiles = (recolour(torch.from_numpy(tile).permute(2, 0, 1).float() / 255, generator) for tile in rgb)
    return np.stack([(tile * 255).round().byte().permute(1, 2, 0).numpy() for tile in tiles])
