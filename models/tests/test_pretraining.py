"""SimCLR and distillation: the loss, the views, that both learn, and that a stopped training goes on."""

from pathlib import Path

import numpy as np
import pytest
import torch
from made_up_encoders import RECIPE, TINY, living, made_up_state, pictures
from torch import Generator

from eosin_models.distillation import Distillation
from eosin_models.encoder_network import IMAGENET_SCALING, FoldedEncoder
from eosin_models.folding import fold
from eosin_models.simclr import SimclrPlan, SimclrTrainer, load_folded, nt_xent, save_folded
from eosin_models.training import Plan
from eosin_models.views import PlaceSampler, ViewRecipe, recolour_batch


def test_nt_xent_by_hand() -> None:
    z = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    # Partners are equal (similarity 1), the two others at right angles (0): -log(e^2 / (e^2 + 2)) at temperature 0.5.
    expected = -np.log(np.exp(2) / (np.exp(2) + 2))
    assert nt_xent(z, 0.5).item() == pytest.approx(expected, abs=1e-6)
    assert nt_xent(z[[0, 1, 3, 2]], 0.5).item() > expected


def test_views_are_of_one_place_and_of_the_right_scale() -> None:
    marked = torch.zeros(3, 200, 200, dtype=torch.uint8)
    marked[0] = torch.arange(200, dtype=torch.uint8)[None]
    marked[1] = torch.arange(200, dtype=torch.uint8)[:, None]
    recipe = ViewRecipe(side=32, least=40, most=60, smallest=0.5)
    sampler = PlaceSampler([("ramp", marked)], recipe, Generator().manual_seed(3))
    for _ in range(20):
        place = sampler.place()
        for _ in range(2):
            view = sampler.view(place) * 255
            # A view's middle lies inside its place: the ramps say where.
            assert abs(view[0].mean().item() + 0.5 - place.x) <= place.side / 4 + 1
            assert abs(view[1].mean().item() + 0.5 - place.y) <= place.side / 4 + 1
            assert view[0].max() - view[0].min() <= place.side * 2**0.5 + 1
    plain = sampler.plain(1)[0] * 255
    assert plain[0, 16, -1] > plain[0, 16, 0] and abs(plain[0, 0, 16] - plain[0, -1, 16]) < 1


def test_recolouring_a_batch_changes_colour_and_stays_in_range() -> None:
    images = torch.stack([image_.float()[:, :32, :32] / 255 for _, image_ in pictures(6)])
    out = recolour_batch(images, RECIPE, Generator().manual_seed(1))
    assert out.shape == images.shape and out.min() >= 0 and out.max() <= 1
    assert ((out - images).abs().mean(dim=(1, 2, 3)) > 0.01).all()
    again = recolour_batch(images, RECIPE, Generator().manual_seed(1))
    assert torch.equal(out, again)
    assert (
        recolour_batch(images, ViewRecipe(strength=0.0, grey=0.0, blurred=0.0), Generator()) - images
    ).abs().mean() < 0.06


def simclr(steps: int, seed: int = 1) -> SimclrTrainer:
    schedule = Plan(steps=steps, warm_up=2, decoder_rate=3e-3, encoder_rate=1e-3, checkpoint_every=3, seed=seed)
    plan = SimclrPlan(schedule, batch=8, projection=16, calibration=12)
    start = {k: v for k, v in living(TINY).items() if not k.startswith("layer4.")}
    return SimclrTrainer(TINY, pictures(), RECIPE, plan, start)


def test_pre_training_learns() -> None:
    trainer = simclr(40)
    losses = [trainer.step(step, 0)["loss"] for step in range(40)]
    assert np.mean(losses[-8:]) < 0.85 * np.mean(losses[:4])
    rates = {group["peak"] for group in trainer.optimizer.param_groups}
    assert rates == {3e-3, 1e-3}


def test_pre_training_resumes(tmp_path: Path) -> None:
    whole = simclr(6)
    whole.run(tmp_path / "whole")
    half = simclr(6)
    for step in range(3):
        half.step(step, step / 6)
    (tmp_path / "half").mkdir()
    half.save(tmp_path / "half" / "checkpoint.pt", 3, 0.0)
    rest = simclr(6, seed=9)
    rest.run(tmp_path / "half", same_stage=True)
    assert rest.total_steps == whole.total_steps == 6
    for name, tensor in whole.average.items():
        assert torch.equal(rest.average[name], tensor), name
    stored = load_folded(tmp_path / "whole" / "weights.npz")
    FoldedEncoder(TINY, stored)


def test_distillation_brings_damaged_views_nearer_to_the_teacher(tmp_path: Path) -> None:
    teacher = FoldedEncoder(TINY, living(TINY))
    plan = Plan(steps=40, warm_up=2, encoder_rate=2e-3, average=0.8)
    run = Distillation(teacher, IMAGENET_SCALING, pictures(), RECIPE, plan, batch=8)
    losses = [run.step(0) for _ in range(40)]
    assert np.mean(losses[-8:]) < 0.9 * np.mean(losses[:3])
    assert all(not tensor.requires_grad for tensor in teacher.parameters())
    assert set(run.folded()) == set(teacher.folded())


def test_folded_weights_are_stored_as_halves(tmp_path: Path) -> None:
    weights = fold(TINY, made_up_state(TINY))
    save_folded(tmp_path / "w.npz", weights)
    for name, value in load_folded(tmp_path / "w.npz").items():
        assert np.array_equal(value, weights[name].astype(np.float16).astype(np.float32))
