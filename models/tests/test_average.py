"""The mean of weights, and what is refused."""

from pathlib import Path

import numpy as np
import pytest

from average import mean_of


def test_the_mean_is_taken_weight_by_weight(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", w=np.array([1, 3], np.float16), b=np.array([0], np.float16))
    np.savez(tmp_path / "b.npz", w=np.array([3, 3], np.float16), b=np.array([1], np.float16))
    found = mean_of([tmp_path / "a.npz", tmp_path / "b.npz"])
    assert found["w"].tolist() == [2, 3]
    assert found["b"].tolist() == [0.5]
    assert found["w"].dtype == np.float16


def test_another_architecture_is_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", w=np.zeros(2, np.float16))
    np.savez(tmp_path / "b.npz", w=np.zeros(3, np.float16))
    with pytest.raises(ValueError, match="another architecture"):
        mean_of([tmp_path / "a.npz", tmp_path / "b.npz"])


def test_of_what_a_file_lacks_the_first_stays(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", w=np.array([1, 3], np.float16), b=np.array([0.3], np.float16))
    np.savez(tmp_path / "b.npz", w=np.array([3, 3], np.float16))
    found = mean_of([tmp_path / "a.npz", tmp_path / "b.npz"])
    assert found["w"].tolist() == [2, 3]
    assert found["b"] == np.float16(0.3)
    with pytest.raises(ValueError, match="another architecture"):
        mean_of([tmp_path / "b.npz", tmp_path / "a.npz"])
