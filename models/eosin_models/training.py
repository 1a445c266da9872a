"""The training loop: resumes from a checkpoint, runs on whatever device there is, gives back EMA weights and a log."""

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Generator, Tensor

from .architecture import Shape
from .batches import GlandBatch, NucleiBatch, Recipe, Sampler, TissueBatch, type_balance
from .hardware import autocast, device
from .items import Item
from .losses import class_loss, dense_loss, soft_loss
from .network import Network, normalise
from .share import Share
from .targets import IGNORE

GLAND_TISSUE_LOSS = 0.15
TYPE_LOSS = 0.3
BARE_LOSS = 0.4
TAUGHT_LOSS = 1.0


@dataclass(frozen=True)
class Plan:
    """One stage. The rate warms up, stays, and falls linearly to 1 % over the last half; where `minutes` is given the
    clock is the schedule (a shared machine gives no steps a minute to plan on), else `steps`."""

    steps: int = 100_000
    minutes: float = 0.0
    warm_up: int = 100
    decoder_rate: float = 2e-3
    encoder_rate: float = 3e-4
    weight_decay: float = 1e-2
    clip: float = 5.0
    average: float = 0.995
    decay_from: float = 0.5
    checkpoint_every: int = 100
    seed: int = 1
    only: str = ""  # "nuclei" or "glands": that decoder alone learns, from its own tiles; everything else stays as it is

    def learns(self, name: str) -> bool:
        """Whether the parameter `name` learns."""
        prefixes = {"": ("",), "nuclei": ("nuclei.", "types."), "glands": ("glands.", "tissue.")}
        return name.startswith(prefixes[self.only])

    def progress(self, step: int, seconds: float) -> float:
        by_clock = seconds / (60 * self.minutes) if self.minutes else 0.0
        return max(step / self.steps, by_clock)

    def factor(self, step: int, progress: float) -> float:
        warm = min(1.0, (step + 1) / self.warm_up)
        fall = max(0.0, (progress - self.decay_from) / (1 - self.decay_from))
        return warm * (1 - 0.99 * min(1.0, fall))


