"""Folders of encoders and of what reads their features: ONNX, manifest, golden input and outputs.

Beyond cerberus-lite's manifest (the contract is src/inference/manifest.ts): outputs of the kinds `pooled` and `rows`
(one row a patch) and `bag` (one row for all patches given); and an input of the layout NC that names
the encoder, by id, hash and output, whose features it reads.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image

from .attention import BAG_CLASSES
from .classes import Class
from .classification import LinearHead
from .committee import Committee
from .crc5 import PATCH_MPP, patches_of
from .embedding import folder_embedder, onnx_input
from .encoder_graph import encoder_graph
from .encoder_network import FoldedEncoder, Scaling, Weights, pooled
from .encoders import Encoder, block_names, block_widths, encoder_listing, encoder_parameters, side_multiple
from .manifest import Identity
from .rows_graph import attention_graph, head_graph
from .run import session


@dataclass(frozen=True)
class Source:
    """Whose features are read: an exported encoder's folder, and the name of one of its outputs."""

    folder: Path
    output: str

    def described(self) -> dict[str, object]:
        manifest = json.loads((self.folder / "model.json").read_text())
        return {"id": manifest["id"], "sha256": manifest["sha256"], "output": self.output}

    def features(self, rgb: np.ndarray) -> np.ndarray:
        return folder_embedder(self.folder)(rgb)[self.output]


def largest_encoder_difference(shape: Encoder, weights: Weights, image: np.ndarray, half: bool = False) -> float:
    """Largest |PyTorch - ONNX| of the pooled outputs, relative to each output's largest value: PyTorch with the fp32
    weights, ONNX with them or, `half`, with the fp16 weights that ship."""
    runner = onnxruntime.InferenceSession(
        encoder_graph(shape, weights, half).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    with torch.no_grad():
        expected = [x.numpy() for x in pooled(FoldedEncoder(shape, weights)(torch.from_numpy(image)))]
    pairs = zip(expected, runner.run(None, {"image": image}), strict=True)
    return max(float(np.abs(a - b).max() / max(1.0, np.abs(a).max())) for a, b in pairs)


def _common(identity: Identity, task: str, metrics: list[dict[str, object]], onnx_file: Path) -> dict[str, object]:
    stored = onnx_file.read_bytes()
    return {
        "schema": 1,
        "id": identity.id,
        "name": identity.name,
        "version": identity.version,
        "task": task,
        "summary": identity.summary,
        "licence": identity.licence,
        "licenceNote": identity.licence_note,
        "data": list(identity.data),
        "metrics": metrics,
        "file": onnx_file.name,
        "bytes": len(stored),
        "sha256": hashlib.sha256(stored).hexdigest(),
    }


def _store(folder: Path, model: onnx.ModelProto) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "model.onnx"
    file.write_bytes(model.SerializeToString())
    return file


def _write_manifest(folder: Path, manifest: dict[str, object]) -> None:
    (folder / "model.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")


def _golden_outputs(file: Path, name: str, value: np.ndarray) -> bytes:
    """Outputs in the manifest's order, little-endian float32; a network that says one thing only is refused."""
    outputs = session(file).run(None, {name: value})
    if any(np.ptp(output) < 1e-6 for output in outputs):
        raise ValueError("a golden output is constant: this network has learnt nothing")
    return b"".join(np.ascontiguousarray(output, "<f4").tobytes() for output in outputs)


def export_encoder(
    shape: Encoder,
    weights: Weights,
    scaling: Scaling,
    identity: Identity,
    metrics: list[dict[str, object]],
    golden: np.ndarray,
    folder: Path,
) -> None:
    """`weights` are stored as fp16. `golden`: uint8 [h, w, 3], a patch of our own making."""
    file = _store(folder, encoder_graph(shape, weights))
    Image.fromarray(golden).save(folder / "golden.png", optimize=True)
    (folder / "golden.bin").write_bytes(_golden_outputs(file, "image", onnx_input(golden[None], scaling)))
    listed = encoder_listing(shape)
    blocks = zip(block_names(shape), block_widths(shape), strict=True)
    _write_manifest(
        folder,
        _common(identity, "encoder", metrics, file)
        | {
            "parameters": encoder_parameters(shape),
            "gflopPerMegapixel": round(listed.flop_per_pixel * 1e6 / 1e9, 1),
            "input": {
                "name": "image",
                "mpp": PATCH_MPP,
                "layout": "NCHW",
                "channels": "RGB",
                "mean": list(scaling.mean),
                "std": list(scaling.std),
                "window": identity.window,
                "margin": identity.margin,
                "multiple": side_multiple(shape),
            },
            "outputs": [{"name": name, "kind": "pooled", "channels": width} for name, width in blocks],
            "tasks": {},
            "golden": {"image": "golden.png", "outputs": "golden.bin", "tolerance": 0.01},
        },
    )


def _export_reader(
    model: onnx.ModelProto,
    task: str,
    parameters: int,
    source: Source,
    outputs: list[dict[str, object]],
    identity: Identity,
    metrics: list[dict[str, object]],
    golden: np.ndarray,
    folder: Path,
) -> None:
    file = _store(folder, model)
    features = source.features(patches_of(golden, identity.window))
    (folder / "golden-features.bin").write_bytes(np.ascontiguousarray(features, "<f4").tobytes())
    (folder / "golden.bin").write_bytes(_golden_outputs(file, "features", features))
    _write_manifest(
        folder,
        _common(identity, task, metrics, file)
        | {
            "parameters": parameters,
            "gflopPerMegapixel": 0,
            "input": {"name": "features", "layout": "NC", "channels": features.shape[1], "encoder": source.described()},
            "outputs": outputs,
            "tasks": {},
            "golden": {"features": "golden-features.bin", "outputs": "golden.bin", "tolerance": 1e-4},
        },
    )


def _classes(classes: tuple[Class, ...]) -> list[dict[str, str]]:
    return [{"name": c.name, "color": c.color} for c in classes]


def export_attention(
    committee: Committee,
    source: Source,
    identity: Identity,
    metrics: list[dict[str, object]],
    golden: np.ndarray,
    folder: Path,
) -> None:
    weights = committee.plain()
    outputs: list[dict[str, object]] = [
        {"name": "attention", "kind": "rows", "channels": 1},
        {"name": "patch", "kind": "rows", "classes": _classes(BAG_CLASSES)},
        {"name": "slide", "kind": "bag", "classes": _classes(BAG_CLASSES)},
    ]
    parameters = sum(value.size for value in weights.values())
    _export_reader(attention_graph(weights), "attention", parameters, source, outputs, identity, metrics, golden, folder)


def export_head(
    head: LinearHead,
    classes: tuple[Class, ...],
    source: Source,
    identity: Identity,
    metrics: list[dict[str, object]],
    golden: np.ndarray,
    folder: Path,
) -> None:
    outputs: list[dict[str, object]] = [{"name": "classes", "kind": "rows", "classes": _classes(classes)}]
    model = head_graph(head.weight, head.bias)
    _export_reader(model, "head", head.weight.size + head.bias.size, source, outputs, identity, metrics, golden, folder)
