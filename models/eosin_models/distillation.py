"""A student that starts from a teacher's layers and learns to give, on a damaged view, what the teacher gives on the
clean one: the teacher's features, less sensitive to stain, light, focus and noise."""

import json
import time
from pathlib import Path

import torch
from torch import Generator, Tensor, nn
from torch.nn import functional as F

from .encoder_network import FoldedEncoder, Scaling, Weights
from .hardware import autocast, device
from .simclr import save_folded
from .training import Plan
from .views import PlaceSampler, ViewRecipe, recolour_batch


def agreement_loss(student: list[Tensor], teacher: list[Tensor]) -> Tensor:
    """Over the blocks: squared distance of the maps relative to the teacher's, and 1 - cosine of the pooled outputs."""
    parts = []
    for s, t in zip(student, teacher, strict=True):
        s, t = s.float(), t.float()
        distance = (s - t).square().mean(dim=(1, 2, 3)) / t.square().mean(dim=(1, 2, 3))
        cosine = F.cosine_similarity(s.mean(dim=(2, 3)), t.mean(dim=(2, 3)))
        parts.append((distance + 1 - cosine).mean())
    return torch.stack(parts).mean()


class Distillation:
    def __init__(
        self,
        teacher: FoldedEncoder,
        scaling: Scaling,
        pictures: list[tuple[str, Tensor]],
        recipe: ViewRecipe,
        plan: Plan,
        batch: int,
    ) -> None:
        torch.manual_seed(plan.seed)
        self.device, self.plan, self.recipe, self.scaling, self.batch = device(), plan, recipe, scaling, batch
        self.sampler = PlaceSampler(pictures, recipe, Generator().manual_seed(plan.seed))
        layout = {"device": self.device, "memory_format": torch.channels_last}
        self.teacher = teacher.eval().requires_grad_(False).to(**layout)
        self.student = FoldedEncoder(teacher.shape, teacher.folded()).to(**layout)
        self.average = {name: t.detach().clone() for name, t in self.student.named().items()}
        self.optimizer = torch.optim.AdamW(self.student.parameters(), lr=plan.encoder_rate, weight_decay=0.0)
        self.steps = 0

    def step(self, progress: float) -> float:
        for group in self.optimizer.param_groups:
            group["lr"] = self.plan.encoder_rate * self.plan.factor(self.steps, progress)
        clean = self.sampler.plain(self.batch).to(self.device)
        damaged = recolour_batch(clean, self.recipe, self.sampler.generator)
        prepared = [self.scaling.apply(x).contiguous(memory_format=torch.channels_last) for x in (clean, damaged)]
        with autocast(self.device):
            with torch.no_grad():
                target = self.teacher(prepared[0])
            loss = agreement_loss(self.student(prepared[1]), target)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(self.student.parameters(), self.plan.clip)
        self.optimizer.step()
        keep = min(self.plan.average, (1 + self.steps) / (10 + self.steps))
        with torch.no_grad():
            for name, tensor in self.student.named().items():
                self.average[name].lerp_(tensor, 1 - keep)
        self.steps += 1
        return loss.item()

    def folded(self) -> Weights:
        return {name: t.float().cpu().numpy() for name, t in self.average.items()}

    def run(self, folder: Path) -> None:
        """Trains until the plan ends; writes weights.npz (running average, fp16) and log.jsonl."""
        folder.mkdir(parents=True, exist_ok=True)
        started, smooth = time.monotonic(), 0.0
        while (progress := self.plan.progress(self.steps, time.monotonic() - started)) < 1:
            loss = self.step(progress)
            smooth = loss if self.steps == 1 else 0.95 * smooth + 0.05 * loss
            if self.steps % 10 == 0:
                minutes = round((time.monotonic() - started) / 60, 2)
                with (folder / "log.jsonl").open("a") as log:
                    log.write(json.dumps({"step": self.steps, "minutes": minutes, "loss": round(smooth, 5)}) + "\n")
            if self.steps % self.plan.checkpoint_every == 0:
                save_folded(folder / "weights.npz", self.folded())
        save_folded(folder / "weights.npz", self.folded())
