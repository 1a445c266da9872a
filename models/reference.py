"""python models/reference.py --maps FILE --manifest FILE --task nuclei|glands|lumina --shape H W --out FILE.

FILE of --maps: int32 little-endian [H, W], one packed plane of a network's output (for lumina two planes [2, H, W]:
glands, then lumina). Writes labels, uint16 little-endian, on the same grid (twice as fine where the manifest upsamples).
"""

import argparse
import json
from pathlib import Path

import numpy as np

from eosin_models.postprocess import gland_instances, lumen_instances, nuclei_instances, settings_of, unpack


def plane_pixel(described: dict, plane: str) -> float:
    """Micrometres a pixel of the output that holds a plane."""
    for output in described["outputs"]:
        if output["kind"] == "packed" and plane in output["planes"]:
            return output["stride"] * described["input"]["mpp"]
    raise SystemExit(f"the manifest has no plane {plane}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--maps", type=Path, required=True)
    parser.add_argument("--manifest", type=Path, required=True)
    parser.add_argument("--task", choices=("nuclei", "glands", "lumina"), required=True)
    parser.add_argument("--shape", type=int, nargs=2, required=True)
    parser.add_argument("--out", type=Path, required=True)
    given = parser.parse_args()
    described = json.loads(given.manifest.read_text())
    settings, um = settings_of(described), plane_pixel(described, given.task)
    planes = np.fromfile(given.maps, "<i4").reshape(-1, *given.shape)
    _, inner, contour = unpack(planes[0])
    if given.task == "nuclei":
        labels = nuclei_instances(inner, contour, um, settings.nuclei)
    else:
        labels = gland_instances(inner, contour, um, settings.glands)
    if given.task == "lumina":
        _, inner, contour = unpack(planes[1])
        labels = lumen_instances(inner, contour, labels, um, settings.lumina)
    labels.astype("<u2").tofile(given.out)
    print(f"{labels.max()} objects, {labels.shape[1]} x {labels.shape[0]}")


if __name__ == "__main__":
    main()
