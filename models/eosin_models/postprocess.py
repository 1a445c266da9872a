"""Maps -> objects: the reference that src/analysis/postprocess follows step by step.

Everything is decided on integers (a probability is 0..255), components are 4-connected, ties go by first in, first
out with seeds in raster order, so that two implementations of these lines agree pixel for pixel.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np
from scipy import ndimage

FINE = 16  # integer steps of one unit of probability after upsampling
CROSS = ndimage.generate_binary_structure(2, 1)


@dataclass(frozen=True)
class NucleiSettings:
    upsample: int = 1
    foreground: int = 128
    marker: int = 150
    min_marker_um2: float = 1.0
    min_area_um2: float = 8.0
    min_probability: int = 0  # of an object: its mean foreground


@dataclass(frozen=True)
class GlandSettings:
    foreground: int = 128
    seed: int = 128
    min_seed_um2: float = 200.0
    grow_um: float = 5.0
    min_area_um2: float = 500.0


@dataclass(frozen=True)
class LumenSettings:
    foreground: int = 128
    min_area_um2: float = 40.0


@dataclass(frozen=True)
class Settings:
    nuclei: NucleiSettings = field(default_factory=NucleiSettings)
    glands: GlandSettings = field(default_factory=GlandSettings)
    lumina: LumenSettings = field(default_factory=LumenSettings)


def settings_of(described: dict) -> Settings:
    """Post-processing as a manifest has it."""
    nuclei, glands, lumina = (described["tasks"][task]["postprocess"] for task in ("nuclei", "glands", "lumina"))
    return Settings(
        NucleiSettings(
            nuclei["upsample"],
            nuclei["foreground"],
            nuclei["marker"],
            nuclei["minMarkerUm2"],
            nuclei["minAreaUm2"],
            nuclei.get("minProbability", 0),
        ),
        GlandSettings(glands["foreground"], glands["seed"], glands["minSeedUm2"], glands["growUm"], glands["minAreaUm2"]),
        LumenSettings(lumina["foreground"], lumina["minAreaUm2"]),
    )


def unpack(packed: np.ndarray) -> np.ndarray:
    """int32 [...] -> uint8 [3, ...]: background, inner, contour (or three classes)."""
    return np.stack([(packed >> shift) & 255 for shift in (0, 8, 16)]).astype(np.uint8)


def upsample_twice(values: np.ndarray) -> np.ndarray:
    """Bilinear at half-pixel centres with clamped edges: int -> int x16, twice as wide and high."""
    padded = np.pad(values.astype(np.int32), 1, mode="edge")
    rows = np.empty((2 * values.shape[0], padded.shape[1]), np.int32)
    rows[0::2] = 3 * padded[1:-1] + padded[:-2]
    rows[1::2] = 3 * padded[1:-1] + padded[2:]
    out = np.empty((rows.shape[0], 2 * values.shape[1]), np.int32)
    out[:, 0::2] = 3 * rows[:, 1:-1] + rows[:, :-2]
    out[:, 1::2] = 3 * rows[:, 1:-1] + rows[:, 2:]
    return out


def without_small(labels: np.ndarray, smallest: float) -> np.ndarray:
    """Labels of components with at least `smallest` pixels; the others become 0, numbers keep their gaps."""
    sizes = np.bincount(labels.ravel())
    keep = sizes >= smallest
    keep[0] = False
    return np.where(keep[labels], labels, 0)


def without_unsure(labels: np.ndarray, values: np.ndarray, least: int) -> np.ndarray:
    """Labels of objects over which `values`, whole numbers, have a mean of `least` or more; the others become 0."""
    sizes, sums = np.bincount(labels.ravel()), np.bincount(labels.ravel(), values.ravel())
    return np.where((sums >= least * sizes)[labels], labels, 0)


def fill_holes(labels: np.ndarray) -> np.ndarray:
    """Fills what an object encloses inside its bounding box; pixels of another object stay that object's."""
    out = labels.copy()
    for number, box in enumerate(ndimage.find_objects(labels), start=1):
        if box is None:
            continue
        filled = ndimage.binary_fill_holes(labels[box] == number, structure=CROSS)
        region = out[box]
        region[filled & (region == 0)] = number
    return out


def renumber(labels: np.ndarray) -> np.ndarray:
    """Numbers without gaps, in order of their old numbers; int32."""
    _, inverse = np.unique(np.concatenate(([0], labels.ravel())), return_inverse=True)
    return inverse[1:].reshape(labels.shape).astype(np.int32)


