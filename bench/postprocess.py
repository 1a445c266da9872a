"""python bench/postprocess.py FOLDER REPEATS: maps -> objects with SciPy and scikit-image, as one would write it with them.

The peer of `npm run bench -- postprocess`. FOLDER/task.json says sides and settings; nuclei, types, glands and lumina are
raw int32 maps. Writes FOLDER/NAME.labels (int32) and prints seconds, the best of REPEATS, and versions as JSON. The steps
are those of src/analysis/postprocess: components, markers, watershed, holes, measures, classes, outlines, simplification.
Everything is vectorised or done in an object's bounding box; the libraries' own routines do the work.
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import scipy
import skimage
from scipy import ndimage
from skimage.measure import approximate_polygon, find_contours
from skimage.segmentation import watershed

sys.path.insert(0, str(Path(__file__).parents[1] / "models"))
from eosin_models.postprocess import CROSS, fill_holes, without_small  # noqa: E402 (the reference's SciPy steps)


def planes(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    inner = (packed >> 8) & 255
    return inner, np.minimum(255, inner + ((packed >> 16) & 255))


def measures(labels: np.ndarray, values: np.ndarray) -> dict[str, np.ndarray]:
    rows, columns = np.nonzero(labels)
    numbers = labels[rows, columns]
    size = int(labels.max()) + 1
    area = np.bincount(numbers, minlength=size)
    return {
        "area": area,
        "x": np.bincount(numbers, weights=columns, minlength=size) / np.maximum(area, 1),
        "y": np.bincount(numbers, weights=rows, minlength=size) / np.maximum(area, 1),
        "probability": np.bincount(numbers, weights=values[rows, columns], minlength=size) / np.maximum(area, 1) / 255,
    }


def classes_of(labels: np.ndarray, types: np.ndarray, scale: int) -> np.ndarray:
    rows, columns = np.nonzero(labels)
    numbers = labels[rows, columns]
    values = types[rows // scale, columns // scale]
    parts = [(values >> shift) & 255 for shift in (0, 8, 16)]
    parts.append(np.maximum(0, 255 - sum(parts)))
    size = int(labels.max()) + 1
    return np.stack([np.bincount(numbers, weights=part, minlength=size) for part in parts]).argmax(axis=0)


def outlines(labels: np.ndarray, tolerance: float) -> list[np.ndarray]:
    found = []
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        rings = find_contours(np.pad(labels[box] == number, 1).astype(np.float32), 0.5)
        found.append(approximate_polygon(max(rings, key=len), tolerance))
    return found


def nuclei_of(packed: np.ndarray, types: np.ndarray, mpp: float, settings: dict) -> tuple[np.ndarray, float]:
    """Labels, and when (time.perf_counter) all but the outlines was done."""
    inner, foreground = planes(packed)
    mask = foreground >= settings["foreground"]
    markers, _ = ndimage.label(mask & (inner >= settings["marker"]), CROSS)
    markers = without_small(markers, settings["minMarkerUm2"] / mpp**2)
    whole, count = ndimage.label(mask, CROSS)
    marked = np.zeros(count + 1, bool)
    marked[whole[markers > 0]] = True
    markers = np.where((whole > 0) & ~marked[whole], whole + markers.max(), markers)
    labels = watershed(-inner, markers, mask=mask)
    labels = without_small(fill_holes(labels), settings["minAreaUm2"] / mpp**2)
    sizes, sums = np.bincount(labels.ravel()), np.bincount(labels.ravel(), foreground.ravel())
    labels = np.where((sums >= settings["minProbability"] * sizes)[labels], labels, 0)
    measures(labels, foreground)
    classes_of(labels, types, packed.shape[0] // types.shape[0])
    labelled = time.perf_counter()
    outlines(labels, 0.35)
    return labels, labelled


def large_of(
    glands: np.ndarray, lumina: np.ndarray, um: float, of_glands: dict, of_lumina: dict
) -> tuple[np.ndarray, np.ndarray]:
    inner, foreground = planes(glands)
    seeds, _ = ndimage.label((inner >= of_glands["seed"]) & (inner > ((glands >> 16) & 255)), CROSS)
    seeds = without_small(seeds, of_glands["minSeedUm2"] / um**2)
    # As far as growUm within the foreground: where the nearest way there is the ring around the seeds.
    steps = round(of_glands["growUm"] / um)
    near = ndimage.binary_dilation(seeds > 0, CROSS, iterations=steps, mask=foreground >= of_glands["foreground"])
    grown = watershed(np.zeros(seeds.shape, np.uint8), seeds, mask=near | (seeds > 0))
    grown = without_small(fill_holes(grown), of_glands["minAreaUm2"] / um**2)
    measures(grown, foreground)
    outlines(grown, 0.5)
    _, inside = planes(lumina)
    mask = (inside >= of_lumina["foreground"]) & (grown > 0)
    found = np.zeros(mask.shape, np.int32)
    for number, box in enumerate(ndimage.find_objects(grown), start=1):
        if box is None:
            continue
        labels, _ = ndimage.label(mask[box] & (grown[box] == number), CROSS)
        found[box][labels > 0] = labels[labels > 0] + found.max()
    found = fill_holes(without_small(found, of_lumina["minAreaUm2"] / um**2))
    measures(found, inside)
    outlines(found, 0.5)
    return grown, found


def main() -> None:
    folder, repeats = Path(sys.argv[1]), int(sys.argv[2])
    task = json.loads((folder / "task.json").read_text())

    def plane(name: str, side: int) -> np.ndarray:
        return np.fromfile(folder / name, "<i4").reshape(side, side)

    nuclei, types = plane("nuclei", task["fine"]), plane("types", task["coarse"])
    glands, lumina = plane("glands", task["coarse"]), plane("lumina", task["coarse"])
    seconds = dict.fromkeys(("nuclei", "nucleiLabels", "large"), float("inf"))
    for _ in range(repeats):
        start = time.perf_counter()
        of_nuclei, labelled = nuclei_of(nuclei, types, task["mpp"], task["nuclei"])
        seconds["nucleiLabels"] = min(seconds["nucleiLabels"], labelled - start)
        seconds["nuclei"] = min(seconds["nuclei"], time.perf_counter() - start)
        start = time.perf_counter()
        of_glands, of_lumina = large_of(glands, lumina, task["um"], task["glands"], task["lumina"])
        seconds["large"] = min(seconds["large"], time.perf_counter() - start)
    for name, labels in (("nuclei", of_nuclei), ("glands", of_glands), ("lumina", of_lumina)):
        labels.astype("<i4").tofile(folder / f"{name}.labels")
    versions = {"numpy": np.__version__, "scipy": scipy.__version__, "scikit-image": skimage.__version__}
    print(json.dumps({"seconds": seconds, "versions": versions}))


if __name__ == "__main__":
    main()
