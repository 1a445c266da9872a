"""SimCLR: two views of a place agree, views of other places do not (NT-Xent). Resumes; runs on any device."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from .encoder_network import SIMCLR_SCALING, NormedResNet, Weights
from .encoders import ResNet, block_widths
from .folding import fold, restate, unfold
from .hardware import autocast, device
from .training import Plan
from .views import PlaceSampler, ViewRecipe, recolour_batch

LONGEST_STEP = 60.0  # seconds


def nt_xent(z: Tensor, temperature: float) -> Tensor:
    """`z` [2 n, d]: row i and row i + n are views of one place. Cross entropy of finding the other among all."""
    unit = F.normalize(z.float(), dim=1)
    logits = unit @ unit.T / temperature
    logits.fill_diagonal_(float("-inf"))
    half = z.shape[0] // 2
    partner = torch.arange(2 * half, device=z.device).roll(half)
    return F.cross_entropy(logits, partner)


@dataclass(frozen=True)
class SimclrPlan:
    """`schedule.decoder_rate` is the rate of what starts random (projector, last stage), `encoder_rate` of the rest."""

    schedule: Plan
    batch: int = 96
    temperature: float = 0.2
    projection: int = 128
    calibration: int = 192  # plain places from which batch norm's statistics are taken


class SimclrTrainer:
    """`start`: folded weights for SIMCLR_SCALING; stages it lacks begin at random."""

    def __init__(
        self, shape: ResNet, pictures: list[tuple[str, Tensor]], recipe: ViewRecipe, plan: SimclrPlan, start: Weights
    ) -> None:
        torch.manual_seed(plan.schedule.seed)
        self.device, self.plan, self.recipe, self.shape = device(), plan, recipe, shape
        self.pictures = pictures
        self.sampler = PlaceSampler(pictures, recipe, Generator().manual_seed(plan.schedule.seed))
        width = block_widths(shape)[-1]
        self.network = unfold(shape, start, SIMCLR_SCALING.apply(self.sampler.plain(plan.calibration)))
        self.network.to(self.device, memory_format=torch.channels_last)
        self.projector = nn.Sequential(
            nn.Linear(width, width, bias=False), nn.BatchNorm1d(width), nn.ReLU(), nn.Linear(width, plan.projection)
        ).to(self.device)
        fresh = [p for name, p in self.network.named_parameters() if not _started(name, start)]
        known = [p for name, p in self.network.named_parameters() if _started(name, start)]
        groups = [{"params": [*fresh, *self.projector.parameters()], "peak": plan.schedule.decoder_rate}]
        if known:
            groups.append({"params": known, "peak": plan.schedule.encoder_rate})
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=plan.schedule.weight_decay)
        self.average = {name: t.detach().clone() for name, t in self.network.named_parameters()}
        self.total_steps = 0

    def _embed(self, images: Tensor) -> Tensor:
        moved = SIMCLR_SCALING.apply(images).contiguous(memory_format=torch.channels_last)
        with autocast(self.device):
            last = self.network(moved)[-1]
        return self.projector(last.float().mean(dim=(2, 3)))

    def step(self, local_step: int, progress: float) -> dict[str, float]:
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * self.plan.schedule.factor(local_step, progress)
        self.network.train()
        pairs = self.sampler.pairs(self.plan.batch).to(self.device)
        z = self._embed(recolour_batch(pairs, self.recipe, self.sampler.generator))
        loss = nt_xent(z, self.plan.temperature)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.schedule.clip)
        if torch.isfinite(norm):
            self.optimizer.step()
        keep = min(self.plan.schedule.average, (1 + self.total_steps) / (10 + self.total_steps))
        with torch.no_grad():
            for name, tensor in self.network.named_parameters():
                self.average[name].lerp_(tensor, 1 - keep)
        self.total_steps += 1
        with torch.no_grad():
            unit = F.normalize(z, dim=1)
            half = unit.shape[0] // 2
            found = (unit[:half] @ unit[half:].T).argmax(1) == torch.arange(half, device=z.device)
        return {"loss": loss.item(), "found": found.float().mean().item(), "norm": norm.item()}

    def folded(self) -> Weights:
        """The running average, with batch norm's statistics taken from plain places; what ships."""
        network = NormedResNet(self.shape)
        network.load_state_dict(self.average, strict=False)
        sampler = PlaceSampler(self.pictures, self.recipe, Generator().manual_seed(7))
        plain = SIMCLR_SCALING.apply(sampler.plain(self.plan.calibration))
        restate(network, [plain])
        return fold(self.shape, network.state_dict())

    def save(self, file: Path, local_step: int, seconds: float) -> None:
        state = {
            "network": self.network.state_dict(),
            "projector": self.projector.state_dict(),
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "random": self.sampler.generator.get_state(),
            "torch_random": torch.get_rng_state(),
            "total_steps": self.total_steps,
            "local_step": local_step,
            "seconds": seconds,
        }
        part = file.with_suffix(".part")
        torch.save(state, part)
        part.replace(file)

    def resume(self, file: Path) -> tuple[int, float]:
        """Step and seconds within the stage that the checkpoint was in."""
        state = torch.load(file, map_location=self.device, weights_only=True)
        self.network.load_state_dict(state["network"])
        self.projector.load_state_dict(state["projector"])
        self.average = state["average"]
        peaks = [group["peak"] for group in self.optimizer.param_groups]
        self.optimizer.load_state_dict(state["optimizer"])
        for group, peak in zip(self.optimizer.param_groups, peaks, strict=True):
            group["peak"] = peak
        self.sampler.generator.set_state(state["random"].cpu())
        torch.set_rng_state(state["torch_random"].cpu())
        self.total_steps = state["total_steps"]
        return state["local_step"], state["seconds"]

    def run(self, folder: Path, same_stage: bool = False) -> None:
        """Trains until the plan ends, from folder/checkpoint.pt where there is one (`same_stage`: within its schedule;
        otherwise a new stage, warming up). Writes checkpoint.pt, weights.npz (folded, fp16) and log.jsonl."""
        folder.mkdir(parents=True, exist_ok=True)
        checkpoint = folder / "checkpoint.pt"
        local_step, before = self.resume(checkpoint) if checkpoint.exists() else (0, 0.0)
        if not same_stage:
            local_step, before = 0, 0.0
        seconds, last, smooth = before, time.monotonic(), dict[str, float]()
        while True:
            # A process that was stopped for a while goes on where it was: that time is not the schedule's.
            now = time.monotonic()
            seconds, last = seconds + min(now - last, LONGEST_STEP), now
            progress = self.plan.schedule.progress(local_step, seconds)
            if progress >= 1:
                break
            for name, value in self.step(local_step, progress).items():
                smooth[name] = value if name not in smooth else 0.95 * smooth[name] + 0.05 * value
            local_step += 1
            if local_step % 10 == 0:
                line = {"step": self.total_steps, "minutes": round(seconds / 60, 2), "progress": round(progress, 4)}
                with (folder / "log.jsonl").open("a") as log:
                    log.write(json.dumps(line | {name: round(v, 4) for name, v in smooth.items()}) + "\n")
            if local_step % self.plan.schedule.checkpoint_every == 0:
                self.keep(folder, local_step, seconds)
        self.keep(folder, local_step, seconds)

    def keep(self, folder: Path, local_step: int, seconds: float) -> None:
        self.save(folder / "checkpoint.pt", local_step, seconds)
        save_folded(folder / "weights.npz", self.folded())

    def configuration(self) -> dict[str, object]:
        return {"plan": asdict(self.plan), "recipe": asdict(self.recipe), "device": str(self.device)}


def _started(parameter: str, start: Weights) -> bool:
    """Whether a torchvision parameter (a convolution's or its norm's) had a number to start from."""
    stem, _, _ = parameter.rpartition(".")
    conv = f"{stem[:-1]}0" if stem.endswith("downsample.1") else stem.replace("bn", "conv")
    return f"{conv}.weight" in start


def save_folded(file: Path, weights: Weights) -> None:
    part = file.with_suffix(".part.npz")
    np.savez(part, **{name: value.astype(np.float16) for name, value in weights.items()})
    part.replace(file)


def load_folded(file: Path) -> Weights:
    with np.load(file) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}
