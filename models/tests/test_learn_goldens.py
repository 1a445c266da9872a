"""models/learn_goldens.py: its formulas on cases known beforehand, and that the stored answers are what it gives."""

import json

import learn_goldens
import numpy as np
import pytest


def test_cka_does_not_see_turns_and_scale() -> None:
    random = np.random.default_rng(1)
    x = random.normal(size=(50, 6))
    turn, _ = np.linalg.qr(random.normal(size=(6, 6)))
    assert learn_goldens.linear_cka(x, 3 * x @ turn + 5) == pytest.approx(1)
    assert learn_goldens.debiased_cka(x, 3 * x @ turn + 5) == pytest.approx(1)


def test_debiased_cka_of_noise_is_about_nothing_where_plain_is_not() -> None:
    random = np.random.default_rng(2)
    x, y = random.normal(size=(2, 60, 80))
    assert learn_goldens.linear_cka(x, y) > 0.4
    assert abs(learn_goldens.debiased_cka(x, y)) < 0.1


def test_stored_similarities_are_what_the_script_gives(tmp_path, monkeypatch) -> None:
    stored = json.loads((learn_goldens.FOLDER / "goldens.json").read_text())["similarity"]
    sets = (learn_goldens.FOLDER / "cka.bin.gz").read_bytes()
    monkeypatch.setattr(learn_goldens, "FOLDER", tmp_path)
    made = learn_goldens.similarity(np.random.default_rng(17))
    assert (tmp_path / "cka.bin.gz").read_bytes() == sets
    for name in ("plain", "debiased"):
        assert np.allclose(made[name], stored[name], atol=1e-9)