def flood(level: np.ndarray, markers: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Watershed by priority flood: lowest level first, then first in, first out; markers enter in raster order.

    scikit-image's watershed is the same but for ties, which it leaves to its heap. `whole`: components of the mask; one
    with a single marker is that marker's without a flood.
    """
    first = np.zeros(whole.max() + 1, np.int64)
    last = np.zeros(whole.max() + 1, np.int64)
    rows, columns = np.nonzero(markers)
    np.maximum.at(last, whole[rows, columns], markers[rows, columns])
    first[:] = last
    np.minimum.at(first, whole[rows, columns], markers[rows, columns])
    alone = (whole > 0) & (first == last)[whole]
    labels = np.where(alone, last[whole], markers).astype(np.int64)
    height, width = labels.shape
    open_pixels = ndimage.binary_dilation((labels == 0) & (whole > 0), CROSS) & (markers > 0) & ~alone
    # A flat list with a border of pixels that are never open keeps the loop free of bounds checks.
    flat = np.pad(np.where(whole > 0, labels, -1), 1, constant_values=-1).ravel().tolist()
    levels = np.pad(level, 1).ravel().tolist()
    stride = width + 2
    queue = []
    for age, (row, column) in enumerate(zip(*np.nonzero(open_pixels), strict=True)):
        place = (int(row) + 1) * stride + int(column) + 1
        queue.append((levels[place], age, place))
    heapq.heapify(queue)
    age = len(queue)
    while queue:
        _, _, place = heapq.heappop(queue)
        for neighbour in (place - stride, place - 1, place + 1, place + stride):
            if flat[neighbour] == 0:
                flat[neighbour] = flat[place]
                heapq.heappush(queue, (levels[neighbour], age, neighbour))
                age += 1
    return np.maximum(np.array(flat).reshape(height + 2, stride)[1:-1, 1:-1], 0)


def nuclei_instances(inner: np.ndarray, contour: np.ndarray, mpp: float, settings: NucleiSettings) -> np.ndarray:
    """uint8 maps at `mpp` -> int32 labels on the finer grid (mpp / settings.upsample)."""
    foreground = np.minimum(255, inner.astype(np.int32) + contour)
    if settings.upsample == 2:
        foreground, level = upsample_twice(foreground), upsample_twice(inner)
    else:
        foreground, level = foreground * FINE, inner.astype(np.int32) * FINE
    um2 = (mpp / settings.upsample) ** 2
    mask = foreground >= settings.foreground * FINE
    markers, _ = ndimage.label((level >= settings.marker * FINE) & mask, CROSS)
    markers = without_small(markers, settings.min_marker_um2 / um2)
    whole, count = ndimage.label(mask, CROSS)
    marked = np.zeros(count + 1, bool)
    marked[whole[markers > 0]] = True
    markers = np.where((whole > 0) & ~marked[whole], whole + markers.max(), markers)
    labels = flood(-level, markers, whole)
    labels = without_small(fill_holes(labels), settings.min_area_um2 / um2)
    return renumber(without_unsure(labels, foreground, settings.min_probability * FINE))


def nuclei_classes(labels: np.ndarray, types: np.ndarray, scale: int) -> np.ndarray:
    """Class of each object by the sum of its pixels' type values; `types` uint8 [3, h, w], the fourth is the rest.

    `scale`: label pixels a side of one type pixel. Returns [objects] of class indices.
    """
    rest = np.clip(255 - types.astype(np.int32).sum(axis=0), 0, 255)
    four = np.concatenate([types.astype(np.int64), rest[None].astype(np.int64)])
    rows, columns = np.nonzero(labels)
    numbers = labels[rows, columns]
    votes = [
        np.bincount(numbers, weights=plane[rows // scale, columns // scale], minlength=labels.max() + 1) for plane in four
    ]
    return np.stack(votes)[:, 1:].argmax(axis=0)


def grow(seeds: np.ndarray, allowed: np.ndarray, steps: int) -> np.ndarray:
    """Breadth-first from all seed pixels at once; the pixel that comes first in raster order of owners wins a tie.

    Neighbours are taken up, left, right, down from a first-in-first-out queue, at most `steps` deep.
    """
    labels = seeds.copy()
    height, width = labels.shape
    edge = (seeds > 0) & ndimage.binary_dilation((seeds == 0) & allowed, CROSS)
    frontier = list(zip(*np.nonzero(edge), strict=True))
    for _ in range(steps):
        found = []
        for row, column in frontier:
            for r, c in ((row - 1, column), (row, column - 1), (row, column + 1), (row + 1, column)):
                if 0 <= r < height and 0 <= c < width and labels[r, c] == 0 and allowed[r, c]:
                    labels[r, c] = labels[row, column]
                    found.append((r, c))
        frontier = found
    return labels


def gland_instances(inner: np.ndarray, contour: np.ndarray, um: float, settings: GlandSettings) -> np.ndarray:
    """uint8 maps at `um` micrometres a pixel -> int32 labels on the same grid."""
    foreground = inner.astype(np.int32) + contour >= settings.foreground
    seeds, _ = ndimage.label((inner >= settings.seed) & (inner > contour), CROSS)
    seeds = without_small(seeds, settings.min_seed_um2 / um**2)
    grown = grow(seeds, foreground, round(settings.grow_um / um))
    return renumber(without_small(fill_holes(grown), settings.min_area_um2 / um**2))


def lumen_instances(
    inner: np.ndarray, contour: np.ndarray, glands: np.ndarray, um: float, settings: LumenSettings
) -> np.ndarray:
    """Lumina inside the glands given (labels of `gland_instances`); int32 labels on the same grid."""
    mask = (inner.astype(np.int32) + contour >= settings.foreground) & (glands > 0)
    labels = np.zeros(mask.shape, np.int32)
    for number, box in enumerate(ndimage.find_objects(glands), start=1):
        if box is None:
            continue
        found, count = ndimage.label(mask[box] & (glands[box] == number), CROSS)
        labels[box][found > 0] = found[found > 0] + labels.max()
    kept = without_small(labels, settings.min_area_um2 / um**2)
    return renumber(fill_holes(kept))
