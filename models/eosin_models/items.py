"""A pack, read: PyTorch and NumPy only, so that training runs where no image library is."""

import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from .coding import Coded, decode_image

NETWORK_MPP = 0.5
UNKNOWN = 255


@dataclass(frozen=True)
class Item:
    """One training image. `planes` are label images [k, h, w], int32: nuclei: (instances); glands: (glands, lumina,
    glass); tiles: none. `types`: class of each nucleus from object 1 on, UNKNOWN where not labelled. `labelled`: False
    where nuclei were not outlined by anybody; `soft`: what a teacher sees, teacher.py, on the grid of `planes`."""

    kind: str
    source: str
    name: str
    mpp: float
    image: Tensor
    planes: Tensor
    types: Tensor
    tissue: int = UNKNOWN
    gland_free: bool = False
    labelled: bool = True
    soft: Tensor | None = None


def read_pack(file: Path) -> Iterator[Item]:
    with np.load(io.BytesIO(file.read_bytes())) as pack:
        for index, item in enumerate(json.loads(pack["items"].tobytes())):
            key = f"{index:04d}"
            coded = Coded(item["width"], item["height"], tuple(pack[f"{key}/image{part}"] for part in range(6)))
            planes = []
            for plane in range(item["planes"]):
                low, high = pack[f"{key}/plane{plane}"].astype(np.int32)
                planes.append(torch.from_numpy(low | high << 8))
            yield Item(
                kind=item["kind"],
                source=item["source"],
                name=item["name"],
                mpp=item["mpp"],
                image=decode_image(coded),
                planes=torch.stack(planes) if planes else torch.zeros(0, 1, 1, dtype=torch.int32),
                types=torch.from_numpy(pack[f"{key}/types"].astype(np.int64)),
                tissue=item["tissue"],
                gland_free=item["glandFree"],
            )


def read_encoder(file: Path) -> dict[str, Tensor]:
    with np.load(io.BytesIO(file.read_bytes())) as pack:
        names = [key.removeprefix("encoder/") for key in pack.files if key.startswith("encoder/")]
        out = {}
        for name in names:
            shape = np.frombuffer(pack[f"encoder-shape/{name}"].tobytes(), "<i4")
            values = np.frombuffer(pack[f"encoder/{name}"].tobytes(), "<f2").astype(np.float32)
            out[name] = torch.from_numpy(values.reshape(shape))
        return out
