"""python models/measures_goldens.py: writes models/goldens/measures/*, what scikit-image, SciPy and NumPy make of seeded shapes.

src/objects/measures and src/stain compare with these. The labels are masks; Eosin measures outlines that run through the
midpoints of the masks' edges, so lengths and axes differ by what a pixel's corner is worth (the tests state how much).
"""

import gzip
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from scipy.spatial import cKDTree
from skimage import color, draw, measure

FOLDER = Path(__file__).parent / "goldens" / "measures"
SIDE = 420
CELL = 70


def blob(rng: np.random.Generator, size: float, notch: bool) -> tuple[np.ndarray, np.ndarray]:
    """A turned ellipse, or a bean: an ellipse with a bite out of it. Rows and columns around (0, 0)."""
    ratio, turn = rng.uniform(0.35, 0.95), rng.uniform(-np.pi / 2, np.pi / 2)
    mask = np.zeros((2 * CELL, 2 * CELL), bool)
    rows, cols = draw.ellipse(CELL, CELL, size * ratio, size, rotation=turn)
    mask[rows, cols] = True
    if notch:
        off = size * ratio
        rows, cols = draw.disk((CELL - off * np.cos(turn), CELL - off * np.sin(turn)), 0.55 * off)
        mask[rows, cols] = False
        mask = measure.label(mask, connectivity=1)
        mask = mask == np.bincount(mask[mask > 0]).argmax()
    rows, cols = np.nonzero(mask)
    return rows - CELL, cols - CELL


def shapes(rng: np.random.Generator) -> tuple[np.ndarray, list[dict]]:
    labels = np.zeros((SIDE, SIDE), np.uint8)
    number = 0
    for row in range(SIDE // CELL):
        for col in range(SIDE // CELL):
            number += 1
            rows, cols = blob(rng, rng.uniform(6, 30), notch=number % 3 == 0)
            labels[rows + row * CELL + CELL // 2, cols + col * CELL + CELL // 2] = number
    found = []
    for region in measure.regionprops(labels):
        found.append(
            {
                "label": int(region.label),
                "area": float(region.area),
                "perimeter": float(region.perimeter_crofton),
                "major_axis": float(region.axis_major_length),
                "minor_axis": float(region.axis_minor_length),
                "eccentricity": float(region.eccentricity),
                # from the rows' axis, counter-clockwise → from x towards y, 0 to 180 degrees
                "orientation": float((90 - np.degrees(region.orientation)) % 180),
                "solidity": float(region.solidity),
                "feret": float(region.feret_diameter_max),
            }
        )
    return labels, found


def distances(rng: np.random.Generator) -> dict:
    points = np.round(rng.uniform(0, 3000, (400, 2)) * 4) / 4
    classes = rng.integers(0, 3, len(points))
    scale = np.array([0.5, 0.25])
    placed = points * scale
    columns = []
    for of in range(4):  # the last class has no members
        members = np.nonzero(classes == of)[0]
        if len(members) == 0:
            columns.append([None] * len(points))
            continue
        reach, who = cKDTree(placed[members]).query(placed, k=2)
        itself = members[who[:, 0]] == np.arange(len(points))
        columns.append([float(d) for d in np.where(itself, reach[:, 1], reach[:, 0])])
    return {"points": points.ravel().tolist(), "classes": classes.tolist(), "scale": scale.tolist(), "to": columns}


def macenko(od: np.ndarray, beta: float = 0.15, alpha: float = 1) -> np.ndarray:
    """Macenko et al. 2009, by NumPy's eigenvectors and percentiles."""
    kept = od[(od >= beta).all(axis=1)].astype(np.float64)
    _, vectors = np.linalg.eigh(np.cov(kept, rowvar=False))
    plane = vectors[:, [2, 1]]
    plane = plane * np.where(plane.sum(axis=0) < 0, -1, 1)
    along = kept @ plane
    low, high = np.percentile(np.arctan2(along[:, 1], along[:, 0]), [alpha, 100 - alpha])
    found = np.array([plane @ [np.cos(angle), np.sin(angle)] for angle in (low, high)]).clip(0)
    found /= np.linalg.norm(found, axis=1, keepdims=True)
    return found if found[0, 0] > found[1, 0] else found[::-1]


def stains(rng: np.random.Generator, labels: np.ndarray) -> tuple[np.ndarray, dict]:
    """A made-up H&E picture over some of the shapes: every pixel a mixture of two stains, in 8 bits."""
    truth = np.array([[0.62, 0.72, 0.31], [0.18, 0.93, 0.33]])
    truth /= np.linalg.norm(truth, axis=1, keepdims=True)
    part = labels[: 2 * CELL, : 2 * CELL]
    amounts = rng.uniform([0.02, 0.1], [0.25, 0.6], (*part.shape, 2))
    amounts[part > 0] += rng.uniform([0.3, 0], [0.8, 0.1], (int((part > 0).sum()), 2))
    rgb = np.rint(255 * 10 ** -(amounts @ truth)).clip(1, 255).astype(np.uint8)
    rows = np.array([[0.65, 0.704, 0.286], [0.072, 0.99, 0.105]])
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    third = np.cross(rows[0], rows[1])
    # scikit-image takes logarithms to the base 1e-6: six times that is optical density to the base 10
    separated = 6 * color.separate_stains(rgb, np.linalg.inv(np.vstack([rows, third / np.linalg.norm(third)])))
    od = -np.log10(np.maximum(rgb.reshape(-1, 3), 1) / 255)
    pure = 6 * np.log(rgb / 255) / np.log(1e-6) @ np.linalg.inv(np.vstack([rows, third / np.linalg.norm(third)]))
    # separate_stains clips amounts below 0 and floors the picture at 1e-6; ours clips nothing
    assert np.allclose(np.maximum(pure, 0), separated, atol=1e-6)
    means = []
    for label in np.unique(part[part > 0]):
        inside = pure[part == label][:, :2]
        means.append({"label": int(label), "mean": inside.mean(axis=0).tolist(), "sd": inside.std(axis=0).tolist()})
    found = macenko(od)
    return rgb, {
        "width": part.shape[1],
        "height": part.shape[0],
        "objects": means,
        "truth": truth.tolist(),
        "macenko": found.tolist(),
    }


def main() -> None:
    rng = np.random.default_rng(16)
    FOLDER.mkdir(parents=True, exist_ok=True)
    labels, found = shapes(rng)
    rgb, stained = stains(rng, labels)
    (FOLDER / "labels.gz").write_bytes(gzip.compress(labels.tobytes(), mtime=0))
    (FOLDER / "rgb.gz").write_bytes(gzip.compress(rgb.tobytes(), mtime=0))
    versions = {name: version(name) for name in ("numpy", "scikit-image", "scipy")}
    everything = {"versions": versions, "side": SIDE, "shapes": found, "distances": distances(rng), "stains": stained}
    (FOLDER / "goldens.json").write_text(json.dumps(everything) + "\n")


if __name__ == "__main__":
    main()
