"""What is kept of a training beside its card: configuration, log and report, and on what machine it ran."""

import json
import os
import platform
from collections.abc import Iterable
from pathlib import Path

import torch

from .sources import PROJECT

KEPT = PROJECT / "models" / "weights"


def processor() -> str:
    """Its name, where the system tells."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text().splitlines() if listed.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def machine() -> dict[str, object]:
    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }


def keep(
    folder: Path, configuration: dict[str, object], log: Iterable[dict[str, object]], report: dict[str, object]
) -> None:
    """configuration.json, log.jsonl and report.json in `folder`. The machine is added to the configuration."""
    folder.mkdir(parents=True, exist_ok=True)
    described = configuration | {"machine": machine()}
    (folder / "configuration.json").write_text(json.dumps(described, indent=2) + "\n")
    (folder / "log.jsonl").write_text("".join(json.dumps(line) + "\n" for line in log))
    (folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")


def took(minutes: float) -> str:
    """How long a training took, and on what, for a card."""
    spent = f"{minutes:.1f} minutes" if minutes >= 0.1 else f"{60 * minutes:.1f} seconds"
    return f"{spent} on one thread of a shared machine with {os.cpu_count()} CPU cores ({processor()}), without a GPU."
