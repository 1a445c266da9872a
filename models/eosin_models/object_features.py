"""Features of objects: what a network's maps say under each object's mask."""

import numpy as np


def pooled_over(maps: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Mean of `maps` [channels, h, w] under each object of `labels` [H, W] (0 background, 1 to n): float32 [n, channels].

    Both cover the same field, whatever their sizes. A cell counts by the share of the object that lies in it, so an
    object smaller than a cell still has its cell's features; one that the labels lack has NaN.
    """
    channels, height, width = maps.shape
    rows, columns = np.nonzero(labels)
    objects = labels[rows, columns] - 1
    cells = (rows * height // labels.shape[0]) * width + columns * width // labels.shape[1]
    count = int(labels.max(initial=0))
    pairs, shares = np.unique(objects.astype(np.int64) * (height * width) + cells, return_counts=True)
    owner, cell = pairs // (height * width), pairs % (height * width)
    sums = np.zeros((count, channels), np.float64)
    flat = maps.reshape(channels, -1)
    for channel in range(channels):
        sums[:, channel] = np.bincount(owner, flat[channel, cell] * shares, minlength=count)
    pixels = np.bincount(objects, minlength=count).astype(np.float64)
    with np.errstate(invalid="ignore"):
        return (sums / pixels[:, None]).astype(np.float32)
