"""From trained weights to the folder that the workbench loads: ONNX, manifest, golden patch."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from PIL import Image

from .classes import TISSUE
from .graph import build_graph
from .manifest import Identity, manifest
from .network import Network
from .postprocess import Settings
from .run import network_input, session


def half_precision(network: Network) -> dict[str, np.ndarray]:
    """What is shipped: every weight rounded to fp16, held as float32."""
    return {name: t.detach().half().float().cpu().numpy() for name, t in network.named().items()}


def largest_difference(network: Network, image: np.ndarray, half: bool = False) -> float:
    """Largest |PyTorch - ONNX| over probabilities and features: PyTorch with this network's fp32 weights, ONNX with them
    or, `half`, with the fp16 weights that ship.

    Features relative to their largest value. Packed maps are compared after their rounding to 1/255 is taken out (half a
    step at most is allowed to it).
    """
    weights = {name: t.detach().float().cpu().numpy() for name, t in network.named().items()}
    model = build_graph(network.shape, weights, len(TISSUE), half)
    runner = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    packed, coarse, tissue, features = runner.run(None, {"image": image})
    with torch.no_grad():
        nuclei, glands = network.float().eval()(torch.from_numpy(image))
    if nuclei is None or glands is None:
        raise ValueError("both branches are needed")
    expected = torch.cat((nuclei.features, glands.features), 1).numpy()
    differences = [
        np.abs(glands.tissue.softmax(1).numpy() - tissue).max(),
        np.abs(expected - features).max() / max(1.0, np.abs(expected).max()),
    ]
    planes = [nuclei.nuclei.softmax(1), nuclei.types.softmax(1)[:, :3], glands.glands.softmax(1), glands.lumina.softmax(1)]
    packs = [packed[:, 0], coarse[:, 0], coarse[:, 1], coarse[:, 2]]
    for plane, pack in zip(planes, packs, strict=True):
        steps = np.stack([(pack >> shift) & 255 for shift in (0, 8, 16)], axis=1)
        off = np.abs(plane.numpy() * 255 - steps) - 0.5
        differences.append(np.maximum(off, 0).max() / 255)
    return float(max(differences))


def golden_bytes(onnx_file: Path, rgb: np.ndarray) -> bytes:
    """The outputs for `rgb`, raw and little-endian, in the manifest's order without features."""
    outputs = session(onnx_file).run(["nuclei", "coarse", "tissue"], {"image": network_input(rgb)})
    return b"".join(np.ascontiguousarray(o).astype(o.dtype.newbyteorder("<")).tobytes() for o in outputs)


def export(
    network: Network,
    identity: Identity,
    settings: Settings,
    metrics: list[dict[str, object]],
    golden: np.ndarray,
    folder: Path,
) -> None:
    """Writes model.onnx, model.json, golden.png and golden.bin; refuses a network that says the same everywhere."""
    folder.mkdir(parents=True, exist_ok=True)
    onnx_file = folder / "model.onnx"
    onnx_file.write_bytes(build_graph(network.shape, half_precision(network), len(TISSUE)).SerializeToString())
    Image.fromarray(golden).save(folder / "golden.png", optimize=True)
    outputs = golden_bytes(onnx_file, golden)
    if np.unique(np.frombuffer(outputs, "<i4")).size < 16:
        raise ValueError("the golden outputs are all but constant: this network has learnt nothing")
    (folder / "golden.bin").write_bytes(outputs)
    text = json.dumps(manifest(identity, network.shape, settings, metrics, onnx_file), indent=2, ensure_ascii=False)
    (folder / "model.json").write_text(text + "\n")
