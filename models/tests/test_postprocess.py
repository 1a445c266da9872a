import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from scipy import ndimage
from skimage.segmentation import watershed

import goldens
from eosin_models.postprocess import (
    CROSS,
    GlandSettings,
    LumenSettings,
    NucleiSettings,
    flood,
    gland_instances,
    grow,
    lumen_instances,
    nuclei_classes,
    nuclei_instances,
    unpack,
    upsample_twice,
)


def empty(*shape: int) -> np.ndarray:
    return np.zeros(shape, np.uint8)


def test_unpack_takes_three_bytes() -> None:
    assert unpack(np.array([[1 + 256 * 2 + 65536 * 255]], np.int32))[:, 0, 0].tolist() == [1, 2, 255]


def test_upsampling_weighs_nine_three_three_one() -> None:
    up = upsample_twice(np.array([[16, 0], [0, 0]]))
    assert up.tolist() == [[256, 192, 64, 0], [192, 144, 48, 0], [64, 48, 16, 0], [0, 0, 0, 0]]


def test_upsampling_keeps_a_constant() -> None:
    assert (upsample_twice(np.full((3, 5), 200)) == 3200).all()


def two_touching() -> tuple[np.ndarray, np.ndarray]:
    inner, contour = empty(20, 40), empty(20, 40)
    contour[2:18, 2:38] = 200
    for left in (4, 22):
        inner[4:16, left : left + 14] = 220
        contour[4:16, left : left + 14] = 20
    return inner, contour


def test_touching_nuclei_are_cut_between_their_markers() -> None:
    inner, contour = two_touching()
    labels = nuclei_instances(inner, contour, 0.25, NucleiSettings())
    assert labels.max() == 2
    assert (labels > 0).sum() == 16 * 36
    assert labels[10, 5] != labels[10, 35]


def test_an_object_without_marker_is_still_one() -> None:
    inner, contour = empty(20, 20), empty(20, 20)
    contour[4:16, 4:16] = 140
    assert nuclei_instances(inner, contour, 0.25, NucleiSettings(min_area_um2=8)).max() == 1


def test_the_flood_is_a_watershed_but_for_ties() -> None:
    random = np.random.default_rng(3)
    level = np.argsort(np.argsort(ndimage.gaussian_filter(random.normal(size=(80, 90)), 3), axis=None)).reshape(80, 90)
    mask = ndimage.gaussian_filter(random.normal(size=(80, 90)), 4) > -0.03
    markers, count = ndimage.label((level < 900) & mask, CROSS)
    whole, _ = ndimage.label(mask, CROSS)
    markers = np.where(mask, markers, 0)
    assert count > 5
    reached = np.isin(whole, np.unique(whole[markers > 0]))
    expected = watershed(level, markers, connectivity=CROSS, mask=mask & reached)
    assert (flood(level, markers, whole) == expected).all()


def test_equal_levels_are_flooded_first_in_first_out() -> None:
    markers = np.array([[1, 0, 0, 0, 2]])
    assert flood(np.zeros((1, 5), int), markers, np.ones((1, 5), int)).tolist() == [[1, 1, 1, 2, 2]]


def test_small_nuclei_go_and_numbers_close_up() -> None:
    inner = empty(20, 40)
    inner[2:4, 2:4] = 255
    inner[4:18, 20:36] = 255
    labels = nuclei_instances(inner, empty(20, 40), 0.25, NucleiSettings())
    assert labels.max() == 1
    assert labels[3, 3] == 0


def test_holes_are_filled() -> None:
    inner = empty(24, 24)
    inner[2:22, 2:22] = 255
    inner[10:13, 10:13] = 0
    assert (nuclei_instances(inner, empty(24, 24), 0.25, NucleiSettings()) > 0).sum() == 400


def test_a_diagonal_touch_does_not_join() -> None:
    inner = empty(32, 32)
    inner[2:16, 2:16] = 255
    inner[16:30, 16:30] = 255
    assert nuclei_instances(inner, empty(32, 32), 0.25, NucleiSettings()).max() == 2


def test_nuclei_classes_are_voted_and_the_fourth_is_the_rest() -> None:
    labels = np.zeros((8, 8), int)
    labels[:4] = 1
    labels[4:] = 2
    types = empty(3, 2, 2)
    types[1, 0] = 200
    assert nuclei_classes(labels, types, 4).tolist() == [1, 3]


def test_growing_stops_after_its_steps_and_at_its_bounds() -> None:
    seeds = np.zeros((1, 12), int)
    seeds[0, 3] = 7
    allowed = np.ones((1, 12), bool)
    allowed[0, 0] = False
    assert grow(seeds, allowed, 4)[0].tolist() == [0, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0]


def test_growing_from_two_sides_meets_in_the_middle_and_the_first_wins_a_tie() -> None:
    seeds = np.zeros((1, 7), int)
    seeds[0, 1], seeds[0, 5] = 1, 2
    assert grow(seeds, np.ones((1, 7), bool), 9)[0].tolist() == [1, 1, 1, 1, 2, 2, 2]


def test_glands_joined_only_by_contour_stay_two() -> None:
    inner, contour = empty(60, 120), empty(60, 120)
    contour[4:56, 4:116] = 200
    for left in (8, 64):
        inner[8:52, left : left + 48] = 230
        contour[8:52, left : left + 48] = 10
    labels = gland_instances(inner, contour, 1.0, GlandSettings())
    assert labels.max() == 2
    # Growth of five steps does not reach the six farthest pixels of each of the glands' eight corners.
    assert (labels > 0).sum() == 52 * 112 - 8 * 6


def test_small_gland_seeds_go() -> None:
    inner = empty(60, 60)
    inner[5:15, 5:15] = 255
    assert gland_instances(inner, empty(60, 60), 1.0, GlandSettings(min_seed_um2=200)).max() == 0


def test_lumina_only_inside_glands_and_never_shared_by_two() -> None:
    glands = np.zeros((40, 80), int)
    glands[4:36, 4:40] = 1
    glands[4:36, 40:76] = 2
    lumen = empty(40, 80)
    lumen[10:30, 20:60] = 255
    lumen[0:3, :] = 255
    labels = lumen_instances(lumen, empty(40, 80), glands, 1.0, LumenSettings())
    assert labels.max() == 2
    assert (labels > 0).sum() == 20 * 40
    assert labels[20, 39] != labels[20, 40]


@pytest.mark.parametrize("name", ["nuclei", "nuclei-upsampled", "glands", "lumina"])
def test_committed_goldens_are_what_the_code_makes(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    committed = goldens.FOLDER
    monkeypatch.setattr(goldens, "FOLDER", tmp_path)
    goldens.main()
    described = json.loads((committed / "goldens.json").read_text())
    assert described == json.loads((tmp_path / "goldens.json").read_text())
    for kind in ("maps", "labels"):
        file = f"{name}.{kind}.gz"
        assert gzip.decompress((committed / file).read_bytes()) == gzip.decompress((tmp_path / file).read_bytes())
