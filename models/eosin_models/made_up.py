"""Made-up tissue for tests: dark ellipses on pink, and rings with a pale middle. No real pixels, seeded.

It stands for nothing in medicine; it lets a smoke test train, and the tests' sibling network learn something.
"""

from dataclasses import dataclass

import numpy as np
import torch

from .items import Item

NUCLEI_SOURCE, GLAND_SOURCE = "made-up nuclei", "made-up glands"
PINK = np.array([226, 160, 196], np.float32)
GLASS = np.array([243, 241, 244], np.float32)
INK = np.array([[92, 62, 140], [58, 44, 118], [120, 84, 150], [104, 72, 128]], np.float32)


@dataclass(frozen=True)
class Scene:
    """Labels have the image's size: 0 background, 1..N objects; `types` is one class per nucleus, from 0."""

    rgb: np.ndarray
    nuclei: np.ndarray
    types: np.ndarray
    glands: np.ndarray
    lumina: np.ndarray


def _ellipse(size: int, x: float, y: float, a: float, b: float, angle: float) -> np.ndarray:
    rows, columns = np.mgrid[0:size, 0:size]
    dx, dy = columns + 0.5 - x, rows + 0.5 - y
    u = dx * np.cos(angle) + dy * np.sin(angle)
    v = dy * np.cos(angle) - dx * np.sin(angle)
    return (u / a) ** 2 + (v / b) ** 2 <= 1


def scene(seed: int, size: int, mpp: float) -> Scene:
    """`size` pixels a side at `mpp` micrometres: nuclei of 5 to 9 um, gland rings of 60 to 110 um."""
    random = np.random.default_rng(seed)
    rgb = np.tile(PINK, (size, size, 1))
    nuclei, glands, lumina = (np.zeros((size, size), np.int32) for _ in range(3))
    types: list[int] = []
    side = size * mpp
    for number in range(1, 1 + max(1, int(side / 130) ** 2)):
        x, y = random.uniform(0.2 * size, 0.8 * size, 2)
        radius = min(random.uniform(30, 55), 0.4 * side) / mpp
        outline = _ellipse(size, x, y, radius, radius * 0.8, random.uniform(0, 3)) & (glands == 0)
        middle = _ellipse(size, x, y, radius * 0.4, radius * 0.35, 0) & outline
        glands[outline] = number
        lumina[middle] = number
        rgb[outline] = rgb[outline] * 0.94
        rgb[middle] = GLASS
    for _ in range(int(side**2 / 140)):
        kind = int(random.integers(4))
        x, y = random.uniform(0, size, 2)
        a = random.uniform(2.5, 4.5) / mpp
        drawn = _ellipse(size, x, y, a, a * (0.45 if kind == 2 else 0.8), random.uniform(0, 3))
        drawn &= (nuclei == 0) & (lumina == 0)
        if drawn.sum() * mpp**2 < 8:
            continue
        types.append(kind)
        nuclei[drawn] = len(types)
        rgb[drawn] = INK[kind]
    rgb += random.normal(0, 6, rgb.shape)
    return Scene(np.clip(rgb, 0, 255).astype(np.uint8), nuclei, np.array(types, np.int64), glands, lumina)


def items(seed: int, count: int, size: int) -> list[Item]:
    """Training items of made-up scenes at the network's pixel: each as nuclei, as glands and as a tissue tile."""
    out: list[Item] = []
    for index in range(count):
        made = scene(seed + index, 2 * size, 0.25)
        image = torch.from_numpy(made.rgb[::2, ::2].copy()).permute(2, 0, 1)
        glass = ((made.lumina == 0) & (made.rgb.min(axis=2) > 225)).astype(np.int32)
        nuclei = torch.from_numpy(made.nuclei)[None]
        glands = torch.from_numpy(np.stack([made.glands, made.lumina, glass]))
        name = f"made-up-{seed + index}"
        none = torch.zeros(0, dtype=torch.int64)
        out.append(Item("nuclei", NUCLEI_SOURCE, name, 0.5, image, nuclei, torch.from_numpy(made.types)))
        out.append(Item("glands", GLAND_SOURCE, name, 0.5, image, glands, none, tissue=index % 2 * 4))
        out.append(Item("tile", "made-up tiles", name, 0.5, image, nuclei[:0], none, tissue=index % 7, gland_free=False))
    return out
