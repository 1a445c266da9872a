"""Images in few bytes without an image library: 8x8 cosine blocks, quantised as JPEG does, kept as plain uint8 arrays.

A pack holds these arrays (NumPy's own compression does the rest), so training needs PyTorch and NumPy alone. The same
transform, with a coarser table, is the JPEG damage of the augmentation.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

# ITU T.81 annex K, quality 50.
_LUMA = (
    (16, 11, 10, 16, 24, 40, 51, 61),
    (12, 12, 14, 19, 26, 58, 60, 55),
    (14, 13, 16, 24, 40, 57, 69, 56),
    (14, 17, 22, 29, 51, 87, 80, 62),
    (18, 22, 37, 56, 68, 109, 103, 77),
    (24, 35, 55, 64, 81, 104, 113, 92),
    (49, 64, 78, 87, 103, 121, 120, 101),
    (72, 92, 95, 98, 112, 100, 103, 99),
)
_CHROMA = (
    (17, 18, 24, 47, 99, 99, 99, 99),
    (18, 21, 26, 66, 99, 99, 99, 99),
    (24, 26, 56, 99, 99, 99, 99, 99),
    (47, 66, 99, 99, 99, 99, 99, 99),
) + ((99,) * 8,) * 4
_YCC = torch.tensor([[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]])
_BASIS = torch.tensor(
    [[math.sqrt((1 if k == 0 else 2) / 8) * math.cos((2 * i + 1) * k * math.pi / 16) for i in range(8)] for k in range(8)]
)


def table(quality: float, chroma: bool) -> Tensor:
    """Quantisation steps [8, 8] for values 0..255, in the usual 1..100 scale of quality."""
    scale = 50 / quality if quality < 50 else 2 - quality / 50
    return (torch.tensor(_CHROMA if chroma else _LUMA, dtype=torch.float32) * scale).clamp(min=1).round()


def _blocks(plane: Tensor) -> Tensor:
    """[h, w], multiples of 8 -> cosine coefficients [h / 8, w / 8, 8, 8]."""
    h, w = plane.shape
    blocks = plane.reshape(h // 8, 8, w // 8, 8).permute(0, 2, 1, 3)
    basis = _BASIS.to(plane.device)
    return basis @ blocks @ basis.T


def _plane(coefficients: Tensor) -> Tensor:
    basis = _BASIS.to(coefficients.device)
    blocks = basis.T @ coefficients @ basis
    rows, columns = blocks.shape[:2]
    return blocks.permute(0, 2, 1, 3).reshape(rows * 8, columns * 8)


def damage(rgb: Tensor, quality: float) -> Tensor:
    """[3, h, w] of 0..1, h and w multiples of 16 -> the same after JPEG-like loss, chroma at half resolution."""
    ycc = torch.einsum("ij,jhw->ihw", _YCC.to(rgb.device), rgb * 255 - 128)
    luma_table, chroma_table = table(quality, False).to(rgb.device), table(quality, True).to(rgb.device)
    luma = _plane((_blocks(ycc[0]) / luma_table).round() * luma_table)
    half = F.avg_pool2d(ycc[1:], 2)
    chroma = torch.stack([_plane((_blocks(c) / chroma_table).round() * chroma_table) for c in half])
    whole = torch.cat((luma[None], F.interpolate(chroma[None], scale_factor=2, mode="nearest")[0]))
    back = torch.linalg.inv(_YCC).to(rgb.device)
    return ((torch.einsum("ij,jhw->ihw", back, whole) + 128) / 255).clamp(0, 1)


@dataclass(frozen=True)
class Coded:
    """One image: int16 block means and int8 coefficients of three planes, as bytes. Size in pixels."""

    width: int
    height: int
    parts: tuple[np.ndarray, ...]


QUALITY = 72


def encode_image(rgb: np.ndarray) -> Coded:
    height, width = rgb.shape[:2]
    padded = np.pad(rgb, ((0, -height % 16), (0, -width % 16), (0, 0)), mode="edge")
    values = torch.from_numpy(padded.astype(np.float32)).permute(2, 0, 1) - 128
    ycc = torch.einsum("ij,jhw->ihw", _YCC, values)
    planes = [ycc[0], *F.avg_pool2d(ycc[1:], 2)]
    parts: list[np.ndarray] = []
    for index, plane in enumerate(planes):
        steps = (_blocks(plane) / table(QUALITY, index > 0)).round()
        flat = steps.reshape(-1, 64).T.contiguous().numpy()
        parts.append(np.frombuffer(flat[0].astype("<i2").tobytes(), np.uint8))
        parts.append(np.clip(flat[1:], -127, 127).astype(np.int8).view(np.uint8))
    return Coded(width, height, tuple(parts))


def decode_image(coded: Coded) -> Tensor:
    """uint8 [3, h, w]."""
    rows, columns = -(-coded.height // 16) * 2, -(-coded.width // 16) * 2
    planes = []
    for index in range(3):
        grid = (rows, columns) if index == 0 else (rows // 2, columns // 2)
        mean = np.frombuffer(coded.parts[2 * index].tobytes(), "<i2").astype(np.float32)
        rest = coded.parts[2 * index + 1].view(np.int8).astype(np.float32)
        flat = torch.from_numpy(np.concatenate([mean[None], rest])).T.reshape(*grid, 8, 8)
        planes.append(_plane(flat * table(QUALITY, index > 0)))
    chroma = F.interpolate(torch.stack(planes[1:])[None], scale_factor=2, mode="bilinear", align_corners=False)[0]
    rgb = torch.einsum("ij,jhw->ihw", torch.linalg.inv(_YCC), torch.cat((planes[0][None], chroma))) + 128
    return rgb.round().clamp(0, 255).to(torch.uint8)[:, : coded.height, : coded.width]
