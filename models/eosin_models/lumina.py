"""The rule by which GlaS glands get lumina, since no set labels them: unstained areas inside a gland.

A pixel is unstained when its optical density in its darkest channel (green, as a rule), against the image's own
white, is below UNSTAINED. Opening by
OPENING_UM takes out cracks and the pale edges of goblet cells; what is smaller than SMALLEST_UM2 (a goblet vacuole
has 50 to 120) is no lumen; what a lumen encloses up to that size belongs to it. Looked at on sheets of 24 images
(models/README.md says how): large mucin lakes count as lumen, debris-filled lumina are found only in part.
"""

import numpy as np
from scipy import ndimage

UNSTAINED = 0.13
OPENING_UM = 3.0
SMALLEST_UM2 = 150.0
CROSS = ndimage.generate_binary_structure(2, 1)


def _disk(radius: float) -> np.ndarray:
    reach = int(np.ceil(radius))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    return rows**2 + columns**2 <= radius**2 + 0.5


def density(rgb: np.ndarray) -> np.ndarray:
    """Optical density of the darkest channel [h, w], 0 where the image is as white as its brightest percent."""
    smooth = ndimage.gaussian_filter(rgb.astype(np.float32), (0.7, 0.7, 0))
    white = np.maximum(np.percentile(smooth.reshape(-1, 3), 99, axis=0), 215)
    return np.log10(white / np.clip(smooth, 1, None)).max(axis=2)


def glass(rgb: np.ndarray) -> np.ndarray:
    """Where nothing is stained, in the large: bool [h, w]."""
    return ndimage.binary_opening(density(rgb) < UNSTAINED * 0.7, _disk(5))


def lumina_of(rgb: np.ndarray, glands: np.ndarray, mpp: float) -> np.ndarray:
    """int32 labels of lumina in the image's frame; each lies in one gland."""
    labels = np.zeros(glands.shape, np.int32)
    pale = density(rgb) < UNSTAINED
    smallest = SMALLEST_UM2 / mpp**2
    count = 0
    for number, box in enumerate(ndimage.find_objects(glands), start=1):
        if box is None:
            continue
        gland = glands[box] == number
        opened = ndimage.binary_opening(pale[box] & gland, _disk(OPENING_UM / mpp))
        found, _ = ndimage.label(opened, CROSS)
        sizes = np.bincount(found.ravel())
        kept = np.isin(found, np.flatnonzero(sizes >= smallest)) & (found > 0)
        holes, _ = ndimage.label(~kept, CROSS)
        small = np.bincount(holes.ravel()) < smallest
        small[0] = False
        found, number_found = ndimage.label((kept | small[holes]) & gland, CROSS)
        labels[box][found > 0] = found[found > 0] + count
        count += number_found
    return labels
