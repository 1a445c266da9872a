"""Nuclei taught by an earlier network: what it sees, on which images, and what a step learns from it."""

from dataclasses import replace

import torch

import sibling
from eosin_models.architecture import SIBLING
from eosin_models.batches import Sampler
from eosin_models.losses import soft_loss
from eosin_models.made_up import GLAND_SOURCE, NUCLEI_SOURCE, items
from eosin_models.network import Network
from eosin_models.targets import IGNORE
from eosin_models.teacher import TAUGHT, soft_nuclei, teach
from eosin_models.training import Plan, Trainer

RECIPE = replace(sibling.RECIPE, nuclei_sources=((NUCLEI_SOURCE, 0.5), (TAUGHT, 0.5)), glass=0.0)


def test_what_eight_views_agree_on_turns_with_the_image() -> None:
    side = SIBLING.tissue_stride
    image = (torch.rand(3, side, side, generator=torch.Generator().manual_seed(3)) * 255).byte()
    network = Network(SIBLING).eval()
    seen = soft_nuclei(network, image)
    assert seen.shape == (2, 2 * side, 2 * side)
    assert seen.float().std() > 0
    turned = soft_nuclei(network, torch.rot90(image, 1, (1, 2)).flip(2))
    there = torch.rot90(seen, 1, (1, 2)).flip(2)
    assert (turned.int() - there.int()).abs().max() <= 1  # of 255: sums in another order


def test_nuclei_are_taught_beside_their_labels_and_glands_without_any() -> None:
    made = items(1, 2, 96)
    taught = teach(Network(SIBLING).eval(), made)
    nuclei = [item for item in taught if item.kind == "nuclei" and item.labelled]
    alone = [item for item in taught if item.source == TAUGHT]
    assert [item.name for item in nuclei] == [item.name for item in made if item.kind == "nuclei"]
    assert [item.name for item in alone] == [item.name for item in made if item.source == GLAND_SOURCE]
    for item in (*nuclei, *alone):
        assert item.soft is not None
        assert item.soft.shape[1:] == item.planes.shape[1:]
    assert all(item.soft is None for item in taught if item.kind in ("glands", "tile"))


def test_where_nobody_outlined_nuclei_only_the_teacher_is_learnt_from() -> None:
    taught = teach(Network(SIBLING).eval(), items(1, 2, 96))
    sampler = Sampler(taught, replace(RECIPE, nuclei_tiles=24), torch.Generator().manual_seed(1))
    batch = sampler.nuclei()
    unlabelled = (batch.nuclei == IGNORE).all((1, 2))
    assert 0 < unlabelled.sum() < len(unlabelled)
    assert batch.taught.all()
    assert (batch.types[unlabelled] == IGNORE).all()
    assert (batch.soft.sum(1) <= 1 + 1 / 255).all()


def test_the_loss_is_least_where_network_and_teacher_agree() -> None:
    soft = torch.tensor([0.2, 0.3]).view(1, 2, 1, 1).expand(2, 2, 4, 4)
    right = torch.tensor([0.5, 0.2, 0.3]).log().view(1, 3, 1, 1).expand(2, 3, 4, 4)
    wrong = torch.tensor([0.3, 0.2, 0.5]).log().view(1, 3, 1, 1).expand(2, 3, 4, 4)
    both, none = torch.tensor([True, True]), torch.tensor([False, False])
    assert soft_loss(right, soft, both) < soft_loss(wrong, soft, both)
    mixed = torch.cat((right[:1], wrong[1:]))
    assert torch.isclose(soft_loss(mixed, soft, torch.tensor([True, False])), soft_loss(right, soft, both))
    assert soft_loss(wrong, soft, none) == 0


def test_a_step_is_taught() -> None:
    taught = teach(Network(SIBLING).eval(), items(1, 2, 96))
    trainer = Trainer(SIBLING, taught, RECIPE, Plan(steps=1, warm_up=1), {})
    assert trainer.step(0, 0.0)["taught"] > 0
