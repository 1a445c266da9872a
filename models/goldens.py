"""python models/goldens.py: writes models/goldens, maps and the objects that the reference makes of them.

src/analysis compares its own post-processing with these (PQ at least 0.98, in truth pixel for pixel). The maps are
made up, seeded, and do not change when a network is trained on: dense touching nuclei, glands that touch and have
holes, crumbs below every smallest size. Files: NAME.maps.gz (uint8 [k, h, w]) and NAME.labels.gz (uint16 [h, w], little
endian); goldens.json says shapes, pixel, settings and, for nuclei, each object's class.
"""

import gzip
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from scipy import ndimage

from eosin_models.postprocess import (
    GlandSettings,
    LumenSettings,
    NucleiSettings,
    gland_instances,
    lumen_instances,
    nuclei_classes,
    nuclei_instances,
)

STEP = 7
FOLDER = Path(__file__).parent / "goldens"


def soft_maps(labels: np.ndarray, ring: int, sigma: float, noise: float, random: np.random.Generator) -> np.ndarray:
    """What a network that is nearly right would say: uint8 [3, h, w] of background, inner, contour."""
    inside = labels > 0
    edge = np.zeros(labels.shape, bool)
    for axis in (0, 1):
        for distance in range(1, ring + 1):
            for sign in (1, -1):
                edge |= np.roll(labels, sign * distance, axis) != labels
    parts = np.stack([~inside, inside & ~edge, inside & edge]).astype(np.float64)
    wobble = ndimage.gaussian_filter(random.normal(0, 1, parts.shape), (0, 4, 4)) * 15 * noise
    soft = np.clip(ndimage.gaussian_filter(parts, (0, sigma, sigma)) + wobble, 1e-3, None)
    # Coarse steps: files stay small, and equal levels are common, so the order of ties is tested.
    return (np.floor(soft / soft.sum(axis=0) * 255 / STEP + 0.5) * STEP).astype(np.uint8)


def ellipses(size: int, count: int, radius: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    """Later ones lie over earlier ones, so many touch."""
    labels = np.zeros((size, size), np.int32)
    rows, columns = np.mgrid[0:size, 0:size] + 0.5
    for number in range(1, count + 1):
        x, y = random.uniform(0, size, 2)
        a, angle = random.uniform(*radius), random.uniform(0, np.pi)
        b = a * random.uniform(0.5, 1)
        u = (columns - x) * np.cos(angle) + (rows - y) * np.sin(angle)
        v = (rows - y) * np.cos(angle) - (columns - x) * np.sin(angle)
        labels[(u / a) ** 2 + (v / b) ** 2 <= 1] = number
    return labels


def write(name: str, maps: np.ndarray, labels: np.ndarray) -> dict[str, object]:
    for kind, array in (("maps", maps.astype("<u1")), ("labels", labels.astype("<u2"))):
        (FOLDER / f"{name}.{kind}.gz").write_bytes(gzip.compress(array.tobytes(), 9, mtime=0))
    return {"maps": list(maps.shape), "labels": list(labels.shape), "objects": int(labels.max())}


def nuclei_case(name: str, size: int, mpp: float, settings: NucleiSettings, seed: int) -> dict[str, object]:
    """Maps: inner and contour at `mpp`, then three planes of types at 1 um a pixel in their upper left corner."""
    random = np.random.default_rng(seed)
    scale = 0.25 / mpp
    truth = ellipses(size, int(size**2 / (900 * scale**2)), (6 * scale, 14 * scale), random)
    maps = soft_maps(truth, 2 if scale >= 1 else 1, 1.2 * scale, 0.12, random)
    labels = nuclei_instances(maps[1], maps[2], mpp, settings)
    cell = round(1.0 / mpp)
    kinds = random.integers(0, 4, truth.max() + 1)
    coarse = np.stack([(kinds[truth] == k) & (truth > 0) for k in range(4)]).astype(np.float64)
    coarse = coarse.reshape(4, size // cell, cell, size // cell, cell).mean(axis=(2, 4)) + 0.1
    types = np.floor(coarse / coarse.sum(axis=0) * 255 + 0.5).astype(np.uint8)[:3]
    classes = nuclei_classes(labels, types, cell * settings.upsample)
    spread = np.zeros((3, size, size), np.uint8)
    spread[:, : size // cell, : size // cell] = types
    written = write(name, np.concatenate([maps[1:], spread]), labels)
    layout = {"planes": ["inner", "contour", "types0", "types1", "types2"], "typesSize": size // cell, "typesCell": cell}
    return written | layout | {"mpp": mpp, "settings": asdict(settings), "classes": classes.tolist()}


def gland_cases(size: int, um: float, seed: int) -> dict[str, object]:
    random = np.random.default_rng(seed)
    truth = ellipses(size, 26, (25, 70), random)
    truth[ellipses(size, 12, (4, 9), random) > 0] = 0
    lumina = np.where((truth > 0) & (ellipses(size, 40, (6, 22), random) > 0), 1, 0)
    maps = soft_maps(truth, 3, 1.5, 0.15, random)
    inside = soft_maps(lumina, 1, 1.0, 0.1, random)
    glands = gland_instances(maps[1], maps[2], um, GlandSettings())
    found = lumen_instances(inside[1], inside[2], glands, um, LumenSettings())
    planes = {"planes": ["inner", "contour"], "um": um}
    return {
        "glands": write("glands", maps[1:], glands) | planes | {"settings": asdict(GlandSettings())},
        "lumina": write("lumina", inside[1:], found) | planes | {"inside": "glands", "settings": asdict(LumenSettings())},
    }


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    described: dict[str, object] = {
        "nuclei": nuclei_case("nuclei", 256, 0.25, NucleiSettings(upsample=1), 3),
        "nuclei-upsampled": nuclei_case("nuclei-upsampled", 128, 0.5, NucleiSettings(upsample=2, min_probability=210), 4),
    }
    described |= gland_cases(512, 1.0, 5)
    (FOLDER / "goldens.json").write_text(json.dumps(described, indent=1) + "\n")
    print({name: entry["objects"] for name, entry in described.items()}, sum(f.stat().st_size for f in FOLDER.iterdir()))


if __name__ == "__main__":
    main()
