"""model.json: what the workbench needs to know about a network (the contract is src/inference/manifest.ts)."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .architecture import Shape, gflop_per_megapixel, parameter_count
from .classes import GLANDS, LUMINA, NUCLEI, TISSUE, Class
from .network import MEAN, STD
from .postprocess import Settings


@dataclass(frozen=True)
class Identity:
    """What a person reads about a network, and how large a window it is run on."""

    id: str
    name: str
    version: str
    summary: str
    licence: str
    licence_note: str
    data: tuple[str, ...]
    window: int
    margin: int


def _colours(classes: tuple[Class, ...]) -> list[dict[str, str]]:
    return [{"name": c.name, "color": c.color} for c in classes]


def manifest(
    identity: Identity, shape: Shape, settings: Settings, metrics: list[dict[str, object]], onnx_file: Path
) -> dict[str, object]:
    stored = onnx_file.read_bytes()
    nuclei, glands, lumina = settings.nuclei, settings.glands, settings.lumina
    return {
        "schema": 1,
        "id": identity.id,
        "name": identity.name,
        "version": identity.version,
        "task": "segmentation",
        "summary": identity.summary,
        "licence": identity.licence,
        "licenceNote": identity.licence_note,
        "data": list(identity.data),
        "metrics": metrics,
        "file": onnx_file.name,
        "bytes": len(stored),
        "sha256": hashlib.sha256(stored).hexdigest(),
        "parameters": parameter_count(shape),
        "gflopPerMegapixel": round(gflop_per_megapixel(shape), 1),
        "input": {
            "name": "image",
            "mpp": 0.5,
            "layout": "NCHW",
            "channels": "RGB",
            "mean": list(MEAN),
            "std": list(STD),
            "window": identity.window,
            "margin": identity.margin,
            "multiple": shape.tissue_stride,
        },
        "outputs": [
            {"name": "nuclei", "kind": "packed", "stride": 0.5, "planes": ["nuclei"]},
            {"name": "coarse", "kind": "packed", "stride": 2, "planes": ["types", "glands", "lumina"]},
            {"name": "tissue", "kind": "grid", "stride": shape.tissue_stride, "classes": _colours(TISSUE)},
            {"name": "features", "kind": "features", "stride": 4, "channels": shape.features},
        ],
        "tasks": {
            "nuclei": {
                "classes": _colours(NUCLEI),
                "postprocess": {
                    "upsample": nuclei.upsample,
                    "foreground": nuclei.foreground,
                    "marker": nuclei.marker,
                    "minMarkerUm2": nuclei.min_marker_um2,
                    "minAreaUm2": nuclei.min_area_um2,
                    "minProbability": nuclei.min_probability,
                },
            },
            "glands": {
                "classes": _colours(GLANDS),
                "postprocess": {
                    "foreground": glands.foreground,
                    "seed": glands.seed,
                    "minSeedUm2": glands.min_seed_um2,
                    "growUm": glands.grow_um,
                    "minAreaUm2": glands.min_area_um2,
                },
            },
            "lumina": {
                "classes": _colours(LUMINA),
                "postprocess": {"foreground": lumina.foreground, "minAreaUm2": lumina.min_area_um2},
            },
        },
        "golden": {"image": "golden.png", "outputs": "golden.bin", "tolerance": 0.01},
    }
