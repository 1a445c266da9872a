"""Pooling under masks against a loop."""

import numpy as np

from eosin_models.object_features import pooled_over


def test_pooling_weighs_cells_by_what_of_the_object_lies_in_them() -> None:
    maps = np.arange(2 * 2 * 3, dtype=np.float32).reshape(2, 2, 3)
    labels = np.zeros((4, 6), int)
    labels[0:2, 0:3] = 1  # 4 pixels of cell (0, 0), 2 of cell (0, 1)
    labels[3, 5] = 3  # one pixel of cell (1, 2); object 2 is absent
    found = pooled_over(maps, labels)
    assert found.shape == (3, 2)
    np.testing.assert_allclose(found[0], (4 * maps[:, 0, 0] + 2 * maps[:, 0, 1]) / 6)
    np.testing.assert_allclose(found[2], maps[:, 1, 2])
    assert np.isnan(found[1]).all()


def test_pooling_agrees_with_a_loop() -> None:
    random = np.random.default_rng(1)
    maps = random.random((3, 7, 5)).astype(np.float32)
    labels = random.integers(0, 6, (23, 31))
    found = pooled_over(maps, labels)
    for number in range(1, 6):
        rows, columns = np.nonzero(labels == number)
        there = maps[:, rows * 7 // 23, columns * 5 // 31]
        np.testing.assert_allclose(found[number - 1], there.mean(axis=1), rtol=1e-5)