class Trainer:
    """`share`: how many threads to take of a machine that others use too; without it the number stays as it is."""

    def __init__(
        self,
        shape: Shape,
        items: list[Item],
        recipe: Recipe,
        plan: Plan,
        encoder: dict[str, Tensor],
        share: Share | None = None,
    ) -> None:
        torch.manual_seed(plan.seed)
        self.device = device()
        self.plan = plan
        self.recipe = recipe
        self.network = Network(shape)
        named = self.network.named()
        with torch.no_grad():
            for name, value in encoder.items():
                named[name].copy_(value)
        for name, tensor in named.items():
            tensor.requires_grad_(plan.learns(name))
        self.network.to(self.device, memory_format=torch.channels_last)
        self.average = {name: t.detach().float().clone() for name, t in self.network.named().items()}
        named = self.network.named()
        encoder_side = [t for name, t in named.items() if name.startswith("encoder.")]
        decoder_side = [t for name, t in named.items() if not name.startswith("encoder.")]
        self.optimizer = torch.optim.AdamW(
            [{"params": decoder_side, "peak": plan.decoder_rate}, {"params": encoder_side, "peak": plan.encoder_rate}],
            lr=plan.decoder_rate,
            betas=(0.9, 0.99),
            weight_decay=plan.weight_decay,
        )
        self.sampler = Sampler(items, recipe, Generator().manual_seed(plan.seed))
        self.balance = type_balance(items).to(self.device)
        self.total_steps = 0
        self.share = share

    def _forward(self, images: Tensor, nuclei: bool, glands: bool):  # noqa: ANN202 (the network's own pair)
        moved = normalise(images.to(self.device)).contiguous(memory_format=torch.channels_last)
        with autocast(self.device):
            return self.network(moved, nuclei=nuclei, glands=glands)

    def nuclei_loss(self, batch: NucleiBatch) -> dict[str, Tensor]:
        out, _ = self._forward(batch.images, True, False)
        return {
            "nuclei": dense_loss(out.nuclei, batch.nuclei.to(self.device), batch.weights.to(self.device)),
            "taught": TAUGHT_LOSS * soft_loss(out.nuclei, batch.soft.to(self.device), batch.taught.to(self.device)),
            "types": TYPE_LOSS * class_loss(out.types, batch.types.to(self.device), self.balance),
        }

    def gland_loss(self, batch: GlandBatch) -> dict[str, Tensor]:
        _, out = self._forward(batch.images, False, True)
        return {
            "glands": dense_loss(out.glands, batch.glands.to(self.device), batch.weights.to(self.device)),
            "lumina": 0.5 * dense_loss(out.lumina, batch.lumina.to(self.device)),
            "tissue": GLAND_TISSUE_LOSS * self._tissue(out.tissue, batch.tissue),
        }

    def tissue_loss(self, batch: TissueBatch) -> dict[str, Tensor]:
        _, out = self._forward(batch.images, False, True)
        bare = batch.no_glands[:, None, None].expand(-1, *out.glands.shape[2:])
        nothing = torch.where(bare, 0, IGNORE).to(self.device)
        flat = torch.ones(3, device=self.device)
        return {
            "tiles": GLAND_TISSUE_LOSS * self._tissue(out.tissue, batch.tissue),
            "bare": BARE_LOSS * (class_loss(out.glands, nothing, flat) + class_loss(out.lumina, nothing, flat)),
        }

    def _tissue(self, logits: Tensor, target: Tensor) -> Tensor:
        return class_loss(logits, target.to(self.device), torch.ones(logits.shape[1], device=self.device))

    def step(self, local_step: int, progress: float) -> dict[str, float]:
        factor = self.plan.factor(local_step, progress)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        self.optimizer.zero_grad(set_to_none=True)
        parts: dict[str, float] = {}
        # Each part backward on its own: one graph at a time in memory, and each decoder only on its own samples.
        for decoder, make, loss in (
            ("nuclei", self.sampler.nuclei, self.nuclei_loss),
            ("glands", self.sampler.glands, self.gland_loss),
            ("glands", self.sampler.tissues, self.tissue_loss),
        ):
            if self.plan.only not in ("", decoder):
                continue
            losses = loss(make())
            sum(losses.values()).backward()
            parts |= {name: value.item() for name, value in losses.items()}
        norm = torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.plan.clip)
        if torch.isfinite(norm):
            self.optimizer.step()
        keep = min(self.plan.average, (1 + self.total_steps) / (10 + self.total_steps))
        with torch.no_grad():
            for name, tensor in self.network.named().items():
                self.average[name].lerp_(tensor.float(), 1 - keep)
        self.total_steps += 1
        return parts | {"norm": norm.item()}

    def averaged(self) -> Network:
        """The network to evaluate and ship: the running average, on the CPU."""
        network = Network(self.network.shape)
        network.load_named({name: t.cpu() for name, t in self.average.items()})
        return network.eval()

    def save(self, file: Path, local_step: int, seconds: float) -> None:
        state = {
            "weights": {name: t.detach() for name, t in self.network.named().items()},
            "average": self.average,
            "optimizer": self.optimizer.state_dict(),
            "random": self.sampler.generator.get_state(),
            "torch_random": torch.get_rng_state(),
            "total_steps": self.total_steps,
            "local_step": local_step,
            "seconds": seconds,
            "plan": asdict(self.plan),
            "recipe": asdict(self.recipe),
        }
        part = file.with_suffix(".part")
        torch.save(state, part)
        part.replace(file)

    def start_from(self, file: Path) -> None:
        """Weights of an earlier training, for the network and for its running average; no optimizer, step 0."""
        loaded = load_weights(file, self.network.shape).named()
        self.network.load_named({name: t.to(self.device) for name, t in loaded.items()})
        self.average = {name: t.detach().float().clone() for name, t in self.network.named().items()}

    def resume(self, file: Path) -> tuple[int, float]:
        """Loads weights and optimizer; returns step and seconds within the stage that the checkpoint was in."""
        state = torch.load(file, map_location=self.device, weights_only=True)
        self.network.load_named(state["weights"])
        self.average = {name: t.float() for name, t in state["average"].items()}
        peaks = [group["peak"] for group in self.optimizer.param_groups]
        self.optimizer.load_state_dict(state["optimizer"])
        for group, peak in zip(self.optimizer.param_groups, peaks, strict=True):
            group["peak"] = peak
        self.sampler.generator.set_state(state["random"].cpu())
        torch.set_rng_state(state["torch_random"].cpu())
        self.total_steps = state["total_steps"]
        return state["local_step"], state["seconds"]

    def run(self, folder: Path, resume: Path | None = None, same_stage: bool = False) -> None:
        """Trains until the plan ends. Writes checkpoint.pt, weights.npz (EMA, fp16) and log.jsonl into `folder`.

        `same_stage`: go on in the schedule where the checkpoint left it; otherwise a new stage begins, warming up.
        """
        folder.mkdir(parents=True, exist_ok=True)
        local_step, before = self.resume(resume) if resume else (0, 0.0)
        if not same_stage:
            local_step, before = 0, 0.0
        started = time.monotonic()
        smooth: dict[str, float] = {}
        while True:
            seconds = before + time.monotonic() - started
            progress = self.plan.progress(local_step, seconds)
            if progress >= 1:
                break
            parts = self.step(local_step, progress)
            local_step += 1
            for name, value in parts.items():
                smooth[name] = value if name not in smooth else 0.98 * smooth[name] + 0.02 * value
            if local_step % 25 == 0:
                line = {"step": self.total_steps, "minutes": round(seconds / 60, 2), "progress": round(progress, 4)}
                line |= {name: round(value, 4) for name, value in smooth.items()}
                with (folder / "log.jsonl").open("a") as log:
                    log.write(json.dumps(line) + "\n")
            if self.share and local_step % 10 == 0:
                torch.set_num_threads(self.share.threads())
            if local_step % self.plan.checkpoint_every == 0:
                self.keep(folder, local_step, seconds)
        self.keep(folder, local_step, before + time.monotonic() - started)

    def keep(self, folder: Path, local_step: int, seconds: float) -> None:
        self.save(folder / "checkpoint.pt", local_step, seconds)
        save_weights(folder / "weights.npz", self.average)


def save_weights(file: Path, weights: dict[str, Tensor]) -> None:
    part = file.with_suffix(".part.npz")
    np.savez(part, **{name: t.detach().cpu().numpy().astype(np.float16) for name, t in weights.items()})
    part.replace(file)


def load_weights(file: Path, shape: Shape) -> Network:
    network = Network(shape)
    with np.load(file) as stored:
        network.load_named({name: torch.from_numpy(stored[name].astype(np.float32)) for name in stored.files})
    return network.eval()
