"""Everything that training cerberus-lite needs, in one .npz of uint8 arrays (30 MB at most).

Images are coded as coding.py says, labels as one plane a byte. Nuclei images lie at 0.5 um a pixel with labels at
half that pixel (where the network writes); gland images keep their own pixel; tiles lie at 0.5.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper
from PIL import Image

from .classes import CONSEP_TO_NUCLEI, tissue_index
from .coding import encode_image
from .items import NETWORK_MPP, UNKNOWN
from .lumina import glass, lumina_of
from .phantom import Phantom, read_phantoms
from .sources import SHARED, Picture, listed, pictures

# Kather 2016's "complex" (stroma with single tumour cells) is left out: it is two classes at once.
KATHER = {
    "tumour": "Tumour",
    "stroma": "Stroma",
    "lymphocytes": "Lymphocytes",
    "debris": "Debris and mucus",
    "mucosa": "Normal mucosa",
    "adipose": "Adipose",
    "empty": "Glass",
}
NO_GLANDS = ("stroma", "lymphocytes", "debris", "adipose", "empty")
NO_GLAND_ORGANS = ("human brain", "human liver", "human tongue")


@dataclass
class Writer:
    """Collects images and writes them as one pack."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)
    items: list[dict[str, object]] = field(default_factory=list)

    def add(
        self,
        kind: str,
        source: str,
        name: str,
        mpp: float,
        rgb: np.ndarray,
        planes: list[np.ndarray],
        types: np.ndarray | None = None,
        tissue: int = UNKNOWN,
        gland_free: bool = False,
    ) -> None:
        key = f"{len(self.items):04d}"
        coded = encode_image(rgb)
        for index, part in enumerate(coded.parts):
            self.arrays[f"{key}/image{index}"] = part
        for index, plane in enumerate(planes):
            self.arrays[f"{key}/plane{index}"] = np.stack([plane & 255, plane >> 8]).astype(np.uint8)
        self.arrays[f"{key}/types"] = np.zeros(0, np.uint8) if types is None else types.astype(np.uint8)
        self.items.append(
            {
                "kind": kind,
                "source": source,
                "name": name,
                "mpp": mpp,
                "width": coded.width,
                "height": coded.height,
                "planes": len(planes),
                "tissue": tissue,
                "glandFree": gland_free,
            }
        )

    def write(self, file: Path) -> dict[str, int]:
        """Returns how many images of each source it holds."""
        self.arrays["items"] = np.frombuffer(json.dumps(self.items).encode(), np.uint8)
        file.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(file, **self.arrays)
        counts: dict[str, int] = {}
        for item in self.items:
            counts[str(item["source"])] = counts.get(str(item["source"]), 0) + 1
        return counts


def resize(rgb: np.ndarray, width: int, height: int) -> np.ndarray:
    """Area averaging when shrinking, bilinear when growing."""
    how = Image.Resampling.BOX if width < rgb.shape[1] else Image.Resampling.BILINEAR
    return np.asarray(Image.fromarray(rgb).resize((width, height), how))


def resize_labels(labels: np.ndarray, width: int, height: int) -> np.ndarray:
    """Nearest at pixel centres, so that labels stay where the image is."""
    rows = ((np.arange(height) + 0.5) * labels.shape[0] / height).astype(np.int64)
    columns = ((np.arange(width) + 0.5) * labels.shape[1] / width).astype(np.int64)
    return labels[rows[:, None], columns[None]]


def _nuclei_types(picture: Picture, count: int) -> np.ndarray:
    types = np.full(count, UNKNOWN)
    for number, name in picture.classes().items():
        types[number - 1] = CONSEP_TO_NUCLEI[name]
    return types


def _add_nuclei(writer: Writer, source: str, picture: Picture, mpp: float, typed: bool) -> None:
    rgb, labels = picture.rgb(), picture.instances()
    width, height = (round(side * mpp / NETWORK_MPP) for side in (rgb.shape[1], rgb.shape[0]))
    types = _nuclei_types(picture, int(labels.max())) if typed else np.full(int(labels.max()), UNKNOWN)
    writer.add(
        "nuclei",
        source,
        picture.name,
        NETWORK_MPP,
        resize(rgb, width, height),
        [resize_labels(labels, 2 * width, 2 * height)],
        types,
        gland_free=picture.row["organ"] in NO_GLAND_ORGANS,
    )


