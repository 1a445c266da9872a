"""Running an exported network over one image, as the workbench does: windows with a margin, cores put together."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image

from .network import MEAN, STD
from .postprocess import unpack


@dataclass(frozen=True)
class Maps:
    """uint8 maps of one image. `nuclei` lies at half the network's pixel, the others at twice it; [3, h, w] each
    (background, inner, contour; `types`: the first three classes). `tissue` is float [classes, h, w]."""

    nuclei: np.ndarray
    types: np.ndarray
    glands: np.ndarray
    lumina: np.ndarray
    tissue: np.ndarray


def session(file: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])


def network_input(rgb: np.ndarray) -> np.ndarray:
    """uint8 [h, w, 3] -> float32 [1, 3, h, w], normalised."""
    values = (rgb.astype(np.float32) / 255 - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def resampled(rgb: np.ndarray, factor: float) -> np.ndarray:
    """Area averaging when shrinking, bilinear when growing. `factor`: new pixels per old one."""
    height, width = (max(1, round(side * factor)) for side in rgb.shape[:2])
    how = Image.Resampling.BOX if factor < 1 else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(rgb).resize((width, height), how))


def run_image(model: onnxruntime.InferenceSession, rgb: np.ndarray, multiple: int) -> Maps:
    """The whole image in one window (images of the data sets are small), edges mirrored to the next multiple."""
    height, width = rgb.shape[:2]
    bottom, right = -height % multiple, -width % multiple
    padded = np.pad(rgb, ((0, bottom), (0, right), (0, 0)), mode="symmetric")
    packed, coarse, tissue = model.run(["nuclei", "coarse", "tissue"], {"image": network_input(padded)})
    half = (-(-height // 2), -(-width // 2))
    planes = [unpack(plane)[:, : half[0], : half[1]] for plane in coarse[0]]
    return Maps(unpack(packed[0, 0])[:, : 2 * height, : 2 * width], planes[0], planes[1], planes[2], tissue[0])
