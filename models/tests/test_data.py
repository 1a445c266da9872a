"""Coding, targets and augmentation on made-up images."""

import numpy as np
import torch
from torch import Generator

from eosin_models.augment import _stain, cut, paste_glass, recolour
from eosin_models.coding import decode_image, encode_image
from eosin_models.items import UNKNOWN
from eosin_models.lumina import lumina_of
from eosin_models.made_up import scene
from eosin_models.sources import listed
from eosin_models.targets import (
    CROWD_WEIGHT,
    GAP_WEIGHT,
    IGNORE,
    crowd_weights,
    gland_weights,
    ring_target,
    tissue_target,
    type_target,
)


def test_coded_images_come_back() -> None:
    rgb = scene(3, 200, 0.5).rgb
    back = decode_image(encode_image(rgb)).permute(1, 2, 0).numpy()
    assert back.shape == rgb.shape
    # The pixel noise of the scene (sigma 6) is what the coding may lose; what 5 x 5 pixels show together stays.
    means = [x.astype(float).reshape(40, 5, 40, 5, 3).mean(axis=(1, 3)) for x in (back, rgb)]
    assert np.abs(means[0] - means[1]).mean() < 2.5


def test_a_ring_lies_inside_and_not_along_the_tile_border() -> None:
    labels = torch.zeros(1, 8, 8)
    labels[0, :, :4] = 1
    target = ring_target(labels, 1)
    assert target[0, 3].tolist() == [1, 1, 1, 2, 0, 0, 0, 0]
    assert target[0, 0].tolist() == [1, 1, 1, 2, 0, 0, 0, 0]


def test_touching_objects_are_parted_by_contour() -> None:
    labels = torch.tensor([1, 1, 1, 1, 2, 2, 2, 2.0]).expand(1, 8, 8)
    assert ring_target(labels, 2)[0, 4].tolist() == [1, 1, 2, 2, 2, 2, 1, 1]


def test_pixels_between_two_nuclei_weigh_more() -> None:
    labels = torch.zeros(1, 12, 20)
    labels[0, :, 2:8] = 1
    labels[0, :, 8:16] = 2
    row = crowd_weights(labels)[0, 6]
    assert (row[5:11] == CROWD_WEIGHT).all()
    assert row[:5].sum() + row[11:].sum() == 14


def test_only_the_gap_between_two_glands_weighs_more() -> None:
    labels = torch.zeros(1, 20, 60)
    labels[0, :, 10:20] = 1
    labels[0, :, 24:34] = 2
    row = gland_weights(labels)[0, 10]
    assert (row[20:24] == GAP_WEIGHT).all()
    assert row.sum() == 60 + 4 * (GAP_WEIGHT - 1)


def test_types_are_read_at_stride_two_and_unknown_is_ignored() -> None:
    labels = torch.zeros(2, 8, 8)
    labels[:, :, 4:] = 1
    target = type_target(labels, [torch.tensor([2]), torch.tensor([UNKNOWN])])
    assert target[0].tolist() == [[IGNORE, 2], [IGNORE, 2]]
    assert (target[1] == IGNORE).all()


def test_tissue_cells_follow_glands_and_glass() -> None:
    glands, glass = torch.zeros(1, 4, 8), torch.zeros(1, 4, 8, dtype=torch.bool)
    glands[0, :, :4] = 1
    glass[0, :, 4:] = True
    assert tissue_target(glands, glass, [0], 4).tolist() == [[[0, 6]]]


def test_labels_are_cut_where_the_image_is() -> None:
    image = torch.zeros(3, 120, 120, dtype=torch.uint8)
    image[:, 40:80, 40:80] = 255
    planes = torch.zeros(1, 240, 240)
    planes[0, 80:160, 80:160] = 1
    for seed in range(5):
        tile = cut(image, planes, 64, 128, 1.1, Generator().manual_seed(seed))
        bright = torch.nn.functional.interpolate(tile.image[None, :1], scale_factor=2, mode="bilinear")[0, 0] > 0.5
        assert (bright != (tile.planes[0] > 0)).float().mean() < 0.02


def test_glass_takes_labels_away_and_recolouring_keeps_size() -> None:
    generator = Generator().manual_seed(4)
    tile = cut(torch.full((3, 80, 80), 90, dtype=torch.uint8), torch.ones(1, 80, 80), 64, 64, 1.0, generator)
    pasted, mask = paste_glass(tile, generator)
    assert mask.any() and not mask.all()
    assert (pasted.planes[0][mask] == 0).all() and (pasted.planes[0][~mask] == 1).all()
    for _ in range(20):
        out = recolour(pasted.image, generator)
        assert out.shape == (3, 64, 64)
        assert out.min() >= 0 and out.max() <= 1


def test_light_is_raised_as_far_as_is_asked() -> None:
    grey = torch.full((3, 16, 16), 0.6)
    ordinary, raised = (
        [recolour(grey, Generator().manual_seed(seed), brightest).mean().item() for seed in range(60)]
        for brightest in (1.1, 1.35)
    )
    assert max(raised) > max(ordinary) + 0.05
    assert all(high >= low - 1e-6 for low, high in zip(ordinary, raised, strict=True))


def test_stains_that_grow_together_are_all_strong_more_often() -> None:
    pink = torch.tensor([0.8, 0.55, 0.75]).view(3, 1, 1).expand(3, 16, 16)

    def strong(together: float) -> int:
        """Of 200 tiles, those whose every channel is a fifth denser."""
        out = (_stain(pink, Generator().manual_seed(seed), together) for seed in range(200))
        return sum(bool((-torch.log10(x.mean(dim=(1, 2))) > -1.2 * torch.log10(pink[:, 0, 0])).all()) for x in out)

    assert strong(1.0) > 1.5 * strong(0.0)


def test_lumina_of_made_up_glands_are_found_by_the_rule() -> None:
    made = scene(5, 500, 0.5)
    found = lumina_of(made.rgb, made.glands, 0.5)
    both = ((found > 0) & (made.lumina > 0)).sum()
    assert 2 * both / ((found > 0).sum() + (made.lumina > 0).sum()) > 0.9


def test_validation_lists() -> None:
    sizes = {name: len(listed(name)) for name in ("monuseg-test.txt", "consep-val.txt", "glas-patients-4-9.txt")}
    assert sizes == {"monuseg-test.txt": 7, "consep-val.txt": 5, "glas-patients-4-9.txt": 34}