def _add_glands(writer: Writer, picture: Picture) -> None:
    rgb, labels, mpp = picture.rgb(), picture.instances(), float(picture.row["mpp"])
    grade = "Normal mucosa" if picture.row["grade"] == "benign" else "Tumour"
    planes = [labels, lumina_of(rgb, labels, mpp), (glass(rgb) & (labels == 0)).astype(np.int32)]
    writer.add("glands", "glas", picture.name, mpp, rgb, planes, tissue=tissue_index(grade))


def _add_tile(writer: Writer, picture: Picture) -> None:
    name = picture.row["class"]
    if name not in KATHER:
        return
    side = round(224 * float(picture.row["mpp"]) / NETWORK_MPP)
    writer.add(
        "tile",
        "kather2016",
        picture.row["file"],
        NETWORK_MPP,
        resize(picture.rgb(), side, side),
        [],
        tissue=tissue_index(KATHER[name]),
        gland_free=name in NO_GLANDS,
    )


def _add_gland_free(writer: Writer, source: str, picture: Picture, mpp: float) -> None:
    writer.add("tile", source, picture.row["file"], mpp, picture.rgb(), [], gland_free=True)


def _add_phantom(writer: Writer, scene: Phantom) -> None:
    """Written at half the network's pixel (0.25 um), so that its nuclei are as fine as the network's output."""
    height, width = (side // 2 for side in scene.rgb.shape[:2])
    planes = [scene.nuclei, scene.glands, scene.lumina, scene.tissue]
    writer.add("phantom", "phantom", scene.name, NETWORK_MPP, resize(scene.rgb, width, height), planes, scene.types)


def encoder_weights(shared: Path) -> dict[str, np.ndarray]:
    """ImageNet layers by this network's names, float32."""
    model = onnx.load(str(shared / "weights" / "resnet18_imagenet_layer3_fp32.onnx"))
    names = {}
    for tensor in model.graph.initializer:
        if tensor.name.startswith(("conv1.", "layer")):
            name = tensor.name.replace("downsample.0", "downsample")
            name = name.replace("conv1.", "stem.", 1) if name.startswith("conv1.") else name
            names[f"encoder.{name}"] = numpy_helper.to_array(tensor)
    return names


def write_pack(file: Path, shared: Path = SHARED, phantoms: Path | None = None) -> dict[str, int]:
    """Writes the pack without any image of the committed validation lists; returns how many items of each source."""
    writer = Writer()
    for picture in pictures("nuclei", "monuseg", shared):
        if picture.name not in listed("monuseg-test.txt"):
            _add_nuclei(writer, "monuseg", picture, 0.25, typed=False)
    for picture in pictures("nuclei", "consep", shared):
        if picture.name not in listed("consep-val.txt"):
            _add_nuclei(writer, "consep", picture, 0.275, typed=True)
    for picture in pictures("nuclei", "nuinsseg", shared):
        if picture.row["split"] == "train":
            _add_nuclei(writer, "nuinsseg", picture, 0.18, typed=False)
    for picture in pictures("glands", "glas", shared):
        if picture.name not in listed("glas-patients-4-9.txt"):
            _add_glands(writer, picture)
    for picture in pictures("tiles", "kather2016", shared):
        _add_tile(writer, picture)
    for picture in pictures("tiles", "oral_oscc", shared):
        # Squamous mucosa, 400x; its pixel is not stated, about 0.5 um by the size of its nuclei.
        if picture.row["notes"].startswith("400x"):
            _add_gland_free(writer, "oral_oscc", picture, 0.5)
    for picture in pictures("tiles", "unlabelled", shared):
        if picture.row["file"].startswith("osteo_"):
            _add_gland_free(writer, "osteosarcoma", picture, 1.0)
    if phantoms is not None:
        for scene in read_phantoms(phantoms):
            _add_phantom(writer, scene)
    for name, value in encoder_weights(shared).items():
        half = np.ascontiguousarray(value.astype("<f2"))
        writer.arrays[f"encoder/{name}"] = np.frombuffer(half.tobytes(), np.uint8)
        writer.arrays[f"encoder-shape/{name}"] = np.frombuffer(np.array(value.shape, "<i4").tobytes(), np.uint8)
    return writer.write(file)
