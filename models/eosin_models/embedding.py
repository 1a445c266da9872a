"""Patches to features, with a network in PyTorch or an exported folder: both give every block's pooled output."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .encoder_network import FoldedEncoder, Scaling, pooled
from .encoders import block_names
from .run import session

Embedder = Callable[[np.ndarray], dict[str, np.ndarray]]
"""uint8 [n, h, w, 3] -> block name -> float32 [n, channels]."""
_AT_ONCE = 16


def torch_embedder(network: FoldedEncoder, scaling: Scaling) -> Embedder:
    @torch.no_grad()
    def embed(rgb: np.ndarray) -> dict[str, np.ndarray]:
        images = scaling.apply(torch.from_numpy(rgb).permute(0, 3, 1, 2).float() / 255)
        images = images.contiguous(memory_format=torch.channels_last)
        parts = [pooled(network(images[start : start + _AT_ONCE])) for start in range(0, len(images), _AT_ONCE)]
        return {name: torch.cat([p[i] for p in parts]).numpy() for i, name in enumerate(block_names(network.shape))}

    return embed


def onnx_input(rgb: np.ndarray, scaling: Scaling) -> np.ndarray:
    values = (rgb.astype(np.float32) / 255 - np.array(scaling.mean, np.float32)) / np.array(scaling.std, np.float32)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2))


def folder_embedder(folder: Path) -> Embedder:
    described = json.loads((folder / "model.json").read_text())
    model = session(folder / described["file"])
    scaling = Scaling(tuple(described["input"]["mean"]), tuple(described["input"]["std"]))
    names = [output["name"] for output in described["outputs"]]

    def embed(rgb: np.ndarray) -> dict[str, np.ndarray]:
        parts = [
            model.run(names, {"image": onnx_input(rgb[start : start + _AT_ONCE], scaling)})
            for start in range(0, len(rgb), _AT_ONCE)
        ]
        return {name: np.concatenate([part[i] for part in parts]) for i, name in enumerate(names)}

    return embed


def colour_histogram(rgb: np.ndarray, levels: int = 6) -> np.ndarray:
    """The baseline: joint RGB histogram of each patch, square roots. float32 [n, levels^3]."""
    level = rgb.astype(np.int64) * levels // 256
    code = (level[..., 0] * levels + level[..., 1]) * levels + level[..., 2]
    counts = np.stack([np.bincount(patch.ravel(), minlength=levels**3) for patch in code])
    return np.sqrt(counts / code[0].size).astype(np.float32)


def cosine_to(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Row by row, of two [n, d]."""
    return F.cosine_similarity(torch.from_numpy(a), torch.from_numpy(b)).numpy()
