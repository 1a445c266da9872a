"""Two views of a place, for contrastive learning: where it is cut, and what stain, light, focus and noise make of it.

Cut one by one from the pictures; recoloured a whole batch at once, on the device that trains.
"""

import math
from dataclasses import dataclass

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from .augment import HED, chance, uniform

_TAPS = 9


@dataclass(frozen=True)
class ViewRecipe:
    """Sides in pixels. A place is `least` to `most` of its picture's pixels wide; a view takes `smallest` to 1 of the
    place's side, anywhere in it, at any angle. `strength` scales stain, light and tint."""

    side: int = 96
    least: float = 90.0
    most: float = 260.0
    smallest: float = 0.5
    strength: float = 1.0
    grey: float = 0.15
    blurred: float = 0.4


@dataclass(frozen=True)
class Place:
    picture: int
    x: float
    y: float
    side: float


def _window(image: Tensor, x: float, y: float, reach: float) -> tuple[Tensor, float, float]:
    """The part of [3, h, w] within `reach` of (x, y), and its corner: nothing larger is converted to float."""
    height, width = image.shape[1:]
    left, top = max(0, math.floor(x - reach)), max(0, math.floor(y - reach))
    right, bottom = min(width, math.ceil(x + reach)), min(height, math.ceil(y + reach))
    return image[:, top:bottom, left:right].float() / 255, left, top


def _square(image: Tensor, x: float, y: float, side: float, angle: float, flip: bool, size: int) -> Tensor:
    """[3, size, size] of 0..1: the square around (x, y), mirrored past the picture's edge."""
    part, left, top = _window(image, x, y, side / 2 * 1.5)
    if side / size >= 1.6:
        part = F.avg_pool2d(part[None], 2)[0]
        x, y, left, top, side = x / 2, y / 2, left / 2, top / 2, side / 2
    height, width = part.shape[1:]
    cos, sin = math.cos(angle) * side / 2, math.sin(angle) * side / 2
    sign = -1.0 if flip else 1.0
    theta = torch.tensor(
        [
            [cos * sign * 2 / width, -sin * 2 / width, 2 * (x - left) / width - 1],
            [sin * sign * 2 / height, cos * 2 / height, 2 * (y - top) / height - 1],
        ]
    )
    grid = F.affine_grid(theta[None], [1, 1, size, size], align_corners=False)
    return F.grid_sample(part[None], grid, "bilinear", "reflection", align_corners=False)[0]


class PlaceSampler:
    """Pictures by source; a source is drawn in proportion to the square root of its pixels."""

    def __init__(self, pictures: list[tuple[str, Tensor]], recipe: ViewRecipe, generator: Generator) -> None:
        self.images = [image for _, image in pictures]
        self.recipe = recipe
        self.generator = generator
        pixels: dict[str, int] = {}
        for source, image in pictures:
            pixels[source] = pixels.get(source, 0) + image[0].numel()
        self.weights = torch.tensor([image[0].numel() / math.sqrt(pixels[source]) for source, image in pictures])

    def place(self) -> Place:
        index = int(torch.multinomial(self.weights, 1, generator=self.generator))
        height, width = self.images[index].shape[1:]
        most = min(self.recipe.most, float(min(height, width)))
        least = min(self.recipe.least, most)
        side = math.exp(uniform(self.generator, math.log(least), math.log(most)))
        x = uniform(self.generator, side / 2, width - side / 2)
        return Place(index, x, uniform(self.generator, side / 2, height - side / 2), side)

    def view(self, place: Place) -> Tensor:
        g = self.generator
        side = place.side * uniform(g, self.recipe.smallest, 1.0)
        free = (place.side - side) / 2
        x, y = place.x + uniform(g, -free, free), place.y + uniform(g, -free, free)
        image = self.images[place.picture]
        return _square(image, x, y, side, uniform(g, 0, 2 * math.pi), chance(g, 0.5), self.recipe.side)

    def pairs(self, count: int) -> Tensor:
        """[2 count, 3, side, side] of 0..1: first views, then second views of the same places; not yet recoloured."""
        places = [self.place() for _ in range(count)]
        return torch.stack([self.view(place) for place in places] + [self.view(place) for place in places])

    def plain(self, count: int) -> Tensor:
        """Whole places upright, as an encoder meets them when it embeds."""
        places = [self.place() for _ in range(count)]
        return torch.stack([_square(self.images[p.picture], p.x, p.y, p.side, 0.0, False, self.recipe.side) for p in places])


def _each(generator: Generator, count: int, low: float, high: float, channels: int = 1) -> Tensor:
    return low + (high - low) * torch.rand(count, channels, 1, 1, generator=generator)


def _blurred(images: Tensor, sigma: Tensor) -> Tensor:
    """Gaussian blur, a sigma [n, 1, 1, 1] each; 0 leaves an image as it is."""
    count, channels, height, width = images.shape
    taps = (torch.arange(_TAPS, device=images.device) - _TAPS // 2).float()
    kernel = torch.exp(-(taps**2) / (2 * sigma.view(-1, 1) ** 2 + 1e-4))
    kernel = (kernel / kernel.sum(1, keepdim=True)).repeat_interleave(channels, 0)
    reach = _TAPS // 2
    flat = F.pad(images, (reach, reach, reach, reach), mode="reflect").reshape(1, count * channels, height + 2 * reach, -1)
    rows = F.conv2d(flat, kernel[:, None, :, None], groups=count * channels)
    return F.conv2d(rows, kernel[:, None, None, :], groups=count * channels).reshape(count, channels, height, width)


def recolour_batch(images: Tensor, recipe: ViewRecipe, generator: Generator) -> Tensor:
    """[n, 3, h, w] of 0..1 -> the same from n other laboratories: stain amounts and hues, light, grey, blur, noise."""
    count, device, s = images.shape[0], images.device, recipe.strength
    hues = F.normalize(HED + 0.06 * s * torch.randn(count, 3, 3, generator=generator), dim=2)
    gains = torch.exp(s * (_each(generator, count, -0.55, 0.4, 3))).view(count, 3, 1)
    matrix = torch.linalg.inv(HED) @ (gains * hues)
    shift = 0.03 * s * torch.randn(count, 3, 1, 1, generator=generator)
    density = -torch.log10(images.clamp(min=1 / 256))
    density = torch.einsum("nji,njhw->nihw", matrix.to(device), density) + shift.to(device)
    out = torch.pow(10.0, -density).clamp(1e-3, 1)
    gamma = torch.exp(s * _each(generator, count, -0.25, 0.25)).to(device)
    light = (_each(generator, count, 1 - 0.3 * s, 1.1) * _each(generator, count, 0.94, 1.06, 3)).to(device)
    out = (out.pow(gamma) * light).clamp(0, 1)
    is_grey = (torch.rand(count, 1, 1, 1, generator=generator) < recipe.grey).to(device)
    out = torch.where(is_grey, out.mean(1, keepdim=True), out)
    chosen = torch.nonzero(torch.rand(count, generator=generator) < recipe.blurred).flatten()
    if chosen.numel() > 0:
        sigma = _each(generator, chosen.numel(), 0.3, 1.6).to(device)
        out = out.index_copy(0, chosen.to(device), _blurred(out[chosen.to(device)], sigma))
    noise = _each(generator, count, 0, 0.03).to(device)
    return (out + noise * torch.randn(images.shape, generator=generator).to(device)).clamp(0, 1)
