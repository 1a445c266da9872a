"""Mixed batches: nuclei tiles, gland tiles and tissue tiles of one step; a head learns only from its own labels."""

from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from .augment import Cut, chance, cut, paste_glass, recolour, uniform
from .classes import NUCLEI
from .items import NETWORK_MPP, UNKNOWN, Item
from .targets import (
    GLAND_RING,
    IGNORE,
    LUMEN_RING,
    NUCLEI_RING,
    crowd_weights,
    gland_weights,
    majority_target,
    ring_target,
    tissue_target,
    type_target,
)


@dataclass(frozen=True)
class Recipe:
    """How a step is put together. Sizes in pixels of 0.5 um; shares are probabilities of a source."""

    nuclei_tiles: int = 8
    nuclei_size: int = 256
    gland_tiles: int = 4
    gland_size: int = 384
    tissue_tiles: int = 5
    tissue_size: int = 192
    nuclei_sources: tuple[tuple[str, float], ...] = (("monuseg", 0.5), ("consep", 0.5), ("nuinsseg", 0.12))
    gland_sources: tuple[tuple[str, float], ...] = (("glas", 1.0),)
    tissue_cell: int = 64
    glass: float = 0.15
    brightest: float = 1.1  # the most that a tile's light is multiplied by
    together: float = 0.0  # how often all stains of a tile are stronger or weaker by one factor
    bare: float = 0.25  # of tissue tiles, those that only teach where no gland is


@dataclass(frozen=True)
class NucleiBatch:
    """`soft` [n, 2, h, w]: a teacher's probabilities of inner and contour; `taught` [n]: whether there is a teacher."""

    images: Tensor
    nuclei: Tensor
    weights: Tensor
    types: Tensor
    soft: Tensor
    taught: Tensor


@dataclass(frozen=True)
class GlandBatch:
    images: Tensor
    glands: Tensor
    weights: Tensor
    lumina: Tensor
    tissue: Tensor


@dataclass(frozen=True)
class TissueBatch:
    """`no_glands`: which tiles are known to hold no gland. `tissue` may be IGNORE."""

    images: Tensor
    tissue: Tensor
    no_glands: Tensor


class Sampler:
    """Draws batches from items; all randomness comes from one generator, whose state a checkpoint keeps."""

    def __init__(self, items: list[Item], recipe: Recipe, generator: Generator) -> None:
        self.recipe = recipe
        self.generator = generator
        self.by_source: dict[str, list[Item]] = {}
        for item in items:
            self.by_source.setdefault(item.source, []).append(item)
        bare = [item for item in items if item.kind == "nuclei" and item.gland_free]
        tiles = [item for item in items if item.kind == "tile"]
        self.tissue: dict[int, list[Item]] = {}
        for item in [*tiles, *bare]:
            self.tissue.setdefault(item.tissue, []).append(item)

    def _pick(self, items: list[Item]) -> Item:
        return items[int(torch.randint(len(items), (), generator=self.generator))]

    def _source(self, shares: tuple[tuple[str, float], ...]) -> list[Item]:
        known = [(name, share) for name, share in shares if name in self.by_source]
        point = uniform(self.generator, 0, sum(share for _, share in known))
        for name, share in known:
            point -= share
            if point <= 0:
                return self.by_source[name]
        return self.by_source[known[-1][0]]

    def _zoom(self) -> float:
        return 2 ** uniform(self.generator, -0.415, 0.415)

    def nuclei(self) -> NucleiBatch:
        recipe, size = self.recipe, self.recipe.nuclei_size
        items = [self._pick(self._source(recipe.nuclei_sources)) for _ in range(recipe.nuclei_tiles)]
        images, labels, softs = [], [], []
        for item in items:
            planes = item.planes[:1] if item.soft is None else torch.cat((item.planes[:1], item.soft.int()))
            tile = cut(item.image, planes, size, 2 * size, self._zoom(), self.generator)
            if chance(self.generator, recipe.glass / 2):
                tile, _ = paste_glass(tile, self.generator)
            images.append(recolour(tile.image, self.generator, recipe.brightest, recipe.together))
            labels.append(tile.planes[0])
            softs.append(torch.zeros(2, 2 * size, 2 * size) if item.soft is None else tile.planes[1:] / 255)
        stacked = torch.stack(labels)
        labelled = torch.tensor([item.labelled for item in items])
        return NucleiBatch(
            torch.stack(images),
            torch.where(labelled[:, None, None], ring_target(stacked, NUCLEI_RING), IGNORE),
            crowd_weights(stacked),
            type_target(stacked, [item.types for item in items]),
            torch.stack(softs),
            torch.tensor([item.soft is not None for item in items]),
        )

    def glands(self) -> GlandBatch:
        recipe, size = self.recipe, self.recipe.gland_size
        tiles: list[tuple[Item, Cut, Tensor]] = []
        for _ in range(recipe.gland_tiles):
            item = self._pick(self._source(recipe.gland_sources))
            planes = item.planes[1:] if item.kind == "phantom" else item.planes
            factor = NETWORK_MPP / item.mpp * self._zoom()
            tile = cut(item.image, planes, size, size // 2, factor, self.generator)
            pasted = torch.zeros(size // 2, size // 2, dtype=torch.bool)
            if chance(self.generator, recipe.glass):
                tile, pasted = paste_glass(tile, self.generator)
            tiles.append((item, tile, pasted))
        cell = recipe.tissue_cell // 2
        tissue = []
        for item, tile, pasted in tiles:
            if item.kind == "phantom":
                tissue.append(majority_target(tile.planes[2][None], cell)[0])
            else:
                glass = (tile.planes[2] > 0) | pasted
                tissue.append(tissue_target(tile.planes[0][None], glass[None], [item.tissue], cell)[0])
        glands = torch.stack([tile.planes[0] for _, tile, _ in tiles])
        lumina = torch.stack([tile.planes[1] for _, tile, _ in tiles])
        return GlandBatch(
            torch.stack([recolour(tile.image, self.generator, recipe.brightest, recipe.together) for _, tile, _ in tiles]),
            ring_target(glands, GLAND_RING),
            gland_weights(glands),
            ring_target(lumina, LUMEN_RING),
            torch.stack(tissue),
        )

    def tissues(self) -> TissueBatch:
        recipe = self.recipe
        size, classes = recipe.tissue_size, sorted(self.tissue)
        images, tissue, bare = [], [], []
        for _ in range(recipe.tissue_tiles):
            kind = classes[int(torch.randint(len(classes), (), generator=self.generator))]
            if UNKNOWN in self.tissue and chance(self.generator, recipe.bare):
                kind = UNKNOWN
            item = self._pick(self.tissue[kind])
            factor = NETWORK_MPP / item.mpp * self._zoom()
            tile = cut(item.image, item.planes[:0], size, size // 2, factor, self.generator)
            images.append(recolour(tile.image, self.generator, recipe.brightest, recipe.together))
            tissue.append(IGNORE if kind == UNKNOWN else kind)
            bare.append(item.gland_free)
        cells = size // recipe.tissue_cell
        grid = torch.tensor(tissue)[:, None, None].expand(-1, cells, cells)
        return TissueBatch(torch.stack(images), grid, torch.tensor(bare))


def type_balance(items: list[Item]) -> Tensor:
    """Weight a nucleus class: inverse square root of its share, mean 1."""
    counts = torch.zeros(len(NUCLEI))
    for item in items:
        known = item.types[item.types != UNKNOWN]
        counts += torch.bincount(known, minlength=len(NUCLEI)).float()
    weights = (counts + 1).rsqrt()
    return weights / weights.mean()
